//! Where the user was in each conversation, for as long as the tab is open.

use kaiwa_shared::{ConversationId, MessageId};

use crate::browser::storage;

/// A position in a conversation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// The first message in the view.
    pub message: MessageId,
    /// Pixels from the top of the view to the top of the message; negative if it begins above.
    pub offset: f64,
}

fn key_of(conversation: ConversationId) -> String {
    format!("kaiwa.place.{conversation}")
}

/// Where the user was; `None` at the end.
pub fn read(conversation: ConversationId) -> Option<Place> {
    parse(&storage::get_in_tab(&key_of(conversation))?)
}

/// Saves where the user is; `None` at the end.
#[expect(clippy::cast_possible_truncation, reason = "no page is two thousand million pixels long")]
pub fn save(conversation: ConversationId, place: Option<Place>) {
    let value = place.map(|Place { message, offset }| format!("{message} {}", offset.round() as i32));
    storage::set_in_tab(&key_of(conversation), value.as_deref());
}

fn parse(value: &str) -> Option<Place> {
    let (message, offset) = value.split_once(' ')?;
    Some(Place { message: message.parse().ok()?, offset: offset.parse::<i32>().ok()?.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_can_be_read_and_nonsense_is_ignored() {
        let message = MessageId::new();
        assert_eq!(parse(&format!("{message} -12")), Some(Place { message, offset: -12.0 }));
        for value in ["", "12", "x 12", &format!("{message} far")] {
            assert_eq!(parse(value), None, "{value}");
        }
    }
}
