//! The history that is sent to a model: the messages before the reply, translated for one provider.

use kaiwa_llm::{Message, Role};
use kaiwa_shared::{
    File,
    message::{self, Author, Part, Status},
    stream::TemporaryMessage,
};
use kaiwa_store::{
    Store,
    chat::{HistoryMessage, PageLimit},
};

use super::{
    attachments::{self, Attachment},
    live::LiveIds,
    past_reply, tokens,
};

/// Number of messages that are read at once.
const PAGE: u32 = 200;

/// Bytes of a token at most, by our estimate; JSON adds little.
const TOKEN_BYTES: u64 = 4;

/// Bytes that are always read, so that short messages do not need several pages.
const MIN_BYTES: u64 = 256 * 1024;

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
    /// The files that are sent in it.
    pub(crate) attachments: Vec<Attachment>,
    /// The estimated size, in tokens.
    pub(crate) tokens: u64,
    /// Its place among the messages that were read, those without content included.
    pub(crate) position: u32,
    /// For a reply: what was sent for it.
    pub(crate) sent: Option<Sent>,
}

/// What was sent for a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    /// The model that answered, as [`kaiwa_shared::model::Model::id`].
    pub(crate) model: String,
    /// The number of tokens that could be sent.
    pub(crate) window: u64,
    /// The number of messages of the branch that were left out.
    pub(crate) dropped: u32,
    /// The provider's own count of what was sent and of the reply together, in tokens.
    pub(crate) counted: Option<u64>,
}

impl Branch {
    /// Reads the stored branch above a reply, about as much as fits into `window` tokens, however long the branch is.
    pub(crate) async fn read(store: &Store, ids: &LiveIds, window: u64) -> kaiwa_store::Result<Self> {
        let mut tx = store.read().await?;
        let (leaf, owner) = (ids.user_message, ids.owner);
        let mut messages: Vec<HistoryMessage> = Vec::new();
        let mut before = None;
        // Twice the window, because the provider may count fewer tokens than the estimate.
        let mut bytes = window.saturating_mul(2 * TOKEN_BYTES).max(MIN_BYTES);
        loop {
            let limit = PageLimit { messages: PAGE, bytes };
            let page = tx.messages().history(owner, ids.conversation, leaf, before, limit).await?;
            let Some(oldest) = page.first().map(|entry| &entry.message) else { break };
            let has_earlier = oldest.parent_id.is_some();
            before = Some(oldest.id);
            let is_full = page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
            bytes = bytes.saturating_sub(page.iter().map(size).sum());
            messages.splice(0..0, page);
            if !has_earlier || is_full || bytes == 0 {
                break;
            }
        }
        let unread = messages.first().map_or(0, |oldest| oldest.depth);
        Ok(Self { messages, unread })
    }

    /// The number of messages that are older than those that were read.
    pub(crate) const fn unread(&self) -> u32 {
        self.unread
    }

    /// The messages with any content, translated for the provider `slug`.
    pub(crate) fn items(&self, slug: &str) -> Vec<HistoryItem> {
        let entries = (0..).zip(&self.messages);
        entries.filter_map(|(position, entry)| HistoryItem::of_stored(entry, position, slug)).collect()
    }
}

/// The approximate size of a message, in bytes.
fn size(entry: &HistoryMessage) -> u64 {
    let parts = entry.message.parts.iter().map(|part| match part {
        Part::Text { text } | Part::Reasoning { text, .. } => text.len(),
        Part::ToolCall { name, arguments, .. } => name.len() + arguments.len(),
        Part::ToolResult(result) => result.output.len(),
        Part::Citation(citation) => citation.excerpt.len(),
        Part::File(_) | Part::Error { .. } => 0,
    });
    let blocks = entry.provider_blocks.iter().map(|block| block.block.to_string().len());
    tokens::count(parts.sum::<usize>() + blocks.sum::<usize>())
}

/// The messages of a temporary conversation, with its files.
pub(crate) fn of_temporary(messages: &[TemporaryMessage], files: &[File]) -> Vec<HistoryItem> {
    let item = |(position, message): (u32, &TemporaryMessage)| match message.author {
        Author::User => HistoryItem::of_user(&message.content.to_message_parts(files), position),
        Author::Assistant => {
            let messages = plain(Role::Assistant, message.content.text());
            (!messages.is_empty()).then(|| HistoryItem::new(messages, position, None))
        }
    };
    (0..).zip(messages).filter_map(item).collect()
}

impl HistoryItem {
    /// A message of the user; `None` if there is nothing in it.
    pub(crate) fn of_user(parts: &[Part], position: u32) -> Option<Self> {
        let (content, attachments) = attachments::contents(parts);
        if content.is_empty() {
            return None;
        }
        let item = Self::new(vec![Message { role: Role::User, content }], position, None);
        let files: u64 = attachments.iter().map(|attachment| attachments::tokens(&attachment.file)).sum();
        Some(Self { tokens: item.tokens.saturating_add(files), attachments, ..item })
    }

    /// `None` if there is nothing to send: a reply that failed, or one that was stopped before its first word.
    fn of_stored(entry: &HistoryMessage, position: u32, slug: &str) -> Option<Self> {
        let message = &entry.message;
        let messages = match (message.author, message.status) {
            (Author::User, _) => return Self::of_user(&message.parts, position),
            (Author::Assistant, Status::Complete) => {
                past_reply::messages(&message.parts, &entry.provider_blocks, slug)
            }
            // Providers refuse the signature of incomplete reasoning, and an incomplete call has no result.
            (Author::Assistant, _) => plain(Role::Assistant, message.text()),
        };
        (!messages.is_empty()).then(|| Self::new(messages, position, sent(message)))
    }

    fn new(messages: Vec<Message>, position: u32, sent: Option<Sent>) -> Self {
        let tokens = messages.iter().map(tokens::of_message).sum();
        Self { messages, attachments: Vec::new(), tokens, position, sent }
    }

    /// Whether it begins with the model's own words.
    pub(crate) fn is_reply(&self) -> bool {
        self.messages.first().is_some_and(|message| message.role == Role::Assistant)
    }
}

fn plain(role: Role, text: String) -> Vec<Message> {
    if text.is_empty() { Vec::new() } else { vec![Message::text(role, text)] }
}

fn sent(message: &message::Message) -> Option<Sent> {
    let context = message.context?;
    let usage = message.usage.filter(|usage| !usage.estimated && usage.input_tokens == context.used_tokens);
    Some(Sent {
        model: message.model.clone()?,
        window: context.window_tokens,
        dropped: context.dropped_messages,
        // Reasoning is not sent again, or its provider blocks are counted instead.
        counted: usage
            .map(|usage| (usage.input_tokens + usage.output_tokens).saturating_sub(usage.reasoning_tokens)),
    })
}

#[cfg(test)]
mod tests;
