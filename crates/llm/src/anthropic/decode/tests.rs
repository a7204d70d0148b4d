use kaiwa_shared::message::{Citation, ToolResult, Usage};
use serde_json::json;

use super::*;
use crate::{ToolCallDelta, anthropic::marked};

/// The events of a stream of these frames, and its error.
fn read(frames: &[Value]) -> (Vec<Event>, Option<ErrorKind>) {
    let (mut decoder, mut out) = (Decoder::default(), Vec::new());
    for frame in frames {
        if let Err(error) = decoder.push("", &frame.to_string(), &mut out) {
            decoder.flush(&mut out);
            return (out, Some(error.kind));
        }
    }
    decoder.flush(&mut out);
    let failure = decoder.end(&mut out).err();
    (out, failure.map(|error| error.kind))
}

fn begin(index: u32, block: &Value) -> Value {
    json!({ "type": "content_block_start", "index": index, "content_block": block })
}

fn more(index: u32, delta: &Value) -> Value {
    json!({ "type": "content_block_delta", "index": index, "delta": delta })
}

fn stop(index: u32) -> Value {
    json!({ "type": "content_block_stop", "index": index })
}

fn ended(reason: &str) -> Value {
    json!({ "type": "message_delta", "delta": { "stop_reason": reason }, "usage": {} })
}

fn provider_block(piece: Value) -> Event {
    let Value::Object(piece) = piece else { panic!("a piece is an object") };
    Event::ProviderBlock(marked(piece))
}

fn call(index: u32, id: &str, name: &str, arguments: &str) -> Event {
    Event::ToolCall(ToolCallDelta { index, id: id.into(), name: name.into(), arguments: arguments.into() })
}

#[test]
fn every_reason_to_stop_is_understood_and_unknown_ones_kept() {
    for (reason, expected) in [
        ("end_turn", Finish::Stop),
        ("stop_sequence", Finish::Stop),
        ("max_tokens", Finish::Length),
        ("model_context_window_exceeded", Finish::Length),
        ("tool_use", Finish::ToolCalls),
        ("refusal", Finish::Refusal),
        ("pause_turn", Finish::Other),
        ("compaction", Finish::Other),
    ] {
        assert_eq!(read(&[ended(reason)]), (vec![Event::Finish(expected)], None), "{reason}");
    }
    // A compatible service without a stop reason must at least end the message.
    assert_eq!(read(&[json!({ "type": "message_stop" })]), (vec![Event::Finish(Finish::Stop)], None));
    assert_eq!(read(&[json!({ "type": "ping" })]), (vec![], Some(ErrorKind::CutOff)));
}

#[test]
fn a_refusals_explanation_becomes_text_if_there_is_no_other() {
    let refused = json!({ "type": "message_delta", "delta": { "stop_reason": "refusal",
        "stop_details": { "type": "refusal", "explanation": "Not this." } } });
    let text = |text: &str| Event::Text(text.into());
    let finish = Event::Finish(Finish::Refusal);
    assert_eq!(read(std::slice::from_ref(&refused)), (vec![text("Not this."), finish.clone()], None));
    let said = [begin(0, &json!({ "type": "text", "text": "I won't." })), stop(0), refused];
    assert_eq!(read(&said), (vec![text("I won't."), finish], None));
}

#[test]
fn stream_errors_have_their_kind_and_keep_text_and_usage() {
    for (kind, expected) in [
        ("overloaded_error", ErrorKind::Unavailable),
        ("api_error", ErrorKind::Unavailable),
        ("rate_limit_error", ErrorKind::RateLimit),
        ("authentication_error", ErrorKind::Auth),
        ("permission_error", ErrorKind::Auth),
        ("billing_error", ErrorKind::Quota),
        ("invalid_request_error", ErrorKind::InvalidRequest),
        ("request_too_large", ErrorKind::ContextLength),
    ] {
        let frames = [
            json!({ "type": "message_start", "message": { "usage": { "input_tokens": 3, "output_tokens": 1 } } }),
            begin(0, &json!({ "type": "text", "text": "Half" })),
            json!({ "type": "error", "error": { "type": kind, "message": "boom" } }),
        ];
        let usage = Usage { input_tokens: 3, output_tokens: 1, ..Usage::default() };
        assert_eq!(
            read(&frames),
            (vec![Event::Text("Half".into()), Event::Usage(usage)], Some(expected)),
            "{kind}"
        );
    }
}

#[test]
fn incomplete_reasoning_is_never_sent_back_as_complete() {
    let frames = [
        begin(0, &json!({ "type": "thinking", "thinking": "" })),
        more(0, &json!({ "type": "thinking_delta", "thinking": "Hm" })),
        more(0, &json!({ "type": "signature_delta", "signature": "Eq" })),
    ];
    assert_eq!(read(&frames), (vec![Event::Reasoning("Hm".into())], Some(ErrorKind::CutOff)));
}

