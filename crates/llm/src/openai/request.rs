//! Translates the neutral request into the JSON of `POST /v1/chat/completions`.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{PROTOCOL, call_id::CallId, details, dialect::Dialect, effort, family::Family};
use crate::{
    Content, Message, Request, Role, Tool,
    refused_features::{Feature, Without},
    replay,
};

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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<WireTool<'a>>,
    /// Fields of this dialect.
    #[serde(flatten)]
    extra: Map<String, Value>,
}

#[derive(Debug, Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Debug, Serialize)]
struct WireTool<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    function: WireDeclaration<'a>,
}

#[derive(Debug, Serialize)]
struct WireDeclaration<'a> {
    name: &'a str,
    description: &'a str,
    parameters: &'a Value,
}

#[derive(Debug, Default, Serialize)]
struct WireMessage<'a> {
    role: &'static str,
    /// `null` in an assistant's message that consists of tool calls.
    content: Option<WireContent<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasoning_details: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<WireCall<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<CallId<'a>>,
}

/// Plain text is a string, because not every host accepts a list.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum WireContent<'a> {
    Text(String),
    Parts(Vec<WirePart<'a>>),
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum WirePart<'a> {
    Text { text: &'a str },
    ImageUrl { image_url: WireImage },
    File { file: WireFile<'a> },
}

#[derive(Debug, Serialize)]
struct WireImage {
    url: String,
}

#[derive(Debug, Serialize)]
struct WireFile<'a> {
    filename: &'a str,
    file_data: String,
}

#[derive(Debug, Serialize)]
struct WireCall<'a> {
    id: CallId<'a>,
    #[serde(rename = "type")]
    kind: &'static str,
    function: WireFunction<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra_content: Option<&'a Value>,
}

#[derive(Debug, Serialize)]
struct WireFunction<'a> {
    name: &'a str,
    arguments: &'a str,
}

/// Translates `request` for `dialect`, leaving out what the model has refused.
pub(super) fn body(request: &Request, dialect: Dialect, without: Without) -> Body<'_> {
    let family = Family::of(&request.model);
    let stream = without.streams(request.stream);
    let new_limit = family.has_reasoning_api() != without.has(Feature::LimitName);
    let ask_usage = stream && !without.has(Feature::StreamOptions) && dialect != Dialect::FastGpt;
    Body {
        model: &request.model,
        messages: messages(request, &family, without),
        stream,
        stream_options: ask_usage.then_some(StreamOptions { include_usage: true }),
        max_tokens: request.max_tokens.filter(|_| !new_limit),
        max_completion_tokens: request.max_tokens.filter(|_| new_limit),
        temperature: request
            .temperature
            .filter(|_| !family.has_reasoning_api() && !without.has(Feature::Temperature)),
        tools: request.tools.iter().map(declaration).collect(),
        extra: extra(request, dialect, &family, without),
    }
}

fn extra(request: &Request, dialect: Dialect, family: &Family, without: Without) -> Map<String, Value> {
    let mut fields = match request.effort {
        Some(effort) if !without.has(Feature::Effort) => effort::fields(dialect, family, effort),
        _ => Map::new(),
    };
    if dialect == Dialect::FastGpt {
        fields.insert("detail".into(), json!(true));
        fields.extend(request.conversation.as_ref().map(|id| ("chatId".into(), json!(id))));
    }
    fields
}

fn declaration(tool: &Tool) -> WireTool<'_> {
    let Tool { name, description, parameters } = tool;
    WireTool { kind: "function", function: WireDeclaration { name, description, parameters } }
}

