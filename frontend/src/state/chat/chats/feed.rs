//! Changes from elsewhere: another tab, another device, or the server.

use kaiwa_shared::{
    ConversationId,
    conversation::Conversation,
    feed::{
        ConversationChanged, ConversationRef, FeedEvent, GenerationEnded, GenerationStarted, QueueChanged,
    },
};
use leptos::{prelude::*, task::spawn_local};

use super::Chats;
use crate::{routes::Route, state::chat::Chat};

impl Chats {
    /// Handles an event of the feed. A conversation that is open but not shown is fetched when it is shown again.
    pub fn handle(self, event: FeedEvent) {
        match event {
            FeedEvent::Ready | FeedEvent::PromptsChanged => {}
            FeedEvent::Conversation(ConversationChanged { conversation, settings }) => {
                if let Some(settings) = settings {
                    self.services().conversations.note_settings(conversation.id, settings);
                }
                self.conversation_changed(conversation);
            }
            FeedEvent::ConversationDeleted(ConversationRef { conversation_id }) => {
                self.services().conversations.remove(conversation_id);
                self.forget(conversation_id);
            }
            FeedEvent::MessagesChanged(ConversationRef { conversation_id }) => {
                if let Some(chat) = self.shown(conversation_id) {
                    self.refetch(&chat);
                }
            }
            FeedEvent::GenerationStarted(GenerationStarted { conversation_id, generation_id, .. }) => {
                if let Some(chat) = self.shown(conversation_id)
                    && chat.note_generation(generation_id)
                {
                    self.load(chat);
                }
            }
            FeedEvent::GenerationEnded(GenerationEnded { conversation_id, message_id, status, .. }) => {
                if let Some(chat) = self.shown(conversation_id) {
                    let known = chat.find(message_id);
                    if known.is_none_or(|message| message.status.get_untracked() != status)
                        && !chat.is_running_untracked()
                    {
                        self.load(chat);
                    }
                }
            }
            FeedEvent::Queue(QueueChanged { conversation_id, queued }) => {
                if let Some(chat) = self.known(conversation_id) {
                    self.learn_queued(&queued);
                    chat.set_queued(queued);
                }
            }
        }
    }

    fn conversation_changed(self, conversation: Conversation) {
        let (id, leaf) = (conversation.id, conversation.active_leaf_id);
        self.services().conversations.upsert(conversation);
        if let Some(chat) = self.shown(id) {
            let last = chat.messages().read_untracked().last().map(|message| message.id);
            if last != leaf && !chat.is_running_untracked() {
                self.load(chat);
            }
        }
    }

    /// Fetches the messages of a page again if its conversation has changed.
    pub fn check(self, route: Route) {
        let Route::Conversation(id) = route else { return };
        spawn_local(async move {
            // An error shows itself at the next request.
            if let Ok(conversation) = self.services().api.conversation(id).await {
                self.conversation_changed(conversation);
            }
        });
    }

    /// Fetches the conversation of a page again.
    pub fn refresh(self, route: Route) {
        if let Route::Conversation(id) = route
            && let Some(chat) = self.known(id)
        {
            self.refetch(&chat);
        }
    }

    /// Fetches the messages again, now or when the running reply has ended.
    pub(super) fn refetch(self, chat: &Chat) {
        if chat.invalidate() {
            self.load(chat.clone());
        }
    }

    fn shown(self, id: ConversationId) -> Option<Chat> {
        let is_shown = self.services().navigation.route_untracked() == Route::Conversation(id);
        self.known(id).filter(|_| is_shown)
    }
}
