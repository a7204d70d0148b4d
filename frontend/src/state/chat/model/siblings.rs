//! Versions of a message and parallel replies: messages with the same parent.

use kaiwa_shared::MessageId;
use leptos::prelude::*;

use super::Chat;
use crate::state::chat::MessageHandle;

/// The direction from one version of a message to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the one before.
    Previous,
    /// To the one after.
    Next,
}

/// A version of a message that is no longer shown, and how many more messages are below it than below the new one.
pub type LeftBehind = (MessageId, usize);

impl Chat {
    /// How many messages are shown below a message; `None` if it is not on the page.
    pub fn count_below(&self, id: MessageId) -> Option<usize> {
        let messages = self.0.messages.read_untracked();
        let at = messages.iter().position(|message| message.id == id)?;
        Some(messages.len() - at - 1)
    }

    /// The shown version of a message, given any of its versions.
    pub fn shown_version(&self, version: MessageId) -> Option<MessageId> {
        let messages = self.0.messages.read_untracked();
        let is_it = |message: &&MessageHandle| {
            message.details.with_untracked(|details| details.siblings.contains(&version))
        };
        messages.iter().find(is_it).map(|message| message.id)
    }

    /// Notes that `count` messages below `version` are no longer shown.
    pub fn leave_behind(&self, version: MessageId, count: usize) {
        self.0.left_behind.set(Some((version, count)).filter(|(_, count)| *count > 0));
    }

    /// Notes that the user switches to another version of a message, until the version is shown.
    pub fn switch_to(&self, version: MessageId, direction: Direction) {
        self.private().switched = Some((version, direction));
    }

    /// Takes the direction in which the user has switched to a message that is about to be shown.
    pub fn take_switch(&self, version: MessageId) -> Option<Direction> {
        self.private().switched.take_if(|(switched, _)| *switched == version).map(|(_, direction)| direction)
    }

    /// The parallel replies to the last message, in the order in which they were requested; empty without any.
    pub fn columns(&self) -> Vec<MessageHandle> {
        let parallel = self.0.parallel.read();
        let messages = self.0.messages.read();
        let Some(last) = messages.last().filter(|_| !parallel.is_empty()) else { return Vec::new() };
        let order = last.details.with_untracked(|details| details.siblings.clone());
        let mut columns: Vec<_> = parallel.iter().chain([last]).cloned().collect();
        columns.sort_by_key(|column| order.iter().position(|id| *id == column.id));
        columns
    }

    /// The question that has parallel replies, of which the user has not chosen one yet.
    pub fn undecided(&self) -> Option<MessageId> {
        if self.is_temporary() || self.0.parallel.read().is_empty() {
            return None;
        }
        let question = self.0.messages.read().last()?.parent_id?;
        (self.0.decided.get() != Some(question)).then_some(question)
    }

    /// Chooses one of the parallel replies to continue from. Returns the one that was chosen before.
    pub fn pick(&self, id: MessageId) -> Option<MessageId> {
        let chosen = self.0.parallel.read_untracked().iter().find(|message| message.id == id).cloned()?;
        let before = self.0.messages.try_update(|messages| {
            let before = messages.pop()?;
            messages.push(chosen);
            Some(before)
        })??;
        let id_before = before.id;
        self.0.parallel.update(|parallel| {
            parallel.retain(|message| message.id != id);
            parallel.push(before);
        });
        Some(id_before)
    }
}
