//! Changing, switching, forking and deleting what was said.

use kaiwa_shared::{
    Code, MessageId,
    message::{Part, Status},
};
use leptos::{prelude::*, task::spawn_local};

use super::Chats;
use crate::{
    routes::Route,
    state::chat::{Chat, MessageHandle, Turn},
};

impl Chats {
    /// Turns to another version of a message: shows the branch through it.
    pub fn show_branch(self, chat: &Chat, message: MessageId, turn: Turn) {
        let Some(id) = chat.id().get_untracked().filter(|_| !chat.is_running_untracked()) else { return };
        chat.turn_to(message, turn);
        let chat = chat.clone();
        spawn_local(async move {
            match self.services().api.show(id, message).await {
                Ok(()) => self.fetch(&chat).await,
                Err(error) => self.fail(&error),
            }
        });
    }

    /// Goes on from one of several answers.
    pub fn pick(self, chat: &Chat, message: MessageId) {
        let (Some(id), Some(before)) = (chat.id().get_untracked(), chat.pick(message)) else { return };
        let chat = chat.clone();
        spawn_local(async move {
            if let Err(error) = self.services().api.show(id, message).await {
                chat.pick(before);
                self.fail(&error);
            }
        });
    }

    /// Changes what a message says and nothing else; if the server refuses, the old text comes back.
    pub fn save(self, chat: &Chat, message: &MessageHandle, content: String) {
        chat.editing().set(None);
        let before = message.parts.get_untracked();
        message.parts.set(vec![Part::Text { text: content.clone() }]);
        let message = message.clone();
        spawn_local(async move {
            if let Err(error) = self.services().api.edit(message.id, content).await {
                message.parts.set(before);
                self.fail(&error);
            }
        });
    }

    /// Copies the branch down to a message into a conversation of its own, and goes there.
    pub fn fork(self, chat: &Chat, message: MessageId) {
        let Some(id) = chat.id().get_untracked() else { return };
        spawn_local(async move {
            match self.services().api.fork(id, message).await {
                Ok(conversation) => {
                    let id = conversation.id;
                    self.services().conversations.place(conversation);
                    self.services().navigation.go(Route::Conversation(id));
                }
                Err(error) => self.fail(&error),
            }
        });
    }

    /// Asks what would go with a message, and then asks the reader.
    pub fn ask_to_delete(self, chat: &Chat, message: MessageId) {
        let chat = chat.clone();
        spawn_local(async move {
            match self.services().api.subtree(message).await {
                Ok(subtree) => chat.doomed().set(Some((message, subtree))),
                Err(error) => self.fail(&error),
            }
        });
    }

    /// Deletes a message and what hangs below it.
    pub fn delete(self, chat: &Chat, message: MessageId) {
        let chat = chat.clone();
        spawn_local(async move {
            match self.services().api.delete_message(message).await {
                // Somebody else was faster.
                Err(error) if error.code() != Some(Code::NotFound) => return self.fail(&error),
                _ => {}
            }
            self.services().notices.announce(self.services().locale.words_now().message_deleted);
            self.fetch(&chat).await;
        });
    }

    /// What can be done with a message: nothing that needs the server while a reply is written or nothing is stored.
    pub fn is_settled(self, chat: &Chat) -> bool {
        !chat.is_running() && !chat.is_temporary()
    }

    /// The reader wants to change what they said last.
    pub fn edit_last(self, chat: &Chat) -> bool {
        let last = chat.messages().read_untracked().iter().rev().find(|message| is_said(message)).cloned();
        if chat.is_running_untracked() || last.is_none() {
            return false;
        }
        chat.editing().set(last.map(|message| message.id));
        true
    }
}

fn is_said(message: &MessageHandle) -> bool {
    message.author == kaiwa_shared::message::Author::User
        && message.status.get_untracked() == Status::Complete
}
