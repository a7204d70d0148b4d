//! The scenarios and their expected replies.

use kaiwa_llm::{ErrorKind, Finish};
use kaiwa_shared::message::{Citation, ToolResult, Usage};

use crate::reply::{Reply, call, reasoning, text};

/// A scenario of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scenario {
    /// Text in several pieces.
    PlainText,
    /// Text of several scripts, and a character outside the basic plane.
    UnicodeText,
    /// Reasoning in several pieces, then text.
    Reasoning,
    /// A call whose arguments arrive in pieces, with a multi-byte character.
    ToolCallInPieces,
    /// Two calls in one reply.
    ParallelToolCalls,
    /// A call that arrives whole.
    WholeToolCall,
    /// A call of a tool without parameters: its arguments are `{}`.
    ToolCallWithoutArguments,
    /// Text, then a call.
    TextThenToolCall,
    /// The usage with all fields, which is only compared here.
    Usage,
    /// The reply reached its limit.
    Length,
    /// The model declines.
    Refusal,
    /// The provider's filter stops the reply.
    ContentFilter,
    /// Text with a citation.
    Citations,
    /// A tool that the provider runs itself, and its result.
    HostedTool,
    /// Reasoning and a call that must be sent back with provider blocks, which are only compared here.
    /// [`Case::But`](crate::adapter::Case::But) contains them.
    ProviderBlock,
    /// Unknown events, fields and block types.
    Unknown,
    /// An error instead of the first token, with status 200.
    ErrorFirst,
    /// An error after some text.
    ErrorMidStream,
    /// The stream ends without a finish reason.
    CutOff,
    /// Data after the end.
    AfterTheEnd,
    /// Lines and data outside the protocol, between valid ones.
    Garbage,
    /// A reply of reasoning, text and a call that was not streamed.
    Whole,
    /// An empty reply.
    Empty,
    /// A refusal with status 401 whose message repeats the key `secret-0123456789`.
    Unauthorized,
    /// A refusal with status 429 and `Retry-After: 7`.
    RateLimited,
}

/// All scenarios.
pub(crate) const ALL: [Scenario; 25] = {
    use Scenario::*;
    [
        PlainText,
        UnicodeText,
        Reasoning,
        ToolCallInPieces,
        ParallelToolCalls,
        WholeToolCall,
        ToolCallWithoutArguments,
        TextThenToolCall,
        Usage,
        Length,
        Refusal,
        ContentFilter,
        Citations,
        HostedTool,
        ProviderBlock,
        Unknown,
        ErrorFirst,
        ErrorMidStream,
        CutOff,
        AfterTheEnd,
        Garbage,
        Whole,
        Empty,
        Unauthorized,
        RateLimited,
    ]
};

impl Scenario {
    /// The name of its recording without the extension: `plain_text`.
    pub(crate) fn file_stem(self) -> String {
        let mut stem = String::new();
        for letter in format!("{self:?}").chars() {
            if letter.is_uppercase() && !stem.is_empty() {
                stem.push('_');
            }
            stem.push(letter.to_ascii_lowercase());
        }
        stem
    }

    /// Its recording is one JSON body.
    pub(crate) fn is_whole_body(self) -> bool {
        self == Self::Whole || self.refusal_status().is_some()
    }

    /// The HTTP status of a refusal.
    pub(crate) fn refusal_status(self) -> Option<u16> {
        match self {
            Self::Unauthorized => Some(401),
            Self::RateLimited => Some(429),
            _ => None,
        }
    }

    /// The expected reply.
    pub(crate) fn reply(self) -> Reply {
        let said = |words: &str| Reply::ended(Finish::Stop, [text(words)]);
        match self {
            Self::PlainText => said("Hello, world."),
            Self::UnicodeText => said("你好，世界 🌍 – naïve café"),
            Self::Reasoning => Reply::ended(Finish::Stop, [reasoning("Let me see."), text("42")]),
            Self::Usage => Reply {
                usage: Usage {
                    input_tokens: 100,
                    output_tokens: 20,
                    cached_tokens: 60,
                    reasoning_tokens: 8,
                    cache_write_tokens: 12,
                    ..Usage::default()
                },
                ..said("Counted.")
            },
            Self::Length => Reply::ended(Finish::Length, [text("One two")]),
            Self::Refusal => Reply::ended(Finish::Refusal, [text("I can't help with that.")]),
            Self::ContentFilter => Reply::ended(Finish::ContentFilter, [text("Part")]),
            Self::Citations => Reply::ended(Finish::Stop, [text("Kyoto has 1600 temples."), source()]),
            Self::Unknown => said("Still here."),
            Self::AfterTheEnd | Self::Garbage => said("Whole."),
            Self::ErrorFirst => Reply::failed(ErrorKind::Unavailable, []),
            Self::ErrorMidStream => Reply::failed(ErrorKind::Unavailable, [text("Half")]),
            Self::CutOff => Reply::failed(ErrorKind::CutOff, [text("Half")]),
            Self::Empty => Reply::ended(Finish::Stop, []),
            Self::Unauthorized => Reply::failed(ErrorKind::Auth, []),
            Self::RateLimited => Reply::failed(ErrorKind::RateLimit, []),
            _ => self.reply_with_tools(),
        }
    }

    fn reply_with_tools(self) -> Reply {
        let weather = |city: &str| call("call_1", "get_weather", &format!("{{\"city\":\"{city}\"}}"));
        let pieces = match self {
            Self::ToolCallInPieces => vec![weather("北京")],
            Self::ParallelToolCalls => {
                vec![weather("Paris"), call("call_2", "get_time", "{\"zone\":\"Europe/Paris\"}")]
            }
            Self::WholeToolCall => vec![weather("Oslo")],
            Self::ToolCallWithoutArguments => vec![call("call_1", "get_time", "{}")],
            Self::TextThenToolCall => vec![text("I will look."), weather("Paris")],
            Self::ProviderBlock => vec![reasoning("Let me see."), weather("Paris")],
            Self::Whole => vec![reasoning("Let me see."), text("I will look."), weather("Paris")],
            Self::HostedTool => {
                return Reply::ended(Finish::Stop, hosted_tool());
            }
            other => panic!("{other:?} has no reply"),
        };
        Reply::ended(Finish::ToolCalls, pieces)
    }
}

fn source() -> crate::reply::Piece {
    crate::reply::Piece::Citation(Citation {
        url: "https://example.org/kyoto".into(),
        title: "Kyoto".into(),
        excerpt: String::new(),
    })
}

fn hosted_tool() -> Vec<crate::reply::Piece> {
    let result = ToolResult { id: "hosted_1".into(), output: "1600 temples".into(), is_error: false };
    vec![
        call("hosted_1", "web_search", "{\"query\":\"Kyoto temples\"}"),
        crate::reply::Piece::Result(result),
        text("Kyoto has 1600 temples."),
    ]
}
