//! Separates reasoning that a model writes into its text, between `<think>` and `</think>`.

use crate::Event;

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Only white space has arrived.
    #[default]
    Start,
    Thinking,
    /// Text whose beginning may turn out to be reasoning.
    OpenText,
    Text,
}

/// Separates reasoning from text, in pieces of any size.
///
/// Reasoning is only at the beginning of a reply, so a model can mention these tags later.
#[derive(Debug, Default)]
pub(crate) struct ThinkSplitter {
    state: State,
    /// Text that may be the start of a tag.
    held: String,
    /// White space is skipped until other text arrives: line breaks around the tags belong to them.
    skip_space: bool,
    /// The last character that was emitted as text.
    last: Option<char>,
    /// The provider separates reasoning from text itself.
    trusted: bool,
}

impl ThinkSplitter {
    /// The provider separates reasoning from text itself, so a closing tag in the text is plain text.
    pub(crate) fn trust_provider(&mut self) {
        self.trusted = true;
    }

    /// Takes more of the reply's text.
    pub(crate) fn push(&mut self, text: &str, out: &mut Vec<Event>) {
        let has_no_tag = self.state == State::Text || (self.state != State::Start && !text.contains('<'));
        if has_no_tag && self.held.is_empty() {
            return self.emit(text, out);
        }
        self.held.push_str(text);
        let mut rest = std::mem::take(&mut self.held);
        while let Some(next) = self.step(&rest, out) {
            rest = next;
        }
    }

    /// Emits what was held back because no more text follows.
    pub(crate) fn finish(&mut self, out: &mut Vec<Event>) {
        let held = std::mem::take(&mut self.held);
        self.emit(&held, out);
    }

    /// Emits what is certain. Returns the rest if the state has changed, else holds it.
    fn step(&mut self, text: &str, out: &mut Vec<Event>) -> Option<String> {
        match self.state {
            State::Start => self.step_start(text),
            State::Thinking => match text.split_once(CLOSE) {
                Some((thought, rest)) => {
                    self.emit(thought, out);
                    Some(self.enter(State::Text, rest))
                }
                None => self.emit_but_tag(text, &[CLOSE], out),
            },
            State::OpenText => self.step_open_text(text, out),
            State::Text => {
                self.emit(text, out);
                None
            }
        }
    }

    fn step_start(&mut self, text: &str) -> Option<String> {
        let said = text.trim_start();
        if let Some(rest) = said.strip_prefix(OPEN) {
            Some(self.enter(State::Thinking, rest))
        } else if let Some(rest) = said.strip_prefix(CLOSE) {
            // The template opened a thought, but the model did not think.
            Some(self.enter(State::Text, rest))
        } else if OPEN.starts_with(said) || CLOSE.starts_with(said) {
            text.clone_into(&mut self.held);
            None
        } else {
            self.state = if self.trusted { State::Text } else { State::OpenText };
            Some(text.to_owned())
        }
    }

    fn step_open_text(&mut self, text: &str, out: &mut Vec<Event>) -> Option<String> {
        match (text.find(OPEN), text.find(CLOSE)) {
            (Some(open), close) if close.is_none_or(|close| open < close) => {
                // An opening tag in the middle is part of the text.
                self.state = State::Text;
                Some(text.to_owned())
            }
            (_, Some(_)) => {
                let (before, after) = text.split_once(CLOSE)?;
                let last = before.chars().next_back().or(self.last);
                if last.is_some_and(|c| matches!(c, '`' | '"' | '\'' | '“' | '「')) {
                    self.state = State::Text;
                    return Some(text.to_owned());
                }
                self.emit(before, out);
                out.push(Event::TextWasReasoning);
                Some(self.enter(State::Text, after))
            }
            _ => self.emit_but_tag(text, &[OPEN, CLOSE], out),
        }
    }

    fn enter(&mut self, state: State, rest: &str) -> String {
        self.state = state;
        self.skip_space = true;
        rest.to_owned()
    }

    /// Emits `text`, but holds back an end that may be the start of a tag.
    fn emit_but_tag(&mut self, text: &str, tags: &[&str], out: &mut Vec<Event>) -> Option<String> {
        let tag_start = text
            .rfind('<')
            .filter(|&at| text.get(at..).is_some_and(|end| tags.iter().any(|tag| tag.starts_with(end))));
        let (certain, held) = text.split_at(tag_start.unwrap_or(text.len()));
        self.emit(certain, out);
        held.clone_into(&mut self.held);
        None
    }

    fn emit(&mut self, text: &str, out: &mut Vec<Event>) {
        let text = if self.skip_space { text.trim_start() } else { text };
        let Some(last) = text.chars().next_back() else { return };
        self.skip_space = false;
        self.last = Some(last);
        out.push(if self.state == State::Thinking {
            Event::Reasoning(text.to_owned())
        } else {
            Event::Text(text.to_owned())
        });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The reasoning and the text after all events.
    fn split(pieces: &[&str]) -> (String, String) {
        let (mut splitter, mut events) = (ThinkSplitter::default(), Vec::new());
        for piece in pieces {
            splitter.push(piece, &mut events);
        }
        splitter.finish(&mut events);
        let (mut reasoning, mut text) = (String::new(), String::new());
        for event in events {
            match event {
                Event::Text(more) => text.push_str(&more),
                Event::Reasoning(more) => reasoning.push_str(&more),
                Event::TextWasReasoning => reasoning.push_str(&std::mem::take(&mut text)),
                other => panic!("unexpected {other:?}"),
            }
        }
        (reasoning, text)
    }

    fn assert_split(whole: &str, reasoning: &str, text: &str) {
        assert_eq!(split(&[whole]), (reasoning.to_owned(), text.to_owned()), "{whole:?} whole");
        let letters: Vec<String> = whole.chars().map(String::from).collect();
        let letters: Vec<&str> = letters.iter().map(String::as_str).collect();
        assert_eq!(split(&letters), (reasoning.to_owned(), text.to_owned()), "{whole:?} by letters");
    }

    #[test]
    fn text_between_think_tags_is_reasoning() {
        assert_split("<think>\nHm.\n</think>\n\nHello", "Hm.\n", "Hello");
        assert_split("\n<think></think>Hello", "", "Hello");
        assert_split("<think>cut off", "cut off", "");
    }

    #[test]
    fn a_closing_tag_alone_turns_the_text_before_it_into_reasoning() {
        assert_split("I think so.\n</think>\n\nYes.", "I think so.\n", "Yes.");
        assert_split("\n</think>\n\nYes.", "", "Yes.");
    }

    #[test]
    fn text_about_the_tags_stays_text() {
        for text in [
            "Write `</think>` to close it. </think> is a tag.",
            "Open with <think> and close with </think>.",
            "a < b, <b>, <thi",
            "  <",
        ] {
            assert_split(text, "", text);
        }
        assert_split("<think>a</think>Say </think> twice", "a", "Say </think> twice");
    }

    proptest! {
        #[test]
        fn splits_change_nothing(
            parts in prop::collection::vec("<think>|</think>|[a<`\\n ]{1,3}|好", 0..12),
            cuts in prop::collection::vec(0usize..60, 0..12),
        ) {
            let whole = parts.concat();
            let mut cuts: Vec<usize> =
                cuts.into_iter().filter(|&cut| whole.is_char_boundary(cut)).chain([0, whole.len()]).collect();
            cuts.sort_unstable();
            let pieces: Vec<&str> =
                cuts.windows(2).filter_map(|cut| whole.get(*cut.first()?..*cut.last()?)).collect();
            prop_assert_eq!(split(&pieces), split(&[&whole]));
        }
    }
}
