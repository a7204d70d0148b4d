//! From the neutral request to the JSON of `POST /v1/messages`. Pure translation.

use kaiwa_shared::message::Effort;
use serde_json::{Map, Value, json};

use super::{
    PROTOCOL,
    block::text,
    family::{self, Off, Thinking, Traits},
    hosted,
};
use crate::{
    Content, Message, Request, Role, replay,
    replay::Answer,
    without::{Feature, Without},
};

/// The least budget of thoughts that the protocol allows.
const BUDGET_MIN: u32 = 1024;

/// Translates `request`, without what the provider has refused.
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
        // Newer models keep their thoughts to themselves unless they are asked for a summary.
        (Thinking::Adaptive, _) => json!({ "type": "adaptive", "display": "summarized" }),
        (Thinking::Budget, effort) => {
            // The budget is taken from the reply's limit, and words must be left for the reply itself.
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
        // Here only for a model that cannot be kept from thinking.
        Effort::Off | Effort::Low => "low",
        Effort::Medium => "medium",
        Effort::High => "high",
    })
}

/// A model that thinks with a budget refuses to begin in the middle of an answer that began without a thought: one that
/// it is to continue, and one that waits for its tools.
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

/// The blocks of consecutive messages of one side.
struct Turn {
    assistant: bool,
    blocks: Vec<Value>,
}

/// The conversation in turns: the protocol wants them to alternate and the answers of tools together, at once after
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
            // Tools' answers are taken with their calls.
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

/// The turns as JSON, the prompt's end marked for the cache and a text that is to be continued without the white space
/// at its end, which the protocol refuses.
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

/// Everything up to here costs a tenth when it is sent again within minutes, as it is with the next message.
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
        _ => None,
    });
    blocks.collect()
}

/// A text that the protocol takes: it refuses a blank one.
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

/// The calls of `message` whose tools run here, as far as they are in `blocks`.
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

/// An assistant's message as blocks, each native piece in its place. A piece that completes the content before it takes
/// that content in; content without its piece came from elsewhere.
fn assistant_blocks(message: &Message, without: Without, is_last: bool) -> Vec<Value> {
    let mut blocks = Vec::new();
    let mut held: Option<&Content> = None;
    for (at, content) in message.content.iter().enumerate() {
        let Content::Native(native) = content else {
            blocks.extend(held.replace(content).and_then(|held| plain_block(message, held)));
            continue;
        };
        let Some(piece) = replay::own(native, PROTOCOL) else { continue };
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
            // Without its result it is refused, unless the provider paused and is to go on here.
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

/// The message holds what this provider's tool answered to the call `id`.
fn has_result(message: &Message, id: &str) -> bool {
    message.content.iter().any(|content| match content {
        Content::Native(native) => replay::own(native, PROTOCOL)
            .is_some_and(|piece| hosted::is_result(text(piece, "type")) && text(piece, "tool_use_id") == id),
        _ => false,
    })
}

/// Content that has no native piece. Thoughts without their signature are refused, and a tool that ran at another
/// provider is nothing that this one knows.
fn plain_block(message: &Message, content: &Content) -> Option<Value> {
    match content {
        Content::Text(text) => text_block(text),
        Content::ToolCall { id, name, arguments } if !replay::ran_at_provider(message, id) => Some(json!({
            "type": "tool_use", "id": wire_id(id), "name": name, "input": replay::arguments(arguments),
        })),
        _ => None,
    }
}

/// The id as the protocol allows it: other providers' ids hold other characters.
fn wire_id(id: &str) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') { c } else { '_' };
    id.chars().map(allowed).collect()
}

#[cfg(test)]
mod tests;