#[test]
fn the_end_of_the_message_ends_an_open_block() {
    let frames = [
        begin(0, &json!({ "type": "thinking", "thinking": "Hm", "signature": "Eq" })),
        begin(0, &json!({ "type": "tool_use", "id": "a", "name": "f", "input": {} })),
        ended("tool_use"),
    ];
    let expected = vec![
        Event::Reasoning("Hm".into()),
        provider_block(json!({ "type": "thinking", "signature": "Eq" })),
        call(0, "a", "f", ""),
        call(0, "", "", "{}"),
        Event::Finish(Finish::ToolCalls),
    ];
    assert_eq!(read(&frames), (expected, None));
}

#[test]
fn a_tool_on_another_server_is_a_call_with_its_result() {
    let result = json!({ "type": "mcp_tool_result", "tool_use_id": "mcptoolu_1", "is_error": true,
        "content": [{ "type": "text", "text": "no such page" }] });
    let frames = [
        begin(
            0,
            &json!({ "type": "mcp_tool_use", "id": "mcptoolu_1", "name": "fetch", "server_name": "web", "input": {} }),
        ),
        more(0, &json!({ "type": "input_json_delta", "partial_json": "{\"url\":1}" })),
        stop(0),
        begin(1, &result),
        stop(1),
        ended("end_turn"),
    ];
    let expected = vec![
        call(0, "mcptoolu_1", "fetch", ""),
        call(0, "", "", "{\"url\":1}"),
        provider_block(json!({ "type": "mcp_tool_use", "server_name": "web" })),
        Event::ToolResult(ToolResult {
            id: "mcptoolu_1".into(),
            output: "no such page".into(),
            is_error: true,
        }),
        provider_block(result),
        Event::Finish(Finish::Stop),
    ];
    assert_eq!(read(&frames), (expected, None));
}

#[test]
fn a_block_of_an_unknown_type_is_assembled_and_kept() {
    let frames = [
        begin(0, &json!({ "type": "compaction", "content": "", "input": {} })),
        more(0, &json!({ "type": "compaction_delta", "content": "All " })),
        more(0, &json!({ "type": "compaction_delta", "content": "said.", "size": 2 })),
        more(0, &json!({ "type": "input_json_delta", "partial_json": "{\"a\":" })),
        more(0, &json!({ "type": "input_json_delta", "partial_json": "1}" })),
        more(0, &json!({ "type": "citations_delta", "citation": { "url": "u" } })),
        stop(0),
        ended("end_turn"),
    ];
    let whole =
        provider_block(json!({ "type": "compaction", "content": "All said.", "size": 2, "input": { "a": 1 },
        "citations": [{ "url": "u" }] }));
    assert_eq!(read(&frames), (vec![whole, Event::Finish(Finish::Stop)], None));
}

#[test]
fn the_last_usage_counts_and_includes_the_cache() {
    let frames = [
        json!({ "type": "message_start", "message": { "usage": { "input_tokens": 10, "output_tokens": 1,
            "cache_read_input_tokens": 5, "cache_creation_input_tokens": null } } }),
        json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" },
            "usage": { "input_tokens": 100, "output_tokens": 20, "cache_creation_input_tokens": 7 } }),
    ];
    let usage = Usage {
        input_tokens: 112,
        output_tokens: 20,
        cached_tokens: 5,
        cache_write_tokens: 7,
        ..Usage::default()
    };
    assert_eq!(read(&frames), (vec![Event::Usage(usage), Event::Finish(Finish::Stop)], None));
}

#[test]
fn a_whole_message_yields_the_same_events_as_its_stream() {
    let body = json!({
        "type": "message", "role": "assistant", "stop_reason": "end_turn", "usage": { "input_tokens": 1 },
        "content": [
            { "type": "redacted_thinking", "data": "Em" },
            { "type": "text", "text": "Yes.", "citations": [{ "type": "page_location", "document_title": "D" }] },
        ],
    });
    let (mut decoder, mut out) = (Decoder::default(), Vec::new());
    decoder.push_whole(&body.to_string(), &mut out).unwrap();
    assert!(decoder.ending().is_closed);
    decoder.end(&mut out).unwrap();
    let expected = [
        provider_block(json!({ "type": "redacted_thinking", "data": "Em" })),
        Event::Text("Yes.".into()),
        Event::Citation(Citation { title: "D".into(), ..Citation::default() }),
        Event::Finish(Finish::Stop),
    ];
    assert_eq!(out, expected);
    for (body, kind) in [
        ("{}", ErrorKind::Protocol),
        ("[1]", ErrorKind::Protocol),
        ("{\"type\":\"mess", ErrorKind::CutOff),
        (
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
            ErrorKind::Unavailable,
        ),
    ] {
        assert_eq!(Decoder::default().push_whole(body, &mut out).unwrap_err().kind, kind, "{body}");
    }
}
