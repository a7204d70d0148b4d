//! What is sent to the model: the branch above the reply, as much of it as fits into the model's window.
//!
//! Tokens are counted by whoever counted them: what a reply of the same family of models says that its prompt and
//! itself cost holds for everything up to it; the rest is estimated. What does not fit is left out from the oldest on,
//! and the reader is told.

use kaiwa_llm::{Message, Request};
use kaiwa_shared::message::{ContextUse, MessageOptions};

use crate::{
    Offer, continuation,
    history::{Counted, Turn},
    tokens,
};

/// Room for a reply whose longest length nobody knows, in tokens.
const REPLY_USUAL: u64 = 4096;

/// The most room that is kept free for a reply, in tokens; few use what their models could write.
const REPLY_MAX: u64 = 32_768;

/// The smallest window that a server is asked to open: changing it makes some load the model again.
const OPEN_MIN: u64 = 8192;

/// What is asked of a model.
pub(crate) struct Question<'a> {
    /// Who is asked.
    pub(crate) offer: &'a Offer,
    /// What was said before.
    pub(crate) turns: Vec<Turn>,
    /// How many messages of the branch are older than `turns`.
    pub(crate) unread: u32,
    /// What is to be continued; empty if nothing is.
    pub(crate) so_far: &'a str,
    /// What is asked beyond the model's default.
    pub(crate) options: &'a MessageOptions,
    /// A name for the conversation that does not change.
    pub(crate) conversation: Option<String>,
    /// `false` asks for the whole reply at once.
    pub(crate) stream: bool,
    /// Tokens that may be sent.
    pub(crate) window: u64,
}

/// A request and how much of the window it fills.
pub(crate) struct Prepared {
    pub(crate) request: Request,
    pub(crate) context: ContextUse,
    /// There are older messages in it that could be left out.
    pub(crate) can_shrink: bool,
}

/// Tokens that may be sent to `offer`; `usual` where its model's window is not known.
pub(crate) fn window(offer: &Offer, options: &MessageOptions, usual: usize) -> u64 {
    match offer.model.abilities.context_tokens {
        Some(all) => all.saturating_sub(reserve(offer, options, all)).max(1),
        None => tokens::count(usual),
    }
}

/// Tokens that are kept free for the reply.
fn reserve(offer: &Offer, options: &MessageOptions, all: u64) -> u64 {
    let longest = options.max_tokens.map(u64::from).or(offer.model.abilities.output_tokens);
    longest.unwrap_or(REPLY_USUAL).min(REPLY_MAX).min(all / 4)
}

/// Chooses what is sent and makes the request of it.
pub(crate) fn prepare(question: Question<'_>) -> Prepared {
    let Question { offer, mut turns, unread, so_far, options, conversation, stream, window } = question;
    calibrate(&mut turns, unread, &offer.model.id);
    let prefills = !so_far.is_empty() && offer.provider.prefills(&offer.provider_model);
    let rest = if so_far.is_empty() { Vec::new() } else { continuation::messages(so_far, prefills) };
    let fixed: u64 = rest.iter().map(tokens::of_message).sum();
    let first = first_that_fits(&turns, window.saturating_sub(fixed));
    let kept = turns.split_off(first);
    let used_tokens = kept.iter().map(|turn| turn.tokens).sum::<u64>() + fixed;
    let context = ContextUse {
        used_tokens,
        window_tokens: window,
        dropped_messages: unread.saturating_add(u32::try_from(first).unwrap_or(u32::MAX)),
        estimated: true,
    };
    let can_shrink = kept.len() > 1;
    let messages: Vec<Message> = kept.into_iter().flat_map(|turn| turn.messages).chain(rest).collect();
    let request = Request {
        model: offer.provider_model.clone(),
        messages,
        max_tokens: options.max_tokens,
        temperature: options.temperature,
        stream,
        // A model that goes on with its own words cannot think before them.
        effort: options.effort.filter(|_| !prefills),
        conversation,
        context_tokens: Some(open_window(offer, options, used_tokens)),
        ..Request::default()
    };
    Prepared { request, context, can_shrink }
}

/// How large a window a server must open that has to be told: steps of two, so that it seldom changes.
fn open_window(offer: &Offer, options: &MessageOptions, used: u64) -> u64 {
    let all = offer.model.abilities.context_tokens.unwrap_or(u64::MAX);
    let needed = used.saturating_add(reserve(offer, options, u64::MAX));
    needed.max(OPEN_MIN).checked_next_power_of_two().unwrap_or(all).min(all)
}

/// Replaces the estimates of everything up to a counted reply so that they add up to what its provider counted.
fn calibrate(turns: &mut [Turn], unread: u32, model: &str) {
    let last = turns.iter().enumerate().rev().find_map(|(at, turn)| {
        turn.counted
            .as_ref()
            .filter(|counted| is_same_family(&counted.model, model))
            .map(|counted| (at, counted.clone()))
    });
    let Some((last, Counted { tokens, dropped, .. })) = last else { return };
    let first = usize::try_from(dropped.saturating_sub(unread)).unwrap_or_default();
    let Some(covered) = turns.get_mut(first..=last) else { return };
    let estimated: u64 = covered.iter().map(|turn| turn.tokens).sum();
    let scaled = |sum: u64| {
        u64::try_from(u128::from(sum) * u128::from(tokens) / u128::from(estimated.max(1))).unwrap_or(u64::MAX)
    };
    let mut sum = 0;
    for turn in covered {
        let before = scaled(sum);
        sum += turn.tokens;
        turn.tokens = scaled(sum) - before;
    }
}

/// Models of one family count alike: `openai/gpt-5-mini` and `azure/gpt-4.1`.
fn is_same_family(one: &str, other: &str) -> bool {
    let family = |id: &str| -> String {
        let name = id.rsplit('/').next().unwrap_or(id);
        name.chars().take_while(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect()
    };
    one == other || (!family(one).is_empty() && family(one) == family(other))
}

/// The oldest of the newest turns that fit into `budget`. The last one is always sent.
fn first_that_fits(turns: &[Turn], budget: u64) -> usize {
    let mut left = budget;
    let mut first = turns.len();
    for (at, turn) in turns.iter().enumerate().rev() {
        if turn.tokens > left && at + 1 < turns.len() {
            break;
        }
        left = left.saturating_sub(turn.tokens);
        first = at;
    }
    // A conversation that begins with the model's own words is refused by some providers.
    let begins = turns.iter().skip(first).position(|turn| !turn.is_reply());
    begins.map_or(first, |skipped| first + skipped)
}

#[cfg(test)]
mod tests;
