//! What a host has refused, so that it is asked again without.

use crate::{Error, Request};

/// What is left out or written differently. Each is learned at most once, so that asking again ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a field that hosts refuse by itself")]
pub(super) struct Without {
    /// No `stream_options`.
    pub(super) usage: bool,
    /// Not streamed, although that was asked for.
    pub(super) streaming: bool,
    /// Streamed, although that was not asked for: Qwen's thinking models answer in no other way.
    pub(super) whole: bool,
    /// Nothing about thinking.
    pub(super) effort: bool,
    /// No temperature.
    pub(super) temperature: bool,
    /// The limit by its other name.
    pub(super) usual_limit: bool,
    /// Instructions as `system`.
    pub(super) developer: bool,
}

/// Words in which the fields about thinking are refused.
const EFFORT_WORDS: [&str; 4] = ["reasoning", "enable_thinking", "thinking", "chat_template_kwargs"];

impl Without {
    /// What to leave out after this refusal; `None` if nothing that was sent can be meant.
    pub(super) fn after(self, error: &Error, request: &Request) -> Option<Self> {
        if !matches!(error.status, Some(400 | 404 | 415 | 422 | 501)) {
            return None;
        }
        let said = error.detail.to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
        let streams = self.streams(request.stream);
        let mut next = self;
        if has(&["stream_options", "include_usage"]) {
            next.usage = true;
        } else if !streams && has(&["only support stream", "stream=true", "non-streaming call"]) {
            next.whole = true;
        } else if streams && has(&["stream"]) && has(REFUSALS) {
            next.streaming = true;
        } else if request.max_tokens.is_some()
            && has(&["max_completion_tokens", "max_tokens"])
            && has(REFUSALS)
        {
            next.usual_limit = true;
        } else if request.temperature.is_some() && has(&["temperature"]) {
            next.temperature = true;
        } else if has(&["developer"]) {
            next.developer = true;
        } else if request.effort.is_some() && has(&EFFORT_WORDS) {
            next.effort = true;
        }
        (next != self).then_some(next)
    }

    /// Whether to ask for a stream.
    pub(super) fn streams(self, asked: bool) -> bool {
        if asked { !self.streaming } else { self.whole }
    }
}

/// Words that tell a refusal of a field from a complaint about its value.
const REFUSALS: &[&str] = &[
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

#[cfg(test)]
mod tests {
    use kaiwa_shared::message::Effort;

    use super::*;
    use crate::ErrorKind;

    fn learned(words: &str, stream: bool) -> Option<Without> {
        let request = Request {
            stream,
            max_tokens: Some(1),
            temperature: Some(1.0),
            effort: Some(Effort::Low),
            ..Request::default()
        };
        let error = Error { status: Some(400), ..Error::new(ErrorKind::InvalidRequest, words) };
        Without::default().after(&error, &request)
    }

    #[test]
    fn what_hosts_refuse_is_left_out() {
        let none = Without::default();
        for (words, without) in [
            ("Unknown field stream_options.include_usage", Without { usage: true, ..none }),
            ("Your organization must be verified to stream this model.", Without { streaming: true, ..none }),
            ("Streaming is not supported for this model", Without { streaming: true, ..none }),
            (
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
                Without { usual_limit: true, ..none },
            ),
            ("'temperature' does not support 0.7 with this model", Without { temperature: true, ..none }),
            ("Unrecognized request argument supplied: reasoning_effort", Without { effort: true, ..none }),
            ("Extra inputs are not permitted: chat_template_kwargs", Without { effort: true, ..none }),
            ("'developer' is not one of ['system', 'user']", Without { developer: true, ..none }),
        ] {
            assert_eq!(learned(words, true), Some(without), "{words}");
        }
        let whole = Some(Without { whole: true, ..none });
        assert_eq!(learned("This model only support stream mode", false), whole);
        assert_eq!(learned("enable_thinking must be set to false for non-streaming calls", false), whole);
    }

    #[test]
    fn nothing_is_learned_twice_or_from_other_refusals() {
        assert_eq!(learned("messages must not be empty", true), None);
        let request = Request { stream: true, ..Request::default() };
        let error = Error { status: Some(400), ..Error::new(ErrorKind::InvalidRequest, "stream_options") };
        let once = Without::default().after(&error, &request).unwrap();
        assert_eq!(once.after(&error, &request), None);
        let busy = Error { status: Some(429), ..Error::new(ErrorKind::RateLimit, "stream_options") };
        assert_eq!(Without::default().after(&busy, &request), None);
    }
}
