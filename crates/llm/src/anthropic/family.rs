//! Differences between generations of Anthropic's models and models behind compatible services.

use kaiwa_shared::message::Effort;

/// How thinking is requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thinking {
    /// The model does not think.
    Never,
    /// With a budget of tokens.
    Budget,
    /// Adaptive, with an effort.
    Adaptive,
}

/// How thinking is switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Off {
    /// By omitting it.
    Unasked,
    /// By `{"type": "disabled"}`.
    Disabled,
    /// By `{"type": "between_tools"}`, its minimum.
    BetweenTools,
    /// It cannot be switched off; the lowest effort is the minimum.
    Impossible,
}

/// What a model requires and supports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Traits {
    pub(super) thinking: Thinking,
    pub(super) off: Off,
    /// It thinks by default.
    pub(super) thinks_unasked: bool,
    /// It supports a temperature.
    pub(super) samples: bool,
    /// It continues a final assistant message.
    pub(super) prefills: bool,
    /// The limit of the reply and its reasoning if the request sets none; the protocol requires one.
    pub(super) max_tokens: u32,
}

/// The version of a Claude model: 4.5 as 405.
type Version = u32;

/// A model's traits, derived from its name. Unknown models count as the newest, which support the fewest options.
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

/// Whether a Claude model takes no temperature.
pub(crate) fn refuses_temperature(model: &str) -> bool {
    model.to_lowercase().contains("claude") && !traits(model).samples
}

/// Whether a model reads PDF documents: Claude does since 3.5.
pub(super) fn reads_pdf(model: &str) -> bool {
    let name = model.to_lowercase();
    let claude = name.find("claude").and_then(|at| name.get(at..));
    claude.is_some_and(|claude| version(claude).is_none_or(|version| version >= 305))
}

/// With a token budget and no other restriction.
const EARLY: Traits = Traits {
    thinking: Thinking::Budget,
    off: Off::Unasked,
    thinks_unasked: false,
    samples: true,
    prefills: true,
    // The limit reduces the space for the prompt, so it is below these models' maximum.
    max_tokens: 32_000,
};

/// Adaptive, only on request.
const UNASKED: Traits = Traits { thinks_unasked: false, off: Off::Unasked, ..NEWEST };

/// Always adaptive.
const NEWEST: Traits = Traits {
    thinking: Thinking::Adaptive,
    off: Off::Impossible,
    thinks_unasked: true,
    samples: false,
    prefills: false,
    max_tokens: 64_000,
};

/// Another maker's model behind Anthropic's protocol.
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

/// Parses names such as `claude-3-5-sonnet-20241022`, `claude-opus-4-20250514` and `claude-sonnet-4.6`. Dates are not
/// versions.
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

/// The thinking budget in tokens.
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
    fn the_version_is_parsed_from_the_name() {
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
    fn only_models_that_support_it_continue_a_final_message() {
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
    fn each_generation_has_its_own_way_of_thinking() {
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
