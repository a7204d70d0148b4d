//! Repairs JSON that browsers' and Python's clients read and `serde_json` refuses.
//!
//! Raw control characters in strings are escaped, and numbers that JSON does not have (`NaN`, `Infinity`, `1e999`)
//! become `null`. Half of a surrogate pair becomes a stand-in, so that [`Joiner`] can join the halves when they come in
//! two events; a half that stays alone becomes U+FFFD.

use std::fmt::Write as _;

use serde_json::Value;

use crate::{Event, ProviderBlock, ToolCallDelta};

/// The stand-in of U+D800. The last 2048 code points are for private use; nothing uses them.
const STAND_INS: u32 = 0x10_f800;
const SURROGATES: std::ops::RangeInclusive<u32> = 0xd800..=0xdfff;

/// The repaired JSON; `None` if there is nothing to repair.
pub(crate) fn repaired(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let taken = match c {
            '"' => string(rest, &mut out),
            'N' | 'I' | '-' | '0'..='9' => number(rest, &mut out),
            c => {
                out.push(c);
                c.len_utf8()
            }
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    (out != text).then_some(out)
}

/// Copies the string at the start of `text`; returns its length.
fn string(text: &str, out: &mut String) -> usize {
    out.push('"');
    let mut at = 1;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        match c {
            '"' => {
                out.push('"');
                return at + 1;
            }
            '\\' => at += escape(text.get(at..).unwrap_or_default(), out),
            c if u32::from(c) < 0x20 => {
                // Writing to a `String` cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
                at += 1;
            }
            c => {
                out.push(c);
                at += c.len_utf8();
            }
        }
    }
    at
}

