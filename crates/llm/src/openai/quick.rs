//! The most common chunk: one choice with only more text or more reasoning.
//!
//! It is parsed without the intermediate `Value`s of a full chunk. Every other chunk is parsed in full.

use std::borrow::Cow;

use serde::{Deserialize, de::IgnoredAny};

/// More text or more reasoning.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Text(Cow<'a, str>),
    Reasoning(Cow<'a, str>),
}

/// A field that must be absent or `null`.
type Absent = Option<IgnoredAny>;

#[derive(Deserialize)]
struct Chunk<'a> {
    #[serde(borrow)]
    choices: [Choice<'a>; 1],
    error: Absent,
    usage: Absent,
    x_groq: Absent,
    citations: Absent,
    search_results: Absent,
    web_search: Absent,
    #[serde(rename = "responseData")]
    response_data: Absent,
}

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(borrow)]
    delta: Delta<'a>,
    message: Absent,
    finish_reason: Absent,
    usage: Absent,
}

#[derive(Deserialize)]
struct Delta<'a> {
    #[serde(borrow)]
    content: Option<Cow<'a, str>>,
    #[serde(borrow)]
    reasoning_content: Option<Cow<'a, str>>,
    refusal: Absent,
    reasoning: Absent,
    reasoning_details: Absent,
    tool_calls: Absent,
    function_call: Absent,
    annotations: Absent,
    images: Absent,
    audio: Absent,
}

/// The text or reasoning in an event's data, if there is nothing else in it.
pub(super) fn read(data: &str) -> Option<Piece<'_>> {
    let Chunk {
        choices: [choice],
        error: None,
        usage: None,
        x_groq: None,
        citations: None,
        search_results: None,
        web_search: None,
        response_data: None,
    } = serde_json::from_str(data).ok()?
    else {
        return None;
    };
    let Choice { delta, message: None, finish_reason: None, usage: None } = choice else {
        return None;
    };
    let Delta {
        content,
        reasoning_content,
        refusal: None,
        reasoning: None,
        reasoning_details: None,
        tool_calls: None,
        function_call: None,
        annotations: None,
        images: None,
        audio: None,
    } = delta
    else {
        return None;
    };
    match (content, reasoning_content) {
        (Some(text), None) => Some(Piece::Text(text)),
        (None, Some(text)) => Some(Piece::Reasoning(text)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::{Event, openai::decode::Decoder};

    #[test]
    fn plain_chunks_are_parsed() {
        let chunk = |delta: &str| {
            format!(
                r#"{{"id":"x","choices":[{{"index":0,"delta":{delta},"logprobs":null,"finish_reason":null}}]}}"#
            )
        };
        assert_eq!(read(&chunk(r#"{"content":" t1"}"#)), Some(Piece::Text(" t1".into())));
        assert_eq!(
            read(&chunk(r#"{"role":"assistant","content":"\"你\u00e9"}"#)),
            Some(Piece::Text("\"你é".into()))
        );
        let other = r#"{"choices":[{"index":1,"delta":{"content":"a"}}]}"#;
        assert_eq!(read(other), Some(Piece::Text("a".into())));
        let thought = chunk(r#"{"content":null,"reasoning_content":"Hm"}"#);
        assert_eq!(read(&thought), Some(Piece::Reasoning("Hm".into())));
    }

    #[test]
    fn chunks_with_more_are_parsed_in_full() {
        for data in [
            r#"{"choices":[]}"#,
            r#"{"choices":[{"delta":{}}]}"#,
            r#"{"choices":[{"delta":{"content":["a"]}}]}"#,
            r#"{"choices":[{"delta":{"content":"a"}}],"usage":{"prompt_tokens":1}}"#,
            r#"{"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}"#,
            r#"{"choices":[{"delta":{"content":"a","tool_calls":[]}}]}"#,
            r#"{"choices":[{"delta":{"content":"a"}}],"error":{"message":"b"}}"#,
            r#"{"choices":[{"delta":{"content":"a"}},{"index":1,"delta":{"content":"b"}}]}"#,
            r#"{"choices":[{"delta":{"content":"a"}}"#,
        ] {
            assert_eq!(read(data), None, "{data}");
        }
    }

    /// All recorded chunks mean the same both ways.
    #[test]
    fn short_and_full_parsing_agree() {
        let mut pieces = 0;
        for folder in ["openai", "hosts"] {
            let folder = format!("{}/tests/fixtures/{folder}", env!("CARGO_MANIFEST_DIR"));
            for file in fs::read_dir(folder).unwrap() {
                let text = String::from_utf8_lossy(&fs::read(file.unwrap().path()).unwrap()).into_owned();
                let (mut quick, mut general) = (Decoder::default(), Decoder::default());
                for data in text.lines().filter_map(|line| line.strip_prefix("data:")) {
                    let (mut short, mut long): (Vec<Event>, Vec<Event>) = (Vec::new(), Vec::new());
                    pieces += usize::from(read(data.trim()).is_some());
                    let _ = crate::wire::Decode::push(&mut quick, "message", data, &mut short);
                    let _ = general.push_any("message", data.trim(), &mut long);
                    assert_eq!(short, long, "{data}");
                }
            }
        }
        assert!(pieces > 20, "{pieces}");
    }
}
