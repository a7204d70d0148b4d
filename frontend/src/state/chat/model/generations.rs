//! The generations that write the replies on the page.

use kaiwa_shared::GenerationId;
use leptos::prelude::*;

use super::{Chat, Run};

impl Chat {
    /// The generations that this page follows.
    pub fn live(&self) -> Vec<GenerationId> {
        self.private().live.clone()
    }

    /// Follows a generation from here on. Returns whether it is a new one.
    pub(super) fn follow(&self, generation: GenerationId) -> bool {
        let mut private = self.private();
        private.unknown.retain(|other| *other != generation);
        let is_new = !private.live.contains(&generation);
        if is_new {
            private.live.push(generation);
        }
        drop(private);
        self.advance(Run::begin);
        is_new
    }

    /// Stops following a generation that has ended. Returns whether to fetch the messages again, because something
    /// happened elsewhere in the meantime.
    pub fn finish(&self, generation: GenerationId) -> bool {
        let mut private = self.private();
        private.live.retain(|other| *other != generation);
        if !private.live.is_empty() {
            return false;
        }
        drop(private);
        self.0.reconnecting.set(false);
        self.advance(|_| Run::Idle);
        self.catch_up() || !self.0.queued.read_untracked().is_empty()
    }

    /// Notes that a generation has begun, here or elsewhere. Returns whether to fetch the messages now to find it.
    pub fn note_generation(&self, generation: GenerationId) -> bool {
        let mut private = self.private();
        if private.live.contains(&generation) {
            return false;
        }
        let is_busy = private.sync.is_fetching() || self.is_running_untracked();
        if is_busy && !private.unknown.contains(&generation) {
            private.unknown.push(generation);
        }
        !is_busy
    }
}
