use std::{
    io::{self, Write},
    sync::Arc,
};

use futures_util::{FutureExt, StreamExt, stream};
use kaiwa_shared::message::Effort;
use serde_json::{Value, json};

use super::*;
use crate::{ErrorKind, Message, Role};

const NONE: Without = Without(0);

fn refused(status: u16, words: &str) -> Error {
    Error { status: Some(status), ..Error::new(ErrorKind::InvalidRequest, words) }
}

fn full_request(stream: bool) -> Request {
    Request {
        model: "m".to_owned(),
        messages: vec![Message::text(Role::User, "canary")],
        stream,
        max_tokens: Some(1),
        temperature: Some(1.0),
        effort: Some(Effort::Low),
        ..Request::default()
    }
}

#[test]
fn each_refusal_leaves_out_its_feature_once() {
    for (refusals, words, stream, feature) in [
        (&OPENAI, "Unknown field stream_options.include_usage", true, Feature::StreamOptions),
        (&OPENAI, "Your organization must be verified to stream this model.", true, Feature::Streaming),
        (&OPENAI, "Streaming is not supported for this model", true, Feature::Streaming),
        (
            &OPENAI,
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
            true,
            Feature::LimitName,
        ),
        (&OPENAI, "'temperature' does not support 0.7 with this model", true, Feature::Temperature),
        (&OPENAI, "Unrecognized request argument supplied: reasoning_effort", true, Feature::Effort),
        (&OPENAI, "Extra inputs are not permitted: chat_template_kwargs", true, Feature::Effort),
        (&OPENAI, "'developer' is not one of ['system', 'user']", true, Feature::DeveloperRole),
        (&OPENAI, "This model only support stream mode", false, Feature::WholeReply),
        (&OPENAI, "enable_thinking must be set to false for non-streaming calls", false, Feature::WholeReply),
        (
            &RESPONSES,
            "Encrypted content is not supported with this model.",
            true,
            Feature::EncryptedReasoning,
        ),
        (
            &RESPONSES,
            "Your organization must be verified to generate reasoning summaries.",
            true,
            Feature::ReasoningSummary,
        ),
        (&RESPONSES, "Unsupported parameter: 'reasoning.effort' is not supported", true, Feature::Reasoning),
        (&RESPONSES, "Unsupported parameter: 'temperature'", true, Feature::Temperature),
        (&RESPONSES, "must be verified to stream this model", true, Feature::Streaming),
        (&RESPONSES, "The encrypted content gAAA could not be verified.", true, Feature::EarlierReasoning),
        (&RESPONSES, "Item 'rs_1' not found.", true, Feature::EarlierReasoning),
        (&ANTHROPIC, "Invalid `signature` in `thinking` block", true, Feature::EarlierReasoning),
        (&GEMINI, "Thinking level is not supported for this model.", true, Feature::Thinking),
        (&OLLAMA, "\"gemma3\" does not support thinking", true, Feature::Thinking),
    ] {
        let (error, request) = (refused(400, words), full_request(stream));
        let without = refusals.after(NONE, &error, &request);
        assert_eq!(without, Some(NONE.and(feature)), "{words}");
        // Once the reply is streamed, the same words may mean another feature.
        if feature != Feature::WholeReply {
            assert_eq!(refusals.after(NONE.and(feature), &error, &request), None, "{words}");
        }
    }
}

#[test]
fn nothing_is_left_out_after_other_refusals() {
    let request = full_request(true);
    assert_eq!(OPENAI.after(NONE, &refused(400, "messages must not be empty"), &request), None);
    assert_eq!(OPENAI.after(NONE, &refused(429, "stream_options"), &request), None);
    assert_eq!(RESPONSES.after(NONE, &refused(429, "reasoning"), &request), None);
    let plain = Request { stream: true, ..Request::default() };
    for words in ["temperature", "reasoning_effort", "max_tokens is unsupported"] {
        assert_eq!(OPENAI.after(NONE, &refused(400, words), &plain), None, "{words}");
    }
}

/// The features that were left out of each attempt, where every attempt fails but one without them all.
fn attempts(learned: &Learned, refusals: &[(Feature, &str)]) -> Vec<Without> {
    let seen = Mutex::new(Vec::new());
    let ask = |without: Without| {
        seen.lock().unwrap().push(without);
        let refusal = refusals.iter().find(|(feature, _)| !without.has(*feature));
        std::future::ready(match refusal {
            Some((_, words)) => Err(refused(400, words)),
            None => Ok(stream::empty().boxed() as EventStream),
        })
    };
    assert!(learned.ask(&full_request(true), ask).now_or_never().unwrap().is_ok());
    seen.into_inner().unwrap()
}

#[test]
fn only_what_a_model_never_supports_is_remembered() {
    let refusals =
        [(Feature::ReasoningSummary, "summary"), (Feature::EarlierReasoning, "item 'rs_1' not found")];
    let summary = NONE.and(Feature::ReasoningSummary);
    let both = summary.and(Feature::EarlierReasoning);
    let learned = Learned::new(&RESPONSES);
    assert_eq!(attempts(&learned, &refusals), [NONE, summary, both]);
    assert_eq!(attempts(&learned, &refusals), [summary, both]);
}

#[test]
fn each_attempt_has_a_span_without_content() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::CLOSE)
        .with_writer({
            let log = log.clone();
            move || log.clone()
        })
        .finish();
    let refusals = [(Feature::StreamOptions, "stream_options")];
    tracing::subscriber::with_default(subscriber, || attempts(&Learned::new(&OPENAI), &refusals));
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let spans: Vec<Value> =
        log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["span"].take()).collect();
    let span =
        |attempt| json!({ "name": "llm.stream", "protocol": "openai", "model": "m", "attempt": attempt });
    assert_eq!(spans, [span(1), span(2)]);
    assert!(!log.contains("canary"), "{log}");
}

/// Collects what a subscriber writes.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
