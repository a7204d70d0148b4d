//! Separates reasoning that a model writes into its text, between `<think>` and `</think>`.

use super::think_context::Context;
use crate::{Event, abilities};

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

/// Maximum bytes before a closing tag without an opening one: of a model that is known to think, and of one that is not
/// known.
const THOUGHT_MAX: usize = 256 * 1024;
const UNKNOWN_THOUGHT_MAX: usize = 4 * 1024;

/// Parts of the names of models that think.
const THINKING: [&str; 4] = ["think", "reason", "qwq", "-r1"];

/// Separates reasoning from text, in pieces of any size.
///
/// Reasoning is only at the beginning of a reply, so a model can mention these tags later.
#[derive(Debug)]
pub(crate) struct ThinkSplitter {
    state: State,
    /// Text that may be the start of a tag.
    held: String,
    /// White space is skipped until other text arrives: line breaks around the tags belong to them.
    skip_space: bool,
    /// What the text so far says about a closing tag that follows it.
    context: Context,
    /// Maximum bytes of text that a closing tag alone turns into reasoning.
    thought_max: usize,
    /// The provider separates reasoning from text itself.
    trusted: bool,
}

impl Default for ThinkSplitter {
    fn default() -> Self {
        Self {
            state: State::default(),
            held: String::new(),
            skip_space: false,
            context: Context::default(),
            thought_max: UNKNOWN_THOUGHT_MAX,
            trusted: false,
        }
    }
}

impl ThinkSplitter {
    /// A splitter for a reply of this model, which may be known to think or not to.
    pub(crate) fn of_model(model: &str) -> Self {
        let name = model.to_lowercase();
        let thought_max = match abilities::known("", &name).reasoning {
            Some(true) => THOUGHT_MAX,
            _ if THINKING.iter().any(|word| name.contains(word)) && !name.contains("non-") => THOUGHT_MAX,
            Some(false) => 0,
            None => UNKNOWN_THOUGHT_MAX,
        };
        Self { thought_max, ..Self::default() }
    }

    /// The provider separates reasoning from text itself, so tags in the text are plain text.
    pub(crate) fn trust_provider(&mut self) {
        self.trusted = true;
        if self.state == State::OpenText {
            self.state = State::Text;
        }
    }

    /// Takes more of the reply's text.
    pub(crate) fn push(&mut self, text: &str, out: &mut Vec<Event>) {
        let has_no_tag = self.state == State::Text || (self.state != State::Start && !text.contains('<'));
        if has_no_tag && self.held.is_empty() {
            return self.emit(text, out);
        }
        self.held.push_str(text);
        let mut rest = std::mem::take(&mut self.held);
        while let Some(next) = self.step(&rest, false, out) {
            rest = next;
        }
    }

    /// Emits what was held back because no more text follows.
    pub(crate) fn finish(&mut self, out: &mut Vec<Event>) {
        let mut rest = std::mem::take(&mut self.held);
        while let Some(next) = self.step(&rest, true, out) {
            rest = next;
        }
        let held = std::mem::take(&mut self.held);
        self.emit(&held, out);
    }

    /// Emits what is certain. Returns the rest if the state has changed, else holds it.
    fn step(&mut self, text: &str, at_end: bool, out: &mut Vec<Event>) -> Option<String> {
        match self.state {
            State::Start => self.step_start(text),
            State::Thinking => match text.split_once(CLOSE) {
                Some((thought, rest)) => {
                    self.emit(thought, out);
                    Some(self.enter(State::Text, rest))
                }
                None => self.emit_but_tag(text, &[CLOSE], out),
            },
            State::OpenText => self.step_open_text(text, at_end, out),
            State::Text => {
                self.emit(text, out);
                None
            }
        }
    }

    fn step_start(&mut self, text: &str) -> Option<String> {
        let said = text.trim_start();
        if self.trusted {
            self.state = State::Text;
            Some(text.to_owned())
        } else if let Some(rest) = said.strip_prefix(OPEN) {
            Some(self.enter(State::Thinking, rest))
        } else if let Some(rest) = said.strip_prefix(CLOSE).filter(|_| self.thought_max > 0) {
            // The template opened a thought, but the model did not think.
            Some(self.enter(State::Text, rest))
        } else if OPEN.starts_with(said) || CLOSE.starts_with(said) {
            text.clone_into(&mut self.held);
            None
        } else {
            self.state = if self.thought_max > 0 { State::OpenText } else { State::Text };
            Some(text.to_owned())
        }
    }

