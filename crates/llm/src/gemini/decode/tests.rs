use kaiwa_shared::message::{Citation, ToolResult, Usage};
use serde_json::json;

use super::*;
use crate::{ToolCallDelta, gemini::marked};

/// The events of a stream of these chunks, and its error.
fn read(chunks: &[Value]) -> (Vec<Event>, Option<Error>) {
    let (mut decoder, mut out) = (Decoder::default(), Vec::new());
    for chunk in chunks {
        if let Err(error) = decoder.push("", &chunk.to_string(), &mut out) {
            decoder.flush(&mut out);
            return (out, Some(error));
        }
    }
    decoder.flush(&mut out);
    let failure = decoder.end(&mut out).err();
    (out, failure)
}

/// A stream of one chunk that must not fail, without its end.
fn of(parts: &Value) -> Vec<Event> {
    let chunk = json!({ "candidates": [{ "content": { "parts": parts }, "finishReason": "STOP" }], "responseId": "r" });
    let (mut events, failure) = read(&[chunk]);
    assert_eq!(failure, None);
    assert!(matches!(events.pop(), Some(Event::Finish(_))));
    events
}

fn provider_block(piece: Value) -> Event {
    let Value::Object(piece) = piece else { panic!("a piece is an object") };
    Event::ProviderBlock(marked(piece))
}

fn call(index: u32, id: &str, name: &str, arguments: &str) -> Event {
    Event::ToolCall(ToolCallDelta { index, id: id.into(), name: name.into(), arguments: arguments.into() })
}

#[test]
fn every_reason_to_finish_is_understood_and_unknown_ones_kept() {
    for (reason, expected) in [
        ("STOP", Finish::Stop),
        ("MAX_TOKENS", Finish::Length),
        ("SAFETY", Finish::ContentFilter),
        ("RECITATION", Finish::ContentFilter),
        ("BLOCKLIST", Finish::ContentFilter),
        ("PROHIBITED_CONTENT", Finish::ContentFilter),
        ("SPII", Finish::ContentFilter),
        ("IMAGE_SAFETY", Finish::ContentFilter),
        ("LANGUAGE", Finish::Other),
        ("OTHER", Finish::Other),
        ("MALFORMED_FUNCTION_CALL", Finish::Other),
        ("UNEXPECTED_TOOL_CALL", Finish::Other),
        ("TOO_MANY_TOOL_CALLS", Finish::Other),
        ("MISSING_THOUGHT_SIGNATURE", Finish::Other),
    ] {
        let chunk = json!({ "candidates": [{ "finishReason": reason }] });
        assert_eq!(read(&[chunk]), (vec![Event::Finish(expected)], None), "{reason}");
    }
    let open = json!({ "candidates": [{ "finishReason": "FINISH_REASON_UNSPECIFIED" }] });
    assert_eq!(read(&[open]).1.unwrap().kind, ErrorKind::CutOff);
}

#[test]
fn a_finish_reason_in_every_chunk_does_not_end_the_reply() {
    let chunk = |text: &str| json!({ "candidates": [{ "content": { "parts": [{ "text": text }] }, "finishReason": "STOP" }] });
    let said = |text: &str| Event::Text(text.into());
    assert_eq!(
        read(&[chunk("One"), chunk(" two")]).0,
        [said("One"), said(" two"), Event::Finish(Finish::Stop)]
    );
}

#[test]
fn a_blocked_prompt_is_an_error_with_the_reason() {
    let blocked = |feedback: Value| {
        let chunk = json!({ "promptFeedback": feedback, "usageMetadata": { "promptTokenCount": 4 } });
        let (events, failure) = read(&[chunk]);
        assert!(matches!(events.as_slice(), [Event::Usage(_)]), "its usage is emitted");
        let error = failure.unwrap();
        (error.kind, error.retryable, error.detail)
    };
    let filtered = |detail: &str| (ErrorKind::ContentFilter, false, detail.to_owned());
    assert_eq!(blocked(json!({ "blockReason": "SAFETY" })), filtered("the prompt was blocked: SAFETY"));
    assert_eq!(
        blocked(json!({ "blockReason": "OTHER", "blockReasonMessage": "no" })),
        filtered("the prompt was blocked: OTHER: no")
    );
}

#[test]
fn an_error_is_found_alone_and_in_an_array_with_its_wait() {
    let error = json!({ "error": { "code": 429, "message": "You exceeded your current quota.", "status": "RESOURCE_EXHAUSTED",
        "details": [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "3.5s" }] } });
    for frame in [error.clone(), json!([error])] {
        let error = read(&[frame]).1.unwrap();
        assert_eq!((error.kind, error.status, error.retryable), (ErrorKind::RateLimit, Some(429), true));
        assert_eq!(error.retry_after, Some(std::time::Duration::from_millis(3500)));
    }
}

#[test]
fn calls_without_an_id_get_a_unique_one() {
    let parts = json!([
        { "functionCall": { "name": "f", "args": { "a": 1 } } },
        { "functionCall": { "id": "x", "name": "g" }, "thoughtSignature": "Ci" },
        { "functionCall": { "name": "h", "args": {}, "thoughtSignature": "old" } },
    ]);
    assert_eq!(
        of(&parts),
        [
            call(0, "gemini-call-r-0", "f", "{\"a\":1}"),
            call(1, "x", "g", "{}"),
            provider_block(json!({ "thoughtSignature": "Ci" })),
            call(2, "gemini-call-r-2", "h", "{}"),
            provider_block(json!({ "thoughtSignature": "old" })),
        ]
    );
}

