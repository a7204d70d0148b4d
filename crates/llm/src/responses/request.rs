//! Translates the neutral request into the JSON of `POST /v1/responses`.

use kaiwa_shared::message::Effort;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{PROTOCOL, reasoning};
use crate::{
    Content, Message, Request, Role, Tool,
    openai::family::Family,
    refused_features::{Feature, Without},
    replay,
};

/// The request's body.
#[derive(Debug, Serialize)]
pub(super) struct Body<'a> {
    model: &'a str,
    #[serde(skip_serializing_if = "String::is_empty")]
    instructions: String,
    input: Vec<Value>,
    stream: bool,
    /// The provider must not store the conversation.
    store: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    include: Vec<&'static str>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    reasoning: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<WireTool<'a>>,
    /// Routes a conversation to the machine that has cached its prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_cache_key: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct WireTool<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'a str,
    description: &'a str,
    parameters: &'a Value,
    /// A strict schema must require every field; ours need not.
    strict: bool,
}

/// Translates `request`, leaving out what the model has refused.
pub(super) fn body(request: &Request, without: Without) -> Body<'_> {
    let family = Family::of(&request.model);
    let thinks = family.has_reasoning_api() || request.effort.is_some();
    let include: &[_] = if thinks && !without.has(Feature::EncryptedReasoning) {
        &["reasoning.encrypted_content"]
    } else {
        &[]
    };
    Body {
        model: &request.model,
        instructions: replay::system_text(&request.messages),
        input: input(&request.messages, without),
        stream: without.streams(request.stream),
        store: false,
        include: include.to_vec(),
        reasoning: if without.has(Feature::Reasoning) {
            Map::new()
        } else {
            thinking(request.effort, &family, without)
        },
        max_output_tokens: request.max_tokens,
        temperature: request
            .temperature
            .filter(|_| !family.has_reasoning_api() && !without.has(Feature::Temperature)),
        tools: request.tools.iter().map(declaration).collect(),
        prompt_cache_key: request.conversation.as_deref(),
    }
}

fn thinking(effort: Option<Effort>, family: &Family, without: Without) -> Map<String, Value> {
    let mut fields = Map::new();
    if let Some(effort) = effort {
        fields.insert("effort".into(), family.effort_word(effort).into());
    }
    if (family.has_reasoning_api() || effort.is_some_and(|effort| effort != Effort::Off))
        && !without.has(Feature::ReasoningSummary)
    {
        fields.insert("summary".into(), "auto".into());
    }
    fields
}

fn declaration(tool: &Tool) -> WireTool<'_> {
    let Tool { name, description, parameters } = tool;
    WireTool { kind: "function", name, description, parameters, strict: false }
}

fn input(messages: &[Message], without: Without) -> Vec<Value> {
    let mut items = Vec::with_capacity(messages.len());
    for (at, message) in messages.iter().enumerate() {
        match message.role {
            Role::User => items.push(json!({ "type": "message", "role": "user", "content": asked(message) })),
            Role::Assistant => {
                let turn = replied(message, without);
                let calls = turn.calls;
                items.extend(turn.items);
                let answers = replay::answers(messages, at, &calls);
                items.extend(answers.into_iter().map(|answer| {
                    json!({ "type": "function_call_output", "call_id": answer.id, "output": answer.output })
                }));
            }
            // Instructions have their own field, and results are sent after the message with their calls.
            Role::System | Role::Tool => {}
        }
    }
    items
}

fn asked(message: &Message) -> Vec<Value> {
    let part = |content: &Content| match content {
        Content::Text(text) => Some(json!({ "type": "input_text", "text": text })),
        Content::Image { media_type, data } => Some(
            json!({ "type": "input_image", "image_url": replay::data_url(media_type, data), "detail": "auto" }),
        ),
        Content::Document { name, media_type, data } => Some(json!({
            "type": "input_file",
            "filename": name,
            "file_data": replay::data_url(media_type, data),
        })),
        _ => None,
    };
    message.content.iter().filter_map(part).collect()
}

/// What the model said in one turn.
#[derive(Debug, Default)]
struct Turn<'a> {
    items: Vec<Value>,
    /// Reasoning that waits for the item that it led to; on its own it would be refused.
    waiting: Vec<Value>,
    calls: Vec<(&'a str, &'a str)>,
    /// The text of the reasoning since the latest item.
    words: String,
}

impl Turn<'_> {
    fn push(&mut self, item: Value) {
        self.items.append(&mut self.waiting);
        self.items.push(item);
        self.words.clear();
    }
}

fn replied(message: &Message, without: Without) -> Turn<'_> {
    let mut turn = Turn::default();
    for content in &message.content {
        match content {
            Content::Text(text) if !text.is_empty() => turn.push(said(text)),
            Content::Reasoning(text) => turn.words.push_str(text),
            // A tool that ran at the provider is in its provider block.
            Content::ToolCall { id, .. } if replay::ran_at_provider(message, id) => {}
            Content::ToolCall { id, name, arguments } => {
                let arguments = replay::arguments(arguments).to_string();
                turn.push(
                    json!({ "type": "function_call", "call_id": id, "name": name, "arguments": arguments }),
                );
                turn.calls.push((id, name));
            }
            Content::ProviderBlock(provider_block) => {
                if let Some(provider_block) = replay::own(provider_block, PROTOCOL) {
                    take_provider_block(provider_block, &mut turn, without);
                }
            }
            Content::Text(_)
            | Content::ToolResult { .. }
            | Content::Image { .. }
            | Content::Document { .. } => {}
        }
    }
    turn
}

fn said(text: &str) -> Value {
    let part = json!({ "type": "output_text", "text": text, "annotations": [] });
    json!({ "type": "message", "role": "assistant", "content": [part] })
}

fn take_provider_block(provider_block: &Map<String, Value>, turn: &mut Turn<'_>, without: Without) {
    if let Some(more) = provider_block.get("message").and_then(Value::as_object) {
        if let Some(Value::Object(message)) = turn.items.last_mut()
            && message.get("type").is_some_and(|kind| kind == "message")
        {
            message.extend(more.clone());
        }
        return;
    }
    let Some(item) = reasoning::restored(provider_block, &turn.words) else { return };
    if item.get("type").is_some_and(|kind| kind == "reasoning") {
        turn.words.clear();
        if !without.has(Feature::EarlierReasoning) {
            turn.waiting.push(item);
        }
    } else {
        turn.push(item);
    }
}

#[cfg(test)]
mod tests;
