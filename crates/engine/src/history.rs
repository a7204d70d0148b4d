//! What was said before, as a provider is told of it.

use kaiwa_llm::{Message, Role};
use kaiwa_shared::{
    message::{self, Author, Status},
    stream::TemporaryMessage,
};
use kaiwa_store::entities::NativeBlock;

use crate::{Engine, live::LiveIds, tokens, told::told};

/// How many messages of a branch are read at a time.
const PAGE: u32 = 200;

/// The branch down to the user's message: as much of its end as any window could hold.
pub(crate) struct Branch {
    messages: Vec<Said>,
    /// How many older messages were not even read.
    unread: u32,
}

/// A stored message and what its provider wants back with it.
struct Said {
    message: message::Message,
    natives: Vec<NativeBlock>,
}

/// One message of the branch, translated for one provider.
pub(crate) struct Turn {
    /// What is sent; a reply with tool calls is several messages.
    pub(crate) messages: Vec<Message>,
    /// What it is estimated to cost, in tokens.
    pub(crate) tokens: u64,
    /// For a reply whose provider has counted: what everything from the oldest sent message to this one costs.
    pub(crate) counted: Option<Counted>,
}

/// A provider's own count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Counted {
    /// Prompt and reply together, in tokens.
    pub(crate) tokens: u64,
    /// How many messages of the branch had been left out.
    pub(crate) dropped: u32,
    /// The model that counted, as [`kaiwa_shared::model::Model::id`].
    pub(crate) model: String,
}

impl Branch {
    /// Reads the stored branch above a reply, about as much as fits into `window` tokens.
    pub(crate) async fn read(engine: &Engine, ids: &LiveIds, window: u64) -> kaiwa_store::Result<Self> {
        let store = engine.0.store.messages();
        let (leaf, owner) = (ids.user_message, ids.owner);
        let mut messages: Vec<Said> = Vec::new();
        let (mut before, mut tokens) = (None, 0);
        let has_earlier = loop {
            let page = store.told(owner, ids.conversation, leaf, before, PAGE).await?;
            let Some((oldest, _)) = page.first() else { break false };
            let has_earlier = oldest.parent_id.is_some();
            before = Some(oldest.id);
            tokens += page.iter().map(|(message, _)| tokens::of_parts(&message.parts)).sum::<u64>();
            messages.splice(0..0, page.into_iter().map(|(message, natives)| Said { message, natives }));
            // Twice the window, because the provider may count fewer tokens than we do.
            if !has_earlier || tokens > window.saturating_mul(2) {
                break has_earlier;
            }
        };
        let count = u32::try_from(messages.len()).unwrap_or(u32::MAX);
        let unread = if has_earlier {
            store.height(owner, ids.conversation, leaf).await?.saturating_sub(count)
        } else {
            0
        };
        Ok(Self { messages, unread })
    }

    /// How many messages are older than those that were read.
    pub(crate) fn unread(&self) -> u32 {
        self.unread
    }

    /// Every message that has something to tell, translated for the provider `slug`.
    pub(crate) fn turns(&self, slug: &str) -> Vec<Turn> {
        self.messages.iter().filter_map(|said| said.turn(slug)).collect()
    }
}

/// A temporary conversation, which its reader's page remembers, as turns.
pub(crate) fn temporary_turns(messages: &[TemporaryMessage]) -> Vec<Turn> {
    messages
        .iter()
        .filter(|message| !message.text.is_empty())
        .map(|message| Turn::new(vec![Message::text(role_of(message.author), message.text.clone())], None))
        .collect()
}

impl Turn {
    /// A message of the user's.
    pub(crate) fn said(text: String) -> Self {
        Self::new(plain(Role::User, text), None)
    }

    fn new(messages: Vec<Message>, counted: Option<Counted>) -> Self {
        let tokens = messages.iter().map(tokens::of_message).sum();
        Self { messages, tokens, counted }
    }

    /// The model speaks first in it.
    pub(crate) fn is_reply(&self) -> bool {
        self.messages.first().is_some_and(|message| message.role == Role::Assistant)
    }
}

impl Said {
    /// `None` if there is nothing to tell: a reply that failed, or one that had no words when it was stopped.
    fn turn(&self, slug: &str) -> Option<Turn> {
        let message = &self.message;
        let messages = match (message.author, message.status) {
            (Author::User, _) => plain(Role::User, message.text()),
            (Author::Assistant, Status::Complete) => told(&message.parts, &self.natives, slug),
            // A signature of half a thought is refused, and a half call asks for nothing.
            (Author::Assistant, _) => plain(Role::Assistant, message.text()),
        };
        (!messages.is_empty()).then(|| Turn::new(messages, counted(message)))
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
        // Thoughts are not sent again, or cost what the estimate of their native blocks says.
        tokens: (usage.input_tokens + usage.output_tokens).saturating_sub(usage.reasoning_tokens),
        dropped: context.dropped_messages,
        model: message.model.clone()?,
    })
}