#[test]
fn signatures_remember_which_part_they_were_on() {
    let parts = json!([
        { "text": "Hm", "thought": true, "thoughtSignature": "a" },
        { "text": "好", "thoughtSignature": "b" },
        { "text": "", "thoughtSignature": "c" },
        { "thought": true, "thoughtSignature": "d" },
        { "inlineData": { "mimeType": "image/png", "data": "iVBORw==" }, "thoughtSignature": "e" },
        { "text": "" },
        { "thought": true },
        {},
    ]);
    assert_eq!(
        of(&parts),
        [
            Event::Reasoning("Hm".into()),
            provider_block(json!({ "bytes": 2, "thought": true, "thoughtSignature": "a" })),
            Event::Text("好".into()),
            provider_block(json!({ "bytes": 3, "thoughtSignature": "b" })),
            provider_block(json!({ "bytes": 0, "thoughtSignature": "c" })),
            provider_block(json!({ "part": { "thought": true, "thoughtSignature": "d" } })),
            provider_block(
                json!({ "part": { "inlineData": { "mimeType": "image/png", "data": "iVBORw==" }, "thoughtSignature": "e" } })
            ),
        ]
    );
}

#[test]
fn code_that_fails_is_an_error_and_needs_no_result() {
    let result = json!({ "codeExecutionResult": { "outcome": "OUTCOME_FAILED", "output": "NameError" } });
    let parts = json!([{ "executableCode": { "id": "c1", "language": "PYTHON", "code": "x" } }, result]);
    assert_eq!(
        of(&parts),
        [
            call(0, "c1", "code_execution", "{\"code\":\"x\",\"language\":\"PYTHON\"}"),
            provider_block(json!({ "executableCode": { "id": "c1" } })),
            Event::ToolResult(ToolResult { id: "c1".into(), output: "NameError".into(), is_error: true }),
            provider_block(json!({ "part": result })),
        ]
    );
}

#[test]
fn sources_are_emitted_once_with_the_text_that_cites_them() {
    let chunk = |grounding: Value, finish: &str| {
        json!({ "candidates": [{ "groundingMetadata": grounding, "finishReason": finish,
            "citationMetadata": { "citationSources": [{ "uri": "https://c.example", "startIndex": 0 }] } }] })
    };
    let found = json!([
        { "web": { "uri": "https://a.example", "title": "A" } },
        { "maps": { "uri": "https://b.example", "title": "B" } },
        { "unheard_of": 1 },
    ]);
    let supports = json!([{ "segment": { "text": "Words." }, "groundingChunkIndices": [0, 9] }]);
    let (events, _) = read(&[
        chunk(json!({ "groundingChunks": found }), ""),
        chunk(json!({ "groundingChunks": found, "groundingSupports": supports }), "STOP"),
    ]);
    let cited: Vec<_> = events
        .into_iter()
        .filter_map(|event| match event {
            Event::Citation(Citation { url, title, excerpt }) => Some((url, title, excerpt)),
            _ => None,
        })
        .collect();
    let owned =
        |url: &str, title: &str, excerpt: &str| (url.to_owned(), title.to_owned(), excerpt.to_owned());
    assert_eq!(
        cited,
        [
            owned("https://b.example", "B", ""),
            owned("https://c.example", "", ""),
            owned("https://a.example", "A", "Words."),
        ]
    );
}

#[test]
fn the_last_usage_counts() {
    let chunk = |usage: Value| json!({ "candidates": [{ "finishReason": "STOP" }], "usageMetadata": usage });
    let (events, _) = read(&[
        chunk(json!({ "promptTokenCount": 8, "candidatesTokenCount": 1 })),
        chunk(json!({ "promptTokenCount": 8, "candidatesTokenCount": 5, "thoughtsTokenCount": 3,
            "cachedContentTokenCount": 4, "toolUsePromptTokenCount": 2 })),
        chunk(json!({})),
    ]);
    let usage = Usage {
        input_tokens: 10,
        output_tokens: 8,
        cached_tokens: 4,
        reasoning_tokens: 3,
        ..Usage::default()
    };
    assert_eq!(events, [Event::Usage(usage), Event::Finish(Finish::Stop)]);
}

#[test]
fn a_whole_answer_may_come_in_an_array_and_must_be_one() {
    let chunk = |text: &str| json!({ "candidates": [{ "content": { "parts": [{ "text": text }] } }] });
    let mut out = Vec::new();
    let mut decoder = Decoder::default();
    decoder.push_whole(&json!([chunk("One"), chunk(" two")]).to_string(), &mut out).unwrap();
    decoder.end(&mut out).unwrap();
    assert_eq!(out, [Event::Text("One".into()), Event::Text(" two".into()), Event::Finish(Finish::Stop)]);
    for (body, kind) in [("{}", ErrorKind::Protocol), ("[1]", ErrorKind::Protocol), ("[{", ErrorKind::CutOff)]
    {
        assert_eq!(Decoder::default().push_whole(body, &mut out).unwrap_err().kind, kind, "{body}");
    }
}
