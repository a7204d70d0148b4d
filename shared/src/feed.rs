//! The events of `GET /api/events`: what changed in the user's conversations and saved prompts.
//!
//! On the wire they look like the events of a generation. A page that was disconnected reloads what it shows. Replies
//! are not part of this stream: a page that shows a conversation in which a generation starts follows that generation.

use serde::{Deserialize, Serialize};

use crate::{
    ConversationId, GenerationId, MessageId,
    conversation::{Conversation, ConversationSettings, QueuedMessage},
    message::Status,
    sse::{Event, unknown_event},
};

/// One change.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum FeedEvent {
    /// The first event: the stream is open, and no later change is missed.
    Ready,
    /// A conversation is new, or its title, its model, its settings or its shown branch has changed.
    Conversation(ConversationChanged),
    /// A conversation was deleted.
    ConversationDeleted(ConversationRef),
    /// Messages of a conversation were added, changed or deleted, other than by the events below.
    MessagesChanged(ConversationRef),
    /// A reply has begun; `GET /api/generations/{id}/events` follows it.
    GenerationStarted(GenerationStarted),
    /// A reply has ended and is stored.
    GenerationEnded(GenerationEnded),
    /// The queue of a conversation has changed.
    Queue(QueueChanged),
    /// The account's saved prompts have changed; `GET /api/prompts` lists them.
    PromptsChanged,
}

/// A conversation that is new or has changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConversationChanged {
    /// The conversation as it is now.
    pub conversation: Conversation,
    /// Its settings, if they may have changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<ConversationSettings>,
}

/// The conversation that an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConversationRef {
    /// Its id.
    pub conversation_id: ConversationId,
}

/// A reply that has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GenerationStarted {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The reply.
    pub message_id: MessageId,
    /// The generation.
    pub generation_id: GenerationId,
}

/// A reply that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GenerationEnded {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The reply.
    pub message_id: MessageId,
    /// The generation.
    pub generation_id: GenerationId,
    /// How it ended.
    pub status: Status,
}

/// The queue of a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QueueChanged {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// All queued messages, in order.
    pub queued: Vec<QueuedMessage>,
}

impl Event for FeedEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Conversation(_) => "conversation",
            Self::ConversationDeleted(_) => "conversation_deleted",
            Self::MessagesChanged(_) => "messages_changed",
            Self::GenerationStarted(_) => "generation_started",
            Self::GenerationEnded(_) => "generation_ended",
            Self::Queue(_) => "queue",
            Self::PromptsChanged => "prompts_changed",
        }
    }

    fn read(name: &str, data: &str) -> serde_json::Result<Self> {
        Ok(match name {
            "ready" => Self::Ready,
            "conversation" => Self::Conversation(serde_json::from_str(data)?),
            "conversation_deleted" => Self::ConversationDeleted(serde_json::from_str(data)?),
            "messages_changed" => Self::MessagesChanged(serde_json::from_str(data)?),
            "generation_started" => Self::GenerationStarted(serde_json::from_str(data)?),
            "generation_ended" => Self::GenerationEnded(serde_json::from_str(data)?),
            "queue" => Self::Queue(serde_json::from_str(data)?),
            "prompts_changed" => Self::PromptsChanged,
            _ => return Err(unknown_event(name)),
        })
    }
}
