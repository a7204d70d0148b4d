//! Editing, switching, forking and deleting messages.

use kaiwa_shared::{Code, Content, MessageId, message::Status};
use leptos::{prelude::*, task::spawn_local};

use super::Chats;
use crate::{
    routes::Route,
    state::{
        chat::{Chat, Direction, MessageHandle},
        choices,
    },
};

impl Chats {
    /// Switches to another version of a message: shows the branch through it.
    pub fn show_branch(self, chat: &Chat, message: MessageId, direction: Direction) {
        let Some(id) = chat.id().get_untracked().filter(|_| !chat.is_running_untracked()) else { return };
        chat.switch_to(message, direction);
        let before = chat.shown_version(message).and_then(|shown| Some((shown, chat.count_below(shown)?)));
        let chat = chat.clone();
        spawn_local(async move {
            match self.services().api.show(id, message).await {
                Ok(()) => {
                    self.fetch(&chat).await;
                    if let (Some((shown, before)), Some(now)) = (before, chat.count_below(message)) {
                        chat.leave_behind(shown, before.saturating_sub(now));
                    }
                }
                Err(error) => self.fail(&error),
            }
        });
    }

    /// Continues from one of several parallel replies.
    pub fn pick(self, chat: &Chat, message: MessageId) {
        if let Some(question) = untrack(|| chat.undecided()) {
            chat.decided().set(Some(question));
            choices::save(question);
        }
        let (Some(id), Some(before)) = (chat.id().get_untracked(), chat.pick(message)) else { return };
        let chat = chat.clone();
        spawn_local(async move {
            if let Err(error) = self.services().api.show(id, message).await {
                chat.pick(before);
                self.fail(&error);
            }
        });
    }

    /// Replaces the content of a message optimistically: if the server refuses, the old content comes back.
    pub fn save(self, chat: &Chat, message: &MessageHandle, content: Content) {
        chat.editing().set(None);
        let before = message.parts.get_untracked();
        message.set_content(&content, &message.files());
        let message = message.clone();
        spawn_local(async move {
            if let Err(error) = self.services().api.edit(message.id, content).await {
                message.parts.set(before);
                self.fail(&error);
            }
        });
    }

    /// Copies the branch down to a message into a new conversation, and opens it.
    pub fn fork(self, chat: &Chat, message: MessageId) {
        let Some(id) = chat.id().get_untracked() else { return };
        spawn_local(async move {
            match self.services().api.fork(id, message).await {
                Ok(conversation) => {
                    let id = conversation.id;
                    self.services().conversations.upsert(conversation);
                    self.services().navigation.go(Route::Conversation(id));
                }
                Err(error) => self.fail(&error),
            }
        });
    }

    /// Finds out what would be deleted with a message, and asks the user to confirm.
    pub fn ask_to_delete(self, chat: &Chat, message: MessageId) {
        let chat = chat.clone();
        spawn_local(async move {
            match self.services().api.subtree(message).await {
                Ok(subtree) => chat.deletion().set(Some((message, subtree))),
                Err(error) => self.fail(&error),
            }
        });
    }

    /// Deletes a message and everything below it.
    pub fn delete(self, chat: &Chat, message: MessageId) {
        let chat = chat.clone();
        spawn_local(async move {
            match self.services().api.delete_message(message).await {
                // It was already deleted elsewhere.
                Err(error) if error.code() != Some(Code::NotFound) => return self.fail(&error),
                _ => {}
            }
            self.services().notices.announce(self.services().locale.words_now().message.message_deleted);
            self.fetch(&chat).await;
        });
    }

    /// Messages can be changed: no reply is being written, and the conversation is stored.
    pub fn is_settled(self, chat: &Chat) -> bool {
        !chat.is_running() && !chat.is_temporary()
    }

    /// Opens the user's last message for editing. Returns whether that was possible.
    pub fn edit_last(self, chat: &Chat) -> bool {
        let last = chat.messages().read_untracked().iter().rev().find(|message| is_sent(message)).cloned();
        if chat.is_running_untracked() || last.is_none() {
            return false;
        }
        chat.editing().set(last.map(|message| message.id));
        true
    }
}

fn is_sent(message: &MessageHandle) -> bool {
    message.author == kaiwa_shared::message::Author::User
        && message.status.get_untracked() == Status::Complete
}
