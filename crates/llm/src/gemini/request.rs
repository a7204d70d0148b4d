//! Translates the neutral request into the JSON of `:streamGenerateContent`.

use serde_json::{Map, Value, json};

use super::{PROTOCOL, family, part::OWN_ID};
use crate::{
    Content, Message, Request, Role,
    refused_features::{Feature, Without},
    replay,
    replay::Answer,
};

/// Accepted in place of the signature for a call that another model made.
const FOREIGN_CALL: &str = "skip_thought_signature_validator";

/// Translates `request`, leaving out what the model has refused.
pub(super) fn body(request: &Request, without: Without) -> Value {
    let mut body = Map::new();
    let system = replay::system_text(&request.messages);
    if !system.is_empty() {
        body.insert("systemInstruction".to_owned(), json!({ "parts": [{ "text": system }] }));
    }
    body.insert("contents".to_owned(), contents(request));
    let mut config = Map::new();
    config.extend(request.max_tokens.map(|max| ("maxOutputTokens".to_owned(), json!(max))));
    config.extend(request.temperature.map(|temperature| ("temperature".to_owned(), json!(temperature))));
    let thinking =
        family::thinking(&request.model, request.effort).filter(|_| !without.has(Feature::Thinking));
    config.extend(thinking.map(|thinking| ("thinkingConfig".to_owned(), thinking)));
    if !config.is_empty() {
        body.insert("generationConfig".to_owned(), Value::Object(config));
    }
    if !request.tools.is_empty() {
        let tools = request.tools.iter().map(|tool| {
            json!({
                "name": tool.name, "description": tool.description, "parametersJsonSchema": tool.parameters,
            })
        });
        let tools: Value = tools.collect();
        body.insert("tools".to_owned(), json!([{ "functionDeclarations": tools }]));
    }
    Value::Object(body)
}

/// The conversation in turns, with the results of tools together right after their calls.
fn contents(request: &Request) -> Value {
    let mut turns: Vec<(&str, Vec<Value>)> = Vec::new();
    for (at, message) in request.messages.iter().enumerate() {
        match message.role {
            Role::User => add(&mut turns, "user", user_parts(message)),
            Role::Assistant => {
                let mut parts = model_parts(message);
                if family::wants_signatures(&request.model) {
                    sign_foreign_call(&mut parts);
                }
                add(&mut turns, "model", parts);
                let answers = replay::answers(&request.messages, at, &calls_from_here(message));
                add(&mut turns, "user", answers.into_iter().map(function_response).collect());
            }
            // Results are sent with their calls.
            Role::System | Role::Tool => {}
        }
    }
    turns.into_iter().map(|(role, parts)| json!({ "role": role, "parts": parts })).collect()
}

fn add<'a>(turns: &mut Vec<(&'a str, Vec<Value>)>, role: &'a str, parts: Vec<Value>) {
    if parts.is_empty() {
        return;
    }
    match turns.last_mut() {
        Some((last, known)) if *last == role => known.extend(parts),
        _ => turns.push((role, parts)),
    }
}

fn user_parts(message: &Message) -> Vec<Value> {
    let parts = message.content.iter().filter_map(|content| match content {
        Content::Text(text) if !text.is_empty() => Some(json!({ "text": text })),
        Content::Image { media_type, data } | Content::Document { media_type, data, .. } => {
            Some(json!({ "inlineData": { "mimeType": media_type, "data": replay::base64(data) } }))
        }
        _ => None,
    });
    parts.collect()
}

/// The calls in `message` whose tools run here.
fn calls_from_here(message: &Message) -> Vec<(&str, &str)> {
    let calls = message.content.iter().enumerate().filter_map(|(at, content)| match content {
        Content::ToolCall { id, name, .. }
            if !replay::ran_at_provider(message, id) && !is_code(message.content.get(at + 1)) =>
        {
            Some((id.as_str(), name.as_str()))
        }
        _ => None,
    });
    calls.collect()
}

/// The provider block after a call marks it as code.
fn is_code(content: Option<&Content>) -> bool {
    match content {
        Some(Content::ProviderBlock(provider_block)) => {
            replay::own(provider_block, PROTOCOL).is_some_and(|piece| piece.contains_key("executableCode"))
        }
        _ => false,
    }
}

fn function_response(answer: Answer<'_>) -> Value {
    let field = if answer.is_error { "error" } else { "output" };
    let mut response = json!({ "name": answer.name, "response": { field: answer.output } });
    with_id(&mut response, answer.id);
    json!({ "functionResponse": response })
}