fn messages<'a>(request: &'a Request, family: &Family, without: Without) -> Vec<WireMessage<'a>> {
    let developer = family.has_reasoning_api() && !without.has(Feature::DeveloperRole);
    let mut messages = Vec::with_capacity(request.messages.len());
    for (at, message) in request.messages.iter().enumerate() {
        match message.role {
            Role::System => {
                let role = if developer { "developer" } else { "system" };
                messages.push(WireMessage { role, content: Some(spoken(message)), ..WireMessage::default() });
            }
            Role::User => {
                messages.push(WireMessage {
                    role: "user",
                    content: Some(spoken(message)),
                    ..WireMessage::default()
                });
            }
            Role::Assistant => {
                let turn = assistant(message, family);
                let calls: Vec<_> =
                    turn.tool_calls.iter().map(|call| (call.id.written, call.function.name)).collect();
                if turn.content.is_some() || !calls.is_empty() {
                    messages.push(turn);
                }
                let answers = replay::answers(&request.messages, at, &calls);
                messages.extend(answers.into_iter().map(|answer| answered(answer, family)));
            }
            // Results are sent after the message with their calls.
            Role::Tool => {}
        }
    }
    messages
}

fn spoken(message: &Message) -> WireContent<'_> {
    let is_file = |content: &Content| matches!(content, Content::Image { .. } | Content::Document { .. });
    if !message.content.iter().any(is_file) {
        return WireContent::Text(texts(message).join("\n\n"));
    }
    WireContent::Parts(message.content.iter().filter_map(part).collect())
}

fn part(content: &Content) -> Option<WirePart<'_>> {
    match content {
        Content::Text(text) => Some(WirePart::Text { text }),
        Content::Image { media_type, data } => {
            let url = replay::data_url(media_type, data);
            Some(WirePart::ImageUrl { image_url: WireImage { url } })
        }
        Content::Document { name, media_type, data } => {
            let file = WireFile { filename: name, file_data: replay::data_url(media_type, data) };
            Some(WirePart::File { file })
        }
        _ => None,
    }
}

fn texts(message: &Message) -> Vec<&str> {
    message.content.iter().filter_map(text).collect()
}

fn text(content: &Content) -> Option<&str> {
    match content {
        Content::Text(text) if !text.is_empty() => Some(text),
        _ => None,
    }
}

fn assistant<'a>(message: &'a Message, family: &Family) -> WireMessage<'a> {
    let (mut reasoning, mut unmatched) = (String::new(), String::new());
    let mut turn = WireMessage { role: "assistant", ..WireMessage::default() };
    for content in &message.content {
        match content {
            Content::Reasoning(text) => {
                reasoning.push_str(text);
                unmatched.push_str(text);
            }
            // A tool that the host ran is not sent back.
            Content::ToolCall { id, .. } if replay::ran_at_provider(message, id) => {}
            Content::ToolCall { id, name, arguments } => {
                let function = WireFunction { name, arguments };
                let id = CallId { written: id, short: family.wants_short_call_ids() };
                turn.tool_calls.push(WireCall { id, kind: "function", function, extra_content: None });
            }
            Content::ProviderBlock(provider_block) => {
                let Some(provider_block) = replay::own(provider_block, PROTOCOL) else { continue };
                turn.reasoning_details.extend(details::restored(provider_block, &mut unmatched));
                if let (Some(extra), Some(call)) =
                    (provider_block.get("extra_content"), turn.tool_calls.last_mut())
                {
                    call.extra_content = Some(extra);
                }
            }
            Content::Text(_)
            | Content::ToolResult { .. }
            | Content::Image { .. }
            | Content::Document { .. } => {}
        }
    }
    let texts = texts(message);
    let is_empty = texts.is_empty() && !turn.tool_calls.is_empty();
    turn.content = (!is_empty).then(|| WireContent::Text(texts.join("\n\n")));
    let send_reasoning = family.wants_reasoning_back()
        && turn.reasoning_details.is_empty()
        && !turn.tool_calls.is_empty()
        && !reasoning.is_empty();
    turn.reasoning_content = send_reasoning.then_some(reasoning);
    turn
}

fn answered<'a>(answer: replay::Answer<'a>, family: &Family) -> WireMessage<'a> {
    WireMessage {
        role: "tool",
        content: Some(WireContent::Text(answer.output.to_owned())),
        tool_call_id: Some(CallId { written: answer.id, short: family.wants_short_call_ids() }),
        ..WireMessage::default()
    }
}

#[cfg(test)]
mod tests;
