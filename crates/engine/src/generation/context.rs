//! The request to a model: the system prompt, and as much of the history as fits into the model's window.
//!
//! A provider's own count in an earlier reply of the same model family replaces the estimates up to that reply; the rest
//! is estimated. The oldest messages are left out first, and the reader is told how many. They are left out in steps:
//! several replies begin with the same message, so that the provider's cache of the prompt is hit.

use kaiwa_llm::{Message, Request, Role};
use kaiwa_shared::message::{ContextUse, MessageOptions};

use super::{
    attachments::Attachment,
    continuation,
    history::{HistoryItem, Sent},
    tokens,
};
use crate::Offer;

/// Minimum window that a server is asked to open; some servers reload the model when it changes.
const MIN_OPEN: u64 = 8192;

/// What a request is built from.
pub(crate) struct Question<'a> {
    /// The model and its provider.
    pub(crate) offer: &'a Offer,
    /// The conversation's system prompt.
    pub(crate) system_prompt: Option<&'a str>,
    /// The messages before the reply.
    pub(crate) history: Vec<HistoryItem>,
    /// The number of messages of the branch that are older than `history`.
    pub(crate) unread: u32,
    /// The reply to continue; empty for a new one.
    pub(crate) so_far: &'a str,
    /// Options of the request.
    pub(crate) options: &'a MessageOptions,
    /// A stable name of the conversation.
    pub(crate) conversation: Option<String>,
    /// `false` requests the whole reply at once.
    pub(crate) stream: bool,
    /// Tokens that may be sent.
    pub(crate) window: u64,
}

/// A request and how much of the window it fills.
pub(crate) struct Prepared {
    pub(crate) request: Request,
    /// The files that are only named in it so far.
    pub(crate) attachments: Vec<Attachment>,
    pub(crate) context: ContextUse,
    /// Whether more of the history could be left out.
    pub(crate) can_shrink: bool,
}

/// The number of tokens that may be sent: as the options say, at most the model's window, which is `default` if it is
/// unknown.
pub(crate) fn window(offer: &Offer, options: &MessageOptions, default: usize) -> u64 {
    offer.model.abilities.prompt_tokens(options, tokens::count(default))
}

/// Chooses what is sent and builds the request.
pub(crate) fn prepare(question: Question<'_>) -> Prepared {
    let Question { offer, mut history, unread, so_far, options, window, .. } = question;
    let system = question.system_prompt.map(|prompt| Message::text(Role::System, prompt));
    let system_tokens = system.as_ref().map_or(0, tokens::of_message);
    calibrate(&mut history, unread, &offer.model.id, system_tokens);
    let prefills = !so_far.is_empty() && offer.provider.prefills(&offer.provider_model);
    let rest = if so_far.is_empty() { Vec::new() } else { continuation::messages(so_far, prefills) };
    let fixed: u64 = rest.iter().map(tokens::of_message).sum::<u64>() + system_tokens;
    let first = first_to_send(&history, Budget { window, fixed }, unread, &offer.model.id);
    let read = history.last().map_or(0, |last| last.position.saturating_add(1));
    let dropped = history.get(first).map_or(read, |item| item.position);
    let kept = history.split_off(first);
    let used_tokens = kept.iter().map(|item| item.tokens).sum::<u64>() + fixed;
    let context = ContextUse {
        used_tokens,
        window_tokens: window,
        dropped_messages: unread.saturating_add(dropped),
        estimated: true,
    };
    let can_shrink = kept.len() > 1;
    let attachments = attachments_of(&kept, usize::from(system.is_some()));
    let kept = kept.into_iter().flat_map(|item| item.messages);
    let messages: Vec<Message> = system.into_iter().chain(kept).chain(rest).collect();
    let request = Request {
        model: offer.provider_model.clone(),
        messages,
        max_tokens: options.max_tokens,
        temperature: options.temperature,
        stream: question.stream,
        // A model that continues its own words cannot reason before them.
        effort: options.effort.filter(|_| !prefills),
        conversation: question.conversation,
        context_tokens: Some(open_window(offer, options, used_tokens)),
        ..Request::default()
    };
    Prepared { request, attachments, context, can_shrink }
}

