//! Translates the neutral request into the JSON of `POST /v1/messages`.

use kaiwa_shared::message::Effort;
use serde_json::{Map, Value, json};

use super::{
    PROTOCOL,
    block::text,
    family::{self, Off, Thinking, Traits},
    hosted,
};
use crate::{
    Content, Message, Request, Role,
    refused_features::{Feature, Without},
    replay,
    replay::Answer,
};

/// The minimum thinking budget of the protocol.
const BUDGET_MIN: u32 = 1024;

/// Translates `request`, leaving out what the model has refused.
pub(super) fn body(request: &Request, without: Without) -> Value {
    let traits = family::traits(&request.model);
    let messages = messages(&request.messages, without);
    let mut body = Map::new();
    body.insert("model".to_owned(), json!(request.model));
    let max_tokens = request.max_tokens.unwrap_or(traits.max_tokens);
    body.insert("max_tokens".to_owned(), json!(max_tokens));
    body.insert("stream".to_owned(), json!(request.stream));
    let think = thinking(request, traits, max_tokens, may_think(traits, &messages));
    let thinks = think.as_ref().is_some_and(|think| matches!(text(think, "type"), "adaptive" | "enabled"));
    if let Some(temperature) = request.temperature.filter(|_| traits.samples && !thinks) {
        body.insert("temperature".to_owned(), json!(temperature));
    }
    if let Some(effort) = effort(request, traits).filter(|_| thinks) {
        body.insert("output_config".to_owned(), json!({ "effort": effort }));
    }
    body.extend(think.map(|think| ("thinking".to_owned(), Value::Object(think))));
    if !request.tools.is_empty() {
        let tools = request.tools.iter().map(|tool| {
            json!({ "name": tool.name, "description": tool.description, "input_schema": tool.parameters })
        });
        body.insert("tools".to_owned(), tools.collect());
    }
    let system = replay::system_text(&request.messages);
    if !system.is_empty() {
        let mut blocks = vec![json!({ "type": "text", "text": system })];
        mark_for_cache(&mut blocks);
        body.insert("system".to_owned(), Value::Array(blocks));
    }
    body.insert("messages".to_owned(), wire(messages));
    Value::Object(body)
}

/// The `thinking` parameter; `None` leaves it to the model.
fn thinking(request: &Request, traits: Traits, max_tokens: u32, may: bool) -> Option<Map<String, Value>> {
    let parameter = match (traits.thinking, request.effort) {
        (Thinking::Never, _) => return None,
        (_, Some(Effort::Off)) if traits.off == Off::Unasked => return None,
        (_, Some(Effort::Off)) if traits.off == Off::Disabled => json!({ "type": "disabled" }),
        (_, Some(Effort::Off)) if traits.off == Off::BetweenTools => json!({ "type": "between_tools" }),
        (_, None) if !traits.thinks_unasked => return None,
        // Newer models send no reasoning unless they are asked for a summary.
        (Thinking::Adaptive, _) => json!({ "type": "adaptive", "display": "summarized" }),
        (Thinking::Budget, effort) => {
            // The budget is part of the reply's limit, and the reply itself needs tokens too.
            let budget = family::budget(effort?).min(max_tokens / 2);
            if !may || budget < BUDGET_MIN {
                return None;
            }
            json!({ "type": "enabled", "budget_tokens": budget })
        }
    };
    parameter.as_object().cloned()
}

fn effort(request: &Request, traits: Traits) -> Option<&'static str> {
    let asked = request.effort.filter(|_| traits.thinking == Thinking::Adaptive)?;
    Some(match asked {
        // Only for a model that always thinks.
        Effort::Off | Effort::Low => "low",
        Effort::Medium => "medium",
        Effort::High => "high",
    })
}

