//! Estimates of tokens, and what tokens cost.

use kaiwa_llm::{Content, Message};
use kaiwa_shared::{
    message::{Part, Usage},
    model::Prices,
};

/// Tokens of a message beyond its content: role and delimiters.
const MESSAGE_OVERHEAD: u64 = 4;

/// A conservative estimate: one token for four ASCII bytes, and one for every other character.
pub(crate) fn of_text(text: &str) -> u64 {
    let ascii = text.bytes().filter(u8::is_ascii).count();
    let other = text.chars().count().saturating_sub(ascii);
    count(ascii.div_ceil(4) + other)
}

/// The estimated tokens of a message as it is sent.
pub(crate) fn of_message(message: &Message) -> u64 {
    message.content.iter().map(of_content).sum::<u64>() + MESSAGE_OVERHEAD
}

/// The estimated tokens that a model wrote for these parts.
pub(crate) fn of_parts(parts: &[Part]) -> u64 {
    parts
        .iter()
        .map(|part| match part {
            Part::Text { text } | Part::Reasoning { text, .. } => of_text(text),
            Part::ToolCall { name, arguments, .. } => of_text(name) + of_text(arguments),
            // Not written by the model.
            Part::ToolResult(_) | Part::Citation(_) | Part::File(_) | Part::Error { .. } => 0,
        })
        .sum()
}

/// The cost of `usage` in millionths of a US dollar. A price in dollars for a million tokens equals the price in
/// millionths for one.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a price is not exact to the millionth, and no reply has 2^52 tokens"
)]
pub(crate) fn cost_micros(usage: &Usage, prices: &Prices) -> u64 {
    let cached = usage.cached_tokens.min(usage.input_tokens);
    let fresh = usage.input_tokens - cached;
    let cost = fresh as f64 * prices.input
        + cached as f64 * prices.cached.unwrap_or(prices.input)
        + usage.output_tokens as f64 * prices.output;
    cost.max(0.0).round() as u64
}

/// The total usage of two requests for one reply.
pub(crate) fn sum(one: &Usage, other: &Usage) -> Usage {
    let cost_micros = match (one.cost_micros, other.cost_micros) {
        (Some(one), Some(other)) => Some(one.saturating_add(other)),
        (known, None) | (None, known) => known,
    };
    Usage {
        input_tokens: one.input_tokens.saturating_add(other.input_tokens),
        output_tokens: one.output_tokens.saturating_add(other.output_tokens),
        cached_tokens: one.cached_tokens.saturating_add(other.cached_tokens),
        reasoning_tokens: one.reasoning_tokens.saturating_add(other.reasoning_tokens),
        cache_write_tokens: one.cache_write_tokens.saturating_add(other.cache_write_tokens),
        cost_micros,
        estimated: one.estimated || other.estimated,
    }
}

/// A length as a count of tokens.
pub(crate) fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

fn of_content(content: &Content) -> u64 {
    match content {
        Content::Text(text) | Content::Reasoning(text) => of_text(text),
        Content::ToolCall { name, arguments, .. } => of_text(name) + of_text(arguments),
        Content::ToolResult { output, .. } => of_text(output),
        // Files are counted before they are loaded.
        Content::Image { .. } | Content::Document { .. } => 0,
        Content::ProviderBlock(block) => of_text(&block.0.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_letters_or_one_character_are_a_token() {
        assert_eq!(of_text("abcdefgh"), 2);
        assert_eq!(of_text("abcde"), 2);
        assert_eq!(of_text("你好"), 2);
        assert_eq!(of_text(""), 0);
    }

    #[test]
    fn cached_tokens_have_a_price_of_their_own() {
        let usage = Usage { input_tokens: 1000, output_tokens: 100, cached_tokens: 400, ..Usage::default() };
        let prices = Prices { input: 2.5, output: 10.0, cached: Some(1.25) };
        assert_eq!(cost_micros(&usage, &prices), 1500 + 500 + 1000);
        assert_eq!(cost_micros(&usage, &Prices { cached: None, ..prices }), 2500 + 1000);
        let odd = Usage { cached_tokens: 5000, ..usage };
        assert_eq!(cost_micros(&odd, &prices), 1250 + 1000, "more cached than there was counts as all");
    }
}
