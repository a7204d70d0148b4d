//! Times without a connection.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use leptos::{prelude::*, task::spawn_local};

use crate::browser::time;

/// Shorter outages are not shown.
const GRACE: Duration = Duration::from_secs(3);

/// An outage that lasts until it is dropped. A long one is shown to the user.
pub(super) struct Outage {
    shown: ArcRwSignal<bool>,
    over: Arc<AtomicBool>,
}

impl Outage {
    /// The connection was lost; `shown` is set if that lasts.
    pub(super) fn begin(shown: ArcRwSignal<bool>) -> Self {
        let outage = Self { shown: shown.clone(), over: Arc::default() };
        let over = Arc::clone(&outage.over);
        spawn_local(async move {
            time::sleep(GRACE).await;
            if !over.load(Ordering::Relaxed) {
                shown.set(true);
            }
        });
        outage
    }
}

impl Drop for Outage {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        self.shown.set(false);
    }
}
