//! Shared by all protocols: the way from a response's bytes to neutral events.
//!
//! An adapter implements [`Decode`]; [`events`] splits the body into frames, passes each to the decoder and ends the
//! stream when the decoder does. [`refusal`] knows the shapes of error responses, [`lenient`] reads JSON with wrong
//! types, and [`repair`] what is not quite JSON.

mod document;
mod ending;
mod frames;
mod guard;
pub(crate) mod hints;
pub(crate) mod lenient;
mod outcome;
mod reader;
mod redact;
pub(crate) mod refusal;
mod repair;
mod room;
mod silence;
pub(crate) mod think;
mod think_context;

pub(crate) use ending::Ending;
pub(crate) use hints::Hints;
pub(crate) use reader::events;

use crate::{Error, Event};

/// How a protocol divides its stream into frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// Server-sent events. A body that starts with `{` or `[` is a whole reply, or bare lines of JSON.
    Sse,
    /// Lines of JSON. A whole reply is a stream of one line.
    Lines,
}

/// Decodes the frames of one reply into neutral events. A pure state machine without clock and I/O: the same frames
/// yield the same events.
pub(crate) trait Decode: Send + Unpin + 'static {
    /// How the protocol frames its stream.
    const FRAMING: Framing;

    /// Takes one frame: the event's name (empty if it has none) and its data, which may be anything.
    ///
    /// # Errors
    ///
    /// If the provider reports a failure; nothing is pushed after that. [`ErrorKind::Protocol`](crate::ErrorKind) and
    /// [`ErrorKind::CutOff`](crate::ErrorKind) mean that the data is not JSON and has changed nothing.
    fn push(&mut self, name: &str, data: &str, out: &mut Vec<Event>) -> Result<(), Error>;

    /// Takes the body of a reply that was not streamed, or of an error. Called instead of [`Decode::push`], and only
    /// with [`Framing::Sse`].
    ///
    /// # Errors
    ///
    /// As [`Decode::push`].
    fn push_whole(&mut self, body: &str, out: &mut Vec<Event>) -> Result<(), Error>;

    /// What is known of the end of the reply.
    fn ending(&mut self) -> &mut Ending;

    /// Emits what was held back, including the usage. Called before [`Decode::end`] and before an error; a second
    /// call emits nothing.
    fn flush(&mut self, out: &mut Vec<Event>);

    /// Ends the reply with [`Event::Finish`] as the last event. Called after the last frame and after
    /// [`Decode::flush`].
    ///
    /// # Errors
    ///
    /// If the reply is incomplete: [`ErrorKind::CutOff`](crate::ErrorKind::CutOff), or
    /// [`ErrorKind::Protocol`](crate::ErrorKind::Protocol) if none of it followed the protocol.
    fn end(&mut self, out: &mut Vec<Event>) -> Result<(), Error>;
}
