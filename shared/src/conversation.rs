//! Conversations: the list in the sidebar and the requests that change it.

use serde::{Deserialize, Serialize};

use crate::{ConversationId, GenerationId, MessageId, message::Message, time::Millis};

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
