//! The texts of each script.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::{Call, Citation, End, Plan, Search, Segment, Source, Step, Voice};
use crate::{
    ask::Ask,
    markdown,
    script::{Content, Oddity, Script},
};

const SOURCES: [Source; 2] = [
    Source { url: "https://example.com/boiling?a=1&b=2", title: "Boiling \"points\"" },
    Source { url: "https://example.org/高度", title: "海拔与沸点" },
];

/// The parts of the answer with citations, each with its source.
const CITED: [&str; 2] = ["Water boils at 100 °C at sea level.", "在高处，水的沸点更低。"];

impl Plan {
    pub(super) fn fill(&mut self, script: &Script, ask: &Ask, whole_calls: bool) {
        if ask.wants_title() {
            self.say(Voice::Text, title(ask.first_user_text()));
            return;
        }
        if script.is(Oddity::Redacted) {
            self.segments.push_back(Segment::Once(Step::Sealed));
        }
        self.count(Voice::Reasoning, "r", script.thoughts);
        match script.content {
            Content::Tokens | Content::Reasoning => self.count_tokens(script),
            Content::Think => {
                self.say(Voice::Text, "<think>".to_owned());
                self.count(Voice::Text, "r", 5);
                self.say(Voice::Text, "</think>".to_owned());
                self.count_tokens(script);
            }
            Content::Markdown => self.say(Voice::Text, markdown::of_length(script.kb)),
            Content::Echo => self.say(Voice::Text, ask.last_user_text().to_owned()),
            Content::Tools | Content::Call if ask.rounds() < script.rounds => {
                self.say(Voice::Text, "I look that up.".to_owned());
                self.call(script, ask, whole_calls);
                self.end = End::ToolCalls;
            }
            Content::Tools | Content::Call => {
                self.say(Voice::Text, format!("The tools said: {}", ask.last_results().join("; ")));
            }
            Content::Citations => self.cite(),
            Content::Refusal => {
                self.say(Voice::Refusal, "I cannot help with that. 抱歉。".to_owned());
                self.end = End::Refusal;
            }
            Content::Blocked => self.end = End::Filtered,
        }
    }

    fn say(&mut self, voice: Voice, text: String) {
        self.segments.push_back(Segment::Words { voice, text, at: 0 });
    }

    fn count(&mut self, voice: Voice, word: &'static str, count: u64) {
        self.segments.push_back(Segment::Numbered { voice, word, next: 0, count });
    }

    fn count_tokens(&mut self, script: &Script) {
        self.count(Voice::Text, if script.is(Oddity::SplitUtf8) { "词" } else { "t" }, script.tokens);
    }

    fn cite(&mut self) {
        self.segments.push_back(Segment::Once(Step::Search));
        for (index, part) in CITED.iter().enumerate() {
            if index > 0 {
                self.say(Voice::Text, " ".to_owned());
            }
            self.say(Voice::Text, (*part).to_owned());
            self.segments.push_back(Segment::Once(Step::Citation(index)));
        }
    }

    fn call(&mut self, script: &Script, ask: &Ask, whole: bool) {
        let wanted = match script.content {
            Content::Call => calls_in(ask),
            _ => vec![
                ("get_weather".to_owned(), json!({ "city": "東京" }).to_string()),
                ("get_time".to_owned(), json!({ "zone": "Asia/Tokyo" }).to_string()),
            ],
        };
        let before = ask.results();
        let numbered = wanted.into_iter().enumerate();
        self.calls = numbered
            .map(|(index, (name, arguments))| Call {
                index,
                id: format!("call_{}", before + index),
                name,
                arguments,
            })
            .collect();
        let mut steps: Vec<VecDeque<Step>> = self.calls.iter().map(|call| steps_of(call, whole)).collect();
        if script.is(Oddity::Interleaved) {
            while steps.iter().any(|steps| !steps.is_empty()) {
                let next = steps.iter_mut().filter_map(VecDeque::pop_front);
                self.segments.extend(next.map(Segment::Once));
            }
        } else {
            self.segments.extend(steps.into_iter().flatten().map(Segment::Once));
        }
    }
}

fn steps_of(call: &Call, whole: bool) -> VecDeque<Step> {
    if whole {
        return VecDeque::from([Step::CallWhole(call.index)]);
    }
    let mut steps = VecDeque::from([Step::CallStart(call.index)]);
    let mut at = 0;
    while at < call.arguments.len() {
        let end = end_of_word(&call.arguments, at);
        steps.push_back(Step::CallArguments(call.index, at, end));
        at = end;
    }
    steps.push_back(Step::CallEnd(call.index));
    steps
}

/// The calls in the last user message, as lines of `name {"argument": …}`; without them, the first offered tool is
/// called with the user's text.
fn calls_in(ask: &Ask) -> Vec<(String, String)> {
    let call = |line: &str| {
        let (name, arguments) = line.trim().split_once(' ')?;
        let is_object = serde_json::from_str::<Value>(arguments).is_ok_and(|value| value.is_object());
        is_object.then(|| (name.to_owned(), arguments.to_owned()))
    };
    let calls: Vec<_> = ask.last_user_text().lines().filter_map(call).collect();
    if !calls.is_empty() {
        return calls;
    }
    let arguments = json!({ "input": ask.last_user_text() }).to_string();
    ask.tools.first().map(|name| (name.clone(), arguments)).into_iter().collect()
}

pub(super) fn search() -> Search {
    Search { query: "boiling point", sources: SOURCES.to_vec() }
}

pub(super) fn citations() -> Vec<Citation> {
    let mut start = 0;
    let parts = CITED.into_iter().zip(SOURCES).enumerate();
    parts
        .map(|(index, (text, source))| {
            let end = start + text.chars().count();
            let citation = Citation { index, source, text, start, end };
            start = end + 1;
            citation
        })
        .collect()
}

/// The end of the next token: short words stay whole, long words and Chinese text are split into a few characters.
pub(super) fn end_of_word(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let cut = rest
        .char_indices()
        .enumerate()
        .find(|(count, (_, c))| *count >= 8 || (*count >= 3 && !c.is_ascii_alphanumeric()));
    cut.map_or(text.len(), |(_, (length, _))| at + length)
}

fn title(text: &str) -> String {
    // A client may send the whole conversation as one message.
    let text = text.strip_prefix("User:").unwrap_or(text).trim();
    let line = text.lines().next().unwrap_or_default();
    let words: Vec<&str> = line.split_whitespace().take(6).collect();
    let title: String = words.join(" ").chars().take(40).collect();
    if title.is_empty() { "A conversation".to_owned() } else { title }
}
