//! Pieces: parts of the program that are loaded on demand, because the first visit does not need them.
//!
//! A piece is a table of functions and a `#[wasm_split]` function that returns it. `cargo xtask client` moves that function,
//! and whatever only the table refers to, into a module of its own. So the rest of the program must reach the content of a
//! piece through [`Piece`] only.

mod panels;

use std::{fmt, future::Future, pin::Pin, time::Duration};

use leptos::{prelude::*, task::spawn_local, wasm_split::SplitLoaderError};

pub(crate) use self::panels::{Panels, provide_panels, use_panels};
use crate::api::Api;

/// How long a piece may take to load before the page says so.
const PATIENCE: Duration = Duration::from_millis(300);

/// A piece that is being fetched.
type Fetched<T> = Pin<Box<dyn Future<Output = Result<&'static T, SplitLoaderError>>>>;

/// How far a piece has been loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nobody has needed it yet.
    Absent,
    /// It was asked for a moment ago.
    Loading,
    /// It takes long.
    Slow,
    /// It could not be loaded.
    Failed,
    /// The server no longer has it: a new version of the program was installed.
    Outdated,
    /// It is loaded.
    Ready,
}

/// A part of the program that is loaded on demand.
pub(crate) struct Piece<T: 'static> {
    api: Api,
    fetch: fn() -> Fetched<T>,
    phase: RwSignal<Phase>,
    content: StoredValue<Option<&'static T>>,
}

impl<T> Clone for Piece<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Piece<T> {}

impl<T> fmt::Debug for Piece<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Piece({:?})", self.phase.get_untracked())
    }
}

impl<T: Sync> Piece<T> {
    fn new(api: Api, fetch: fn() -> Fetched<T>) -> Self {
        Self { api, fetch, phase: RwSignal::new(Phase::Absent), content: StoredValue::new(None) }
    }

    /// Loads it, unless it is loaded or being loaded. After a failure, this tries again.
    pub(crate) fn load(self) {
        match self.phase.get_untracked() {
            Phase::Absent => self.phase.set(Phase::Loading),
            Phase::Failed | Phase::Outdated => self.phase.set(Phase::Slow),
            Phase::Loading | Phase::Slow | Phase::Ready => return,
        }
        set_timeout(
            move || {
                if self.phase.get_untracked() == Phase::Loading {
                    self.phase.set(Phase::Slow);
                }
            },
            PATIENCE,
        );
        spawn_local(async move {
            let phase = match (self.fetch)().await {
                Ok(content) => {
                    self.content.set_value(Some(content));
                    Phase::Ready
                }
                Err(_) if self.api.is_outdated().await => Phase::Outdated,
                Err(_) => Phase::Failed,
            };
            self.phase.set(phase);
        });
    }

    /// How far it has been loaded.
    pub(crate) fn phase(self) -> Phase {
        self.phase.get()
    }

    /// Its content, once it is loaded.
    pub(crate) fn content(self) -> Option<&'static T> {
        if self.phase() == Phase::Ready { self.content.get_value() } else { None }
    }
}
