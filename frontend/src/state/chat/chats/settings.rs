//! The settings of a conversation, whether the server has it already or not.

use kaiwa_shared::conversation::ConversationSettings;
use leptos::{prelude::*, task::spawn_local};

use super::Chats;
use crate::{
    api::Error,
    state::{
        chat::Chat,
        conversations::Saving,
        drafts::{self, DraftKey},
    },
};

impl Chats {
    /// The settings of the next message.
    pub fn settings_of(self, chat: &Chat) -> ConversationSettings {
        match chat.id().get() {
            Some(id) => self.services().conversations.entry(id).settings.get(),
            None => chat.settings().get(),
        }
    }

    /// Whether the server has them. Those of a new or temporary conversation go with the message.
    pub fn settings_saving(self, chat: &Chat) -> Saving {
        match chat.id().get() {
            Some(id) => self.services().conversations.entry(id).saving.get(),
            None => Saving::Saved,
        }
    }

    /// Changes the settings.
    pub fn change_settings(self, chat: &Chat, change: impl FnOnce(&mut ConversationSettings)) {
        if let Some(id) = chat.id().get_untracked() {
            return self.services().conversations.change_settings(id, change);
        }
        chat.settings().update(change);
        self.keep_new_settings(chat);
    }

    /// Shows the settings that were chosen for a new conversation before the page was loaded.
    pub(super) fn restore_new_settings(self) {
        if let Some(DraftKey { user, .. }) = self.draft_key(None) {
            self.blank.with_untracked(|blank| blank.settings().set(drafts::read_settings(user)));
        }
    }

    /// Keeps the settings of a new conversation for when the page is loaded again.
    fn keep_new_settings(self, chat: &Chat) {
        if let Some(DraftKey { user, .. }) = self.draft_key(None).filter(|_| !chat.is_temporary()) {
            drafts::save_settings(user, &chat.settings().read_untracked());
        }
    }

    /// Saves changed settings now, in the background.
    pub fn flush_settings(self, chat: &Chat) {
        let chat = chat.clone();
        spawn_local(async move {
            // The panel shows a failure, and sending a message repeats it.
            _ = self.save_settings(&chat).await;
        });
    }

    /// Saves changed settings: the next message needs them.
    pub(super) async fn save_settings(self, chat: &Chat) -> Result<(), Error> {
        match chat.id().get_untracked() {
            Some(id) => self.services().conversations.save_settings(id).await,
            None => Ok(()),
        }
    }

    /// Moves the settings of a new conversation to the one that was created with `sent`.
    pub(super) fn adopt_settings(self, chat: &Chat, sent: Option<&ConversationSettings>) {
        let Some(id) = chat.id().get_untracked() else { return };
        if let Some(DraftKey { user, .. }) = self.draft_key(None) {
            drafts::save_settings(user, &ConversationSettings::default());
        }
        let conversations = self.services().conversations;
        conversations.note_settings(id, sent.cloned().unwrap_or_default());
        let now = chat.settings().get_untracked();
        if Some(&now) != sent && !(sent.is_none() && now.is_default()) {
            // They were changed while the message was on its way.
            conversations.change_settings(id, |settings| *settings = now);
        }
    }
}
