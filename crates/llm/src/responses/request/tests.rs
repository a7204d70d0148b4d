use super::*;
use crate::ProviderBlock;

fn request(model: &str) -> Request {
    Request {
        model: model.into(),
        messages: vec![Message::text(Role::System, "Be brief."), Message::text(Role::User, "你好")],
        max_tokens: Some(100),
        temperature: Some(0.5),
        stream: true,
        conversation: Some("c-1".into()),
        ..Request::default()
    }
}

fn translated(request: &Request, without: Without) -> Value {
    serde_json::to_value(body(request, without)).unwrap()
}

fn assistant(content: Vec<Content>) -> Message {
    Message { role: Role::Assistant, content }
}

#[expect(clippy::needless_pass_by_value, reason = "the tests write values in place")]
fn provider_block(value: Value) -> Content {
    Content::ProviderBlock(ProviderBlock(json!({ PROTOCOL: value })))
}

/// The items of an assistant's message.
fn items(content: Vec<Content>) -> Value {
    let messages = vec![assistant(content)];
    translated(&Request { messages, ..request("gpt-5") }, Without::default())["input"].clone()
}

#[test]
fn nothing_is_stored_and_reasoning_is_requested_encrypted() {
    let asked = translated(&request("gpt-5-mini"), Without::default());
    assert_eq!(
        asked,
        json!({
            "model": "gpt-5-mini", "instructions": "Be brief.",
            "input": [{ "type": "message", "role": "user", "content": [{ "type": "input_text", "text": "你好" }] }],
            "stream": true, "store": false, "include": ["reasoning.encrypted_content"],
            "reasoning": { "summary": "auto" }, "max_output_tokens": 100, "prompt_cache_key": "c-1",
        })
    );
    let usual = translated(&request("gpt-4.1"), Without::default());
    assert_eq!((usual.get("include"), usual.get("reasoning")), (None, None));
    assert_eq!(usual["temperature"], 0.5);
}

#[test]
fn effort_is_sent_in_the_models_own_words() {
    for (model, effort, reasoning) in [
        ("gpt-5", Effort::Off, json!({ "effort": "minimal", "summary": "auto" })),
        ("gpt-5.1", Effort::Off, json!({ "effort": "none", "summary": "auto" })),
        ("o3", Effort::High, json!({ "effort": "high", "summary": "auto" })),
        ("qwen3", Effort::Off, json!({ "effort": "none" })),
    ] {
        let asked = translated(&Request { effort: Some(effort), ..request(model) }, Without::default());
        assert_eq!(asked["reasoning"], reasoning, "{model} {effort:?}");
    }
}

#[test]
fn refused_features_are_not_sent_again() {
    let ask = Request { effort: Some(Effort::High), ..request("gpt-5") };
    let asked = translated(
        &ask,
        Without::default()
            .and(Feature::EncryptedReasoning)
            .and(Feature::ReasoningSummary)
            .and(Feature::Streaming),
    );
    assert_eq!((asked.get("include"), &asked["stream"]), (None, &json!(false)));
    assert_eq!(asked["reasoning"], json!({ "effort": "high" }));
    let asked = translated(&ask, Without::default().and(Feature::Reasoning));
    assert_eq!(asked.get("reasoning"), None);
}

#[test]
fn tools_and_images_are_sent() {
    let parameters = json!({ "type": "object", "properties": {} });
    let tool = Tool { name: "f".into(), description: "Does it.".into(), parameters: parameters.clone() };
    let picture = Content::Image { media_type: "image/png".into(), data: "abc".into() };
    let seen = Message { role: Role::User, content: vec![Content::Text("What is it?".into()), picture] };
    let asked = translated(
        &Request { tools: vec![tool], messages: vec![seen], ..request("gpt-5") },
        Without::default(),
    );
    assert_eq!(
        asked["tools"],
        json!([{ "type": "function", "name": "f", "description": "Does it.", "parameters": parameters, "strict": false }])
    );
    assert_eq!(
        asked["input"][0]["content"],
        json!([
            { "type": "input_text", "text": "What is it?" },
            { "type": "input_image", "image_url": "data:image/png;base64,YWJj", "detail": "auto" },
        ])
    );
}

#[test]
fn reasoning_is_sent_back_before_what_it_led_to_and_never_alone() {
    let thought = || {
        let item = json!({ "type": "reasoning", "id": "rs_1", "encrypted_content": "g" });
        [
            Content::Reasoning("Hm.".into()),
            provider_block(json!({ "item": item, "holds": "summary", "parts": [3] })),
        ]
    };
    let whole = json!({
        "type": "reasoning", "id": "rs_1", "encrypted_content": "g",
        "summary": [{ "type": "summary_text", "text": "Hm." }],
    });
    let said = items([thought().to_vec(), vec![Content::Text("Hi".into())]].concat());
    assert_eq!((&said[0], &said[1]["content"][0]["text"]), (&whole, &json!("Hi")));
    assert_eq!(items(thought().to_vec()), json!([]));
    let messages = vec![assistant([thought().to_vec(), vec![Content::Text("Hi".into())]].concat())];
    let asked = translated(
        &Request { messages, ..request("gpt-5") },
        Without::default().and(Feature::EarlierReasoning),
    );
    assert_eq!(asked["input"].as_array().unwrap().len(), 1);
}

#[test]
fn a_hosted_tool_is_sent_back_as_its_item_only() {
    let item = json!({ "type": "web_search_call", "id": "ws_1", "status": "completed" });
    let sent = items(vec![
        Content::ToolCall { id: "ws_1".into(), name: "web_search".into(), arguments: "{}".into() },
        Content::ToolResult {
            id: "ws_1".into(),
            name: "web_search".into(),
            output: String::new(),
            is_error: false,
        },
        provider_block(json!({ "item": item })),
        Content::Text("Found.".into()),
        provider_block(json!({ "message": { "phase": "final_answer" } })),
    ]);
    assert_eq!(sent[0], item);
    assert_eq!((&sent[1]["type"], &sent[1]["phase"]), (&json!("message"), &json!("final_answer")));
    assert_eq!(sent.as_array().unwrap().len(), 2);
}

#[test]
fn a_call_without_a_result_gets_one() {
    let sent =
        items(vec![Content::ToolCall { id: "c".into(), name: "f".into(), arguments: "{\"a\":".into() }]);
    assert_eq!(sent[0], json!({ "type": "function_call", "call_id": "c", "name": "f", "arguments": "{}" }));
    assert_eq!((&sent[1]["type"], &sent[1]["call_id"]), (&json!("function_call_output"), &json!("c")));
}