/// A model with a budget cannot start thinking within a reply that began without thinking: one to be continued, or
/// one that waits for tool results.
fn may_think(traits: Traits, messages: &[Turn]) -> bool {
    let Some(answer) = messages.iter().rposition(|turn| turn.assistant) else { return true };
    let is_last = answer + 1 == messages.len();
    let waits = messages.get(answer + 1).and_then(|turn| turn.blocks.first());
    let waits = waits.is_some_and(|block| block.get("type") == Some(&json!("tool_result")));
    let first = messages.get(answer).and_then(|turn| turn.blocks.first()).and_then(Value::as_object);
    let thought = first.is_some_and(|first| is_thought(text(first, "type")));
    traits.thinking != Thinking::Budget || !(is_last || waits && !thought)
}

fn is_thought(kind: &str) -> bool {
    matches!(kind, "thinking" | "redacted_thinking")
}

/// The blocks of consecutive messages of one author.
struct Turn {
    assistant: bool,
    blocks: Vec<Value>,
}

/// The conversation in turns. The protocol requires alternating turns, and the results of tools together right after
/// their calls.
fn messages(messages: &[Message], without: Without) -> Vec<Turn> {
    let mut turns: Vec<Turn> = Vec::new();
    for (at, message) in messages.iter().enumerate() {
        match message.role {
            Role::User => add(&mut turns, false, user_blocks(message)),
            Role::Assistant => {
                let blocks = assistant_blocks(message, without, at + 1 == messages.len());
                let calls: Vec<(&str, &str)> = calls_from_here(message, &blocks);
                add(&mut turns, true, blocks);
                let answers = replay::answers(messages, at, &calls);
                add(&mut turns, false, answers.into_iter().map(tool_result).collect());
            }
            // Results are sent with their calls.
            Role::System | Role::Tool => {}
        }
    }
    if turns.first().is_some_and(|turn| turn.assistant) {
        turns.insert(0, Turn { assistant: false, blocks: vec![json!({ "type": "text", "text": "…" })] });
    }
    turns
}

fn add(turns: &mut Vec<Turn>, assistant: bool, blocks: Vec<Value>) {
    if blocks.is_empty() {
        return;
    }
    match turns.last_mut() {
        Some(turn) if turn.assistant == assistant => turn.blocks.extend(blocks),
        _ => turns.push(Turn { assistant, blocks }),
    }
}

/// The turns as JSON. The end of the prompt is marked for the cache; a text to be continued loses its trailing white
/// space, which the protocol refuses.
fn wire(mut turns: Vec<Turn>) -> Value {
    if let Some(asked) = turns.iter_mut().rfind(|turn| !turn.assistant) {
        mark_for_cache(&mut asked.blocks);
    }
    if let Some(Value::String(text)) = turns
        .last_mut()
        .filter(|turn| turn.assistant)
        .and_then(|turn| turn.blocks.last_mut()?.get_mut("text"))
    {
        text.truncate(text.trim_end().len());
    }
    let turns = turns.into_iter().map(
        |turn| json!({ "role": if turn.assistant { "assistant" } else { "user" }, "content": turn.blocks }),
    );
    turns.collect()
}

/// Everything up to here costs a tenth if it is sent again within minutes, as with the next message.
fn mark_for_cache(blocks: &mut [Value]) {
    if let Some(Value::Object(block)) = blocks.last_mut() {
        block.insert("cache_control".to_owned(), json!({ "type": "ephemeral" }));
    }
}

fn user_blocks(message: &Message) -> Vec<Value> {
    let blocks = message.content.iter().filter_map(|content| match content {
        Content::Text(text) => text_block(text),
        Content::Image { media_type, data } => Some(json!({
            "type": "image",
            "source": { "type": "base64", "media_type": media_type, "data": replay::base64(data) },
        })),
        Content::Document { name, media_type, data } => Some(json!({
            "type": "document",
            "source": { "type": "base64", "media_type": media_type, "data": replay::base64(data) },
            "title": name,
        })),
        _ => None,
    });
    blocks.collect()
}

/// A text block; the protocol refuses blank text.
fn text_block(text: &str) -> Option<Value> {
    (!text.trim().is_empty()).then(|| json!({ "type": "text", "text": text }))
}

fn tool_result(answer: Answer<'_>) -> Value {
    let mut block =
        json!({ "type": "tool_result", "tool_use_id": wire_id(answer.id), "content": answer.output });
    if let Some(block) = block.as_object_mut().filter(|_| answer.is_error) {
        block.insert("is_error".to_owned(), json!(true));
    }
    block
}

