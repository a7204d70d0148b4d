use bytes::Bytes;

use super::*;
use crate::{ProviderBlock, Tool};

fn asking(model: &str, messages: Vec<Message>) -> Request {
    Request { model: model.into(), messages, stream: true, ..Request::default() }
}

fn user(text: &str) -> Message {
    Message::text(Role::User, text)
}

fn call(id: &str, name: &str, arguments: &str) -> Content {
    Content::ToolCall { id: id.into(), name: name.into(), arguments: arguments.into() }
}

fn result(id: &str, output: &str) -> Content {
    Content::ToolResult { id: id.into(), name: String::new(), output: output.into(), is_error: false }
}

#[test]
fn a_conversation_with_everything_is_translated() {
    let schema = json!({ "type": "object", "properties": {} });
    let picture = Content::Image { media_type: "image/png".into(), data: Bytes::from_static(b"\x89PNG") };
    let request = Request {
        max_tokens: Some(100),
        temperature: Some(0.5),
        effort: Some(Effort::High),
        tools: vec![Tool { name: "f".into(), description: "Does.".into(), parameters: schema.clone() }],
        context_tokens: Some(9000),
        ..asking(
            "qwen3",
            vec![
                Message::text(Role::System, "Be brief."),
                Message { role: Role::User, content: vec![Content::Text("What?".into()), picture] },
            ],
        )
    };
    assert_eq!(
        body(&request, Without::default()),
        json!({
            "model": "qwen3", "stream": true, "think": true, "truncate": false, "shift": false,
            "messages": [
                { "role": "system", "content": "Be brief." },
                { "role": "user", "content": "What?", "images": ["iVBORw=="] },
            ],
            "options": { "num_ctx": 16_384, "num_predict": 100, "temperature": 0.5 },
            "tools": [{ "type": "function", "function": { "name": "f", "description": "Does.", "parameters": schema } }],
        })
    );
    assert_eq!(body(&request, Without::default().and(Feature::Thinking)).get("think"), None);
}

#[test]
fn a_short_question_leaves_everything_to_the_server() {
    assert_eq!(
        body(&asking("m", vec![user("Hi")]), Without::default()),
        json!({
            "model": "m", "stream": true, "truncate": false, "shift": false,
            "messages": [{ "role": "user", "content": "Hi" }],
        })
    );
}

#[test]
fn a_long_conversation_opens_the_window_that_it_needs() {
    let request = asking("m", vec![user(&"字".repeat(5000))]);
    assert_eq!(body(&request, Without::default())["options"], json!({ "num_ctx": 16_384 }));
}

#[test]
fn one_family_thinks_at_levels() {
    let think = |model: &str, effort| {
        body(&Request { effort, ..asking(model, vec![]) }, Without::default())["think"].clone()
    };
    assert_eq!(think("gpt-oss:20b", Some(Effort::Medium)), "medium");
    assert_eq!(think("gpt-oss:20b", Some(Effort::Off)), "low");
    assert_eq!(think("qwen3", Some(Effort::Medium)), true);
    assert_eq!(think("qwen3", Some(Effort::Off)), false);
    assert_eq!(think("qwen3", None), Value::Null);
}

#[test]
fn reasoning_goes_back_only_while_its_tool_calls_are_answered() {
    let answer = || Message {
        role: Role::Assistant,
        content: vec![
            Content::Reasoning("Both.".into()),
            Content::ProviderBlock(ProviderBlock(json!({ "gemini": { "thoughtSignature": "C" } }))),
            call("a", "f", "{\"x\":1}"),
            call("b", "g", ""),
        ],
    };
    let results = || Message { role: Role::Tool, content: vec![result("b", "2"), result("a", "1")] };
    let calls = json!([
        { "id": "a", "function": { "name": "f", "arguments": { "x": 1 } } },
        { "id": "b", "function": { "name": "g", "arguments": {} } },
    ]);
    let told = |id: &str, name: &str, content: &str| json!({ "role": "tool", "tool_name": name, "tool_call_id": id, "content": content });
    let working = body(&asking("m", vec![user("?"), answer(), results()]), Without::default());
    assert_eq!(
        working["messages"],
        json!([
            { "role": "user", "content": "?" },
            { "role": "assistant", "content": "", "thinking": "Both.", "tool_calls": calls },
            told("a", "f", "1"),
            told("b", "g", "2"),
        ])
    );
    let later = body(&asking("m", vec![user("?"), answer(), results(), user("Thanks")]), Without::default());
    assert_eq!(later["messages"][1], json!({ "role": "assistant", "content": "", "tool_calls": calls }));
}
