//! Splits the bytes of a body into frames: server-sent events, or lines of JSON.
//!
//! Server-sent events pass the [`guard`](super::guard) that repairs their lines, then `eventsource-stream`. Leading byte
//! order marks are dropped, and invalid UTF-8 becomes U+FFFD.

use std::{collections::VecDeque, convert::Infallible};

use eventsource_stream::EventStream;
use futures_util::{FutureExt, StreamExt, stream::BoxStream};
use kaiwa_shared::lines::Lines;
use tokio::sync::mpsc;

use super::{Framing, guard::Guard};

pub(super) use super::guard::ERROR;

/// Maximum bytes of one frame: 16 MiB, enough for a generated picture.
pub(crate) const FRAME_MAX: usize = 16 * 1024 * 1024;

/// A frame passed [`FRAME_MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event is longer than {FRAME_MAX} bytes")]
pub(crate) struct FrameTooLong;

/// One frame of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Its `event` field; empty if it has none.
    pub(crate) name: String,
    /// Its `data` lines, joined by line feeds; or the line.
    pub(crate) data: String,
}

/// Splits chunks of bytes into frames.
pub(crate) struct Framer {
    lines: Lines,
    kind: Kind,
    /// The work so far: lines, and 256 bytes of a long line for one more.
    work: usize,
}

enum Kind {
    Events(Box<Events>),
    Lines(VecDeque<Frame>),
}

/// The parser of server-sent events and what it is fed with.
struct Events {
    guard: Guard,
    pieces: mpsc::UnboundedSender<String>,
    parser: EventStream<BoxStream<'static, Result<String, Infallible>>>,
}

impl Framer {
    /// A framer at the start of a stream.
    pub(crate) fn new(framing: Framing) -> Self {
        let kind = match framing {
            Framing::Sse => Kind::Events(Box::new(Events::new())),
            Framing::Lines => Kind::Lines(VecDeque::new()),
        };
        Self { lines: Lines::default(), kind, work: 0 }
    }

    /// Takes the next chunk.
    ///
    /// # Errors
    ///
    /// If a frame is longer than [`FRAME_MAX`]. The frames before it remain.
    pub(crate) fn push(&mut self, chunk: &[u8]) -> Result<(), FrameTooLong> {
        let Self { lines, kind, work } = self;
        let mut fits = true;
        lines.push(chunk, |line| {
            fits = fits && kind.size() + line.len() <= FRAME_MAX;
            if fits {
                *work += 1 + line.len() / 256;
                kind.take(line);
            }
        });
        if fits && self.held() <= FRAME_MAX { Ok(()) } else { Err(FrameTooLong) }
    }

    /// Completes the last frame; no more bytes come.
    pub(crate) fn finish(&mut self) {
        let line = self.lines.finish();
        self.kind.take(&line);
        self.kind.take(b"");
    }

    /// The next frame.
    pub(crate) fn next(&mut self) -> Option<Frame> {
        match &mut self.kind {
            Kind::Events(events) => events.next(),
            Kind::Lines(ready) => ready.pop_front(),
        }
    }

    /// Bytes of the frame that is still incomplete.
    pub(crate) fn held(&self) -> usize {
        self.kind.size() + self.lines.pending()
    }

    /// The work so far: the number of lines, where a long line counts as several.
    pub(crate) fn work(&self) -> usize {
        self.work
    }
}

impl Kind {
    fn take(&mut self, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        match self {
            Self::Events(events) => events.guard.take(&text),
            Self::Lines(ready) if !text.trim().is_empty() => {
                ready.push_back(Frame { name: String::new(), data: text.into_owned() });
            }
            Self::Lines(_) => {}
        }
    }

    /// Bytes of the frame that is still incomplete, without its last line.
    fn size(&self) -> usize {
        if let Self::Events(events) = self { events.guard.size() } else { 0 }
    }
}

impl Events {
    fn new() -> Self {
        let (pieces, mut source) = mpsc::unbounded_channel();
        let source =
            futures_util::stream::poll_fn(move |context| source.poll_recv(context).map(|p| p.map(Ok)));
        Self { guard: Guard::default(), pieces, parser: EventStream::new(source.boxed()) }
    }

    fn next(&mut self) -> Option<Frame> {
        loop {
            // The parser waits for more once it has no whole event. It cannot fail: the guard writes only fields.
            if let Some(Some(Ok(event))) = self.parser.next().now_or_never() {
                let name = if event.event == "message" { String::new() } else { event.event };
                return Some(Frame { name, data: event.data });
            }
            // The receiver lives as long as the parser.
            let _sent = self.pieces.send(self.guard.next_piece()?);
        }
    }
}

#[cfg(test)]
mod tests;