/// The calls in `message` whose tools run here, if they are in `blocks`.
fn calls_from_here<'a>(message: &'a Message, blocks: &[Value]) -> Vec<(&'a str, &'a str)> {
    let sent = |id: &str| {
        let id = json!(wire_id(id));
        blocks
            .iter()
            .any(|block| block.get("type") == Some(&json!("tool_use")) && block.get("id") == Some(&id))
    };
    let calls = message.content.iter().filter_map(|content| match content {
        Content::ToolCall { id, name, .. } if sent(id) => Some((id.as_str(), name.as_str())),
        _ => None,
    });
    calls.collect()
}

/// An assistant's message as blocks, with each provider block in its position. A block that completes the content
/// before it absorbs that content; content without one came from another provider.
fn assistant_blocks(message: &Message, without: Without, is_last: bool) -> Vec<Value> {
    let mut blocks = Vec::new();
    let mut held: Option<&Content> = None;
    for (at, content) in message.content.iter().enumerate() {
        let Content::ProviderBlock(provider_block) = content else {
            blocks.extend(held.replace(content).and_then(|held| plain_block(message, held)));
            continue;
        };
        let Some(piece) = replay::own(provider_block, PROTOCOL) else { continue };
        let kind = text(piece, "type");
        if is_thought(kind) {
            let thought = held.take_if(|held| matches!(held, Content::Reasoning(_)));
            if !without.has(Feature::EarlierReasoning) {
                blocks.extend(held.take().and_then(|held| plain_block(message, held)));
                blocks.push(thinking_block(piece, thought));
            }
        } else if let Some(Content::ToolCall { id, name, arguments }) =
            held.take_if(|held| hosted::is_call(kind) && matches!(held, Content::ToolCall { .. }))
        {
            // Without its result it is refused, unless the provider paused and is to continue here.
            let paused = is_last && at + 1 == message.content.len();
            if paused || has_result(message, id) {
                let mut block = piece.clone();
                block.insert("id".to_owned(), json!(id));
                block.insert("name".to_owned(), json!(name));
                block.insert("input".to_owned(), replay::arguments(arguments));
                blocks.push(Value::Object(block));
            }
        } else {
            let held = held.take().filter(|_| !hosted::is_result(kind));
            blocks.extend(held.and_then(|held| plain_block(message, held)));
            blocks.push(Value::Object(piece.clone()));
        }
    }
    blocks.extend(held.and_then(|held| plain_block(message, held)));
    blocks
}

fn thinking_block(piece: &Map<String, Value>, thought: Option<&Content>) -> Value {
    let mut block = piece.clone();
    if text(piece, "type") == "thinking" {
        let thought = if let Some(Content::Reasoning(text)) = thought { text.as_str() } else { "" };
        block.insert("thinking".to_owned(), json!(thought));
    }
    Value::Object(block)
}

/// Whether the message contains this provider's result of call `id`.
fn has_result(message: &Message, id: &str) -> bool {
    message.content.iter().any(|content| match content {
        Content::ProviderBlock(provider_block) => replay::own(provider_block, PROTOCOL)
            .is_some_and(|piece| hosted::is_result(text(piece, "type")) && text(piece, "tool_use_id") == id),
        _ => false,
    })
}

/// Content without a provider block. Unsigned reasoning is refused, and tools that ran at another provider are
/// unknown to this one.
fn plain_block(message: &Message, content: &Content) -> Option<Value> {
    match content {
        Content::Text(text) => text_block(text),
        Content::ToolCall { id, name, arguments } if !replay::ran_at_provider(message, id) => Some(json!({
            "type": "tool_use", "id": wire_id(id), "name": name, "input": replay::arguments(arguments),
        })),
        _ => None,
    }
}

/// The id with the characters that the protocol allows; other providers' ids may contain others.
fn wire_id(id: &str) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') { c } else { '_' };
    id.chars().map(allowed).collect()
}

#[cfg(test)]
mod tests;
