//! The settings of a conversation: changed at once on the page, and saved after a pause.

use std::time::Duration;

use kaiwa_shared::{
    ConversationId,
    conversation::{ConversationSettings, UpdateConversation},
};
use leptos::{prelude::*, task::spawn_local};

use super::{Conversations, set_if_changed};
use crate::{api::Error, browser::time};

/// How long saving waits for more changes.
const PAUSE: Duration = Duration::from_millis(500);

/// How often it is checked whether a running request has ended.
const STEP: Duration = Duration::from_millis(50);

/// Whether the server has the settings that the page shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Saving {
    /// It has.
    #[default]
    Saved,
    /// They will be sent.
    Waiting,
    /// They are being sent.
    Running,
    /// They could not be saved.
    Failed(Error),
}

impl Conversations {
    /// Changes the settings, and saves them after a pause.
    pub fn change_settings(self, id: ConversationId, change: impl FnOnce(&mut ConversationSettings)) {
        let entry = self.entry(id);
        entry.settings.update(change);
        // A running request is followed by another one if something has changed.
        if *entry.saving.read_untracked() != Saving::Running {
            entry.saving.set(Saving::Waiting);
        }
        let changed = entry.settings.get_untracked();
        spawn_local(async move {
            time::sleep(PAUSE).await;
            let is_last = entry.settings.with_untracked(|now| *now == changed);
            if is_last && *entry.saving.read_untracked() == Saving::Waiting {
                // `saving` tells of a failure.
                _ = self.save_settings(id).await;
            }
        });
    }

    /// Saves what is not saved yet, without a pause.
    pub async fn save_settings(self, id: ConversationId) -> Result<(), Error> {
        let entry = self.entry(id);
        loop {
            let saving = entry.saving.get_untracked();
            match saving {
                Saving::Saved => return Ok(()),
                Saving::Running => {
                    time::sleep(STEP).await;
                    continue;
                }
                Saving::Waiting | Saving::Failed(_) => entry.saving.set(Saving::Running),
            }
            let sent = entry.settings.get_untracked();
            let change = UpdateConversation {
                system_prompt: Some(sent.system_prompt.clone().unwrap_or_default()),
                options: Some(sent.options),
                ..UpdateConversation::default()
            };
            if let Err(error) = self.api.update_conversation(id, &change).await {
                entry.saving.set(Saving::Failed(error.clone()));
                return Err(error);
            }
            let is_newest = entry.settings.with_untracked(|now| *now == sent);
            entry.saving.set(if is_newest { Saving::Saved } else { Saving::Waiting });
        }
    }

    /// Shows the settings that the server has, unless the user is changing them here.
    pub fn note_settings(self, id: ConversationId, settings: ConversationSettings) {
        let entry = self.entry(id);
        if *entry.saving.read_untracked() == Saving::Saved {
            set_if_changed(&entry.settings, settings);
        }
    }
}
