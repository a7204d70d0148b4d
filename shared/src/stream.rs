//! The events of a generation: what `POST /api/chat/stream` and `GET /api/generations/{id}/events` send.
//!
//! Each is one server-sent event: `id:` is its sequence number, `event:` its name, `data:` one line of
//! JSON. Nothing follows `end`.

use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    ClientMessageId, Content, ConversationId, GenerationId, MessageId,
    conversation::ConversationSettings,
    message::{Author, Citation, ContextUse, Finish, MessageOptions, Part, Status, ToolResult, Usage},
    problem::Problem,
    sse::{Event, unknown_event},
};

/// Body of `POST /api/chat/stream`. It has exactly one of `content`, `regenerate` and `continue`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SendMessage {
    /// The conversation; without one, a new conversation is created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<ConversationId>,
    /// The parent message; `null`: none, as a sibling of the first message; absent: the last message of the shown
    /// branch, or none in a new conversation.
    #[serde(default, skip_serializing_if = "Parent::is_shown_end")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<MessageId>))]
    pub parent_id: Parent,
    /// Makes the request idempotent: a second request with the same id returns the same generation.
    pub client_message_id: ClientMessageId,
    /// The message.
    #[serde(default, skip_serializing_if = "Content::is_empty")]
    pub content: Content,
    /// Instead of `content`: write another reply as a sibling of this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regenerate: Option<MessageId>,
    /// Instead of `content`: continue this reply, which was stopped or cut off.
    #[serde(default, rename = "continue", skip_serializing_if = "Option::is_none")]
    pub continues: Option<MessageId>,
    /// The model that replies; absent: the conversation's model, or the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Other models that reply to the same message in parallel, at most [`MAX_PARALLEL`].
    #[serde(default, rename = "beside", skip_serializing_if = "Vec::is_empty")]
    pub parallel: Vec<String>,
    /// If the parent is a reply that is still being written, queue the message and send it when that reply has ended.
    /// The response is then 202 with a [`QueuedMessage`](crate::conversation::QueuedMessage).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub queue: bool,
    /// The history of a temporary conversation, of which the server stores nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temporary: Option<Vec<TemporaryMessage>>,
    /// The settings of a new or temporary conversation. A stored conversation has its own.
    #[serde(default, deserialize_with = "read_settings", skip_serializing_if = "Option::is_none")]
    pub settings: Option<ConversationSettings>,
    /// Options that differ from the model's defaults.
    #[serde(default, skip_serializing_if = "MessageOptions::is_default")]
    pub options: MessageOptions,
}

impl SendMessage {
    /// An empty request; set one of `content`, `regenerate` and `continues`.
    pub fn new(client_message_id: ClientMessageId) -> Self {
        Self {
            conversation_id: None,
            parent_id: Parent::ShownEnd,
            client_message_id,
            content: Content::default(),
            regenerate: None,
            continues: None,
            model: None,
            parallel: Vec::new(),
            queue: false,
            temporary: None,
            settings: None,
            options: MessageOptions::default(),
        }
    }
}

/// Reads settings, of which every field must be known.
fn read_settings<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<ConversationSettings>, D::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Given {
        #[serde(default)]
        system_prompt: Option<String>,
        #[serde(default)]
        options: MessageOptions,
    }
    let given = Option::<Given>::deserialize(deserializer)?;
    Ok(given.map(|Given { system_prompt, options }| ConversationSettings { system_prompt, options }))
}

/// A message of a temporary conversation, which only the client keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TemporaryMessage {
    /// Who wrote it.
    pub author: Author,
    /// Its content.
    #[serde(alias = "text")]
    pub content: Content,
}

/// Maximum number of models that reply in parallel to the first one.
pub const MAX_PARALLEL: usize = 3;

/// The position of a message in the tree of its conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Option<MessageId>")]
pub enum Parent {
    /// At the end of the branch that is shown.
    #[default]
    ShownEnd,
    /// At the top, as a sibling of the first message.
    Top,
    /// Below this message.
    Message(MessageId),
}

impl Parent {
    /// The position below this message, or at the top.
    pub fn of(parent_id: Option<MessageId>) -> Self {
        parent_id.map_or(Self::Top, Self::Message)
    }

    /// The parent message, if one is given.
    pub fn message(self) -> Option<MessageId> {
        match self {
            Self::ShownEnd | Self::Top => None,
            Self::Message(id) => Some(id),
        }
    }

    fn is_shown_end(&self) -> bool {
        *self == Self::ShownEnd
    }
}

impl From<Option<MessageId>> for Parent {
    fn from(parent_id: Option<MessageId>) -> Self {
        Self::of(parent_id)
    }
}

impl Serialize for Parent {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.message().serialize(serializer)
    }
}

/// Maximum size of one message, in bytes.
pub const CONTENT_MAX_BYTES: usize = 1024 * 1024;

