//! Scripts: what a model's name requests.

mod name;
mod oddity;

use std::time::Duration;

pub use self::{name::UnknownScript, oddity::Oddity};

/// The content of the reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// `t0 t1 t2 …`
    Tokens,
    /// A long answer with every Markdown element.
    Markdown,
    /// Reasoning, then tokens.
    Reasoning,
    /// Reasoning in tags within the text, then tokens.
    Think,
    /// A sentence, then two tool calls; after their results, a text with the results.
    Tools,
    /// The tool calls in the last user message; after their results, a text with the results.
    Call,
    /// A search by the provider, then an answer with citations.
    Citations,
    /// A refusal in text.
    Refusal,
    /// Nothing, because a filter stopped it.
    Blocked,
    /// The last user message.
    Echo,
}

/// Where and how a reply fails. The number is the count of pieces before the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// An error body with this status.
    Error(u16),
    /// A web page with this status.
    Html(u16),
    /// An empty body with this status.
    Blank(u16),
    /// A redirection with this status.
    Redirect(u16),
    /// No response.
    Hang,
    /// The connection breaks.
    Cut(u64),
    /// The connection breaks inside an event, and inside a multi-byte character if there is one.
    Tear(u64),
    /// The connection breaks within the arguments of the first tool call.
    CutCall,
    /// The response ends without a finish reason.
    End(u64),
    /// The response ends within the arguments of the first tool call.
    EndCall,
    /// Silence.
    Stall(u64),
    /// An error object within the stream.
    Fail(u64),
}

/// The `Retry-After` of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// In seconds.
    Seconds(u64),
    /// A date at the end of this century.
    Date,
    /// Invalid text.
    Junk,
}

/// A parsed model name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The content of the reply.
    pub content: Content,
    /// Number of numbered tokens.
    pub tokens: u64,
    /// Number of numbered reasoning tokens before them.
    pub thoughts: u64,
    /// KiB of Markdown.
    pub kb: u64,
    /// Tokens per second; 0 is as fast as possible.
    pub rate: u64,
    /// Delay before the response starts.
    pub wait: Duration,
    /// Delay before the first token.
    pub delay: Duration,
    /// Number of rounds of tool calls before the answer.
    pub rounds: u64,
    /// Cached prompt tokens in the usage.
    pub cached: u64,
    /// The `Retry-After` of an error.
    pub retry_after: Option<RetryAfter>,
    /// KiB of a line that exceeds any reader's limit.
    pub huge_kb: Option<u64>,
    /// Nesting depth of an event that exceeds any reader's limit.
    pub nested: Option<u64>,
    /// MiB of a decompression bomb before the reply.
    pub bomb_mb: Option<u64>,
    /// Number of requests with this name that fail.
    pub first: Option<u64>,
    /// The fault of the reply, if any.
    pub fault: Option<Fault>,
    /// Each numbered token contains its sending time.
    pub stamp: bool,
    /// Oddities of the stream.
    pub oddities: Vec<Oddity>,
}

impl Script {
    /// Whether the stream has this oddity.
    pub fn is(&self, oddity: Oddity) -> bool {
        self.oddities.contains(&oddity)
    }

    /// The same reply without faults.
    pub fn healthy(mut self) -> Self {
        self.fault = None;
        self.retry_after = None;
        self.huge_kb = None;
        self.nested = None;
        self.bomb_mb = None;
        self.oddities.retain(|oddity| !oddity.is_wrong());
        self
    }

    fn saying(content: Content) -> Self {
        Self {
            content,
            tokens: 20,
            thoughts: 0,
            kb: 4,
            rate: 100,
            wait: Duration::ZERO,
            delay: Duration::ZERO,
            rounds: 1,
            cached: 0,
            retry_after: None,
            huge_kb: None,
            nested: None,
            bomb_mb: None,
            first: None,
            fault: None,
            stamp: false,
            oddities: Vec::new(),
        }
    }
}
