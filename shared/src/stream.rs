//! The events of a generation: what `POST /api/chat/stream` and `GET /api/generations/{id}/events` send.
//!
//! On the wire each is one server-sent event: `id:` is its sequence number, `event:` its name, `data:` one line of
//! JSON. Nothing follows `end`.

use serde::{Deserialize, Serialize};

use crate::{
    ClientMessageId, ConversationId, GenerationId, MessageId,
    message::{Author, Citation, ContextUse, Finish, MessageOptions, Part, Status, ToolResult, Usage},
    problem::Problem,
};

/// Body of `POST /api/chat/stream`. Exactly one of `content`, `regenerate` and `continue` says what is to be done.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SendMessage {
    /// The conversation; without one a new one is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<ConversationId>,
    /// The message under which this one hangs; `null`: the top, beside the first one; absent: the end of the shown
    /// branch, or the top of a new conversation.
    #[serde(default, skip_serializing_if = "Parent::is_shown_end")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<MessageId>))]
    pub parent_id: Parent,
    /// Makes a repeat harmless: the same id answers with the same generation.
    pub client_message_id: ClientMessageId,
    /// What the user says, in Markdown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub content: String,
    /// Instead of `content`: answer again, beside this reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regenerate: Option<MessageId>,
    /// Instead of `content`: go on where this reply stopped or was cut off.
    #[serde(default, rename = "continue", skip_serializing_if = "Option::is_none")]
    pub continues: Option<MessageId>,
    /// The model to answer; absent: the conversation's, or the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// More models that answer the same message at the same time, at most [`BESIDE_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<String>,
    /// While a reply is being written where this message would hang: keep it and send it when that reply has ended.
    /// The answer is then 202 with a [`QueuedMessage`](crate::conversation::QueuedMessage).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub queue: bool,
    /// Nothing is stored. What was said before comes with the request, because nobody else remembers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temporary: Option<Vec<TemporaryMessage>>,
    /// What is asked of the model beyond its default.
    #[serde(default, skip_serializing_if = "MessageOptions::is_default")]
    pub options: MessageOptions,
}

impl SendMessage {
    /// A request that says nothing yet; set one of `content`, `regenerate` and `continues`.
    pub fn new(client_message_id: ClientMessageId) -> Self {
        Self {
            conversation_id: None,
            parent_id: Parent::ShownEnd,
            client_message_id,
            content: String::new(),
            regenerate: None,
            continues: None,
            model: None,
            beside: Vec::new(),
            queue: false,
            temporary: None,
            options: MessageOptions::default(),
        }
    }
}

/// A message of a temporary conversation, which only its reader's page keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TemporaryMessage {
    /// Who wrote it.
    pub author: Author,
    /// What it says, in Markdown.
    pub text: String,
}

/// Most models that answer beside the first one.
pub const BESIDE_MAX: usize = 3;

/// Where a message hangs in the tree of its conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Option<MessageId>")]
pub enum Parent {
    /// At the end of the branch that is shown.
    #[default]
    ShownEnd,
    /// At the top, beside the first message.
    Top,
    /// Under this message.
    Message(MessageId),
}

impl Parent {
    /// Where a message hangs that has this one above it.
    pub fn of(parent_id: Option<MessageId>) -> Self {
        parent_id.map_or(Self::Top, Self::Message)
    }

    /// The message above, if one is named.
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

/// Most bytes of one message.
pub const CONTENT_MAX_BYTES: usize = 1024 * 1024;

/// One thing that happened to a generation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "event", rename_all = "snake_case", try_from = "crate::flat::FlatEvent")]
pub enum StreamEvent {
    /// The user's message and the empty reply are stored. Always the first event of `POST /api/chat/stream`.
    Created {
        /// The conversation, new or not.
        conversation_id: ConversationId,
        /// The user's message.
        user_message_id: MessageId,
        /// The reply.
        message_id: MessageId,
        /// The generation that fills it.
        generation_id: GenerationId,
        /// The model that writes it.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        model: String,
        /// What the other models write beside it; each is followed by its own generation.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        beside: Vec<Started>,
    },
    /// What of the conversation is sent to the model.
    Context(ContextUse),
    /// The provider did not take the request; it is asked again, or another one is.
    Retrying {
        /// Which attempt comes next; the first retry is 2.
        attempt: u32,
        /// Milliseconds until then.
        wait_ms: u64,
        /// The model that is asked next, where it is another one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        model: Option<String>,
        /// Why the last attempt failed.
        problem: Problem,
    },
    /// Everything up to this sequence number at once. The first event for whoever attaches later.
    Snapshot {
        /// The reply.
        message_id: MessageId,
        /// What it is made of so far.
        parts: Vec<Part>,
    },
    /// More text at the end of the reply.
    Delta {
        /// The text.
        text: String,
    },
    /// More of the model's thoughts.
    Reasoning {
        /// The text.
        text: String,
    },
    /// A piece of a tool call, or all of it.
    ToolCall {
        /// Position of the call among the reply's calls.
        index: u32,
        /// The provider's id of the call; empty when a piece does not repeat it.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        id: String,
        /// The tool's name; empty when a piece does not repeat it.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        name: String,
        /// More of the arguments' JSON text.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        arguments: String,
    },
    /// What a tool returned.
    ToolResult(ToolResult),
    /// A source that the text so far rests on.
    Citation(Citation),
    /// What the reply cost; the last one counts.
    Usage(Usage),
    /// The conversation was given a title.
    Title {
        /// The title.
        title: String,
    },
    /// Something went wrong; `end` follows.
    Error {
        /// What.
        problem: Problem,
    },
    /// The reply is over. Nothing follows.
    End {
        /// How it ended; never `streaming`.
        status: Status,
        /// Why the model stopped, if it did so by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        finish: Option<Finish>,
    },
}

/// A generation that was started beside another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Started {
    /// The reply.
    pub message_id: MessageId,
    /// The generation that fills it.
    pub generation_id: GenerationId,
    /// The model that writes it.
    pub model: String,
}

