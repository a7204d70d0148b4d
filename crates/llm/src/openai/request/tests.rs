use serde_json::{Value, json};

use super::*;

fn request(model: &str) -> Request {
    Request {
        model: model.into(),
        messages: vec![Message::text(Role::System, "Be brief."), Message::text(Role::User, "你好")],
        max_tokens: Some(100),
        temperature: Some(0.7),
        stream: true,
        ..Request::default()
    }
}

/// Serialized as text first, where 0.7 could become 0.699999988079071.
fn translated_for(request: &Request, dialect: Dialect, without: Without) -> Value {
    serde_json::from_str(&serde_json::to_string(&body(request, dialect, without)).unwrap()).unwrap()
}

fn translated(request: &Request, ask_usage: bool) -> Value {
    let without = if ask_usage { Without::default() } else { Without::default().and(Feature::StreamOptions) };
    translated_for(request, Dialect::Other, without)
}

#[test]
fn the_common_case_of_a_request() {
    assert_eq!(
        translated(&request("gpt-4o"), true),
        json!({
            "model": "gpt-4o",
            "messages": [
                { "role": "system", "content": "Be brief." },
                { "role": "user", "content": "你好" },
            ],
            "stream": true,
            "stream_options": { "include_usage": true },
            "max_tokens": 100,
            "temperature": 0.7,
        })
    );
}

#[test]
fn openais_reasoning_models_get_their_own_parameters() {
    for model in ["o3-mini", "gpt-5.1", "openai/o4-mini", "GPT-5", "codex-mini-latest"] {
        let body = translated(&request(model), true);
        assert_eq!(body["messages"][0]["role"], "developer", "{model}");
        assert_eq!(body["max_completion_tokens"], 100, "{model}");
        assert_eq!((body.get("max_tokens"), body.get("temperature")), (None, None), "{model}");
    }
    for model in ["gpt-5-chat-latest", "olmo-2", "gpt-oss-120b", "openrouter/auto"] {
        assert_eq!(translated(&request(model), true)["max_tokens"], 100, "{model}");
    }
}

#[test]
fn usage_is_requested_only_in_streams_and_where_supported() {
    assert_eq!(translated(&request("m"), false).get("stream_options"), None);
    let whole = Request { stream: false, ..request("m") };
    let body = translated(&whole, true);
    assert_eq!((&body["stream"], body.get("stream_options")), (&json!(false), None));
}

#[test]
fn reasoning_is_sent_back_only_with_calls_of_models_that_need_it() {
    let answer = Message {
        role: Role::Assistant,
        content: vec![
            Content::Reasoning("I need the weather.".into()),
            Content::ToolCall { id: "c1".into(), name: "weather".into(), arguments: "{}".into() },
        ],
    };
    let ask = |model: &str, answer: &Message| {
        translated(&Request { messages: vec![answer.clone()], ..request(model) }, true)["messages"][0].clone()
    };
    assert_eq!(
        ask("deepseek-chat", &answer),
        json!({
            "role": "assistant", "content": null, "reasoning_content": "I need the weather.",
            "tool_calls": [{ "id": "c1", "type": "function", "function": { "name": "weather", "arguments": "{}" } }],
        })
    );
    assert_eq!(ask("gpt-4o", &answer).get("reasoning_content"), None);
    let plain = Message {
        role: Role::Assistant,
        content: vec![Content::Reasoning("Hm.".into()), Content::Text("Hi".into())],
    };
    assert_eq!(ask("deepseek-chat", &plain), json!({ "role": "assistant", "content": "Hi" }));
}

/// The translated `messages`.
fn sent(model: &str, messages: Vec<Message>) -> Value {
    translated(&Request { messages, ..request(model) }, true)["messages"].clone()
}

#[test]
fn images_are_sent_with_the_text_in_order() {
    let picture = Content::Image { media_type: "image/png".into(), data: "abc".into() };
    let message = Message { role: Role::User, content: vec![picture, Content::Text("What is it?".into())] };
    assert_eq!(
        sent("gpt-4o", vec![message])[0],
        json!({ "role": "user", "content": [
            { "type": "image_url", "image_url": { "url": "data:image/png;base64,YWJj" } },
            { "type": "text", "text": "What is it?" },
        ] })
    );
}

#[test]
fn tools_are_declared_and_results_follow_their_calls() {
    let parameters = json!({ "type": "object", "properties": { "city": { "type": "string" } } });
    let tool = Tool { name: "weather".into(), description: "Looks.".into(), parameters: parameters.clone() };
    let asked = translated(&Request { tools: vec![tool], ..request("gpt-4o") }, true);
    assert_eq!(
        asked["tools"],
        json!([{ "type": "function", "function": { "name": "weather", "description": "Looks.", "parameters": parameters } }])
    );
    let call = |id: &str| Content::ToolCall { id: id.into(), name: "weather".into(), arguments: "{}".into() };
    let result = |id: &str| Content::ToolResult {
        id: id.into(),
        name: "weather".into(),
        output: "18 °C".into(),
        is_error: false,
    };
    let messages = sent(
        "gpt-4o",
        vec![
            Message {
                role: Role::Assistant,
                content: vec![Content::Text("I look.".into()), call("a"), call("b")],
            },
            Message { role: Role::Tool, content: vec![result("b")] },
        ],
    );
    assert_eq!(
        (&messages[0]["content"], &messages[0]["tool_calls"][1]["id"]),
        (&json!("I look."), &json!("b"))
    );
    // A call without a result would be refused.
    assert_eq!((&messages[1]["role"], &messages[1]["tool_call_id"]), (&json!("tool"), &json!("a")));
    assert_eq!(messages[2], json!({ "role": "tool", "tool_call_id": "b", "content": "18 °C" }));
}

