//! The content of a scripted reply in pieces, independent of the protocol.

mod content;
mod gathered;

use std::{collections::VecDeque, fmt::Write as _};

use serde_json::Value;

pub(crate) use self::gathered::{Gathered, Item};
use crate::{
    ask::Ask,
    script::{Oddity, Script},
    stamp,
};

/// One token of a reply.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Piece<'a> {
    Reasoning(&'a str),
    /// Encrypted reasoning.
    Sealed,
    Text(&'a str),
    Refusal(&'a str),
    Search(&'a Search),
    Citation(&'a Citation),
    CallStart(&'a Call),
    CallArguments(&'a Call, &'a str),
    CallEnd(&'a Call),
    /// A call in one piece.
    CallWhole(&'a Call),
}

/// A tool call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    /// Its index among the calls of the reply.
    pub(crate) index: usize,
    pub(crate) id: String,
    pub(crate) name: String,
    /// JSON.
    pub(crate) arguments: String,
}

impl Call {
    /// The arguments as JSON; `null` if they are invalid.
    pub(crate) fn input(&self) -> Value {
        serde_json::from_str(&self.arguments).unwrap_or_default()
    }
}

/// A search that the provider ran itself.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Search {
    pub(crate) query: &'static str,
    pub(crate) sources: Vec<Source>,
}

/// A page on the web.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Source {
    pub(crate) url: &'static str,
    pub(crate) title: &'static str,
}

/// A part of the text that cites a source.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Citation {
    /// Its index among the sources.
    pub(crate) index: usize,
    pub(crate) source: Source,
    pub(crate) text: &'static str,
    /// The position of the part in the text, in characters.
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Why a reply ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Stop,
    ToolCalls,
    Length,
    /// The model has refused in its text.
    Refusal,
    /// A filter has blocked the reply.
    Filtered,
}

/// The kind of a text.
#[derive(Clone, Copy, Debug)]
enum Voice {
    Reasoning,
    Text,
    Refusal,
}

/// A part of the reply that has not been written yet.
#[derive(Debug)]
enum Segment {
    Numbered { voice: Voice, word: &'static str, next: u64, count: u64 },
    Words { voice: Voice, text: String, at: usize },
    Once(Step),
}

/// The next step; its text is in the plan's buffer.
#[derive(Clone, Copy, Debug)]
enum Step {
    Said(Voice),
    Sealed,
    Search,
    Citation(usize),
    CallStart(usize),
    /// The call, and the range of the fragment in its arguments.
    CallArguments(usize, usize, usize),
    CallEnd(usize),
    CallWhole(usize),
}

/// A reply that is produced lazily, so that a million tokens need neither memory nor an allocation each.
#[derive(Debug)]
pub(crate) struct Plan {
    segments: VecDeque<Segment>,
    calls: Vec<Call>,
    citations: Vec<Citation>,
    search: Search,
    stamped: bool,
    buffer: String,
    end: End,
}

impl Plan {
    /// The reply that `script` describes. Tool calls are whole if the protocol requires it.
    pub(crate) fn new(script: &Script, ask: &Ask, whole_calls: bool) -> Self {
        let mut plan = Self {
            segments: VecDeque::new(),
            calls: Vec::new(),
            citations: content::citations(),
            search: content::search(),
            stamped: script.stamp,
            buffer: String::new(),
            end: End::Stop,
        };
        plan.fill(script, ask, whole_calls || script.is(Oddity::Whole));
        if script.is(Oddity::Length) {
            plan.end = End::Length;
        }
        plan
    }

    /// Why the reply ends.
    pub(crate) fn end(&self) -> End {
        self.end
    }

    /// Whether the reply is complete.
    pub(crate) fn is_over(&mut self) -> bool {
        while self.segments.front().is_some_and(Segment::is_over) {
            self.segments.pop_front();
        }
        self.segments.is_empty()
    }

    /// The next piece.
    pub(crate) fn next(&mut self) -> Option<Piece<'_>> {
        if self.is_over() {
            return None;
        }
        let step = self.step()?;
        Some(match step {
            Step::Said(Voice::Reasoning) => Piece::Reasoning(&self.buffer),
            Step::Said(Voice::Text) => Piece::Text(&self.buffer),
            Step::Said(Voice::Refusal) => Piece::Refusal(&self.buffer),
            Step::Sealed => Piece::Sealed,
            Step::Search => Piece::Search(&self.search),
            Step::Citation(index) => Piece::Citation(self.citations.get(index)?),
            Step::CallStart(index) => Piece::CallStart(self.calls.get(index)?),
            Step::CallEnd(index) => Piece::CallEnd(self.calls.get(index)?),
            Step::CallWhole(index) => Piece::CallWhole(self.calls.get(index)?),
            Step::CallArguments(index, from, to) => {
                let call = self.calls.get(index)?;
                Piece::CallArguments(call, call.arguments.get(from..to)?)
            }
        })
    }

    fn step(&mut self) -> Option<Step> {
        self.buffer.clear();
        match self.segments.front_mut()? {
            Segment::Numbered { voice, word, next, .. } => {
                let space = if *next == 0 { "" } else { " " };
                // Writing to a string cannot fail.
                let _ = write!(self.buffer, "{space}{word}{next}");
                *next += 1;
                let voice = *voice;
                if self.stamped && matches!(voice, Voice::Text) {
                    stamp::push(&mut self.buffer);
                }
                Some(Step::Said(voice))
            }
            Segment::Words { voice, text, at } => {
                let end = content::end_of_word(text, *at);
                self.buffer.push_str(text.get(*at..end)?);
                *at = end;
                Some(Step::Said(*voice))
            }
            Segment::Once(step) => {
                let step = *step;
                self.segments.pop_front();
                Some(step)
            }
        }
    }
}

impl Segment {
    fn is_over(&self) -> bool {
        match self {
            Self::Numbered { next, count, .. } => next >= count,
            Self::Words { text, at, .. } => *at >= text.len(),
            Self::Once(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::surface::Protocol;

    fn ask(messages: &serde_json::Value) -> Ask {
        Protocol::Chat.ask(&json!({ "model": "mock", "messages": messages }), "").unwrap()
    }

    fn said(script: &str, ask: &Ask) -> Gathered {
        Gathered::of(&mut Plan::new(&script.parse().unwrap(), ask, false))
    }

    #[test]
    fn cutting_a_text_loses_nothing() {
        let text = "Grüße, 世界你好世界你好世界!\n\n- a  b";
        let ask = ask(&json!([{ "role": "user", "content": text }]));
        assert_eq!(said("echo", &ask).text(), text);
    }

    #[test]
    fn a_title_is_asked_for_in_the_system_message() {
        let ask = ask(&json!([
            { "role": "system", "content": "Give this conversation a short title." },
            { "role": "user", "content": "User: How do I bake bread without an oven at home?" },
        ]));
        assert_eq!(said("markdown", &ask).text(), "How do I bake bread without");
    }

    #[test]
    fn tool_calls_come_together_from_their_pieces_in_any_order() {
        let ask = ask(&json!([{ "role": "user", "content": "?" }]));
        for script in ["tools", "tools-whole", "tools-interleaved"] {
            let mut plan = Plan::new(&script.parse().unwrap(), &ask, false);
            let mut calls = [("", String::new()), ("", String::new())];
            while let Some(piece) = plan.next() {
                match piece {
                    Piece::CallArguments(call, more) => calls[call.index].1.push_str(more),
                    Piece::CallWhole(call) => calls[call.index].1.push_str(&call.arguments),
                    Piece::CallEnd(call) => calls[call.index].0 = "ended",
                    _ => {}
                }
            }
            let ended = if script == "tools-whole" { "" } else { "ended" };
            let arguments = ["{\"city\":\"東京\"}", "{\"zone\":\"Asia/Tokyo\"}"];
            assert_eq!(calls, arguments.map(|arguments| (ended, arguments.to_owned())), "{script}");
        }
    }

    #[test]
    fn the_user_can_write_out_tool_calls() {
        let ask = ask(&json!([{ "role": "user", "content": "Please:\nadd {\"a\": 1}\nnow {}" }]));
        let gathered = said("call", &ask);
        let calls: Vec<_> = gathered.calls().map(|call| (&*call.id, &*call.name, &*call.arguments)).collect();
        assert_eq!(calls, [("call_0", "add", "{\"a\": 1}"), ("call_1", "now", "{}")]);
    }

    #[test]
    fn answered_calls_lead_to_an_answer_and_a_loop_to_more_calls() {
        let ask = ask(&json!([
            { "role": "user", "content": "?" },
            { "role": "assistant", "tool_calls": [{ "id": "call_0" }, { "id": "call_1" }] },
            { "role": "tool", "tool_call_id": "call_0", "content": "rain" },
            { "role": "tool", "tool_call_id": "call_1", "content": "noon" },
        ]));
        assert_eq!(said("tools", &ask).text(), "The tools said: rain; noon");
        let again = said("tools-loop-2", &ask);
        assert_eq!(again.calls().map(|call| &*call.id).collect::<Vec<_>>(), ["call_2", "call_3"]);
    }

    #[test]
    fn citations_point_at_what_they_cite() {
        let gathered = said("citations", &ask(&json!([])));
        let text: Vec<char> = gathered.text().chars().collect();
        let citations: Vec<_> = gathered.citations().collect();
        assert_eq!(citations.len(), 2);
        for citation in citations {
            let cited: String = text[citation.start..citation.end].iter().collect();
            assert_eq!(cited, citation.text);
        }
    }
}