impl StreamEvent {
    /// The event's name: the `event:` field on the wire and the tag in its JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Created { .. } => "created",
            Self::Context(_) => "context",
            Self::Retrying { .. } => "retrying",
            Self::Snapshot { .. } => "snapshot",
            Self::Delta { .. } => "delta",
            Self::Reasoning { .. } => "reasoning",
            Self::ToolCall { .. } => "tool_call",
            Self::ToolResult(_) => "tool_result",
            Self::Citation(_) => "citation",
            Self::Usage(_) => "usage",
            Self::Title { .. } => "title",
            Self::Error { .. } => "error",
            Self::End { .. } => "end",
        }
    }
}

/// Applies what an event adds to the parts of the message that it belongs to.
///
/// Server and client both build a message by this one function, so that a stream and a stored message cannot differ.
pub fn apply(parts: &mut Vec<Part>, event: &StreamEvent) {
    match event {
        StreamEvent::Snapshot { parts: all, .. } => parts.clone_from(all),
        StreamEvent::Delta { text } => match parts.last_mut() {
            Some(Part::Text { text: open }) => open.push_str(text),
            _ => parts.push(Part::Text { text: text.clone() }),
        },
        StreamEvent::Reasoning { text } => match parts.last_mut() {
            Some(Part::Reasoning { text: open, .. }) => open.push_str(text),
            _ => parts.push(Part::Reasoning { text: text.clone(), duration_ms: None }),
        },
        StreamEvent::ToolCall { index, id, name, arguments } => {
            apply_tool_call(parts, *index, id, name, arguments);
        }
        StreamEvent::ToolResult(result) => parts.push(Part::ToolResult(result.clone())),
        StreamEvent::Citation(citation) => parts.push(Part::Citation(citation.clone())),
        StreamEvent::Error { problem } => parts.push(Part::Error { problem: problem.clone() }),
        StreamEvent::Created { .. }
        | StreamEvent::Context(_)
        | StreamEvent::Retrying { .. }
        | StreamEvent::Usage(_)
        | StreamEvent::Title { .. }
        | StreamEvent::End { .. } => {}
    }
}

fn apply_tool_call(parts: &mut Vec<Part>, index: u32, new_id: &str, new_name: &str, more: &str) {
    let nth = usize::try_from(index).unwrap_or(usize::MAX);
    let call = parts.iter_mut().filter(|part| matches!(part, Part::ToolCall { .. })).nth(nth);
    if let Some(Part::ToolCall { id, name, arguments }) = call {
        if !new_id.is_empty() {
            new_id.clone_into(id);
        }
        if !new_name.is_empty() {
            new_name.clone_into(name);
        }
        arguments.push_str(more);
    } else {
        parts.push(Part::ToolCall {
            id: new_id.to_owned(),
            name: new_name.to_owned(),
            arguments: more.to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_the_tag() {
        let event = StreamEvent::Delta { text: "你好\n".into() };
        let json = serde_json::to_value(&event).unwrap();
        assert_eq!(json["event"], event.name());
        assert!(!serde_json::to_string(&event).unwrap().contains('\n'));
    }

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

    #[test]
    fn usage_carries_its_fields_beside_the_tag() {
        let event = StreamEvent::Usage(Usage { input_tokens: 3, output_tokens: 4, ..Usage::default() });
        let json = serde_json::to_value(&event).unwrap();
        assert_eq!(json["input_tokens"], 3);
        assert_eq!(serde_json::from_value::<StreamEvent>(json).unwrap(), event);
    }

    #[test]
    fn text_reasoning_and_calls_gather_in_order() {
        let mut parts = Vec::new();
        for event in [
            StreamEvent::Reasoning { text: "Hm".into() },
            StreamEvent::Reasoning { text: "m".into() },
            StreamEvent::Delta { text: "Hel".into() },
            StreamEvent::Delta { text: "lo".into() },
            StreamEvent::ToolCall { index: 0, id: "c1".into(), name: "f".into(), arguments: String::new() },
            StreamEvent::ToolCall { index: 1, id: "c2".into(), name: "g".into(), arguments: "{".into() },
            StreamEvent::ToolCall {
                index: 0,
                id: String::new(),
                name: String::new(),
                arguments: "{}".into(),
            },
        ] {
            apply(&mut parts, &event);
        }
        assert_eq!(
            parts,
            vec![
                Part::Reasoning { text: "Hmm".into(), duration_ms: None },
                Part::Text { text: "Hello".into() },
                Part::ToolCall { id: "c1".into(), name: "f".into(), arguments: "{}".into() },
                Part::ToolCall { id: "c2".into(), name: "g".into(), arguments: "{".into() },
            ]
        );
    }
}
