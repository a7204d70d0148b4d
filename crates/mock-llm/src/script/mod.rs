//! What a model's name asks for.

mod name;
mod oddity;

use std::time::Duration;

pub use self::{name::UnknownScript, oddity::Oddity};

/// What the reply says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// `t0 t1 t2 …`
    Tokens,
    /// A long answer with every Markdown element.
    Markdown,
    /// Thoughts, then tokens.
    Reasoning,
    /// Thoughts between tags inside the text, then tokens.
    Think,
    /// A sentence, then two tool calls; once these are answered, what the tools said.
    Tools,
    /// The tool calls that the last user message writes out; once these are answered, what the tools said.
    Call,
    /// A search by the provider, then an answer that cites what was found.
    Citations,
    /// A refusal in words.
    Refusal,
    /// Nothing, because a filter stopped it.
    Blocked,
    /// The last user message.
    Echo,
}

/// Where and how a reply fails. The number of a stream's fault is the count of pieces sent before it.
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
    /// The connection is torn.
    Cut(u64),
    /// The connection is torn inside an event, and inside a character if the event has a long one.
    Tear(u64),
    /// The connection is torn among the arguments of the first tool call.
    CutCall,
    /// The response ends without saying that the reply does.
    End(u64),
    /// The response ends among the arguments of the first tool call.
    EndCall,
    /// Silence.
    Stall(u64),
    /// An error object in mid-stream.
    Fail(u64),
}

/// What a refusal says about the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// So many seconds from now.
    Seconds(u64),
    /// A date in the last days of this century.
    Date,
    /// Words that no client understands.
    Junk,
}

/// A model's name, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// What the reply says.
    pub content: Content,
    /// How many numbered tokens.
    pub tokens: u64,
    /// How many numbered thoughts come first.
    pub thoughts: u64,
    /// How many KiB of Markdown.
    pub kb: u64,
    /// Tokens a second; 0 is as fast as possible.
    pub rate: u64,
    /// Wait before the response begins.
    pub wait: Duration,
    /// Wait before the first token.
    pub delay: Duration,
    /// How many times tools are called before there is an answer.
    pub rounds: u64,
    /// How many tokens of the prompt the usage calls cached.
    pub cached: u64,
    /// What an error says about the next attempt.
    pub retry_after: Option<RetryAfter>,
    /// KiB of a line that is longer than any reader should take.
    pub huge_kb: Option<u64>,
    /// Levels of an event that is nested deeper than any reader should follow.
    pub nested: Option<u64>,
    /// MiB that a short compressed body unpacks to before the reply comes.
    pub bomb_mb: Option<u64>,
    /// Only so many requests of this name fail.
    pub first: Option<u64>,
    /// How the reply fails, if it does.
    pub fault: Option<Fault>,
    /// Each numbered token says when it was sent.
    pub stamp: bool,
    /// What is odd about the wire.
    pub oddities: Vec<Oddity>,
}

impl Script {
    /// The wire has this oddity.
    pub fn is(&self, oddity: Oddity) -> bool {
        self.oddities.contains(&oddity)
    }

    /// The same reply without anything that is wrong about it.
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
