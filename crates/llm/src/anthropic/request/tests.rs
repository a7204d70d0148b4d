use bytes::Bytes;

use super::*;
use crate::{ProviderBlock, Tool, anthropic};

fn asking(model: &str, messages: Vec<Message>) -> Request {
    Request { model: model.into(), messages, stream: true, ..Request::default() }
}

fn translated(request: &Request) -> Value {
    body(request, Without::default())
}

/// The `messages` for a current model, without the cache marks.
fn sent(messages: Vec<Message>) -> Value {
    unmarked(translated(&asking("claude-opus-5", messages))["messages"].take())
}

fn unmarked(mut messages: Value) -> Value {
    for message in messages.as_array_mut().unwrap() {
        for block in message["content"].as_array_mut().unwrap() {
            block.as_object_mut().unwrap().remove("cache_control");
        }
    }
    messages
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

fn tools(content: Vec<Content>) -> Message {
    Message { role: Role::Tool, content }
}

/// A provider block of this adapter.
fn piece(json: Value) -> Content {
    let Value::Object(fields) = json else { panic!("a piece is an object") };
    Content::ProviderBlock(anthropic::marked(fields))
}

#[test]
fn instructions_are_separate_and_the_prompt_is_marked_for_the_cache() {
    let messages = vec![
        Message::text(Role::System, "Be brief."),
        user("Hi"),
        assistant(vec![Content::Text("Hello".into())]),
        user("你好"),
        Message::text(Role::System, "Be kind."),
    ];
    let cached =
        |text: &str| json!([{ "type": "text", "text": text, "cache_control": { "type": "ephemeral" } }]);
    assert_eq!(
        translated(&Request { temperature: Some(0.5), ..asking("claude-sonnet-4-5", messages) }),
        json!({
            "model": "claude-sonnet-4-5", "max_tokens": 32_000, "stream": true, "temperature": 0.5,
            "system": cached("Be brief.\n\nBe kind."),
            "messages": [
                { "role": "user", "content": [{ "type": "text", "text": "Hi" }] },
                { "role": "assistant", "content": [{ "type": "text", "text": "Hello" }] },
                { "role": "user", "content": cached("你好") },
            ],
        })
    );
}

#[test]
fn a_limit_is_always_sent() {
    let limit = |model: &str, max_tokens| {
        translated(&Request { max_tokens, ..asking(model, vec![user("Hi")]) })["max_tokens"].clone()
    };
    assert_eq!(limit("claude-3-haiku-20240307", None), 4096);
    assert_eq!(limit("claude-opus-5", None), 64_000);
    assert_eq!(limit("claude-opus-5", Some(7)), 7);
}

#[test]
fn turns_alternate_and_blank_text_is_left_out() {
    let messages = vec![
        assistant(vec![Content::Text("Welcome.".into())]),
        user("one"),
        user(" "),
        user("two"),
        assistant(vec![Content::Text("\n".into()), Content::Reasoning("unsigned".into())]),
        user("three"),
    ];
    let text = |text: &str| json!({ "type": "text", "text": text });
    assert_eq!(
        sent(messages),
        json!([
            { "role": "user", "content": [text("…")] },
            { "role": "assistant", "content": [text("Welcome.")] },
            { "role": "user", "content": [text("one"), text("two"), text("three")] },
        ])
    );
}

#[test]
fn images_are_sent_as_base64() {
    let picture = Content::Image { media_type: "image/png".into(), data: Bytes::from_static(b"\x89PNG") };
    let source = json!({ "type": "base64", "media_type": "image/png", "data": "iVBORw==" });
    assert_eq!(
        sent(vec![Message { role: Role::User, content: vec![Content::Text("What?".into()), picture] }]),
        json!([{ "role": "user", "content": [
            { "type": "text", "text": "What?" }, { "type": "image", "source": source }] }])
    );
}

#[test]
fn tools_are_declared() {
    let schema = json!({ "type": "object", "properties": { "city": { "type": "string" } } });
    let tool = Tool { name: "weather".into(), description: "Tells it.".into(), parameters: schema.clone() };
    let request = Request { tools: vec![tool], ..asking("claude-opus-5", vec![user("Hi")]) };
    assert_eq!(
        translated(&request)["tools"],
        json!([{ "name": "weather", "description": "Tells it.", "input_schema": schema }])
    );
}

#[test]
fn reasoning_is_sent_back_unchanged_before_its_calls() {
    let answer = assistant(vec![
        Content::Reasoning("I need both.".into()),
        piece(json!({ "type": "thinking", "signature": "EqQB" })),
        piece(json!({ "type": "redacted_thinking", "data": "EmwK" })),
        piece(json!({ "type": "thinking", "signature": "empty" })),
        Content::Text("Looking.".into()),
        call("toolu_1", "weather", "{\"city\":\"北京\"}"),
        call("toolu_2", "time", ""),
    ]);
    let results = tools(vec![result("toolu_2", "noon", false), result("toolu_1", "no such city", true)]);
    let expected = json!([
        { "role": "user", "content": [{ "type": "text", "text": "?" }] },
        { "role": "assistant", "content": [
            { "type": "thinking", "thinking": "I need both.", "signature": "EqQB" },
            { "type": "redacted_thinking", "data": "EmwK" },
            { "type": "thinking", "thinking": "", "signature": "empty" },
            { "type": "text", "text": "Looking." },
            { "type": "tool_use", "id": "toolu_1", "name": "weather", "input": { "city": "北京" } },
            { "type": "tool_use", "id": "toolu_2", "name": "time", "input": {} },
        ] },
        { "role": "user", "content": [
            { "type": "tool_result", "tool_use_id": "toolu_1", "content": "no such city", "is_error": true },
            { "type": "tool_result", "tool_use_id": "toolu_2", "content": "noon" },
            { "type": "text", "text": "And?" },
        ] },
    ]);
    let messages = vec![user("?"), answer, results, user("And?")];
    assert_eq!(sent(messages.clone()), expected);
    let without = body(&asking("claude-opus-5", messages), Without::default().and(Feature::EarlierReasoning));
    let kinds: Vec<_> =
        without["messages"][1]["content"].as_array().unwrap().iter().map(|b| &b["type"]).collect();
    assert_eq!(kinds, ["text", "tool_use", "tool_use"]);
}

#[test]
fn provider_blocks_of_other_protocols_are_ignored() {
    let answer = assistant(vec![
        Content::Reasoning("Hm.".into()),
        Content::ProviderBlock(ProviderBlock(
            json!({ "gemini": { "thoughtSignature": "CiQB", "bytes": 3, "thought": true } }),
        )),
        Content::ProviderBlock(ProviderBlock(json!({ "type": "thinking", "signature": "not ours" }))),
        call("ws_1", "web_search", "{}"),
        result("ws_1", "found", false),
        Content::Text("So.".into()),
        call("chatcmpl/tool:1", "weather", "{}"),
    ]);
    assert_eq!(
        sent(vec![user("?"), answer]),
        json!([
            { "role": "user", "content": [{ "type": "text", "text": "?" }] },
            { "role": "assistant", "content": [
                { "type": "text", "text": "So." },
                { "type": "tool_use", "id": "chatcmpl_tool_1", "name": "weather", "input": {} } ] },
            { "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "chatcmpl_tool_1",
                "content": "The call was interrupted before the tool answered.", "is_error": true }] },
        ])
    );
}

