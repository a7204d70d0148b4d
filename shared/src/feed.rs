//! The events of `GET /api/events`: what changed in any of the owner's conversations, one stream for each open page.
//!
//! On the wire each is one server-sent event like those of a generation. The stream tells what happens while it is
//! open; whoever was away reads anew what it shows. What a model says does not come here: a page that shows a
//! conversation in which a generation starts follows that generation.

use serde::{Deserialize, Serialize};

use crate::{
    ConversationId, GenerationId, MessageId,
    conversation::{Conversation, QueuedMessage},
    message::Status,
};

/// One thing that changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "event", rename_all = "snake_case", try_from = "crate::flat::FlatFeed")]
pub enum FeedEvent {
    /// The stream is open: from here on nothing is missed. Always the first event.
    Ready,
    /// A conversation is new or its title, its model or its shown branch has changed.
    Conversation {
        /// The conversation as it is now.
        conversation: Conversation,
    },
    /// A conversation is gone.
    ConversationDeleted {
        /// Which.
        conversation_id: ConversationId,
    },
    /// Messages of a conversation were added, changed or deleted, other than by the events below.
    MessagesChanged {
        /// The conversation.
        conversation_id: ConversationId,
    },
    /// A reply has begun; `GET /api/generations/{id}/events` follows it.
    GenerationStarted {
        /// The conversation.
        conversation_id: ConversationId,
        /// The reply.
        message_id: MessageId,
        /// The generation.
        generation_id: GenerationId,
    },
    /// A reply is over and stored.
    GenerationEnded {
        /// The conversation.
        conversation_id: ConversationId,
        /// The reply.
        message_id: MessageId,
        /// The generation.
        generation_id: GenerationId,
        /// How it ended.
        status: Status,
    },
    /// The messages that wait in a conversation.
    Queue {
        /// The conversation.
        conversation_id: ConversationId,
        /// All of them, in order.
        queued: Vec<QueuedMessage>,
    },
}

impl FeedEvent {
    /// The event's name: the `event:` field on the wire and the tag in its JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Conversation { .. } => "conversation",
            Self::ConversationDeleted { .. } => "conversation_deleted",
            Self::MessagesChanged { .. } => "messages_changed",
            Self::GenerationStarted { .. } => "generation_started",
            Self::GenerationEnded { .. } => "generation_ended",
            Self::Queue { .. } => "queue",
        }
    }
}
