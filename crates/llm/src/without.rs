//! Which features of a request providers refuse, and what to leave out when they do.
//!
//! Each adapter names its table and asks through [`Learned::ask`], which repeats a refused request without the refused
//! feature and remembers what a model does not support.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tracing::Instrument as _;

use crate::{Error, EventStream, Request};

/// Maximum number of models whose refusals an adapter remembers.
const LEARNED_MAX: usize = 1000;

/// A feature of a request that a provider may refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Feature {
    /// `stream_options`, which asks for the usage of a streamed reply.
    StreamOptions,
    /// A streamed reply.
    Streaming,
    /// A reply that is not streamed: Qwen's thinking models only stream.
    WholeReply,
    /// An effort that the caller chose.
    Effort,
    /// Settings of thinking, at Gemini and Ollama.
    Thinking,
    /// The `reasoning` object of responses.
    Reasoning,
    /// A temperature.
    Temperature,
    /// The name that the model's family has for the limit of the reply; there are two.
    LimitName,
    /// Instructions in the role `developer`.
    DeveloperRole,
    /// Encrypted reasoning in the reply.
    EncryptedReasoning,
    /// A summary of the reasoning in the reply.
    ReasoningSummary,
    /// Signed or encrypted reasoning of earlier turns. It is bound to what was said before it and to the model that
    /// wrote it, so it is refused after a conversation was edited or given to another model.
    EarlierReasoning,
}

impl Feature {
    const fn bit(self) -> u16 {
        1 << self as u16
    }

    /// The request uses it, so a refusal can mean it.
    fn is_used(self, request: &Request, streams: bool) -> bool {
        match self {
            Self::Streaming => streams,
            Self::WholeReply => !streams,
            Self::Effort => request.effort.is_some(),
            Self::Temperature => request.temperature.is_some(),
            Self::LimitName => request.max_tokens.is_some(),
            _ => true,
        }
    }
}

/// The features that are left out of a request or written in the other way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Without(u16);

impl Without {
    /// The same, and without `feature`.
    #[must_use]
    pub(crate) const fn and(self, feature: Feature) -> Self {
        Self(self.0 | feature.bit())
    }

    /// The features that the model does not support at all. The others depend on the conversation or on the effort.
    const fn lasting(self) -> Self {
        Self(self.0 & !(Feature::Thinking.bit() | Feature::EarlierReasoning.bit()))
    }

    /// `feature` is left out.
    pub(crate) const fn has(self, feature: Feature) -> bool {
        self.0 & feature.bit() != 0
    }

    /// Whether to ask for a stream, given what the caller asked for.
    pub(crate) const fn streams(self, asked: bool) -> bool {
        if asked { !self.has(Feature::Streaming) } else { self.has(Feature::WholeReply) }
    }
}

/// What the providers of one protocol refuse.
#[derive(Debug)]
pub(crate) struct Refusals {
    /// The protocol's name in spans.
    protocol: &'static str,
    /// The statuses of such a refusal.
    statuses: &'static [u16],
    /// The first rule that fits decides.
    rules: &'static [Rule],
}

/// A refusal of `feature` contains one of `words` and, unless that is empty, one of `context`.
#[derive(Debug)]
struct Rule {
    feature: Feature,
    words: &'static [&'static str],
    context: &'static [&'static str],
}

const fn rule(feature: Feature, words: &'static [&'static str]) -> Rule {
    Rule { feature, words, context: &[] }
}

/// Words that tell the refusal of a field from a complaint about its value.
const UNSUPPORTED: &[&str] = &[
    "not support",
    "unsupported",
    "not allowed",
    "not available",
    "not permitted",
    "must be verified",
    "must be false",
    "cannot",
    "can't",
    "disabled",
    "unknown",
    "unrecognized",
    "extra",
    "instead",
];

/// OpenAI's chat completions.
pub(crate) static OPENAI: Refusals = Refusals {
    protocol: "openai",
    statuses: &[400, 404, 415, 422, 501],
    rules: &[
        rule(Feature::StreamOptions, &["stream_options", "include_usage"]),
        rule(Feature::WholeReply, &["only support stream", "stream=true", "non-streaming call"]),
        Rule { feature: Feature::Streaming, words: &["stream"], context: UNSUPPORTED },
        Rule {
            feature: Feature::LimitName,
            words: &["max_completion_tokens", "max_tokens"],
            context: UNSUPPORTED,
        },
        rule(Feature::Temperature, &["temperature"]),
        rule(Feature::DeveloperRole, &["developer"]),
        rule(Feature::Effort, &["reasoning", "enable_thinking", "thinking", "chat_template_kwargs"]),
    ],
};