    fn step_open_text(&mut self, text: &str, at_end: bool, out: &mut Vec<Event>) -> Option<String> {
        let open = text.find(OPEN);
        let Some(close) = text.find(CLOSE).filter(|close| open.is_none_or(|open| *close < open)) else {
            if open.is_some() {
                // An opening tag in the middle is part of the text.
                self.state = State::Text;
                return Some(text.to_owned());
            }
            return self.emit_but_tag(text, &[OPEN, CLOSE], out);
        };
        let (before, tag) = text.split_at(close);
        self.emit(before, out);
        let after = tag.strip_prefix(CLOSE).unwrap_or_default();
        let next = after.chars().next();
        if next.is_none() && !at_end {
            // The character after the tag decides what it is.
            tag.clone_into(&mut self.held);
            return None;
        }
        if self.state == State::OpenText && self.context.ends_thought(next) {
            out.push(Event::TextWasReasoning);
            return Some(self.enter(State::Text, after));
        }
        self.state = State::Text;
        Some(tag.to_owned())
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
        if text.is_empty() {
            return;
        }
        self.skip_space = false;
        out.push(if self.state == State::Thinking {
            Event::Reasoning(text.to_owned())
        } else {
            Event::Text(text.to_owned())
        });
        if self.state == State::OpenText {
            self.context.advance(text);
            if self.context.bytes > self.thought_max {
                self.state = State::Text;
            }
        }
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
        assert_split("I think so.</think>Yes.", "I think so.", "Yes.");
        assert_split("I think so. </think>\nYes.", "I think so. ", "Yes.");
        assert_split("好的</think>\n\n是。", "好的", "是。");
        assert_split(
            "- one\n- two\n\n```\ncode\n```\n</think>\nYes.",
            "- one\n- two\n\n```\ncode\n```\n",
            "Yes.",
        );
        assert_split("I think so.</think>", "I think so.", "");
    }

    #[test]
    fn a_closing_tag_far_into_a_text_or_of_a_model_that_does_not_think_is_text() {
        let of_model = |model: &str, text: &str| {
            let (mut splitter, mut events) = (ThinkSplitter::of_model(model), Vec::new());
            splitter.push(text, &mut events);
            splitter.finish(&mut events);
            events.contains(&Event::TextWasReasoning)
        };
        let (short, long) = ("Hm.\n</think>\nYes.", format!("{}\n</think>\nYes.", "Hm. ".repeat(2000)));
        for (model, is_short, is_long) in [
            ("m", true, false),
            ("deepseek-r1:8b", true, true),
            ("Qwen/Qwen3-30B-A3B-Thinking-2507", true, true),
            ("gpt-4o", false, false),
            ("qwen2.5:7b", false, false),
        ] {
            assert_eq!((of_model(model, short), of_model(model, &long)), (is_short, is_long), "{model}");
        }
    }

    #[test]
    fn tags_are_text_once_reasoning_has_come_in_its_own_field() {
        for text in ["<think> opens a thought.", "\n<think>a</think>b", "</think>\nyes", "a.\n</think>\nb"] {
            let (mut splitter, mut events) = (ThinkSplitter::default(), Vec::new());
            splitter.trust_provider();
            splitter.push(text, &mut events);
            splitter.finish(&mut events);
            assert_eq!(events, [Event::Text(text.to_owned())]);
        }
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
        for before in [
            "Here is it:\n\n```jinja\n{{ m }}\n",
            "~~~~\n```\n~~~\n",
            "- ```\n  a\n",
            "One item:\n- ",
            "1. ",
            "* It ends.",
            "- one\n  ",
            "> Then comes\n> ",
            "Like this:\n\n    ",
            "| tag | meaning |\n| ",
            "# The tag ",
            "Use ",
            "Say \"now ",
            "他说“到了",
            "使用",
            "The code is `a; ",
            "(",
            "In bold: **",
        ] {
            let text = format!("{before}</think> and so on.\n\nYes.");
            assert_split(&text, "", &text);
        }
        let bold = "In bold: **</think>** it is.";
        assert_split(bold, "", bold);
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
