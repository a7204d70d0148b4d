//! What Anthropic's generations of models, and those of hosts that imitate it, want written differently.

use kaiwa_shared::message::Effort;

/// How a model is asked to think.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thinking {
    /// It does not.
    Never,
    /// With a budget of tokens.
    Budget,
    /// As it sees fit, with an effort.
    Adaptive,
}

/// How a model is kept from thinking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Off {
    /// By not asking.
    Unasked,
    /// By `{"type": "disabled"}`.
    Disabled,
    /// By `{"type": "between_tools"}`, its least.
    BetweenTools,
    /// It cannot be kept from it: the lowest effort is the least.
    Impossible,
}

/// What a model wants and allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Traits {
    pub(super) thinking: Thinking,
    pub(super) off: Off,
    /// It thinks unless it is told not to.
    pub(super) thinks_unasked: bool,
    /// It takes a temperature.
    pub(super) samples: bool,
    /// It goes on with an assistant's message that stands last.
    pub(super) prefills: bool,
    /// The reply's limit where the request names none; the protocol demands one. It covers the thoughts as well.
    pub(super) max_tokens: u32,
}

/// The version of a Claude model: its first two numbers as one, 4.5 as 405.
type Version = u32;

/// A model's traits, from its name. One that is not known is taken for the newest, which allow least.
pub(super) fn traits(model: &str) -> Traits {
    let name = model.to_lowercase();
    let Some(claude) = name.find("claude") else { return IMITATION };
    let version = name.get(claude..).and_then(version);
    match version {
        Some(..307) => Traits {
            thinking: Thinking::Never,
            max_tokens: if version < Some(305) { 4096 } else { 8192 },
            ..EARLY
        },
        Some(307..406) => EARLY,
        Some(406) => Traits { samples: true, ..UNASKED },
        Some(407..500) => UNASKED,
        _ => Traits { off: off(&name, version), ..NEWEST },
    }
}

/// With a budget of tokens, and free in everything else.
const EARLY: Traits = Traits {
    thinking: Thinking::Budget,
    off: Off::Unasked,
    thinks_unasked: false,
    samples: true,
    prefills: true,
    // The reply's room is taken from the prompt's, so not all that these models could write.
    max_tokens: 32_000,
};

/// Adaptive, and only when asked.
const UNASKED: Traits = Traits { thinks_unasked: false, off: Off::Unasked, ..NEWEST };

/// Adaptive, always.
const NEWEST: Traits = Traits {
    thinking: Thinking::Adaptive,
    off: Off::Impossible,
    thinks_unasked: true,
    samples: false,
    prefills: false,
    max_tokens: 64_000,
};

/// A model of another maker behind Anthropic's protocol.
const IMITATION: Traits = Traits { off: Off::Disabled, prefills: false, ..EARLY };

fn off(name: &str, version: Option<Version>) -> Off {
    let is = |line: &str| name.contains(line);
    match version {
        Some(500) if is("opus") || is("sonnet") || is("haiku") => Off::Disabled,
        Some(505) if is("haiku") => Off::Disabled,
        Some(505) if is("sonnet") => Off::BetweenTools,
        _ => Off::Impossible,
    }
}

/// `claude-3-5-sonnet-20241022`, `claude-opus-4-20250514`, `claude-sonnet-4.6` and the like. Dates are not versions.
fn version(name: &str) -> Option<Version> {
    let mut parts =
        name.split(|c: char| !c.is_ascii_alphanumeric()).skip(1).skip_while(|part| number(part).is_none());
    let major = parts.next().and_then(number)?;
    let minor = parts.next().and_then(number).unwrap_or_default();
    Some(major * 100 + minor)
}

fn number(part: &str) -> Option<u32> {
    part.parse().ok().filter(|&number| number < 100)
}

/// Tokens for the thoughts of a model that has a budget.
pub(super) fn budget(effort: Effort) -> u32 {
    match effort {
        Effort::Off => 0,
        Effort::Low => 2048,
        Effort::Medium => 8192,
        Effort::High => 16_384,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_version() {
        for (name, expected) in [
            ("claude-3-opus-20240229", Some(300)),
            ("claude-3-5-sonnet-latest", Some(305)),
            ("claude-3-7-sonnet-20250219", Some(307)),
            ("claude-opus-4-20250514", Some(400)),
            ("claude-haiku-4-5-20251001", Some(405)),
            ("claude-opus-4.6", Some(406)),
            ("claude-opus-4-6-v1", Some(406)),
            ("claude-sonnet-5", Some(500)),
            ("claude-mythos-preview", None),
        ] {
            assert_eq!(version(name), expected, "{name}");
        }
    }

    #[test]
    fn only_models_that_take_it_are_given_a_last_word_to_continue() {
        for name in ["claude-3-haiku-20240307", "claude-sonnet-4-20250514", "anthropic.claude-opus-4-5-v1:0"]
        {
            assert!(traits(name).prefills, "{name}");
        }
        for name in
            ["claude-opus-4-6", "claude-sonnet-5", "claude-fable-5-1", "claude-next", "MiniMax-M3", ""]
        {
            assert!(!traits(name).prefills, "{name}");
        }
    }

    #[test]
    fn each_generation_thinks_in_its_way() {
        for (name, thinking, off) in [
            ("claude-3-5-haiku-20241022", Thinking::Never, Off::Unasked),
            ("claude-3-7-sonnet-20250219", Thinking::Budget, Off::Unasked),
            ("claude-haiku-4-5", Thinking::Budget, Off::Unasked),
            ("claude-opus-4-8", Thinking::Adaptive, Off::Unasked),
            ("claude-opus-5", Thinking::Adaptive, Off::Disabled),
            ("claude-sonnet-5-5", Thinking::Adaptive, Off::BetweenTools),
            ("claude-haiku-5-5", Thinking::Adaptive, Off::Disabled),
            ("claude-opus-5-5", Thinking::Adaptive, Off::Impossible),
            ("claude-fable-5", Thinking::Adaptive, Off::Impossible),
            ("kimi-k2", Thinking::Budget, Off::Disabled),
        ] {
            let traits = traits(name);
            assert_eq!((traits.thinking, traits.off), (thinking, off), "{name}");
        }
    }
}