/// OpenAI's responses.
pub(crate) static RESPONSES: Refusals = Refusals {
    protocol: "responses",
    statuses: &[400, 404, 422],
    rules: &[
        rule(
            Feature::EarlierReasoning,
            &[
                "could not be verified",
                "could not be decrypted",
                "invalid_encrypted_content",
                "item 'rs_",
                "required following item",
                "required reasoning item",
            ],
        ),
        rule(Feature::EncryptedReasoning, &["encrypted"]),
        rule(Feature::ReasoningSummary, &["summar"]),
        rule(Feature::Reasoning, &["reasoning"]),
        rule(Feature::Temperature, &["temperature"]),
        rule(Feature::Streaming, &["stream"]),
    ],
};

/// Anthropic's messages.
pub(crate) static ANTHROPIC: Refusals = Refusals {
    protocol: "anthropic",
    statuses: &[400],
    rules: &[Rule {
        feature: Feature::EarlierReasoning,
        words: &["thinking"],
        context: &["signature", "block", "redacted"],
    }],
};

/// Gemini: new models take other levels of thinking, and some none.
pub(crate) static GEMINI: Refusals =
    Refusals { protocol: "gemini", statuses: &[400], rules: &[rule(Feature::Thinking, &["thinking"])] };

/// Ollama.
pub(crate) static OLLAMA: Refusals =
    Refusals { protocol: "ollama", statuses: &[400], rules: &[rule(Feature::Thinking, &["think"])] };

impl Refusals {
    /// What to leave out after this refusal; `None` if it means nothing that can still be left out.
    fn after(&self, without: Without, error: &Error, request: &Request) -> Option<Without> {
        if !error.status.is_some_and(|status| self.statuses.contains(&status)) {
            return None;
        }
        let message = error.detail.to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| message.contains(word));
        let streams = without.streams(request.stream);
        let rule = self.rules.iter().find(|rule| {
            rule.feature.is_used(request, streams)
                && has(rule.words)
                && (rule.context.is_empty() || has(rule.context))
        })?;
        (!without.has(rule.feature)).then(|| without.and(rule.feature))
    }
}

/// What each model of a provider has refused.
#[derive(Debug)]
pub(crate) struct Learned {
    refusals: &'static Refusals,
    models: Mutex<HashMap<String, Without>>,
}

impl Learned {
    /// Nothing is learned yet.
    pub(crate) fn new(refusals: &'static Refusals) -> Self {
        Self { refusals, models: Mutex::default() }
    }

    /// Sends a request by `ask`, and again without each feature that the provider refuses. Each attempt has a span, which
    /// ends when the response headers arrive.
    pub(crate) async fn ask<F>(
        &self,
        request: &Request,
        ask: impl Fn(Without) -> F + Send,
    ) -> Result<EventStream, Error>
    where
        F: Future<Output = Result<EventStream, Error>> + Send,
    {
        let known = self.models().get(&request.model).copied().unwrap_or_default();
        let mut without = known;
        let mut attempt = 0_u32;
        loop {
            attempt += 1;
            let span = tracing::info_span!(
                "llm.stream",
                protocol = self.refusals.protocol,
                model = request.model,
                attempt
            );
            match ask(without).instrument(span).await {
                Ok(events) => {
                    if without.lasting() != known {
                        self.learn(&request.model, without.lasting());
                    }
                    return Ok(events);
                }
                Err(error) => {
                    without = self.refusals.after(without, &error, request).ok_or(error)?;
                }
            }
        }
    }

    fn learn(&self, model: &str, without: Without) {
        let mut models = self.models();
        if models.len() >= LEARNED_MAX {
            models.clear();
        }
        models.insert(model.to_owned(), without);
    }

    fn models(&self) -> MutexGuard<'_, HashMap<String, Without>> {
        self.models.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
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
            (
                &OPENAI,
                "enable_thinking must be set to false for non-streaming calls",
                false,
                Feature::WholeReply,
            ),
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
            (
                &RESPONSES,
                "Unsupported parameter: 'reasoning.effort' is not supported",
                true,
                Feature::Reasoning,
            ),
            (&RESPONSES, "Unsupported parameter: 'temperature'", true, Feature::Temperature),
            (&RESPONSES, "must be verified to stream this model", true, Feature::Streaming),
            (
                &RESPONSES,
                "The encrypted content gAAA could not be verified.",
                true,
                Feature::EarlierReasoning,
            ),
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
}
