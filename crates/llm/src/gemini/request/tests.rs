use bytes::Bytes;
use kaiwa_shared::message::Effort;

use super::*;
use crate::{ProviderBlock, Tool, gemini};

fn asking(model: &str, messages: Vec<Message>) -> Request {
    Request { model: model.into(), messages, stream: true, ..Request::default() }
}

/// The `contents` for a model whose calls need no signature.
fn sent(messages: Vec<Message>) -> Value {
    body(&asking("gemini-2.5-flash", messages), Without::default())["contents"].take()
}

fn user(text: &str) -> Message {
    Message::text(Role::User, text)
}

fn assistant(content: Vec<Content>) -> Message {
    Message { role: Role::Assistant, content }
}

fn call(id: &str, name: &str, arguments: &str) -> Content {
    Content::ToolCall { id: id.into(), name: name.into(), arguments: arguments.into() }
}

fn result(id: &str, output: &str, is_error: bool) -> Content {
    Content::ToolResult { id: id.into(), name: String::new(), output: output.into(), is_error }
}

/// A provider block of this adapter.
fn piece(json: Value) -> Content {
    let Value::Object(fields) = json else { panic!("a piece is an object") };
    Content::ProviderBlock(gemini::marked(fields))
}

#[test]
fn a_conversation_with_everything_is_translated() {
    let schema = json!({ "type": "object", "properties": {}, "additionalProperties": false });
    let picture = Content::Image { media_type: "image/png".into(), data: Bytes::from_static(b"\x89PNG") };
    let request = Request {
        max_tokens: Some(100),
        temperature: Some(0.5),
        effort: Some(Effort::Low),
        tools: vec![Tool { name: "f".into(), description: "Does.".into(), parameters: schema.clone() }],
        ..asking(
            "gemini-2.5-flash",
            vec![
                Message::text(Role::System, "Be brief."),
                Message { role: Role::User, content: vec![Content::Text("What?".into()), picture] },
                user("Please."),
                assistant(vec![Content::Reasoning("Hm".into()), Content::Text("A cat.".into())]),
                user("Sure?"),
            ],
        )
    };
    assert_eq!(
        body(&request, Without::default()),
        json!({
            "systemInstruction": { "parts": [{ "text": "Be brief." }] },
            "contents": [
                { "role": "user", "parts": [
                    { "text": "What?" },
                    { "inlineData": { "mimeType": "image/png", "data": "iVBORw==" } },
                    { "text": "Please." },
                ] },
                { "role": "model", "parts": [{ "text": "A cat." }] },
                { "role": "user", "parts": [{ "text": "Sure?" }] },
            ],
            "generationConfig": {
                "maxOutputTokens": 100, "temperature": 0.5,
                "thinkingConfig": { "includeThoughts": true, "thinkingBudget": 2048 },
            },
            "tools": [{ "functionDeclarations": [
                { "name": "f", "description": "Does.", "parametersJsonSchema": schema },
            ] }],
        })
    );
    assert_eq!(
        body(&request, Without::default().and(Feature::Thinking))["generationConfig"].get("thinkingConfig"),
        None
    );
    assert_eq!(body(&asking("gemma-3", vec![user("Hi")]), Without::default()).get("generationConfig"), None);
}

#[test]
fn calls_and_results_are_sent_together_with_the_providers_ids() {
    let answer = assistant(vec![call("fc_1", "f", "{\"a\":1}"), call("gemini-call-x-1", "g", "")]);
    let results = Message {
        role: Role::Tool,
        content: vec![result("gemini-call-x-1", "no", true), result("fc_1", "yes", false)],
    };
    assert_eq!(
        sent(vec![user("?"), answer, results]),
        json!([
            { "role": "user", "parts": [{ "text": "?" }] },
            { "role": "model", "parts": [
                { "functionCall": { "id": "fc_1", "name": "f", "args": { "a": 1 } } },
                { "functionCall": { "name": "g", "args": {} } },
            ] },
            { "role": "user", "parts": [
                { "functionResponse": { "id": "fc_1", "name": "f", "response": { "output": "yes" } } },
                { "functionResponse": { "name": "g", "response": { "error": "no" } } },
            ] },
        ])
    );
}

#[test]
fn signatures_are_sent_back_on_their_parts() {
    let answer = assistant(vec![
        Content::Reasoning("First. Then.".into()),
        piece(json!({ "thought": true, "bytes": 5, "thoughtSignature": "thought" })),
        Content::Text("Looking 好".into()),
        piece(json!({ "bytes": 3, "thoughtSignature": "text" })),
        piece(json!({ "bytes": 0, "thoughtSignature": "empty" })),
        call("fc_1", "f", "{}"),
        piece(json!({ "thoughtSignature": "call" })),
        Content::Text("cut".into()),
        piece(json!({ "bytes": 2000, "thoughtSignature": "shortened" })),
    ]);
    assert_eq!(
        sent(vec![user("?"), answer])[1]["parts"],
        json!([
            { "text": "Then.", "thought": true, "thoughtSignature": "thought" },
            { "text": "Looking " },
            { "text": "好", "thoughtSignature": "text" },
            { "text": "", "thoughtSignature": "empty" },
            { "functionCall": { "id": "fc_1", "name": "f", "args": {} }, "thoughtSignature": "call" },
            { "text": "cut", "thoughtSignature": "shortened" },
        ])
    );
}

#[test]
fn code_that_ran_at_the_provider_goes_back_as_code() {
    let ran = json!({ "codeExecutionResult": { "outcome": "OUTCOME_OK", "output": "2\n" } });
    let unknown = json!({ "hologram": { "of": "a cat" } });
    let answer = assistant(vec![
        call("gemini-call-x-0", "code_execution", "{\"code\":\"print(1+1)\",\"language\":\"PYTHON\"}"),
        piece(json!({ "executableCode": {}, "thoughtSignature": "code" })),
        result("gemini-call-x-0", "2\n", false),
        piece(json!({ "part": ran })),
        piece(json!({ "part": unknown })),
        Content::Text("Two.".into()),
    ]);
    let code = json!({ "executableCode": { "language": "PYTHON", "code": "print(1+1)" }, "thoughtSignature": "code" });
    let contents = sent(vec![user("?"), answer]);
    assert_eq!(contents[1]["parts"], json!([code, ran, unknown, { "text": "Two." }]));
    assert_eq!(contents.as_array().unwrap().len(), 2, "nobody here is asked for the result");
}

#[test]
fn foreign_provider_blocks_are_ignored_and_their_calls_get_a_substitute() {
    let answer = || {
        assistant(vec![
            Content::Reasoning("Hm.".into()),
            Content::ProviderBlock(ProviderBlock(
                json!({ "anthropic": { "type": "thinking", "signature": "EqQB" } }),
            )),
            Content::ProviderBlock(ProviderBlock(json!({ "part": { "text": "not ours" } }))),
            call("srv_1", "web_search", "{}"),
            result("srv_1", "found", false),
            call("toolu_1", "f", "{}"),
            call("toolu_2", "f", "{}"),
        ])
    };
    let plain = |id: &str| json!({ "functionCall": { "id": id, "name": "f", "args": {} } });
    assert_eq!(sent(vec![user("?"), answer()])[1]["parts"], json!([plain("toolu_1"), plain("toolu_2")]));
    let newer = body(&asking("gemini-3-pro-preview", vec![user("?"), answer()]), Without::default());
    let mut first = plain("toolu_1");
    first["thoughtSignature"] = json!("skip_thought_signature_validator");
    assert_eq!(newer["contents"][1]["parts"], json!([first, plain("toolu_2")]));
}
