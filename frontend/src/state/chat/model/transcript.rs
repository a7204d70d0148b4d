//! Showing the messages that the server has: the newest ones first, earlier ones on demand.

use kaiwa_shared::{
    conversation::Transcript,
    message::{Author, Message, Status},
};
use leptos::prelude::*;

use super::{Begun, Chat, Phase};
use crate::state::chat::MessageHandle;

/// Whether there are messages before the first one on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// The page shows the first message.
    None,
    /// There are earlier messages to load.
    Available,
    /// They are being loaded.
    Loading,
}

impl Chat {
    /// Shows the server's messages. Messages that are already shown keep their handles; earlier ones stay.
    /// Returns the replies that are being written and not followed yet.
    pub fn show(&self, transcript: Transcript) -> Begun {
        let first = transcript.messages.first().map(|message| message.id);
        let earlier = {
            let messages = self.0.messages.read_untracked();
            let at = messages.iter().position(|message| Some(message.id) == first).unwrap_or(0);
            messages.get(..at).unwrap_or_default().to_vec()
        };
        if earlier.is_empty() {
            self.note_earlier(transcript.has_earlier);
        }
        let mut begun = Begun::new();
        let mut parallel = Vec::new();
        for message in transcript.parallel {
            let generation = message.generation_id.filter(|_| message.status == Status::Streaming);
            let reply = self.handle(message);
            begun.extend(generation.map(|generation| (reply.clone(), generation)));
            parallel.push(reply);
        }
        let newer = transcript.messages.into_iter().map(|message| self.handle(message));
        let messages: Vec<_> = earlier.into_iter().chain(newer).collect();
        let last = messages.iter().rev().find(|message| message.author == Author::Assistant);
        begun.extend(last.cloned().zip(transcript.running));
        set_if_changed(&self.0.parallel, parallel);
        set_if_changed(&self.0.messages, messages);
        self.set_queued(transcript.queued);
        self.0.phase.set(Phase::Ready);
        for (reply, _) in &begun {
            reply.status.set(Status::Streaming);
        }
        begun.retain(|(_, generation)| self.follow(*generation));
        begun
    }

    fn handle(&self, message: Message) -> MessageHandle {
        match self.find(message.id) {
            Some(handle) => {
                handle.refresh(message);
                handle
            }
            None => MessageHandle::of(message),
        }
    }

    fn note_earlier(&self, has_earlier: bool) {
        match (has_earlier, self.0.earlier.get_untracked()) {
            (false, _) => self.0.earlier.set(Earlier::None),
            (true, Earlier::Loading) => {}
            (true, _) => self.0.earlier.set(Earlier::Available),
        }
    }

    /// Starts to load earlier messages. Returns `false` if there are none or they are already being loaded.
    pub fn start_loading_earlier(&self) -> bool {
        let starts = self.0.earlier.get_untracked() == Earlier::Available;
        if starts {
            self.0.earlier.set(Earlier::Loading);
        }
        starts
    }

    /// Ends loading earlier messages, whether or not [`Chat::prepend`] has shown them.
    pub fn end_loading_earlier(&self) {
        if self.0.earlier.get_untracked() == Earlier::Loading {
            self.0.earlier.set(Earlier::Available);
        }
    }

    /// Puts earlier messages in front.
    pub fn prepend(&self, earlier: Vec<Message>, has_earlier: bool) {
        self.0.earlier.set(if has_earlier { Earlier::Available } else { Earlier::None });
        let older: Vec<_> = earlier.into_iter().map(MessageHandle::of).collect();
        self.0.messages.update(|messages| {
            messages.splice(0..0, older);
        });
    }
}

fn set_if_changed(signal: &ArcRwSignal<Vec<MessageHandle>>, messages: Vec<MessageHandle>) {
    let same = signal.with_untracked(|shown| shown.iter().map(|m| m.id).eq(messages.iter().map(|m| m.id)));
    if !same {
        signal.set(messages);
    }
}
