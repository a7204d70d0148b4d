//! What a piece of code makes, beside the conversation: pages, drawings and diagrams.
//!
//! - `versions` finds the versions of an artifact in a conversation;
//! - `panel` shows one of them.
//!
//! Pages and drawings run in a frame of the server that isolates them; `frontend/lazy` opens it.

mod panel;
mod versions;

use std::sync::Arc;

use kaiwa_shared::message::{Author, Status};
use leptos::prelude::*;
use web_sys::HtmlElement;

pub(crate) use self::panel::panel;
pub use self::versions::{Artifact, Kind};
use crate::{
    browser::page,
    components::on_demand::{Show, on_demand},
    pieces::{Panels, Piece, use_panels},
    state::{
        chat::{Chat, MessageHandle},
        navigation::{Navigation, use_navigation},
    },
};

/// The artifact beside a conversation.
#[derive(Clone, Copy)]
pub struct Artifacts {
    /// Its versions, and the index of the one that is shown; nothing if the panel is closed.
    open: RwSignal<Option<Open>>,
    /// What had the focus when the panel was opened.
    opener: StoredValue<Option<HtmlElement>, LocalStorage>,
    messages: StoredValue<ArcRwSignal<Vec<MessageHandle>>>,
    panels: Piece<Panels>,
    navigation: Navigation,
    /// The panel covers the page, and "back" closes it.
    covers: StoredValue<bool>,
}

/// An open artifact.
#[derive(Clone, PartialEq)]
struct Open {
    versions: Vec<Artifact>,
    at: usize,
}

/// Provides the panel of a conversation.
pub fn provide_artifacts(chat: &Chat) -> Artifacts {
    let artifacts = Artifacts {
        open: RwSignal::new(None),
        opener: StoredValue::new_local(None),
        messages: StoredValue::new(chat.messages().clone()),
        panels: use_panels(),
        navigation: use_navigation(),
        covers: StoredValue::new(false),
    };
    provide_context(artifacts);
    let is_open = Memo::new(move |_| artifacts.open.read().is_some());
    Effect::new(move |_| {
        if is_open.get() {
            artifacts.take_new_versions();
        }
    });
    Effect::new(move |_| {
        artifacts.navigation.route();
        if artifacts.covers.get_value() {
            artifacts.covers.set_value(false);
            artifacts.hide();
        }
    });
    artifacts
}

/// The artifact beside the conversation, while one is open.
pub fn artifact_panel(artifacts: Artifacts) -> AnyView {
    let panels = artifacts.panels;
    let is_open = Memo::new(move |_| artifacts.open.read().is_some());
    let on_close = Callback::new(move |()| artifacts.close());
    let show: Show<Panels> = Arc::new(move |panels| (panels.artifact)(artifacts));
    let shown = move || is_open.get().then(|| on_demand(panels, Some(on_close), show.clone()));
    shown.into_any()
}

/// The panel, where there is one.
pub fn use_artifacts() -> Option<Artifacts> {
    use_context()
}

impl Artifacts {
    /// Shows an artifact. Closing the panel returns the focus to `opener`.
    pub fn show(self, artifact: &Artifact, opener: HtmlElement) {
        let versions = artifact.versions(&self.texts());
        let at = versions.iter().rposition(|version| version == artifact).unwrap_or(0);
        self.opener.set_value(Some(opener));
        if page::matches(SHEET) && !self.covers.get_value() {
            self.navigation.cover();
            self.covers.set_value(true);
        }
        self.open.set(Some(Open { versions, at }));
    }

    /// Loads the panel, because it may be opened soon.
    pub fn prepare(self) {
        self.panels.load();
    }

    /// Closes the panel.
    fn close(self) {
        if self.covers.get_value() {
            self.covers.set_value(false);
            self.navigation.uncover();
        }
        self.hide();
    }

    fn hide(self) {
        self.open.set(None);
        if let Some(opener) = self.opener.try_update_value(Option::take).flatten() {
            request_animation_frame(move || page::focus(&opener));
        }
    }

    /// Shows another version.
    fn go_to(self, at: usize) {
        self.open.update(|open| {
            if let Some(open) = open {
                open.at = at.min(open.versions.len().saturating_sub(1));
            }
        });
    }

    /// Looks for new versions, tracking the ends of replies. Whoever looks at the last one gets the new one.
    fn take_new_versions(self) {
        let texts = self.texts();
        let Some(open) = self.open.get_untracked() else { return };
        let Some(shown) = open.versions.get(open.at) else { return };
        let versions = shown.versions(&texts);
        let was_last = open.at + 1 == open.versions.len();
        let at = if was_last { versions.len() - 1 } else { open.at.min(versions.len() - 1) };
        let now = Open { versions, at };
        if now != open {
            self.open.set(Some(now));
        }
    }

    /// The texts of the replies that have ended, tracked.
    fn texts(self) -> Vec<String> {
        let Some(messages) = self.messages.try_get_value() else { return Vec::new() };
        let ended = |message: &&MessageHandle| {
            message.author == Author::Assistant && message.status.get() != Status::Streaming
        };
        messages.get().iter().filter(ended).map(MessageHandle::text).collect()
    }
}

/// The windows in which the panel covers the page.
const SHEET: &str = "(max-width: 1023.98px)";
