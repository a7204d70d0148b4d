//! From the neutral request to the JSON of `POST /v1/chat/completions`. Pure translation.

use serde::Serialize;

use crate::{Content, Message, Request, Role};

/// What a family of models wants written differently.
struct Dialect {
    /// The models' names begin so, after any `provider/`.
    prefix: &'static str,
    /// Instructions come from the `developer`, the reply's limit is `max_completion_tokens`, and a temperature is
    /// refused.
    reasoning_api: bool,
}

/// The first row that fits decides; no row means the usual.
const DIALECTS: [Dialect; 6] = [
    Dialect { prefix: "gpt-5-chat", reasoning_api: false },
    Dialect { prefix: "gpt-5", reasoning_api: true },
    Dialect { prefix: "o1", reasoning_api: true },
    Dialect { prefix: "o3", reasoning_api: true },
    Dialect { prefix: "o4", reasoning_api: true },
    Dialect { prefix: "codex-", reasoning_api: true },
];

/// Families that want their thoughts back beside the tool calls that they led to, or answer 400.
const WANTS_REASONING_BACK: [&str; 2] = ["deepseek", "kimi"];

/// The request's body.
#[derive(Debug, Serialize)]
pub(super) struct Body<'a> {
    model: &'a str,
    messages: Vec<WireMessage<'a>>,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
}

#[derive(Debug, Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Debug, Serialize)]
struct WireMessage<'a> {
    role: &'static str,
    /// `null` where an assistant's message is nothing but tool calls.
    content: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<WireCall<'a>>,
}

#[derive(Debug, Serialize)]
struct WireCall<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    function: WireFunction<'a>,
}

#[derive(Debug, Serialize)]
struct WireFunction<'a> {
    name: &'a str,
    arguments: &'a str,
}

/// Translates `request`; `ask_usage` adds the option that some hosts refuse.
pub(super) fn body(request: &Request, ask_usage: bool) -> Body<'_> {
    let name = family_name(&request.model);
    let reasoning_api = DIALECTS
        .iter()
        .find(|dialect| name.starts_with(dialect.prefix))
        .is_some_and(|dialect| dialect.reasoning_api);
    let reasoning_back = WANTS_REASONING_BACK.iter().any(|family| name.contains(family));
    Body {
        model: &request.model,
        messages: request
            .messages
            .iter()
            .map(|message| translate_message(message, reasoning_api, reasoning_back))
            .collect(),
        stream: request.stream,
        stream_options: (request.stream && ask_usage).then_some(StreamOptions { include_usage: true }),
        max_tokens: request.max_tokens.filter(|_| !reasoning_api),
        max_completion_tokens: request.max_tokens.filter(|_| reasoning_api),
        temperature: request.temperature.filter(|_| !reasoning_api),
    }
}

fn family_name(model: &str) -> String {
    model.rsplit('/').next().unwrap_or(model).to_lowercase()
}

fn translate_message(message: &Message, reasoning_api: bool, reasoning_back: bool) -> WireMessage<'_> {
    let mut texts = Vec::new();
    let mut reasoning = String::new();
    let mut tool_calls = Vec::new();
    for content in &message.content {
        match content {
            Content::Text(text) => texts.push(text.as_str()),
            Content::Reasoning(text) => reasoning.push_str(text),
            Content::ToolCall { id, name, arguments } => {
                tool_calls.push(WireCall {
                    id,
                    kind: "function",
                    function: WireFunction { name, arguments },
                });
            }
            Content::ToolResult { .. } | Content::Image { .. } | Content::Native(_) => {}
        }
    }
    let send_reasoning = reasoning_back && !tool_calls.is_empty() && !reasoning.is_empty();
    WireMessage {
        role: role_name(message.role, reasoning_api),
        content: (tool_calls.is_empty() || !texts.is_empty()).then(|| texts.join("\n\n")),
        reasoning_content: send_reasoning.then_some(reasoning),
        tool_calls,
    }
}

fn role_name(role: Role, reasoning_api: bool) -> &'static str {
    match role {
        Role::System if reasoning_api => "developer",
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool => "tool",
    }
}

#[cfg(test)]
mod tests {
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

    /// As text first: that is where 0.7 would become 0.699999988079071.
    fn translated(request: &Request, ask_usage: bool) -> Value {
        serde_json::from_str(&serde_json::to_string(&body(request, ask_usage)).unwrap()).unwrap()
    }

    #[test]
    fn most_models_get_the_usual_request() {
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
    fn reasoning_models_of_openai_get_their_own_words() {
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
    fn usage_is_asked_for_only_in_streams_and_only_where_it_may_be() {
        assert_eq!(translated(&request("m"), false).get("stream_options"), None);
        let whole = Request { stream: false, ..request("m") };
        let body = translated(&whole, true);
        assert_eq!((&body["stream"], body.get("stream_options")), (&json!(false), None));
    }

    #[test]
    fn thoughts_go_back_only_beside_tool_calls_of_models_that_ask() {
        let answer = Message {
            role: Role::Assistant,
            content: vec![
                Content::Reasoning("I need the weather.".into()),
                Content::ToolCall { id: "c1".into(), name: "weather".into(), arguments: "{}".into() },
            ],
        };
        let ask = |model: &str, answer: &Message| {
            translated(&Request { messages: vec![answer.clone()], ..request(model) }, true)["messages"][0]
                .clone()
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
}