#[test]
fn mistral_models_get_short_ids() {
    let call = |id: &str| Content::ToolCall { id: id.into(), name: "weather".into(), arguments: "{}".into() };
    let result = |id: &str| Content::ToolResult {
        id: id.into(),
        name: "weather".into(),
        output: format!("of {id}"),
        is_error: false,
    };
    let (own, strange) = ("D681PevKs", "call_PTLP8xhu3uwZk4l3nlnrrJha");
    let turn = vec![
        Message { role: Role::Assistant, content: vec![call(own), call(strange), call("toolu_1")] },
        Message { role: Role::Tool, content: vec![result("toolu_1"), result(strange), result(own)] },
    ];
    let ids = |model: &str| {
        let messages = sent(model, turn.clone());
        let calls = messages[0]["tool_calls"].as_array().unwrap().iter().map(|call| call["id"].clone());
        let calls: Vec<Value> = calls.collect();
        let answers = [1, 2, 3].map(|at| messages[at]["tool_call_id"].clone());
        assert_eq!(calls, answers, "an answer names its call");
        assert_eq!(messages[2]["content"], format!("of {strange}"), "and follows in the order of the calls");
        calls.into_iter().map(|id| id.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids("gpt-4o"), [own, strange, "toolu_1"]);
    for model in ["mistral-large-latest", "mistralai/Devstral-Small-2507", "open-mixtral-8x22b"] {
        let short = ids(model);
        assert!(short.iter().all(|id| id.len() == 9 && id.bytes().all(|byte| byte.is_ascii_alphanumeric())));
        assert_eq!(short[0], own);
        assert_ne!(short[1], short[2]);
        assert_eq!(short, ids(model), "the next request says the same");
    }
}

#[test]
fn a_tool_that_ran_at_the_host_is_not_sent_back() {
    let content = vec![
        Content::ToolCall { id: "h".into(), name: "search".into(), arguments: "{}".into() },
        Content::ToolResult { id: "h".into(), name: "search".into(), output: "x".into(), is_error: false },
        Content::Text("Found.".into()),
    ];
    let messages = sent("app", vec![Message { role: Role::Assistant, content }]);
    assert_eq!(messages, json!([{ "role": "assistant", "content": "Found." }]));
}

#[test]
fn googles_extra_content_is_sent_with_its_call() {
    let extra = json!({ "google": { "thought_signature": "sig" } });
    let content = vec![
        Content::ToolCall { id: "a".into(), name: "f".into(), arguments: "{}".into() },
        Content::ProviderBlock(crate::ProviderBlock(json!({ "openai": { "extra_content": extra } }))),
    ];
    let messages = sent("gemini-3-pro", vec![Message { role: Role::Assistant, content }]);
    assert_eq!(messages[0]["tool_calls"][0]["extra_content"], extra);
}

#[test]
fn a_fastgpt_app_gets_its_conversation() {
    let ask = Request { conversation: Some("c-1".into()), ..request("app") };
    let asked = translated_for(&ask, Dialect::FastGpt, Without::default());
    assert_eq!((&asked["chatId"], &asked["detail"]), (&json!("c-1"), &json!(true)));
    assert_eq!(asked.get("stream_options"), None);
    let other = translated_for(&ask, Dialect::Other, Without::default());
    assert_eq!((other.get("chatId"), other.get("detail")), (None, None));
}

#[test]
fn effort_is_sent_until_it_is_refused() {
    let ask = Request { effort: Some(kaiwa_shared::message::Effort::High), ..request("gpt-5") };
    let asked = |without| translated_for(&ask, Dialect::ReasoningEffort, without);
    assert_eq!(asked(Without::default())["reasoning_effort"], "high");
    assert_eq!(asked(Without::default().and(Feature::Effort)).get("reasoning_effort"), None);
}

#[test]
fn refused_features_are_left_out_or_renamed() {
    let asked = |model: &str, without| translated_for(&request(model), Dialect::Other, without);
    let limit = asked("some-new-model", Without::default().and(Feature::LimitName).and(Feature::Temperature));
    assert_eq!((&limit["max_completion_tokens"], limit.get("max_tokens")), (&json!(100), None));
    assert_eq!(limit.get("temperature"), None);
    let role = asked("gpt-5", Without::default().and(Feature::DeveloperRole).and(Feature::Streaming));
    assert_eq!((&role["messages"][0]["role"], &role["stream"]), (&json!("system"), &json!(false)));
    assert_eq!(role.get("stream_options"), None);
}
