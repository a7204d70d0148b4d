use serde_json::json;

use super::*;

/// The events of a stream of these lines, and its error.
fn read(lines: &[Value]) -> (Vec<Event>, Option<ErrorKind>) {
    let (mut decoder, mut out) = (Decoder::default(), Vec::new());
    for line in lines {
        if let Err(error) = decoder.push("", &line.to_string(), &mut out) {
            decoder.flush(&mut out);
            return (out, Some(error.kind));
        }
    }
    decoder.flush(&mut out);
    let failure = decoder.end(&mut out).err();
    (out, failure.map(|error| error.kind))
}

fn said(content: &str) -> Value {
    json!({ "message": { "role": "assistant", "content": content }, "done": false })
}

fn done(reason: &str) -> Value {
    json!({ "done": true, "done_reason": reason })
}

#[test]
fn every_reason_to_stop_is_understood_and_unknown_ones_kept() {
    for (line, expected) in [
        (done("stop"), Finish::Stop),
        (json!({ "done": true }), Finish::Stop),
        (done("length"), Finish::Length),
        (done("load"), Finish::Other),
        (done("unload"), Finish::Other),
    ] {
        assert_eq!(read(&[line]), (vec![Event::Finish(expected)], None));
    }
    assert_eq!(read(&[said("Hi")]), (vec![Event::Text("Hi".into())], Some(ErrorKind::CutOff)));
    assert_eq!(read(&[json!({ "status": "fine" })]).1, Some(ErrorKind::Protocol));
}

#[test]
fn reasoning_that_a_server_leaves_in_the_text_is_found() {
    let (events, failure) = read(&[said("<th"), said("ink>Hm.</think>\n\nYes"), done("stop")]);
    let expected = [Event::Reasoning("Hm.".into()), Event::Text("Yes".into()), Event::Finish(Finish::Stop)];
    assert_eq!((events.as_slice(), failure), (expected.as_slice(), None));
}

#[test]
fn calls_are_distinguished_by_their_order_and_get_an_id() {
    let calls = |calls: Value| json!({ "message": { "content": "", "tool_calls": calls } });
    let (events, _) = read(&[
        calls(json!([
            { "function": { "index": 0, "name": "f", "arguments": { "a": 1 } } },
            { "id": "x", "function": { "index": 0, "name": "f", "arguments": "{\"a\":2}" } },
        ])),
        calls(json!([{ "function": { "name": "g", "arguments": null } }])),
        done("stop"),
    ]);
    let call = |index: u32, id: &str, name: &str, arguments: &str| {
        Event::ToolCall(ToolCallDelta {
            index,
            id: id.into(),
            name: name.into(),
            arguments: arguments.into(),
        })
    };
    let expected = [
        call(0, "call_0", "f", "{\"a\":1}"),
        call(1, "x", "f", "{\"a\":2}"),
        call(2, "call_2", "g", "{}"),
        Event::Finish(Finish::ToolCalls),
    ];
    assert_eq!(events, expected);
}

#[test]
fn errors_have_their_kind_wherever_they_occur() {
    for (error, kind) in [
        ("an error was encountered while running the model: CUDA error", ErrorKind::Unavailable),
        ("the input length exceeds the context length", ErrorKind::ContextLength),
    ] {
        let lines = [said("Half"), json!({ "error": error }), said("lost")];
        assert_eq!(read(&lines), (vec![Event::Text("Half".into())], Some(kind)), "{error}");
    }
}

#[test]
fn the_usage_may_arrive_in_parts() {
    let (events, _) =
        read(&[json!({ "done": true, "done_reason": "stop", "eval_count": 7, "eval_duration": 1 })]);
    let usage = Usage { output_tokens: 7, ..Usage::default() };
    assert_eq!(events, [Event::Usage(usage), Event::Finish(Finish::Stop)]);
}