/// Copies the escape at the start of `text`; returns its length.
fn escape(text: &str, out: &mut String) -> usize {
    let unit = |at: usize| {
        let digits = text.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
    };
    let length = match (unit(0), unit(6)) {
        (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
        (Some(half), _) if SURROGATES.contains(&half) => {
            out.extend(char::from_u32(half - SURROGATES.start() + STAND_INS));
            return 6;
        }
        (Some(_), _) => 6,
        // A backslash and whatever follows it.
        (None, _) => 1 + text.chars().nth(1).map_or(0, char::len_utf8),
    };
    out.push_str(text.get(..length).unwrap_or(text));
    length
}

/// Copies the number at the start of `text`, or `null` in its place; returns its length.
fn number(text: &str, out: &mut String) -> usize {
    for word in ["NaN", "-NaN", "Infinity", "-Infinity"] {
        if text.starts_with(word) {
            out.push_str("null");
            return word.len();
        }
    }
    let end =
        text.find(|c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E')).unwrap_or(text.len());
    let token = text.get(..end.max(1)).unwrap_or_default();
    let is_infinite = token.parse::<f64>().is_ok_and(f64::is_infinite);
    out.push_str(if is_infinite { "null" } else { token });
    token.len()
}

/// Where the text of an event goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Text,
    Reasoning,
    Call(u32),
}

/// Joins the halves of surrogate pairs in the events of one reply.
#[derive(Debug, Default)]
pub(crate) struct Joiner {
    /// The first half at the end of the latest text.
    held: Option<(Place, char)>,
}

impl Joiner {
    /// Joins what belongs together in the next event. May give the end of an earlier one before it.
    pub(crate) fn push(&mut self, event: Event, out: &mut Vec<Event>) {
        match event {
            Event::Text(text) => self.extend(Place::Text, text, Event::Text, out),
            Event::Reasoning(text) => self.extend(Place::Reasoning, text, Event::Reasoning, out),
            Event::ToolCall(mut call) => {
                let arguments = std::mem::take(&mut call.arguments);
                call.name = joined(&call.name);
                let index = call.index;
                self.extend(
                    Place::Call(index),
                    arguments,
                    |arguments| Event::ToolCall(ToolCallDelta { arguments, ..call }),
                    out,
                );
            }
            Event::ToolResult(mut result) => {
                self.finish(out);
                result.output = joined(&result.output);
                out.push(Event::ToolResult(result));
            }
            Event::Citation(mut citation) => {
                for text in [&mut citation.url, &mut citation.title, &mut citation.excerpt] {
                    *text = joined(text);
                }
                out.push(Event::Citation(citation));
            }
            Event::ProviderBlock(ProviderBlock(mut value)) => {
                join_value(&mut value);
                out.push(Event::ProviderBlock(ProviderBlock(value)));
            }
            event @ (Event::TextWasReasoning | Event::Usage(_) | Event::NoText(_) | Event::Finish(_)) => {
                self.finish(out);
                out.push(event);
            }
        }
    }

    /// Gives what was held back.
    pub(crate) fn finish(&mut self, out: &mut Vec<Event>) {
        if let Some((place, _)) = self.held.take() {
            let lost = char::REPLACEMENT_CHARACTER.to_string();
            out.push(match place {
                Place::Text => Event::Text(lost),
                Place::Reasoning => Event::Reasoning(lost),
                Place::Call(index) => {
                    Event::ToolCall(ToolCallDelta { index, arguments: lost, ..ToolCallDelta::default() })
                }
            });
        }
    }

    fn extend(
        &mut self,
        place: Place,
        text: String,
        event: impl FnOnce(String) -> Event,
        out: &mut Vec<Event>,
    ) {
        let mut whole = match self.held {
            Some((held, half)) if held == place && !text.is_empty() => {
                self.held = None;
                format!("{half}{text}")
            }
            Some((held, _)) if held != place => {
                self.finish(out);
                text
            }
            _ => text,
        };
        if let Some(last) = whole.chars().next_back().filter(|&c| half(c).is_some_and(|unit| unit < 0xdc00)) {
            self.held = Some((place, last));
            whole.pop();
        }
        let whole = joined(&whole);
        if !whole.is_empty() || matches!(place, Place::Call(_)) {
            out.push(event(whole));
        }
    }
}

/// The surrogate that a stand-in stands for.
fn half(c: char) -> Option<u32> {
    u32::from(c).checked_sub(STAND_INS).map(|offset| SURROGATES.start() + offset)
}

/// The text with whole pairs in place of two stand-ins, and U+FFFD in place of one.
pub(crate) fn joined(text: &str) -> String {
    let units = text.chars().flat_map(|c| match half(c).and_then(|unit| u16::try_from(unit).ok()) {
        Some(unit) => vec![unit],
        None => c.encode_utf16(&mut [0; 2]).to_vec(),
    });
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn join_value(value: &mut Value) {
    match value {
        Value::String(text) => *text = joined(text),
        Value::Array(values) => values.iter_mut().for_each(join_value),
        Value::Object(fields) => fields.values_mut().for_each(join_value),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_other_clients_read_becomes_json() {
        for (written, expected) in [
            (
                r#"{"a":NaN,"b":[Infinity,-Infinity,-NaN],"c":1e999,"d":-2.5e3}"#,
                r#"{"a":null,"b":[null,null,null],"c":null,"d":-2.5e3}"#,
            ),
            ("{\"a\":\"one\ttwo\u{0}\u{1b}three\"}", r#"{"a":"one\u0009two\u0000\u001bthree"}"#),
            ("{\"a\":\"one\ntwo\"}", r#"{"a":"one\u000atwo"}"#),
        ] {
            let repaired = repaired(written).unwrap();
            assert_eq!(repaired, expected);
            serde_json::from_str::<Value>(&repaired).unwrap();
        }
        for fine in [r#"{"a":"NaN \" Infinity \\","b":-1,"c":"\ud83d\udea2","d":"\\ud83d"}"#, "", "{\"a", "-"]
        {
            assert_eq!(repaired(fine), None, "{fine}");
        }
    }

    #[test]
    fn halves_of_a_character_are_joined_or_replaced() {
        let read = |json: &str| {
            let value: Value = serde_json::from_str(&repaired(json).unwrap()).unwrap();
            joined(value.as_str().unwrap())
        };
        assert_eq!(read(r#""a\ud83d""#), "a\u{fffd}");
        assert_eq!(read(r#""\udea2\ud83db""#), "\u{fffd}\u{fffd}b");
        assert_eq!(read(r#""\uD83D\ud83d\uDEA2""#), "\u{fffd}🚢");
    }
}
