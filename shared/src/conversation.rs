//! Conversations, and the requests that list and change them.

use serde::{Deserialize, Serialize};

use crate::{
    ClientMessageId, Content, ConversationId, File, GenerationId, MessageId,
    message::{Message, MessageOptions},
    time::Millis,
};

/// A conversation, without its messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Conversation {
    /// The conversation's id.
    pub id: ConversationId,
    /// The title. Empty until the user sets one or the first reply generates one.
    pub title: String,
    /// The model of the next message, as [`crate::model::Model::id`]; `None` means the default.
    pub model: Option<String>,
    /// The last message of the shown branch.
    pub active_leaf_id: Option<MessageId>,
    /// When it was created.
    pub created_at: Millis,
    /// When a message was last added. Lists are sorted by it, latest first.
    pub updated_at: Millis,
}

/// Settings of a conversation, for every model that replies in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConversationSettings {
    /// Instructions that every request begins with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_prompt: Option<String>,
    /// Options of messages that do not set their own.
    #[serde(default, skip_serializing_if = "MessageOptions::is_default")]
    pub options: MessageOptions,
}

impl ConversationSettings {
    /// Whether nothing is set.
    pub fn is_default(&self) -> bool {
        self.system_prompt.is_none() && self.options.is_default()
    }
}

/// A conversation with its settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConversationDetails {
    /// The conversation.
    #[serde(flatten)]
    pub conversation: Conversation,
    /// Its settings.
    #[serde(flatten)]
    pub settings: ConversationSettings,
}

/// Maximum size of a system prompt, in bytes.
pub const MAX_SYSTEM_PROMPT_BYTES: usize = 64 * 1024;

/// Query of `GET /api/conversations`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema, utoipa::IntoParams))]
#[serde(deny_unknown_fields)]
pub struct ListConversations {
    /// Only conversations whose title contains this text, ignoring case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// `next` of the previous page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// The maximum number of entries, from 1 to 100. The default is 50.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 100))]
    pub limit: Option<u32>,
}

/// A page of a list. Pages continue after a key, so no entry is skipped or repeated while the list changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The entries, in the list's order.
    pub items: Vec<T>,
    /// The `after` of the next page. Absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Body of `POST /api/conversations`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateConversation {
    /// The title. Without one, it is generated after the first reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The model of the next message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Instructions that every request to a model begins with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_prompt: Option<String>,
    /// Options of messages that do not set their own.
    #[serde(default, skip_serializing_if = "MessageOptions::is_default")]
    pub options: MessageOptions,
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
    /// Instructions that every request to a model begins with; an empty string removes them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_prompt: Option<String>,
    /// Options of messages that do not set their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<MessageOptions>,
}

/// The response to `GET /api/conversations/{id}/messages`: the shown branch, oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Transcript {
    /// The conversation.
    pub conversation: Conversation,
    /// The conversation's settings.
    #[serde(default, skip_serializing_if = "ConversationSettings::is_default")]
    pub settings: ConversationSettings,
    /// A page of the branch, oldest first. Without `before`, it is the latest page.
    pub messages: Vec<Message>,
    /// Whether the branch has earlier messages. Request them with the first message's id as `before`.
    pub has_earlier: bool,
    /// The running generation of the last message, whose events can be followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running: Option<GenerationId>,
    /// Parallel replies of other models, if several were asked. Those that are still `streaming` name their generation.
    #[serde(default, rename = "beside", skip_serializing_if = "Vec::is_empty")]
    pub parallel: Vec<Message>,
    /// Messages that are queued behind the running reply, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub queued: Vec<QueuedMessage>,
}

/// A message that is sent when the running reply has ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QueuedMessage {
    /// The id with which it was sent, which also identifies it in the queue.
    pub id: ClientMessageId,
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The user's content.
    pub content: Content,
    /// The files that the content names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<File>,
    /// The model that will reply. If absent, the conversation's model at that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Options for the model.
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
    /// The last message to copy.
    pub message_id: MessageId,
}

/// Body of `POST /api/conversations/{id}/show`: switches to the branch that contains a message.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ShowMessage {
    /// A message of the branch.
    pub message_id: MessageId,
}

/// Body of `PATCH /api/messages/{id}`: changes the content of a message.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EditMessage {
    /// The new content.
    pub content: Content,
}

/// The response to `GET /api/messages/{id}/subtree` and `DELETE /api/messages/{id}`: what deleting a message removes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Subtree {
    /// The number of messages, including the named one.
    pub messages: u64,
    /// How many of them are on branches that are not shown.
    pub hidden: u64,
}

/// Query of `GET /api/conversations/{id}/messages`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema, utoipa::IntoParams))]
#[serde(deny_unknown_fields)]
pub struct ListMessages {
    /// Only messages before this one on its branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<MessageId>,
    /// The maximum number of messages, from 1 to 1000. The default is 50.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 1000))]
    pub limit: Option<u32>,
}

/// The maximum length of a title.
pub const TITLE_MAX_CHARS: usize = 200;