#[test]
fn a_hosted_tool_is_sent_back_with_its_result() {
    let found = json!({ "type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [
        { "type": "web_search_result", "url": "https://a.example", "title": "A", "encrypted_content": "Eq" }] });
    let unknown = json!({ "type": "compaction", "content": "…" });
    let answer = assistant(vec![
        call("srvtoolu_1", "web_search", "{\"query\":\"a\"}"),
        piece(json!({ "type": "server_tool_use", "caller": { "type": "direct" } })),
        result("srvtoolu_1", "A\nhttps://a.example", false),
        piece(found.clone()),
        piece(unknown.clone()),
        Content::Text("A.".into()),
        call("srvtoolu_2", "web_search", "{}"),
        piece(json!({ "type": "server_tool_use" })),
    ]);
    let searched = json!({ "type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search",
        "input": { "query": "a" }, "caller": { "type": "direct" } });
    let paused = json!({ "type": "server_tool_use", "id": "srvtoolu_2", "name": "web_search", "input": {} });
    let said = json!({ "type": "text", "text": "A." });
    let content = |messages| sent(messages)[1]["content"].clone();
    assert_eq!(content(vec![user("?"), answer.clone()]), json!([searched, found, unknown, said, paused]));
    // A stopped search has no result, and is sent back only to be continued.
    assert_eq!(content(vec![user("?"), answer, user("!")]), json!([searched, found, unknown, said]));
}

