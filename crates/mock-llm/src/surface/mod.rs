//! The protocols: each parses requests and writes replies and errors in its own format.

mod chat;
mod gemini;
mod media;
mod messages;
mod ollama;
pub(crate) mod output;
mod responses;

use bytes::BytesMut;
use serde_json::Value;

use crate::{
    ask::Ask,
    plan::{End, Gathered, Piece},
    script::{Oddity, Script},
};

/// The signature of reasoning and the content of sealed reasoning: valid Base64, as Gemini's clients expect.
pub const SIGNATURE: &str = "a2Fpd2EtbW9jay1zaWduYXR1cmU=";

/// The creation time of all objects, in seconds since 1970.
const CREATED: u64 = 1_700_000_000;

/// A protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// OpenAI's chat completions.
    Chat,
    /// OpenAI's responses.
    Responses,
    /// Anthropic's messages.
    Messages,
    /// Google's Gemini.
    Gemini,
    /// Ollama's own API.
    Ollama,
}

/// How a stream separates its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// Server-sent events.
    Events,
    /// A line of JSON each.
    Lines,
}

impl Framing {
    /// The end of an event.
    pub(crate) fn end(self) -> &'static str {
        match self {
            Self::Events => "\n\n",
            Self::Lines => "\n",
        }
    }
}

/// Writes a reply as a stream of one protocol. Each call appends whole events.
pub(crate) trait Writer: Send {
    /// Writes the start of the stream.
    fn begin(&mut self, usage: Option<&Usage>, out: &mut BytesMut);
    /// Writes one piece.
    fn piece(&mut self, piece: Piece<'_>, out: &mut BytesMut);
    /// Writes the end of the stream.
    fn end(&mut self, end: End, usage: Option<&Usage>, out: &mut BytesMut);
    /// An error in mid-stream.
    fn fail(&mut self, out: &mut BytesMut);
    /// An event without content, as some hosts send it first.
    fn empty(&mut self, out: &mut BytesMut);
    /// Events of this protocol whose fields have the wrong types.
    fn weird(&self) -> &'static [&'static str];
}

impl Protocol {
    /// Parses a request. `call` is the part of Gemini's path after `models/`. The error is a message for the client.
    pub(crate) fn ask(self, body: &Value, call: &str) -> Result<Ask, String> {
        media::check(self, body)?;
        match self {
            Self::Chat => chat::ask(body),
            Self::Responses => responses::ask(body),
            Self::Messages => messages::ask(body),
            Self::Gemini => gemini::ask(body, call),
            Self::Ollama => ollama::ask(body),
        }
    }

    /// Writes the reply to `ask` as a stream.
    pub(crate) fn writer(self, ask: &Ask, script: &Script) -> Box<dyn Writer> {
        match self {
            Self::Chat => Box::new(chat::ChatWriter::new(ask, script)),
            Self::Responses => Box::new(responses::ResponsesWriter::new(ask)),
            Self::Messages => Box::new(messages::MessagesWriter::new(ask)),
            Self::Gemini => Box::new(gemini::GeminiWriter::new(ask, script)),
            Self::Ollama => Box::new(ollama::OllamaWriter::new(ask)),
        }
    }

    /// The whole reply in one response.
    pub(crate) fn whole(
        self,
        ask: &Ask,
        script: &Script,
        reply: &Gathered,
        end: End,
        usage: Option<&Usage>,
    ) -> Value {
        match self {
            Self::Chat => chat::whole(ask, script, reply, end, usage),
            Self::Responses => responses::whole(ask, reply, end, usage),
            Self::Messages => messages::whole(ask, reply, end, usage),
            Self::Gemini => gemini::whole(ask, script, reply, end, usage),
            Self::Ollama => ollama::whole(ask, reply, end, usage),
        }
    }

    /// The body of an error.
    pub(crate) fn error(self, status: u16, message: &str, retry_after: Option<u64>) -> Value {
        match self {
            Self::Chat | Self::Responses => chat::error(status, message),
            Self::Messages => messages::error(status, message),
            Self::Gemini => gemini::error(status, message, retry_after),
            Self::Ollama => ollama::error(message),
        }
    }

    /// Whether tool calls are always sent whole.
    pub(crate) fn has_whole_calls(self) -> bool {
        matches!(self, Self::Gemini | Self::Ollama)
    }

    /// How a stream separates its events.
    pub(crate) fn framing(self) -> Framing {
        if self == Self::Ollama { Framing::Lines } else { Framing::Events }
    }

    /// The media type of a stream.
    pub(crate) fn content_type(self) -> &'static str {
        match self.framing() {
            Framing::Events => "text/event-stream",
            Framing::Lines => "application/x-ndjson",
        }
    }

    /// The header that names the request in an answer.
    pub(crate) fn request_id_header(self) -> &'static str {
        if self == Self::Messages { "request-id" } else { "x-request-id" }
    }
}

/// The token usage of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) prompt: i64,
    /// How many of the prompt's tokens were cached.
    pub(crate) cached: i64,
    /// Reasoning included.
    pub(crate) output: i64,
    pub(crate) reasoning: i64,
}

impl Usage {
    /// The usage after `pieces` pieces, including `thoughts` of reasoning; `None` if the script omits it.
    pub(crate) fn after(ask: &Ask, script: &Script, pieces: i64, thoughts: i64) -> Option<Self> {
        let prompt = i64::try_from(ask.prompt_tokens()).unwrap_or(i64::MAX);
        let sign = if script.is(Oddity::NegativeUsage) { -1 } else { 1 };
        let usage = Self {
            prompt: prompt * sign,
            cached: i64::try_from(script.cached).unwrap_or(i64::MAX).min(prompt) * sign,
            output: pieces * sign,
            reasoning: thoughts * sign,
        };
        (!script.is(Oddity::NoUsage)).then_some(usage)
    }

    /// All tokens.
    pub(crate) fn total(&self) -> i64 {
        self.prompt + self.output
    }
}
