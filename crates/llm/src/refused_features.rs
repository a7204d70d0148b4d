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
mod tests;