/// The thinking parameter, the effort and whether a temperature is sent.
fn asked_to_think(model: &str, effort: Option<Effort>) -> (Value, Value, bool) {
    let request = Request { effort, temperature: Some(0.5), ..asking(model, vec![user("Hi")]) };
    let body = translated(&request);
    (body["thinking"].clone(), body["output_config"]["effort"].clone(), body.get("temperature").is_some())
}

#[test]
fn each_generation_has_its_own_thinking_parameters() {
    let adaptive = || json!({ "type": "adaptive", "display": "summarized" });
    let budget = |tokens: u32| json!({ "type": "enabled", "budget_tokens": tokens });
    for (model, effort, thinking, level, samples) in [
        ("claude-3-5-haiku-20241022", Some(Effort::High), Value::Null, Value::Null, true),
        ("claude-sonnet-4-5", None, Value::Null, Value::Null, true),
        ("claude-sonnet-4-5", Some(Effort::Off), Value::Null, Value::Null, true),
        ("claude-sonnet-4-5", Some(Effort::Low), budget(2048), Value::Null, false),
        ("claude-sonnet-4-5", Some(Effort::High), budget(16_000), Value::Null, false),
        ("claude-opus-4-6", Some(Effort::Off), Value::Null, Value::Null, true),
        ("claude-opus-4-6", Some(Effort::Medium), adaptive(), json!("medium"), false),
        ("claude-opus-4-8", None, Value::Null, Value::Null, false),
        ("claude-opus-5", None, adaptive(), Value::Null, false),
        ("claude-opus-5", Some(Effort::Off), json!({ "type": "disabled" }), Value::Null, false),
        ("claude-sonnet-5-5", Some(Effort::Off), json!({ "type": "between_tools" }), Value::Null, false),
        ("claude-opus-5-5", Some(Effort::Off), adaptive(), json!("low"), false),
        ("claude-fable-5-1", Some(Effort::High), adaptive(), json!("high"), false),
        ("MiniMax-M3", Some(Effort::Off), json!({ "type": "disabled" }), Value::Null, true),
    ] {
        assert_eq!(asked_to_think(model, effort), (thinking, level, samples), "{model} {effort:?}");
    }
}

#[test]
fn a_budget_leaves_room_for_the_reply() {
    let thinking = |max_tokens| {
        let request = asking("claude-sonnet-4-5", vec![user("Hi")]);
        translated(&Request { max_tokens: Some(max_tokens), effort: Some(Effort::High), ..request })["thinking"].clone()
    };
    assert_eq!(thinking(4000)["budget_tokens"], 2000);
    assert_eq!(thinking(2000), Value::Null);
}

#[test]
fn a_model_with_a_budget_does_not_start_thinking_within_a_reply() {
    let thinks = |messages: Vec<Message>| {
        let request = Request { effort: Some(Effort::Low), ..asking("claude-sonnet-4-5", messages) };
        translated(&request).get("thinking").is_some()
    };
    let called = || call("toolu_1", "f", "{}");
    let thought =
        || vec![Content::Reasoning("Hm".into()), piece(json!({ "type": "thinking", "signature": "E" }))];
    let results = || tools(vec![result("toolu_1", "1", false)]);
    assert!(!thinks(vec![user("?"), assistant(vec![Content::Text("Once".into())])]));
    assert!(!thinks(vec![user("?"), assistant(vec![called()]), results()]));
    let remembered: Vec<Content> = thought().into_iter().chain([called()]).collect();
    assert!(thinks(vec![user("?"), assistant(remembered), results()]));
    assert!(thinks(vec![user("?"), assistant(vec![Content::Text("Once".into())]), user("More")]));
}

#[test]
fn a_text_that_is_to_be_continued_ends_without_white_space() {
    let mut body = translated(&asking(
        "claude-sonnet-4-5",
        vec![user("Count"), assistant(vec![Content::Text("one, \n".into())])],
    ));
    assert_eq!(body["messages"][0]["content"][0]["cache_control"]["type"], "ephemeral");
    assert_eq!(
        unmarked(body["messages"].take())[1],
        json!({ "role": "assistant", "content": [{ "type": "text", "text": "one," }] })
    );
}
