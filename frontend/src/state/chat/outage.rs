//! A time without a connection to a running generation.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use leptos::{prelude::*, task::spawn_local};

use super::Chat;
use crate::browser::time;

/// A shorter outage is not worth a word.
const PATIENCE: Duration = Duration::from_secs(3);

/// An outage that goes on until it is dropped. One that lasts is told to the reader.
pub(super) struct Outage {
    chat: Chat,
    over: Arc<AtomicBool>,
}

impl Outage {
    /// The connection is gone.
    pub(super) fn begin(chat: &Chat) -> Self {
        let outage = Self { chat: chat.clone(), over: Arc::new(AtomicBool::new(false)) };
        let (chat, over) = (chat.clone(), Arc::clone(&outage.over));
        spawn_local(async move {
            time::sleep(PATIENCE).await;
            if !over.load(Ordering::Relaxed) {
                chat.reconnecting().set(true);
            }
        });
        outage
    }
}

impl Drop for Outage {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        self.chat.reconnecting().set(false);
    }
}
