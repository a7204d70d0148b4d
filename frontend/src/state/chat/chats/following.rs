//! Following generations to their end.

use kaiwa_shared::{
    Code, GenerationId,
    message::{Finish, Status},
    stream::{NewTitle, Retrying, StreamEnd, StreamEvent},
};
use leptos::{prelude::*, task::spawn_local};
use std::time::Duration;

use super::Chats;
use crate::{
    api::{Error, stream::EventStream},
    browser::time,
    state::{
        backoff,
        chat::{Begun, Chat, MessageHandle, Retry, Run},
        outage::Outage,
        slots::Slot,
    },
};

impl Chats {
    /// Follows replies that have begun. The stream carries the first one; the others have their own streams.
    pub(super) fn follow_all(self, chat: &Chat, begun: Begun, stream: EventStream) {
        let mut stream = Some(stream);
        for (reply, generation) in begun {
            self.spawn_follow(chat, reply, generation, stream.take());
        }
    }

    /// Follows a reply that is being written.
    pub(super) fn follow(self, chat: &Chat, reply: MessageHandle, generation: GenerationId) {
        self.spawn_follow(chat, reply, generation, None);
    }

    fn spawn_follow(
        self,
        chat: &Chat,
        reply: MessageHandle,
        generation: GenerationId,
        stream: Option<EventStream>,
    ) {
        let chat = chat.clone();
        spawn_local(async move { self.read(&chat, &reply, generation, stream).await });
    }

    async fn read(
        self,
        chat: &Chat,
        reply: &MessageHandle,
        generation: GenerationId,
        mut stream: Option<EventStream>,
    ) {
        let mut last = None;
        let mut held = Vec::new();
        let mut tries = 0;
        loop {
            // The stream that the reply began with is kept if there is a slot for it.
            let mut slot = Slot::take_free().await;
            if slot.is_none() {
                stream = None;
                slot = Slot::wait(|| chat.is_closed()).await;
            }
            let Some(mut slot) = slot else { return };
            let open = match stream.take() {
                Some(open) => Some(open),
                None => self.reattach(chat, reply, generation, last, tries).await,
            };
            let Some(mut open) = open else { return };
            slot.carry(open.handle());
            while let Ok(Some((number, event))) = open.next::<StreamEvent>().await {
                if chat.is_closed() {
                    return;
                }
                last = number.or(last);
                let end = if let StreamEvent::End(StreamEnd { status, finish }) = event {
                    Some((status, finish))
                } else {
                    None
                };
                held.push(event);
                // A stopped reply stands still immediately. Text that was under way is shown at the end, because it
                // is part of the stored reply.
                if end.is_none() && chat.run().get_untracked().is_stopping() {
                    continue;
                }
                for event in held.drain(..) {
                    self.receive(chat, reply, &event);
                }
                if let Some((status, finish)) = end {
                    self.end(chat, generation, status, finish);
                    return;
                }
            }
            tries = u32::from(!slot.was_yielded());
            drop(slot);
            if tries == 0 {
                time::sleep(Slot::PAUSE).await;
            }
        }
    }

    fn receive(self, chat: &Chat, reply: &MessageHandle, event: &StreamEvent) {
        match event {
            StreamEvent::Title(NewTitle { title }) => {
                if let Some(id) = chat.id().get_untracked() {
                    self.services().conversations.set_first_title(id, title.clone());
                }
            }
            StreamEvent::Retrying(Retrying { wait_ms, model, .. }) => {
                let at = time::now().plus(Duration::from_millis(*wait_ms));
                reply.update_details(|details| details.retrying = Some(Retry { at, model: model.clone() }));
            }
            _ => reply.apply(event),
        }
    }

    fn end(self, chat: &Chat, generation: GenerationId, status: Status, finish: Option<Finish>) {
        self.finish(chat, generation);
        let words = self.services().locale.words_now();
        self.services().notices.announce(match (status, finish) {
            (Status::Complete, Some(Finish::Length)) => words.message.too_long,
            (Status::Complete | Status::Streaming, _) => words.chat.answer_complete,
            (Status::Stopped, _) => words.message.stopped,
            (Status::Interrupted, _) => words.message.interrupted,
            (Status::Failed, _) => words.chat.answer_failed,
        });
    }

    fn finish(self, chat: &Chat, generation: GenerationId) {
        let missed = chat.finish(generation);
        if let Some(message) = chat.take_next() {
            self.send_now(chat, message);
        } else if missed {
            self.load(chat.clone());
        }
    }

    /// Connects to a running generation, however long it takes. `None` if there is nothing left to follow.
    async fn reattach(
        self,
        chat: &Chat,
        reply: &MessageHandle,
        generation: GenerationId,
        last: Option<u64>,
        mut tries: u32,
    ) -> Option<EventStream> {
        let _outage = Outage::begin(chat.reconnecting().clone());
        loop {
            if tries > 0 {
                time::pause(backoff::pause(tries - 1)).await;
            }
            if chat.is_closed() {
                return None;
            }
            match self.services().api.attach(generation, last).await {
                Ok(stream) => return Some(stream),
                Err(error) if error.is_transient() => tries += 1,
                // The generation has ended, and its message is stored.
                Err(error) => {
                    self.settle(chat, reply, generation, error).await;
                    return None;
                }
            }
        }
    }

    async fn settle(self, chat: &Chat, reply: &MessageHandle, generation: GenerationId, error: Error) {
        chat.finish(generation);
        let Some(id) = chat.id().get_untracked() else {
            // It is not stored, so no more will come.
            reply.status.set(Status::Interrupted);
            return;
        };
        match self.services().api.transcript(id, None, None).await {
            Ok(mut transcript) => {
                // Following the generation that was just refused would loop forever.
                transcript.running = transcript.running.filter(|running| *running != generation);
                transcript.parallel.iter_mut().for_each(|message| {
                    message.generation_id = message.generation_id.filter(|other| *other != generation);
                });
                self.show(chat, transcript);
            }
            Err(_) if error.code() == Some(Code::NotSignedIn) => {}
            Err(error) => chat.failure().set(Some(error)),
        }
    }

    /// Stops the running replies.
    pub fn stop(self, chat: &Chat) {
        let was_live = chat.run().get_untracked() == Run::Live;
        chat.advance(Run::stop);
        if !was_live {
            return;
        }
        for generation in chat.live() {
            let chat = chat.clone();
            spawn_local(async move {
                if let Err(error) = self.services().api.stop(generation).await {
                    chat.set_next(None);
                    chat.advance(Run::stop_failed);
                    self.fail(&error);
                }
            });
        }
    }
}
