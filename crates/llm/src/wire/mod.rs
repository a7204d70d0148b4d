//! What all protocols have in common between a response's bytes and neutral events.
//!
//! An adapter brings a [`Decode`]; [`events`] takes the body apart into frames, hands each to it and ends the stream as
//! the decoder says. [`refusal`] knows every shape in which a host says no, [`lenient`] reads JSON that is not quite
//! what was promised.

pub(crate) mod lenient;
mod lines;
mod reader;
pub(crate) mod refusal;
pub(crate) mod think;

pub(crate) use reader::events;

use crate::{Error, Event};

/// How a protocol divides its stream into frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// Server-sent events. A body that begins with `{` or `[` is a whole reply instead.
    Sse,
    /// Lines of JSON. A whole reply is a stream of one line.
    Lines,
}

/// How far a reply has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// More must come, or the reply is cut off.
    Open,
    /// The model has ended its reply; only the cost can still follow.
    Finished,
    /// Nothing more needs to be read.
    Done,
}

/// From the frames of one reply to neutral events. A pure state machine: no clock, no I/O, the same frames give the
/// same events.
pub(crate) trait Decode: Send + Unpin + 'static {
    /// How the protocol's stream is divided.
    const FRAMING: Framing;

    /// Takes one frame: the event's name, empty where the framing has none, and its data, which may be anything.
    /// Frames after [`Progress::Done`] do not come.
    ///
    /// # Errors
    ///
    /// If the provider reports a failure, or the frame cannot be what the protocol says. Nothing is pushed after it.
    fn push(&mut self, name: &str, data: &str, out: &mut Vec<Event>) -> Result<(), Error>;

    /// Takes the body of a reply that was not streamed, or an error in the shape of one. Comes instead of
    /// [`Decode::push`], and only with [`Framing::Sse`].
    ///
    /// # Errors
    ///
    /// As [`Decode::push`].
    fn push_whole(&mut self, body: &str, out: &mut Vec<Event>) -> Result<(), Error>;

    /// How far the reply has come.
    fn progress(&self) -> Progress;

    /// Gives out what was held back, the cost included. Comes before [`Decode::end`] and before a failure; coming twice
    /// does no harm.
    fn flush(&mut self, out: &mut Vec<Event>);

    /// No more frames come, and what was held back has been given out: says how the reply ended, with
    /// [`Event::Finish`] as the last event.
    ///
    /// # Errors
    ///
    /// If the reply is not whole: [`ErrorKind::CutOff`](crate::ErrorKind::CutOff), or
    /// [`ErrorKind::Protocol`](crate::ErrorKind::Protocol) where nothing of it was the protocol.
    fn end(&mut self, out: &mut Vec<Event>) -> Result<(), Error>;
}
