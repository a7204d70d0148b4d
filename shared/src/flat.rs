//! How the tagged values are read.
//!
//! What a derived reader of a tagged enum does, it does twice over: it gathers everything that it does not yet
//! understand, and then reads that again. Here each enum has one flat record of all its fields, which is read once, as
//! it comes. For the reader of a stream that is less work for every token, and for a browser a smaller program. What is
//! written stays derived; tests hold the two together.

use serde::Deserialize;

use crate::{
    ConversationId, GenerationId, MessageId,
    conversation::{Conversation, QueuedMessage},
    feed::FeedEvent,
    message::{Citation, ContextUse, Finish, Part, Status, ToolResult, Usage},
    model::{Abilities, Model, Prices},
    problem::Problem,
    stream::{Started, StreamEvent},
};

/// A field that this kind of value cannot be without is not there.
const MISSING: &str = "a field is missing";

fn needed<T>(field: Option<T>) -> Result<T, &'static str> {
    field.ok_or(MISSING)
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum PartType {
    Text,
    Reasoning,
    ToolCall,
    ToolResult,
    Citation,
    Error,
}

/// Every field that a part can have.
#[derive(Deserialize)]
pub(crate) struct FlatPart {
    r#type: PartType,
    text: Option<String>,
    duration_ms: Option<u64>,
    id: Option<String>,
    name: Option<String>,
    arguments: Option<String>,
    output: Option<String>,
    #[serde(default)]
    is_error: bool,
    url: Option<String>,
    #[serde(default)]
    title: String,
    #[serde(default)]
    excerpt: String,
    problem: Option<Problem>,
}

impl TryFrom<FlatPart> for Part {
    type Error = &'static str;

