//! Sending messages to the server.

use kaiwa_shared::{
    Content, ConversationId,
    stream::{Created, SendMessage, Started, StreamEvent},
};
use leptos::{prelude::*, task::spawn_local};

use super::Chats;
use crate::{
    api::{Error, chat::Sent, stream::EventStream},
    browser::time,
    routes::Route,
    state::{
        chat::{Begun, Chat, MessageHandle},
        drafts,
    },
};

impl Chats {
    /// Sends a message at the end of the conversation, or queues it while a reply is being written. Returns whether it was
    /// accepted: not between sending and the beginning of the reply, and not before one of several answers is chosen.
    pub fn send(self, chat: &Chat, content: Content) -> bool {
        let model = self.model_now(chat);
        if !chat.is_running_untracked() {
            if untrack(|| chat.undecided()).is_some() {
                self.services().notices.fail(self.services().locale.words_now().chat.choose_first.to_owned());
                return false;
            }
            chat.draft().set(Content::default());
            let request = chat.send(content, model);
            self.deliver(chat, Some(request));
            return true;
        }
        let Some(id) = chat.queue_target() else { return false };
        chat.draft().set(Content::default());
        let request = chat.enqueue(id, content, model, time::now());
        self.deliver_to_queue(chat, request);
        true
    }

    /// Sends `content` as a new version of `question`.
    pub fn send_instead(self, chat: &Chat, question: &MessageHandle, content: Content) {
        if !chat.is_running_untracked() {
            // The new version, too, gets a reply.
            let later = chat.count_below(question.id).unwrap_or_default().saturating_sub(1);
            chat.leave_behind(question.id, later);
            let request = chat.send_instead(question, content, self.model_now(chat));
            self.deliver(chat, Some(request));
        }
    }

    /// Requests another reply as a sibling of `reply`, from `model` or the chosen model.
    pub fn regenerate(self, chat: &Chat, reply: &MessageHandle, model: Option<String>) {
        if !chat.is_running_untracked() {
            chat.leave_behind(reply.id, chat.count_below(reply.id).unwrap_or_default());
            let request = chat.regenerate(reply, model.or_else(|| self.model_now(chat)));
            self.deliver(chat, request);
        }
    }

    /// Asks the model that wrote `reply` to continue it, or the chosen model if that one is no longer available.
    pub fn continue_reply(self, chat: &Chat, reply: &MessageHandle) {
        if !chat.is_running_untracked() {
            let wrote = reply.details.with_untracked(|details| details.model.clone());
            let models = self.services().models;
            let offered = wrote.filter(|id| untrack(|| models.find(Some(id))).is_some());
            let request = chat.continue_reply(reply, offered.or_else(|| self.model_now(chat)));
            self.deliver(chat, Some(request));
        }
    }

    /// Sends the failed message again, to `model` or the chosen model.
    pub fn send_failed(self, chat: &Chat, model: Option<String>) {
        if !chat.is_running_untracked() {
            let request = chat.retry(model.or_else(|| self.model_now(chat)));
            self.deliver(chat, request);
        }
    }

    fn deliver(self, chat: &Chat, request: Option<SendMessage>) {
        let Some(request) = request else { return };
        let chat = chat.clone();
        self.save_draft(&chat);
        self.services().notices.announce(self.services().locale.words_now().chat.generating);
        spawn_local(async move {
            match self.start(&chat, &request).await {
                Ok((begun, stream)) => self.follow_all(&chat, begun, stream),
                Err(error) => {
                    chat.refuse(error);
                    self.save_draft(&chat);
                }
            }
        });
    }

    async fn start(self, chat: &Chat, request: &SendMessage) -> Result<(Begun, EventStream), Error> {
        self.save_settings(chat).await?;
        let request = &chat.complete(request);
        let Sent::Stream(mut stream) = self.services().api.send(request).await? else {
            return Err(Error::Unexpected { status: 202 });
        };
        loop {
            let Some((_, event)) = stream.next().await? else { return Err(Error::Network) };
            let StreamEvent::Created(Created {
                conversation_id,
                user_message_id,
                message_id,
                generation_id,
                model,
                parallel,
            }) = event
            else {
                continue;
            };
            let models = self.services().models;
            let model = Some(model).filter(|model| !model.is_empty()).or_else(|| request.model.clone());
            let model = model.or_else(|| untrack(|| models.default_id())).unwrap_or_default();
            let first = Started { message_id, generation_id, model };
            let files = untrack(|| self.services().uploads.files_of(&request.content));
            let (begun, stop) = chat.accept(user_message_id, first, parallel, time::now());
            if let Some(sent) =
                chat.find(user_message_id).filter(|sent| !files.is_empty() && sent.files().is_empty())
            {
                sent.set_content(&request.content, &files);
            }
            self.adopt(chat, conversation_id, request);
            if stop {
                self.stop(chat);
            }
            return Ok((begun, stream));
        }
    }

    /// Gives a new conversation its id and its address, unless it is temporary.
    fn adopt(self, chat: &Chat, id: ConversationId, request: &SendMessage) {
        if chat.is_temporary() {
            return;
        }
        if chat.id().get_untracked().is_none() {
            if let Some(key) = self.draft_key(None) {
                drafts::remove(key);
            }
            if let Some(model) = &request.model {
                self.services().conversations.entry(id).model.set(Some(model.clone()));
            }
            chat.id().set(Some(id));
            self.adopt_settings(chat, request.settings.as_ref());
            self.open.update_value(|open| open.push(chat.clone()));
            if self.blank.with_untracked(|blank| blank == chat) {
                let shown = self.services().navigation.route_untracked() == Route::Home;
                self.begin_blank();
                if shown {
                    self.services().navigation.replace(Route::Conversation(id));
                }
            }
        }
        self.services().conversations.touch(id);
        self.save_draft(chat);
    }
}
