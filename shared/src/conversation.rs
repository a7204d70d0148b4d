//! Conversations: the list in the sidebar and the requests that change it.

use serde::{Deserialize, Serialize};

use crate::{
    ClientMessageId, ConversationId, GenerationId, MessageId,
    message::{Message, MessageOptions},
    time::Millis,
};

/// A conversation as the sidebar shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Conversation {
    /// The conversation's id.
    pub id: ConversationId,
    /// Empty until the first reply has given it one or its owner has.
    pub title: String,
    /// The model of the next message, as [`crate::model::Model::id`]; `None` means the default.
    pub model: Option<String>,
    /// The last message of the branch that is shown.
    pub active_leaf_id: Option<MessageId>,
    /// When it was made.
    pub created_at: Millis,
    /// When a message was last added; the list is sorted by it, newest first.
    pub updated_at: Millis,
}

/// Query of `GET /api/conversations`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema, utoipa::IntoParams))]
#[serde(deny_unknown_fields)]
pub struct ListConversations {
    /// Only those whose title contains this, without regard to case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Most entries of the page: 1 to 100, 50 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// A page of a list. Pages are found by key, so nothing is skipped or doubled while the list changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The entries, in the list's order.
    pub items: Vec<T>,
    /// Pass it as `after` for the next page; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Body of `POST /api/conversations`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateConversation {
    /// A title; without one the first reply gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The model of its messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

/// Body of `PATCH /api/conversations/{id}`; an absent field stays as it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateConversation {
    /// The new title, 1 to 200 characters. It is never overwritten by a generated one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The model of the next message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

/// Answer to `GET /api/conversations/{id}/messages`: the shown branch, oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Transcript {
    /// The conversation.
    pub conversation: Conversation,
    /// A page of the branch's messages, oldest first; the page is the newest unless `before` was given.
    pub messages: Vec<Message>,
    /// There are older messages on this branch: ask again with `before` = the first message's id.
    pub has_earlier: bool,
    /// The generation that is filling the last message at this moment; attach to its events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running: Option<GenerationId>,
    /// Replies that other models gave at the same time as the last message, where several were asked; each that is
    /// still `streaming` names its generation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<Message>,
    /// Messages that wait for the running reply to end, in the order in which they will be sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub queued: Vec<QueuedMessage>,
}

/// A message that is sent when the running reply has ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QueuedMessage {
    /// The id under which it was sent; its address as well.
    pub id: ClientMessageId,
    /// The conversation.
    pub conversation_id: ConversationId,
    /// What the user says.
    pub content: String,
    /// The model that will answer; absent: the conversation's at that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// What will be asked of the model beyond its default.
    #[serde(default, skip_serializing_if = "MessageOptions::is_default")]
    pub options: MessageOptions,
    /// When it was queued.
    pub created_at: Millis,
}

/// Body of `POST /api/conversations/{id}/fork`: a new conversation with a copy of the branch down to a message.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ForkConversation {
    /// The last message that goes along.
    pub message_id: MessageId,
}

/// Body of `POST /api/conversations/{id}/show`: shows the branch through a message, as far down as it was last shown.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ShowMessage {
    /// A message of the branch.
    pub message_id: MessageId,
}

/// Body of `PATCH /api/messages/{id}`: changes what a message says, and nothing else.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EditMessage {
    /// The new text, in Markdown.
    pub content: String,
}

/// Answer to `GET /api/messages/{id}/subtree` and to `DELETE /api/messages/{id}`: what goes when a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Subtree {
    /// How many messages, the named one included.
    pub messages: u64,
    /// How many of them lie on branches that are not shown.
    pub hidden: u64,
}

/// Query of `GET /api/conversations/{id}/messages`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema, utoipa::IntoParams))]
#[serde(deny_unknown_fields)]
pub struct ListMessages {
    /// Only messages above this one on its branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<MessageId>,
    /// Most messages of the page: 1 to 100, 50 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Most characters of a title.
pub const TITLE_MAX_CHARS: usize = 200;