/// Adds the call's id, unless the id is ours because the provider gave none.
fn with_id(fields: &mut Value, id: &str) {
    if !id.is_empty()
        && !id.starts_with(OWN_ID)
        && let Some(fields) = fields.as_object_mut()
    {
        fields.insert("id".to_owned(), json!(id));
    }
}

/// An assistant's message as parts, with each provider block in its position. A block that completes the content
/// before it absorbs that content.
fn model_parts(message: &Message) -> Vec<Value> {
    let mut parts = Vec::new();
    let mut held: Option<&Content> = None;
    for content in &message.content {
        let Content::ProviderBlock(provider_block) = content else {
            parts.extend(held.replace(content).and_then(|held| plain_part(message, held)));
            continue;
        };
        let Some(piece) = replay::own(provider_block, PROTOCOL) else { continue };
        if let Some(Value::Object(part)) = piece.get("part") {
            // It contains its neutral form, the result of a hosted tool.
            let held = held.take().filter(|held| !matches!(held, Content::ToolResult { .. }));
            parts.extend(held.and_then(|held| plain_part(message, held)));
            parts.push(Value::Object(part.clone()));
        } else if piece.contains_key("bytes") {
            let held = held.take();
            let is_thought = piece.contains_key("thought");
            match held {
                Some(Content::Text(text)) if !is_thought => signed_text(text, piece, &mut parts),
                Some(Content::Reasoning(text)) if is_thought => signed_text(text, piece, &mut parts),
                other => {
                    parts.extend(other.and_then(|held| plain_part(message, held)));
                    signed_text("", piece, &mut parts);
                }
            }
        } else if let Some(Content::ToolCall { id, name, arguments }) =
            held.take_if(|held| matches!(held, Content::ToolCall { .. }))
        {
            parts.push(signed_call(id, name, arguments, piece));
        }
    }
    parts.extend(held.and_then(|held| plain_part(message, held)));
    parts
}

/// Splits text whose last `bytes` bytes are a signed part; the beginning came in other parts.
fn signed_text(text: &str, piece: &Map<String, Value>, parts: &mut Vec<Value>) {
    let signed = piece.get("bytes").and_then(Value::as_u64).and_then(|bytes| usize::try_from(bytes).ok());
    let at = text.len().saturating_sub(signed.unwrap_or(text.len()));
    let (before, signed) = text.split_at_checked(at).unwrap_or(("", text));
    let is_thought = piece.contains_key("thought");
    // Unsigned reasoning is only a summary for people.
    if !before.is_empty() && !is_thought {
        parts.push(json!({ "text": before }));
    }
    let mut part = json!({ "text": signed });
    for field in ["thought", "thoughtSignature"] {
        if let (Some(part), Some(value)) = (part.as_object_mut(), piece.get(field)) {
            part.insert(field.to_owned(), value.clone());
        }
    }
    parts.push(part);
}

fn signed_call(id: &str, name: &str, arguments: &str, piece: &Map<String, Value>) -> Value {
    let mut part = if let Some(Value::Object(code)) = piece.get("executableCode") {
        let mut fields = code.clone();
        if let Value::Object(arguments) = replay::arguments(arguments) {
            fields.extend(arguments);
        }
        json!({ "executableCode": fields })
    } else {
        call_part(id, name, arguments)
    };
    if let (Some(part), Some(signature)) = (part.as_object_mut(), piece.get("thoughtSignature")) {
        part.insert("thoughtSignature".to_owned(), signature.clone());
    }
    part
}

fn call_part(id: &str, name: &str, arguments: &str) -> Value {
    let mut call = json!({ "name": name, "args": replay::arguments(arguments) });
    with_id(&mut call, id);
    json!({ "functionCall": call })
}

/// Content without a provider block. Unsigned reasoning is only for people, and tools that ran at another provider
/// are unknown to this one.
fn plain_part(message: &Message, content: &Content) -> Option<Value> {
    match content {
        Content::Text(text) if !text.is_empty() => Some(json!({ "text": text })),
        Content::ToolCall { id, name, arguments } if !replay::ran_at_provider(message, id) => {
            Some(call_part(id, name, arguments))
        }
        _ => None,
    }
}

/// The first of several parallel calls has the signature. Calls of other or older models have none.
fn sign_foreign_call(parts: &mut [Value]) {
    let first = parts.iter_mut().find(|part| part.get("functionCall").is_some());
    if let Some(Value::Object(part)) = first {
        part.entry("thoughtSignature").or_insert_with(|| json!(FOREIGN_CALL));
    }
}

#[cfg(test)]
mod tests;
