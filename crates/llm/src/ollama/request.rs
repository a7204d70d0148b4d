//! Translates the neutral request into the JSON of `POST /api/chat`.

use kaiwa_shared::message::Effort;
use serde_json::{Map, Value, json};

use super::window;
use crate::{
    Content, Message, Request, Role,
    refused_features::{Feature, Without},
    replay,
};

/// Translates `request`, leaving out what the model has refused.
pub(super) fn body(request: &Request, without: Without) -> Value {
    let mut body = Map::new();
    body.insert("model".to_owned(), json!(request.model));
    body.insert("messages".to_owned(), messages(&request.messages));
    body.insert("stream".to_owned(), json!(request.stream));
    // A conversation that does not fit is an error instead of a silent loss, if the server supports these fields.
    body.insert("truncate".to_owned(), json!(false));
    body.insert("shift".to_owned(), json!(false));
    if let Some(effort) = request.effort.filter(|_| !without.has(Feature::Thinking)) {
        body.insert("think".to_owned(), thinking(&request.model, effort));
    }
    if !request.tools.is_empty() {
        let tools = request.tools.iter().map(|tool| {
            let function = json!({
                "name": tool.name, "description": tool.description, "parameters": tool.parameters,
            });
            json!({ "type": "function", "function": function })
        });
        body.insert("tools".to_owned(), tools.collect());
    }
    let mut options = Map::new();
    options.extend(window::tokens(request).map(|tokens| ("num_ctx".to_owned(), json!(tokens))));
    options.extend(request.max_tokens.map(|max| ("num_predict".to_owned(), json!(max))));
    options.extend(request.temperature.map(|temperature| ("temperature".to_owned(), json!(temperature))));
    if !options.is_empty() {
        body.insert("options".to_owned(), Value::Object(options));
    }
    Value::Object(body)
}

/// One family thinks at levels and always thinks; the others can only switch it on and off.
fn thinking(model: &str, effort: Effort) -> Value {
    match effort {
        _ if !model.to_lowercase().contains("gpt-oss") => json!(effort != Effort::Off),
        Effort::Off | Effort::Low => json!("low"),
        Effort::Medium => json!("medium"),
        Effort::High => json!("high"),
    }
}

fn messages(messages: &[Message]) -> Value {
    let asked = messages.iter().rposition(|message| message.role == Role::User);
    let mut sent = Vec::new();
    for (at, message) in messages.iter().enumerate() {
        match message.role {
            Role::System => sent.push(spoken("system", message)),
            Role::User => sent.push(spoken("user", message)),
            Role::Assistant => {
                // Reasoning is sent back only while its tool calls are being answered.
                sent.push(answered(message, asked.is_none_or(|asked| at > asked)));
                let answers = replay::answers(messages, at, &calls_from_here(message));
                sent.extend(answers.into_iter().map(|answer| {
                    json!({
                        "role": "tool", "tool_name": answer.name, "tool_call_id": answer.id,
                        "content": answer.output,
                    })
                }));
            }
            // Results are sent with their calls.
            Role::Tool => {}
        }
    }
    Value::Array(sent)
}

fn spoken(role: &str, message: &Message) -> Value {
    let mut spoken = json!({ "role": role, "content": text(message) });
    let images: Vec<Value> = message
        .content
        .iter()
        .filter_map(|content| match content {
            Content::Image { data, .. } => Some(json!(replay::base64(data))),
            _ => None,
        })
        .collect();
    if let Some(spoken) = spoken.as_object_mut().filter(|_| !images.is_empty()) {
        spoken.insert("images".to_owned(), Value::Array(images));
    }
    spoken
}

fn answered(message: &Message, with_thoughts: bool) -> Value {
    let mut answered = Map::new();
    answered.insert("role".to_owned(), json!("assistant"));
    answered.insert("content".to_owned(), json!(text(message)));
    let calls: Vec<Value> = message
        .content
        .iter()
        .filter_map(|content| match content {
            Content::ToolCall { id, name, arguments } if !replay::ran_at_provider(message, id) => {
                let function = json!({ "name": name, "arguments": replay::arguments(arguments) });
                Some(json!({ "id": id, "function": function }))
            }
            _ => None,
        })
        .collect();
    let thoughts: String = message
        .content
        .iter()
        .filter_map(|content| match content {
            Content::Reasoning(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    if with_thoughts && !calls.is_empty() && !thoughts.is_empty() {
        answered.insert("thinking".to_owned(), json!(thoughts));
    }
    if !calls.is_empty() {
        answered.insert("tool_calls".to_owned(), Value::Array(calls));
    }
    Value::Object(answered)
}

fn calls_from_here(message: &Message) -> Vec<(&str, &str)> {
    let calls = message.content.iter().filter_map(|content| match content {
        Content::ToolCall { id, name, .. } if !replay::ran_at_provider(message, id) => {
            Some((id.as_str(), name.as_str()))
        }
        _ => None,
    });
    calls.collect()
}

fn text(message: &Message) -> String {
    let texts: Vec<&str> = message
        .content
        .iter()
        .filter_map(|content| match content {
            Content::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    texts.join("\n\n")
}

#[cfg(test)]
mod tests;
