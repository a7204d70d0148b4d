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
const PATIENCE: Duration = Duration::from_secs(3);

/// An outage that lasts until it is dropped. A long one is shown to the user.
pub(super) struct Outage {
    told: ArcRwSignal<bool>,
    over: Arc<AtomicBool>,
}

impl Outage {
    /// The connection was lost; `shown` is set if that lasts.
    pub(super) fn begin(told: ArcRwSignal<bool>) -> Self {
        let outage = Self { told: told.clone(), over: Arc::default() };
        let over = Arc::clone(&outage.over);
        spawn_local(async move {
            time::sleep(PATIENCE).await;
            if !over.load(Ordering::Relaxed) {
                told.set(true);
            }
        });
        outage
    }
}

impl Drop for Outage {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        self.told.set(false);
    }
}