/// One event of a generation.
///
/// It is written as one JSON object whose `event` field repeats the event's name, and read by [`Event::read`], which
/// takes the name from the SSE field `event:`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum StreamEvent {
    /// The user's message and the empty reply are stored. Always the first event of `POST /api/chat/stream`.
    Created(Created),
    /// How much of the conversation is sent to the model.
    Context(ContextUse),
    /// The provider refused the request, which is retried with the same provider or another one.
    Retrying(Retrying),
    /// The whole reply up to this sequence number. The first event for a client that attaches later.
    Snapshot(Snapshot),
    /// More text at the end of the reply.
    Delta(TextDelta),
    /// More of the model's reasoning.
    Reasoning(TextDelta),
    /// A piece of a tool call, or all of it.
    ToolCall(ToolCallDelta),
    /// What a tool returned.
    ToolResult(ToolResult),
    /// A source for the text so far.
    Citation(Citation),
    /// Tokens and cost of the reply; the last one counts.
    Usage(Usage),
    /// The title of a new conversation: the first words of its question. A better title follows in the feed.
    Title(NewTitle),
    /// Something went wrong; `end` follows.
    Error(StreamError),
    /// The reply is over. Nothing follows.
    End(StreamEnd),
}

/// The ids of a message that was sent and of its reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Created {
    /// The conversation, new or not.
    pub conversation_id: ConversationId,
    /// The user's message.
    pub user_message_id: MessageId,
    /// The reply.
    pub message_id: MessageId,
    /// The generation that writes the reply.
    pub generation_id: GenerationId,
    /// The model that writes it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub model: String,
    /// The parallel replies of other models; each has its own generation to follow.
    #[serde(default, rename = "beside", skip_serializing_if = "Vec::is_empty")]
    pub parallel: Vec<Started>,
}

/// A generation that was started in parallel to another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Started {
    /// The reply.
    pub message_id: MessageId,
    /// The generation that writes it.
    pub generation_id: GenerationId,
    /// The model that writes it.
    pub model: String,
}

/// A retry that is about to happen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Retrying {
    /// The number of the next attempt; the first retry is 2.
    pub attempt: u32,
    /// Milliseconds until then.
    pub wait_ms: u64,
    /// The model of the next attempt, if it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Why the last attempt failed.
    pub problem: Problem,
}

/// The whole reply so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Snapshot {
    /// The reply.
    pub message_id: MessageId,
    /// Its parts so far.
    pub parts: Vec<Part>,
}

/// More text of a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TextDelta {
    /// The text to append.
    pub text: String,
}

/// More of a tool call, or all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ToolCallDelta {
    /// Position of the call among the reply's calls, from 0 without gaps.
    pub index: u32,
    /// The provider's id of the call; empty when a piece does not repeat it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// The tool's name; empty when a piece does not repeat it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// More of the arguments' JSON text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub arguments: String,
}

/// The new title of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewTitle {
    /// The title.
    pub title: String,
}

/// The failure that ends a reply.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StreamError {
    /// What went wrong.
    pub problem: Problem,
}

/// How a reply ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StreamEnd {
    /// The final status; never `streaming`.
    pub status: Status,
    /// Why the model stopped, if it stopped by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish: Option<Finish>,
}

impl Event for StreamEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Created(_) => "created",
            Self::Context(_) => "context",
            Self::Retrying(_) => "retrying",
            Self::Snapshot(_) => "snapshot",
            Self::Delta(_) => "delta",
            Self::Reasoning(_) => "reasoning",
            Self::ToolCall(_) => "tool_call",
            Self::ToolResult(_) => "tool_result",
            Self::Citation(_) => "citation",
            Self::Usage(_) => "usage",
            Self::Title(_) => "title",
            Self::Error(_) => "error",
            Self::End(_) => "end",
        }
    }

    fn read(name: &str, data: &str) -> serde_json::Result<Self> {
        Ok(match name {
            "created" => Self::Created(serde_json::from_str(data)?),
            "context" => Self::Context(serde_json::from_str(data)?),
            "retrying" => Self::Retrying(serde_json::from_str(data)?),
            "snapshot" => Self::Snapshot(serde_json::from_str(data)?),
            "delta" => Self::Delta(serde_json::from_str(data)?),
            "reasoning" => Self::Reasoning(serde_json::from_str(data)?),
            "tool_call" => Self::ToolCall(serde_json::from_str(data)?),
            "tool_result" => Self::ToolResult(serde_json::from_str(data)?),
            "citation" => Self::Citation(serde_json::from_str(data)?),
            "usage" => Self::Usage(serde_json::from_str(data)?),
            "title" => Self::Title(serde_json::from_str(data)?),
            "error" => Self::Error(serde_json::from_str(data)?),
            "end" => Self::End(serde_json::from_str(data)?),
            _ => return Err(unknown_event(name)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parent_is_named_or_null_or_absent() {
        let id = MessageId::new();
        for (written, parent) in [
            (String::new(), Parent::ShownEnd),
            (r#","parent_id":null"#.to_owned(), Parent::Top),
            (format!(r#","parent_id":"{id}""#), Parent::Message(id)),
        ] {
            let json =
                format!(r#"{{"client_message_id":"{}","content":"hi"{written}}}"#, ClientMessageId::new());
            let message: SendMessage = serde_json::from_str(&json).unwrap();
            assert_eq!(message.parent_id, parent);
            let again =
                serde_json::from_value::<SendMessage>(serde_json::to_value(&message).unwrap()).unwrap();
            assert_eq!(again.parent_id, parent);
        }
    }
}
