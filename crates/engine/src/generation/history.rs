//! The history that is sent to a model: the messages before the reply, translated for one provider.

use kaiwa_llm::{Message, Role};
use kaiwa_shared::{
    message::{self, Author, Status},
    stream::TemporaryMessage,
};
use kaiwa_store::{Store, chat::HistoryMessage};

use super::{live::LiveIds, past_reply, tokens};

/// Number of messages that are read at once.
const PAGE: u32 = 200;

/// The end of the branch down to the user's message, as much as any window could hold.
pub(crate) struct Branch {
    messages: Vec<HistoryMessage>,
    /// The number of older messages that were not read.
    unread: u32,
}

/// One message of the history, translated for one provider.
pub(crate) struct HistoryItem {
    /// What is sent; a reply with tool calls is several messages.
    pub(crate) messages: Vec<Message>,
    /// The estimated size, in tokens.
    pub(crate) tokens: u64,
    /// For a reply with a provider's count: the size of everything from the oldest sent message to this one.
    pub(crate) counted: Option<Counted>,
}

/// A provider's own count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Counted {
    /// Prompt and reply together, in tokens.
    pub(crate) tokens: u64,
    /// The number of messages of the branch that had been left out.
    pub(crate) dropped: u32,
    /// The model that counted, as [`kaiwa_shared::model::Model::id`].
    pub(crate) model: String,
}

impl Branch {
    /// Reads the stored branch above a reply, about as much as fits into `window` tokens.
    pub(crate) async fn read(store: &Store, ids: &LiveIds, window: u64) -> kaiwa_store::Result<Self> {
        let mut tx = store.read().await?;
        let (leaf, owner) = (ids.user_message, ids.owner);
        let mut messages: Vec<HistoryMessage> = Vec::new();
        let (mut before, mut tokens) = (None, 0);
        let has_earlier = loop {
            let page = tx.messages().history(owner, ids.conversation, leaf, before, PAGE).await?;
            let Some(oldest) = page.first().map(|entry| &entry.message) else { break false };
            let has_earlier = oldest.parent_id.is_some();
            before = Some(oldest.id);
            tokens += page.iter().map(|entry| tokens::of_parts(&entry.message.parts)).sum::<u64>();
            messages.splice(0..0, page);
            // Twice the window, because the provider may count fewer tokens than the estimate.
            if !has_earlier || tokens > window.saturating_mul(2) {
                break has_earlier;
            }
        };
        let count = u32::try_from(messages.len()).unwrap_or(u32::MAX);
        let unread = if has_earlier {
            tx.messages().branch_length(owner, ids.conversation, leaf).await?.saturating_sub(count)
        } else {
            0
        };
        Ok(Self { messages, unread })
    }

    /// The number of messages that are older than those that were read.
    pub(crate) const fn unread(&self) -> u32 {
        self.unread
    }

    /// The messages with any content, translated for the provider `slug`.
    pub(crate) fn items(&self, slug: &str) -> Vec<HistoryItem> {
        self.messages.iter().filter_map(|entry| HistoryItem::of_stored(entry, slug)).collect()
    }
}

/// The messages of a temporary conversation.
pub(crate) fn of_temporary(messages: &[TemporaryMessage]) -> Vec<HistoryItem> {
    let messages = messages.iter().filter(|message| !message.content.is_empty());
    let item = |message: &TemporaryMessage| plain(role_of(message.author), message.content.text());
    messages.map(|message| HistoryItem::new(item(message), None)).collect()
}

impl HistoryItem {
    /// A message of the user.
    pub(crate) fn of_user(text: String) -> Self {
        Self::new(plain(Role::User, text), None)
    }

    /// `None` if there is nothing to send: a reply that failed, or one that was stopped before its first word.
    fn of_stored(entry: &HistoryMessage, slug: &str) -> Option<Self> {
        let message = &entry.message;
        let messages = match (message.author, message.status) {
            (Author::User, _) => plain(Role::User, message.text()),
            (Author::Assistant, Status::Complete) => {
                past_reply::messages(&message.parts, &entry.provider_blocks, slug)
            }
            // Providers refuse the signature of incomplete reasoning, and an incomplete call has no result.
            (Author::Assistant, _) => plain(Role::Assistant, message.text()),
        };
        (!messages.is_empty()).then(|| Self::new(messages, counted(message)))
    }

    fn new(messages: Vec<Message>, counted: Option<Counted>) -> Self {
        let tokens = messages.iter().map(tokens::of_message).sum();
        Self { messages, tokens, counted }
    }

    /// Whether it begins with the model's own words.
    pub(crate) fn is_reply(&self) -> bool {
        self.messages.first().is_some_and(|message| message.role == Role::Assistant)
    }
}

fn plain(role: Role, text: String) -> Vec<Message> {
    if text.is_empty() { Vec::new() } else { vec![Message::text(role, text)] }
}

const fn role_of(author: Author) -> Role {
    match author {
        Author::User => Role::User,
        Author::Assistant => Role::Assistant,
    }
}

fn counted(message: &message::Message) -> Option<Counted> {
    let usage = message.usage.filter(|usage| !usage.estimated)?;
    let context = message.context.filter(|context| context.used_tokens == usage.input_tokens)?;
    Some(Counted {
        // Reasoning is not sent again, or its provider blocks are counted instead.
        tokens: (usage.input_tokens + usage.output_tokens).saturating_sub(usage.reasoning_tokens),
        dropped: context.dropped_messages,
        model: message.model.clone()?,
    })
}
