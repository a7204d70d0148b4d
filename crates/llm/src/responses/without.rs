//! What a model has refused, so that it is asked again without.

use crate::{Error, Request};

/// What is left out. Each is learned at most once, so that asking again ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a field that hosts refuse by itself")]
pub(super) struct Without {
    /// Encrypted reasoning is not asked for.
    pub(super) encrypted: bool,
    /// A summary of the reasoning is not asked for.
    pub(super) summary: bool,
    /// Nothing about reasoning.
    pub(super) reasoning: bool,
    /// No temperature.
    pub(super) temperature: bool,
    /// Not streamed.
    pub(super) streaming: bool,
    /// No earlier reasoning.
    pub(super) thoughts: bool,
}

impl Without {
    /// What to leave out after this refusal; `None` if nothing that was sent can be meant.
    pub(super) fn after(self, error: &Error, request: &Request) -> Option<Self> {
        if !matches!(error.status, Some(400 | 404 | 422)) {
            return None;
        }
        let said = error.detail.to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
        let mut next = self;
        // Another organisation's key, or another model, cannot read what this one wrote.
        if has(&["could not be verified", "could not be decrypted", "invalid_encrypted_content", "item 'rs_"])
            || has(&["required following item", "required reasoning item"])
        {
            next.thoughts = true;
        } else if has(&["encrypted"]) {
            next.encrypted = true;
        } else if has(&["summar"]) {
            next.summary = true;
        } else if has(&["reasoning"]) {
            next.reasoning = true;
        } else if request.temperature.is_some() && has(&["temperature"]) {
            next.temperature = true;
        } else if request.stream && has(&["stream"]) {
            next.streaming = true;
        }
        (next != self).then_some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn what_models_refuse_is_left_out_once() {
        let none = Without::default();
        let request = Request { stream: true, temperature: Some(1.0), ..Request::default() };
        for (words, without) in [
            ("Encrypted content is not supported with this model.", Without { encrypted: true, ..none }),
            (
                "Your organization must be verified to generate reasoning summaries.",
                Without { summary: true, ..none },
            ),
            (
                "Unsupported parameter: 'reasoning.effort' is not supported",
                Without { reasoning: true, ..none },
            ),
            ("Unsupported parameter: 'temperature'", Without { temperature: true, ..none }),
            ("must be verified to stream this model", Without { streaming: true, ..none }),
            ("The encrypted content gAAA could not be verified.", Without { thoughts: true, ..none }),
            ("Item 'rs_1' not found.", Without { thoughts: true, ..none }),
        ] {
            let error = Error { status: Some(400), ..Error::new(ErrorKind::InvalidRequest, words) };
            assert_eq!(none.after(&error, &request), Some(without), "{words}");
            assert_eq!(without.after(&error, &request), None, "{words}");
        }
        let busy = Error { status: Some(429), ..Error::new(ErrorKind::RateLimit, "reasoning") };
        assert_eq!(none.after(&busy, &request), None);
    }
}