/// The files of these messages, the first of which is at `first` in the request.
fn attachments_of(history: &[HistoryItem], first: usize) -> Vec<Attachment> {
    let mut at = first;
    let mut attachments = Vec::new();
    for item in history {
        attachments.extend(
            item.attachments.iter().cloned().map(|attachment| Attachment { message: at, ..attachment }),
        );
        at += item.messages.len();
    }
    attachments
}

/// The window that a server is asked to open: a power of two, so that it rarely changes.
fn open_window(offer: &Offer, options: &MessageOptions, used: u64) -> u64 {
    let all = offer.model.abilities.context_tokens.unwrap_or(u64::MAX);
    let needed = used.saturating_add(offer.model.abilities.reply_tokens(options));
    needed.max(MIN_OPEN).checked_next_power_of_two().unwrap_or(all).min(all)
}

/// Scales the estimates of everything up to the last counted reply so that, with the system prompt, they add up to what
/// its provider counted.
fn calibrate(history: &mut [HistoryItem], unread: u32, model: &str, system_tokens: u64) {
    let last = history.iter().enumerate().rev().find_map(|(at, item)| {
        let sent = item.sent.as_ref().filter(|sent| is_same_family(&sent.model, model))?;
        sent.counted.map(|counted| (at, counted, sent.dropped))
    });
    let Some((last, counted, dropped)) = last else { return };
    let first = index_of(history, unread, dropped);
    let Some(covered) = history.get_mut(first..=last) else { return };
    let tokens = counted.saturating_sub(system_tokens);
    let estimated: u64 = covered.iter().map(|item| item.tokens).sum();
    let scaled = |sum: u64| {
        u64::try_from(u128::from(sum) * u128::from(tokens) / u128::from(estimated.max(1))).unwrap_or(u64::MAX)
    };
    let mut sum = 0;
    for item in covered {
        let before = scaled(sum);
        sum += item.tokens;
        item.tokens = scaled(sum) - before;
    }
}

/// The first message of a history that is sent if the oldest `dropped` messages of the branch are left out.
fn index_of(history: &[HistoryItem], unread: u32, dropped: u32) -> usize {
    history.partition_point(|item| item.position < dropped.saturating_sub(unread))
}

/// Models of one family count alike: `openai/gpt-5-mini` and `azure/gpt-4.1`.
fn is_same_family(one: &str, other: &str) -> bool {
    let family = |id: &str| -> String {
        let name = id.rsplit('/').next().unwrap_or(id);
        name.chars().take_while(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect()
    };
    one == other || (!family(one).is_empty() && family(one) == family(other))
}

/// The window, and what of it everything but the history takes.
#[derive(Clone, Copy)]
struct Budget {
    window: u64,
    fixed: u64,
}

/// The first message to send: the same as for the last reply of this model, if the rest still fits; the oldest one, if
/// all of them fit; otherwise the one from which on three quarters of the window are filled. The last message is always
/// sent.
fn first_to_send(history: &[HistoryItem], budget: Budget, unread: u32, model: &str) -> usize {
    let Budget { window, fixed } = budget;
    let all = window.saturating_sub(fixed);
    let fits = |first: usize| history.iter().skip(first).map(|item| item.tokens).sum::<u64>() <= all;
    let is_alike = |sent: &&Sent| sent.model == model && sent.window == window && sent.dropped >= unread;
    let last = history.iter().rev().find_map(|item| item.sent.as_ref().filter(is_alike));
    if let Some(last) = last {
        let first = index_of(history, unread, last.dropped);
        if first < history.len() && fits(first) {
            return first;
        }
    }
    if unread == 0 && fits(0) {
        return 0;
    }
    first_that_fits(history, (window - window / 4).saturating_sub(fixed))
}

/// The oldest of the newest messages that fit into `budget`. The last one is always sent.
fn first_that_fits(history: &[HistoryItem], budget: u64) -> usize {
    let mut left = budget;
    let mut first = history.len();
    for (at, item) in history.iter().enumerate().rev() {
        if item.tokens > left && at + 1 < history.len() {
            break;
        }
        left = left.saturating_sub(item.tokens);
        first = at;
    }
    // A conversation that begins with the model's own words is refused by some providers.
    let begins = history.iter().skip(first).position(|item| !item.is_reply());
    begins.map_or(first, |skipped| first + skipped)
}

#[cfg(test)]
mod tests;
