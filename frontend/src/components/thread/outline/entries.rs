//! Which questions the outline lists.

use kaiwa_shared::{MessageId, message::Author};

use crate::{components::thread::find::fold, state::chat::MessageHandle};

/// The maximum number of entries on the page.
const MAX_SHOWN: usize = 300;
/// The maximum length of an entry, in characters.
const MAX_CHARS: usize = 160;

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) id: MessageId,
    /// The beginning of its text; empty if it has only files.
    pub(super) text: String,
}

/// The entries on the page.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) entries: Vec<Entry>,
    /// How many contain the filter.
    pub(super) found: usize,
    /// Not all of those are shown.
    pub(super) is_partial: bool,
    /// The question in the view, or the last one above it.
    pub(super) current: Option<MessageId>,
}

/// All questions among the messages.
pub(super) fn entries(messages: &[MessageHandle]) -> Vec<Entry> {
    let questions = messages.iter().filter(|message| message.author == Author::User);
    questions.map(|message| Entry { id: message.id, text: beginning(&message.text()) }).collect()
}

/// The question at a message, or the last one above it.
pub(super) fn question_at(messages: &[MessageHandle], at: Option<MessageId>) -> Option<MessageId> {
    let place = messages.iter().position(|message| Some(message.id) == at)?;
    let above = messages.get(..=place)?;
    above.iter().rev().find(|message| message.author == Author::User).map(|message| message.id)
}

/// The beginning of a text, in one line.
fn beginning(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", words.get(..end).unwrap_or_default()),
        None => words,
    }
}

/// The questions that contain `filter`. Of too many, those around the current one.
pub(super) fn shown(all: &[Entry], filter: &str, current: Option<MessageId>) -> Shown {
    let filter = fold(filter.trim());
    let found: Vec<_> = all.iter().filter(|entry| fold(&entry.text).contains(&filter)).collect();
    let at = current.and_then(|id| found.iter().position(|entry| entry.id == id));
    let middle = at.unwrap_or(found.len());
    let start = middle.saturating_sub(MAX_SHOWN / 2).min(found.len().saturating_sub(MAX_SHOWN));
    Shown {
        entries: found.iter().skip(start).take(MAX_SHOWN).map(|entry| (*entry).clone()).collect(),
        found: found.len(),
        is_partial: found.len() > MAX_SHOWN,
        current,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn questions(count: usize) -> Vec<Entry> {
        (0..count).map(|at| Entry { id: MessageId::new(), text: format!("Question {at} 茶") }).collect()
    }

    #[test]
    fn a_question_is_listed_by_its_beginning_in_one_line() {
        assert_eq!(beginning("  How\n\n do I…  "), "How do I…");
        assert_eq!(beginning(&"安静".repeat(200)).chars().count(), MAX_CHARS + 1);
        assert_eq!(beginning(""), "");
    }

    #[test]
    fn the_filter_ignores_case_and_knows_chinese() {
        let all = questions(30);
        for (filter, found) in [("", 30), ("QUESTION", 30), ("question 7", 1), ("茶", 30), ("咖啡", 0)] {
            assert_eq!(shown(&all, filter, None).found, found, "{filter}");
        }
    }

    #[test]
    fn of_too_many_questions_those_around_the_current_one_are_listed() {
        let all = questions(2000);
        let around = shown(&all, "", Some(all[700].id));
        assert_eq!((around.entries.len(), around.is_partial), (MAX_SHOWN, true));
        assert_eq!(around.entries[MAX_SHOWN / 2], all[700]);
        assert_eq!(shown(&all, "", None).entries.last(), all.last());
        assert_eq!(shown(&all, "", Some(all[3].id)).entries.first(), all.first());
    }
}
