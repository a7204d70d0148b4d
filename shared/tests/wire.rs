//! Every type that travels as JSON can be read as it was written.

#![cfg(test)]

use std::fmt::Debug;

use kaiwa_shared::{
    ClientMessageId, Code, ConversationId, File, FileId, GenerationId, MessageId, Problem,
    conversation::{Conversation, ConversationSettings, QueuedMessage},
    feed::{
        ConversationChanged, ConversationRef, FeedEvent, GenerationEnded, GenerationStarted, QueueChanged,
    },
    message::{Citation, ContextUse, Finish, MessageOptions, Part, Status, ToolResult, Usage},
    model::{Abilities, Model, Prices},
    sse::Event,
    stream::{
        Created, NewTitle, Retrying, Snapshot, Started, StreamEnd, StreamError, StreamEvent, TextDelta,
        ToolCallDelta,
    },
    time::Millis,
};
use serde::Serialize;

/// Asserts that `value` survives its JSON, and that it does not when any one of its fields is missing.
fn reads_back<T: Serialize + PartialEq + Debug>(value: &T, read: impl Fn(&str) -> serde_json::Result<T>) {
    let json = serde_json::to_value(value).unwrap();
    assert_eq!(read(&json.to_string()).unwrap(), *value);
    // The tag of an event is not read; its name stands outside the JSON.
    for field in json.as_object().unwrap().keys().filter(|field| *field != "event") {
        let mut less = json.clone();
        less.as_object_mut().unwrap().remove(field);
        let read = read(&less.to_string());
        assert!(read.is_err() || read.unwrap() != *value, "{field} of {json}");
    }
}

fn event_reads_back<E: Event + PartialEq + Debug>(event: &E) {
    let json = serde_json::to_string(event).unwrap();
    assert!(json.starts_with(&format!(r#"{{"event":"{}""#, event.name())), "{json}");
    reads_back(event, |data| E::read(event.name(), data));
}

fn citation() -> Citation {
    Citation { url: "https://a.example".into(), title: "A".into(), excerpt: "a".into() }
}

#[test]
fn every_part_reads_back() {
    for part in [
        Part::Text { text: "Hi".into() },
        Part::Reasoning { text: "Hm".into(), duration_ms: Some(7) },
        Part::ToolCall { id: "1".into(), name: "look".into(), arguments: "{}".into() },
        Part::ToolResult(ToolResult { id: "1".into(), output: "seen".into(), is_error: true }),
        Part::Citation(citation()),
        Part::File(File {
            id: FileId::new(),
            name: "a.png".into(),
            media_type: "image/png".into(),
            size: 1,
            width: Some(2),
            height: Some(3),
            has_text: Some(true),
        }),
        Part::Error { problem: Problem::new(Code::Internal, "no") },
    ] {
        reads_back(&part, |json| serde_json::from_str(json));
    }
}

#[test]
fn every_stream_event_reads_back() {
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
        StreamEvent::Created(Created {
            conversation_id: ConversationId::new(),
            user_message_id: MessageId::new(),
            message_id,
            generation_id,
            model: "a/b".into(),
            parallel: vec![Started { message_id, generation_id, model: "c/d".into() }],
        }),
        StreamEvent::Context(context),
        StreamEvent::Retrying(Retrying {
            attempt: 2,
            wait_ms: 3,
            model: Some("a/b".into()),
            problem: problem.clone(),
        }),
        StreamEvent::Snapshot(Snapshot { message_id, parts: vec![Part::Text { text: "Hi".into() }] }),
        StreamEvent::Delta(TextDelta { text: "Hi".into() }),
        StreamEvent::Reasoning(TextDelta { text: "Hm".into() }),
        StreamEvent::ToolCall(ToolCallDelta {
            index: 1,
            id: "1".into(),
            name: "look".into(),
            arguments: "{}".into(),
        }),
        StreamEvent::ToolResult(ToolResult { id: "1".into(), output: "seen".into(), is_error: true }),
        StreamEvent::Citation(citation()),
        StreamEvent::Usage(usage),
        StreamEvent::Title(NewTitle { title: "Rivers".into() }),
        StreamEvent::Error(StreamError { problem }),
        StreamEvent::End(StreamEnd { status: Status::Complete, finish: Some(Finish::Length) }),
    ] {
        event_reads_back(&event);
    }
}

#[test]
fn every_feed_event_reads_back() {
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
        files: Vec::new(),
        model: None,
        options: MessageOptions::default(),
        created_at: Millis(3),
    }];
    for event in [
        FeedEvent::Ready,
        FeedEvent::Conversation(ConversationChanged {
            conversation,
            settings: Some(ConversationSettings {
                system_prompt: Some("Be brief.".into()),
                ..Default::default()
            }),
        }),
        FeedEvent::ConversationDeleted(ConversationRef { conversation_id }),
        FeedEvent::MessagesChanged(ConversationRef { conversation_id }),
        FeedEvent::GenerationStarted(GenerationStarted { conversation_id, message_id, generation_id }),
        FeedEvent::GenerationEnded(GenerationEnded {
            conversation_id,
            message_id,
            generation_id,
            status: Status::Stopped,
        }),
        FeedEvent::Queue(QueueChanged { conversation_id, queued }),
        FeedEvent::PromptsChanged,
    ] {
        event_reads_back(&event);
    }
}

#[test]
fn a_model_reads_back_with_its_abilities() {
    let model = Model {
        id: "a/b".into(),
        name: "B".into(),
        provider: "A".into(),
        demo: true,
        reads_pdf: true,
        abilities: Abilities {
            context_tokens: Some(1),
            output_tokens: Some(2),
            vision: Some(true),
            tools: Some(false),
            reasoning: Some(true),
            temperature: Some(false),
            streaming: Some(false),
            prices: Some(Prices { input: 1.0, output: 2.5, cached: Some(0.5) }),
        },
    };
    reads_back(&model, |json| serde_json::from_str(json));
}

#[test]
fn unknown_events_are_refused_and_unknown_fields_ignored() {
    assert!(StreamEvent::read("brand_new", r#"{"text":"x"}"#).is_err());
    assert!(FeedEvent::read("brand_new", "{}").is_err());
    let event = StreamEvent::read("delta", r#"{"event":"delta","text":"x","brand_new":{"a":[1]}}"#).unwrap();
    assert_eq!(event, StreamEvent::Delta(TextDelta { text: "x".into() }));
}