    fn try_from(flat: FlatPart) -> Result<Self, &'static str> {
        let FlatPart { duration_ms, is_error, title, excerpt, .. } = flat;
        Ok(match flat.r#type {
            PartType::Text => Self::Text { text: needed(flat.text)? },
            PartType::Reasoning => Self::Reasoning { text: needed(flat.text)?, duration_ms },
            PartType::ToolCall => Self::ToolCall {
                id: needed(flat.id)?,
                name: needed(flat.name)?,
                arguments: needed(flat.arguments)?,
            },
            PartType::ToolResult => {
                Self::ToolResult(ToolResult { id: needed(flat.id)?, output: needed(flat.output)?, is_error })
            }
            PartType::Citation => Self::Citation(Citation { url: needed(flat.url)?, title, excerpt }),
            PartType::Error => Self::Error { problem: needed(flat.problem)? },
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum EventName {
    Created,
    Context,
    Retrying,
    Snapshot,
    Delta,
    Reasoning,
    ToolCall,
    ToolResult,
    Citation,
    Usage,
    Title,
    Error,
    End,
}

/// Every field that an event of a generation can have.
#[derive(Deserialize)]
pub(crate) struct FlatEvent {
    event: EventName,
    text: Option<String>,
    conversation_id: Option<ConversationId>,
    user_message_id: Option<MessageId>,
    message_id: Option<MessageId>,
    generation_id: Option<GenerationId>,
    model: Option<String>,
    #[serde(default)]
    beside: Vec<Started>,
    used_tokens: Option<u64>,
    window_tokens: Option<u64>,
    #[serde(default)]
    dropped_messages: u32,
    #[serde(default)]
    estimated: bool,
    attempt: Option<u32>,
    wait_ms: Option<u64>,
    problem: Option<Problem>,
    parts: Option<Vec<Part>>,
    index: Option<u32>,
    id: Option<String>,
    name: Option<String>,
    arguments: Option<String>,
    output: Option<String>,
    #[serde(default)]
    is_error: bool,
    url: Option<String>,
    title: Option<String>,
    #[serde(default)]
    excerpt: String,
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    #[serde(default)]
    cached_tokens: u64,
    #[serde(default)]
    reasoning_tokens: u64,
    #[serde(default)]
    cache_write_tokens: u64,
    cost_micros: Option<u64>,
    status: Option<Status>,
    finish: Option<Finish>,
}

impl TryFrom<FlatEvent> for StreamEvent {
    type Error = &'static str;

    fn try_from(flat: FlatEvent) -> Result<Self, &'static str> {
        let FlatEvent { estimated, dropped_messages, finish, is_error, excerpt, .. } = flat;
        Ok(match flat.event {
            EventName::Delta => Self::Delta { text: needed(flat.text)? },
            EventName::Reasoning => Self::Reasoning { text: needed(flat.text)? },
            EventName::Created => Self::Created {
                conversation_id: needed(flat.conversation_id)?,
                user_message_id: needed(flat.user_message_id)?,
                message_id: needed(flat.message_id)?,
                generation_id: needed(flat.generation_id)?,
                model: flat.model.unwrap_or_default(),
                beside: flat.beside,
            },
            EventName::Context => Self::Context(ContextUse {
                used_tokens: needed(flat.used_tokens)?,
                window_tokens: needed(flat.window_tokens)?,
                dropped_messages,
                estimated,
            }),
            EventName::Retrying => Self::Retrying {
                attempt: needed(flat.attempt)?,
                wait_ms: needed(flat.wait_ms)?,
                model: flat.model,
                problem: needed(flat.problem)?,
            },
            EventName::Snapshot => {
                Self::Snapshot { message_id: needed(flat.message_id)?, parts: needed(flat.parts)? }
            }
            EventName::ToolCall => Self::ToolCall {
                index: needed(flat.index)?,
                id: flat.id.unwrap_or_default(),
                name: flat.name.unwrap_or_default(),
                arguments: flat.arguments.unwrap_or_default(),
            },
            EventName::ToolResult => {
                Self::ToolResult(ToolResult { id: needed(flat.id)?, output: needed(flat.output)?, is_error })
            }
            EventName::Citation => Self::Citation(Citation {
                url: needed(flat.url)?,
                title: flat.title.unwrap_or_default(),
                excerpt,
            }),
            EventName::Usage => Self::Usage(Usage {
                input_tokens: needed(flat.input_tokens)?,
                output_tokens: needed(flat.output_tokens)?,
                cached_tokens: flat.cached_tokens,
                reasoning_tokens: flat.reasoning_tokens,
                cache_write_tokens: flat.cache_write_tokens,
                cost_micros: flat.cost_micros,
                estimated,
            }),
            EventName::Title => Self::Title { title: needed(flat.title)? },
            EventName::Error => Self::Error { problem: needed(flat.problem)? },
            EventName::End => Self::End { status: needed(flat.status)?, finish },
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum FeedName {
    Ready,
    Conversation,
    ConversationDeleted,
    MessagesChanged,
    GenerationStarted,
    GenerationEnded,
    Queue,
}

/// Every field that an event of the feed can have.
#[derive(Deserialize)]
pub(crate) struct FlatFeed {
    event: FeedName,
    conversation: Option<Conversation>,
    conversation_id: Option<ConversationId>,
    message_id: Option<MessageId>,
    generation_id: Option<GenerationId>,
    status: Option<Status>,
    queued: Option<Vec<QueuedMessage>>,
}

impl TryFrom<FlatFeed> for FeedEvent {
    type Error = &'static str;

    fn try_from(flat: FlatFeed) -> Result<Self, &'static str> {
        let conversation_id = flat.conversation_id;
        Ok(match flat.event {
            FeedName::Ready => Self::Ready,
            FeedName::Conversation => Self::Conversation { conversation: needed(flat.conversation)? },
            FeedName::ConversationDeleted => {
                Self::ConversationDeleted { conversation_id: needed(conversation_id)? }
            }
            FeedName::MessagesChanged => Self::MessagesChanged { conversation_id: needed(conversation_id)? },
            FeedName::GenerationStarted => Self::GenerationStarted {
                conversation_id: needed(conversation_id)?,
                message_id: needed(flat.message_id)?,
                generation_id: needed(flat.generation_id)?,
            },
            FeedName::GenerationEnded => Self::GenerationEnded {
                conversation_id: needed(conversation_id)?,
                message_id: needed(flat.message_id)?,
                generation_id: needed(flat.generation_id)?,
                status: needed(flat.status)?,
            },
            FeedName::Queue => {
                Self::Queue { conversation_id: needed(conversation_id)?, queued: needed(flat.queued)? }
            }
        })
    }
}

/// A model with its abilities beside its name.
#[derive(Deserialize)]
pub(crate) struct FlatModel {
    id: String,
    name: String,
    provider: String,
    #[serde(default)]
    demo: bool,
    context_tokens: Option<u64>,
    output_tokens: Option<u64>,
    vision: Option<bool>,
    tools: Option<bool>,
    reasoning: Option<bool>,
    streaming: Option<bool>,
    prices: Option<Prices>,
}

impl From<FlatModel> for Model {
    fn from(flat: FlatModel) -> Self {
        let FlatModel { id, name, provider, demo, .. } = flat;
        let FlatModel { context_tokens, output_tokens, vision, tools, reasoning, streaming, prices, .. } =
            flat;
        let abilities =
            Abilities { context_tokens, output_tokens, vision, tools, reasoning, streaming, prices };
        Self { id, name, provider, demo, abilities }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use serde::{Serialize, de::DeserializeOwned};

    use super::*;
    use crate::{ClientMessageId, problem::Code, time::Millis};

    /// What is written is read back, and without any one of its fields it is refused or something else is read.
    fn reads_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
        let json = serde_json::to_value(value).unwrap();
        assert_eq!(serde_json::from_value::<T>(json.clone()).unwrap(), *value);
        for name in json.as_object().unwrap().keys() {
            let mut less = json.clone();
            less.as_object_mut().unwrap().remove(name);
            let read = serde_json::from_value::<T>(less);
            assert!(read.is_err() || read.unwrap() != *value, "{name} of {json}");
        }
    }

    fn citation() -> Citation {
        Citation { url: "https://a.example".into(), title: "A".into(), excerpt: "a".into() }
    }

    #[test]
    fn every_kind_of_part_is_read_as_it_was_written() {
        for part in [
            Part::Text { text: "Hi".into() },
            Part::Reasoning { text: "Hm".into(), duration_ms: Some(7) },
            Part::ToolCall { id: "1".into(), name: "look".into(), arguments: "{}".into() },
            Part::ToolResult(ToolResult { id: "1".into(), output: "seen".into(), is_error: true }),
            Part::Citation(citation()),
            Part::Error { problem: Problem::new(Code::Internal, "no") },
        ] {
            reads_back(&part);
        }
    }

    #[test]
    fn every_event_of_a_generation_is_read_as_it_was_written() {
        let (message_id, generation_id) = (MessageId::new(), GenerationId::new());
        let problem = Problem::new(Code::ProviderRateLimit, "wait");
        let context = ContextUse { used_tokens: 1, window_tokens: 2, dropped_messages: 3, estimated: true };
        let usage = Usage {
            input_tokens: 1,
            output_tokens: 2,
            cached_tokens: 3,
            reasoning_tokens: 4,
            cache_write_tokens: 5,
            cost_micros: Some(6),
            estimated: true,
        };
        for event in [
            StreamEvent::Created {
                conversation_id: ConversationId::new(),
                user_message_id: MessageId::new(),
                message_id,
                generation_id,
                model: "a/b".into(),
                beside: vec![Started { message_id, generation_id, model: "c/d".into() }],
            },
            StreamEvent::Context(context),
            StreamEvent::Retrying {
                attempt: 2,
                wait_ms: 3,
                model: Some("a/b".into()),
                problem: problem.clone(),
            },
            StreamEvent::Snapshot { message_id, parts: vec![Part::Text { text: "Hi".into() }] },
            StreamEvent::Delta { text: "Hi".into() },
            StreamEvent::Reasoning { text: "Hm".into() },
            StreamEvent::ToolCall { index: 1, id: "1".into(), name: "look".into(), arguments: "{}".into() },
            StreamEvent::ToolResult(ToolResult { id: "1".into(), output: "seen".into(), is_error: true }),
            StreamEvent::Citation(citation()),
            StreamEvent::Usage(usage),
            StreamEvent::Title { title: "Rivers".into() },
            StreamEvent::Error { problem },
            StreamEvent::End { status: Status::Complete, finish: Some(Finish::Length) },
        ] {
            assert_eq!(serde_json::to_value(&event).unwrap()["event"], event.name());
            reads_back(&event);
        }
    }

    #[test]
    fn every_event_of_the_feed_is_read_as_it_was_written() {
        let (conversation_id, message_id) = (ConversationId::new(), MessageId::new());
        let generation_id = GenerationId::new();
        let conversation = Conversation {
            id: conversation_id,
            title: "Rivers".into(),
            model: None,
            active_leaf_id: Some(message_id),
            created_at: Millis(1),
            updated_at: Millis(2),
        };
        let queued = vec![QueuedMessage {
            id: ClientMessageId::new(),
            conversation_id,
            content: "And lakes?".into(),
            model: None,
            options: crate::message::MessageOptions::default(),
            created_at: Millis(3),
        }];
        for event in [
            FeedEvent::Ready,
            FeedEvent::Conversation { conversation },
            FeedEvent::ConversationDeleted { conversation_id },
            FeedEvent::MessagesChanged { conversation_id },
            FeedEvent::GenerationStarted { conversation_id, message_id, generation_id },
            FeedEvent::GenerationEnded {
                conversation_id,
                message_id,
                generation_id,
                status: Status::Stopped,
            },
            FeedEvent::Queue { conversation_id, queued },
        ] {
            assert_eq!(serde_json::to_value(&event).unwrap()["event"], event.name());
            reads_back(&event);
        }
    }

    #[test]
    fn a_model_is_read_with_its_abilities() {
        reads_back(&Model {
            id: "a/b".into(),
            name: "B".into(),
            provider: "A".into(),
            demo: true,
            abilities: Abilities {
                context_tokens: Some(1),
                output_tokens: Some(2),
                vision: Some(true),
                tools: Some(false),
                reasoning: Some(true),
                streaming: Some(false),
                prices: Some(Prices { input: 1.0, output: 2.5, cached: Some(0.5) }),
            },
        });
    }

    #[test]
    fn what_a_newer_server_says_is_refused_or_overlooked() {
        assert!(serde_json::from_str::<StreamEvent>(r#"{"event":"brand_new","text":"x"}"#).is_err());
        let event: StreamEvent =
            serde_json::from_str(r#"{"event":"delta","text":"x","brand_new":{"a":[1]}}"#).unwrap();
        assert_eq!(event, StreamEvent::Delta { text: "x".into() });
    }
}
