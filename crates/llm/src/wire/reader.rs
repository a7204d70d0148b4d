//! Turns a response's body into a stream of events.
//!
//! The first character decides what the body is, because hosts and proxies often send a wrong content type. A frame
//! that cannot be read is repaired, then divided into the JSON documents in it, and dropped if neither helps: one
//! unreadable event does not cost the reply.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use tokio::time::{Sleep, sleep};

use super::{
    Decode, Framing,
    document::{self, Scanner},
    frames::{self, FRAME_MAX, Frame, FrameTooLong, Framer},
    outcome::Outcome,
    refusal,
    repair::{self, Joiner},
    room::Room,
    silence::Silence,
};
use crate::{Error, ErrorKind, Event, http::ERROR_BODY_MAX};

/// How long to wait for more after the model's finish, if the host keeps the connection open: as long as for anything.
const AFTER_FINISH: Duration = Duration::from_mins(2);

/// Decodes the body of a response with status 200, in chunks of any size.
///
/// An error's detail is the provider's full message; [`Transport`](crate::transport::Transport) shortens it and
/// removes keys.
pub(crate) fn events<S, D>(body: S, decoder: D) -> Reader<S, D>
where
    S: Stream<Item = Result<Bytes, Error>> + Send + Unpin + 'static,
    D: Decode,
{
    Reader {
        body,
        stage: Stage::Opening(BytesMut::new()),
        has_more: true,
        decoder,
        joiner: None,
        outcome: Outcome::default(),
        silence: Silence::default(),
        room: Room::default(),
        after_finish: None,
        unreadable: None,
        ready: Vec::new(),
        end: None,
        ended: false,
    }
}

/// Reads a reply, one event at a time. An error is the last item.
pub(crate) struct Reader<S, D> {
    body: S,
    stage: Stage,
    /// The body has not ended.
    has_more: bool,
    decoder: D,
    /// Joins halves of characters, once there are some.
    joiner: Option<Joiner>,
    outcome: Outcome,
    silence: Silence,
    room: Room,
    /// Ends the wait for more after the model's finish.
    after_finish: Option<Pin<Box<Sleep>>>,
    /// Why the first frame was dropped that could not be read.
    unreadable: Option<Error>,
    /// Decoded events that are not yet returned, in reverse order.
    ready: Vec<Event>,
    /// How the reply ended, if it has.
    end: Option<Result<(), Error>>,
    ended: bool,
}

/// How the body is read.
enum Stage {
    /// The kind of the body is not known yet.
    Opening(BytesMut),
    /// A web page.
    Page(BytesMut),
    /// A reply that is not streamed, or bare lines of JSON. `end` is where its first document ends.
    Whole {
        bytes: BytesMut,
        scanner: Scanner,
        end: Option<usize>,
    },
    Streamed(Box<Framer>),
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The first byte that is not white space.
fn start_of(bytes: &[u8]) -> Option<u8> {
    if bytes.len() < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(bytes) {
        return None;
    }
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    bytes.iter().copied().find(|byte| !byte.is_ascii_whitespace())
}

impl<S, D> Stream for Reader<S, D>
where
    S: Stream<Item = Result<Bytes, Error>> + Send + Unpin + 'static,
    D: Decode + Unpin,
{
    type Item = Result<Event, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(event) = this.ready.pop() {
                return Poll::Ready(Some(Ok(event)));
            }
            if this.ended {
                return Poll::Ready(None);
            }
            if let Some(end) = this.end.take() {
                this.ended = true;
                return Poll::Ready(end.err().map(Err));
            }
            let mut events = std::mem::take(&mut this.ready);
            let end = this.poll_advance(&mut events, context);
            events.reverse();
            this.ready = events;
            this.end = ready!(end);
        }
    }
}

impl<S, D> Reader<S, D>
where
    S: Stream<Item = Result<Bytes, Error>> + Send + Unpin + 'static,
    D: Decode,
{
    /// Decodes the next frame, or reads more; returns how the reply ended if it has.
    fn poll_advance(
        &mut self,
        events: &mut Vec<Event>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<(), Error>>> {
        if let Stage::Streamed(framer) = &mut self.stage
            && let Some(frame) = framer.next()
        {
            return Poll::Ready(self.take(&frame, events));
        }
        if !self.has_more {
            return Poll::Ready(Some(self.conclude(events)));
        }
        if let Err(error) = self.silence.check(self.work()) {
            return Poll::Ready(Some(self.break_off(error, events)));
        }
        if let Err(error) = ready!(self.room.poll_reserve(self.held(), context)) {
            return Poll::Ready(Some(self.break_off(error, events)));
        }
        let Poll::Ready(chunk) = self.body.poll_next_unpin(context) else {
            if !self.has_ended() {
                return Poll::Pending;
            }
            let patience = self.after_finish.get_or_insert_with(|| Box::pin(sleep(AFTER_FINISH)));
            ready!(patience.as_mut().poll(context));
            return Poll::Ready(Some(self.conclude(events)));
        };
        let taken = match chunk {
            Some(Ok(chunk)) => self.add(&chunk),
            Some(Err(error)) => Err(self.explain(error)),
            None => {
                self.close();
                Ok(())
            }
        };
        // The frames before the failure come first.
        match taken {
            Ok(()) => Poll::Ready(None),
            Err(error) => {
                let failed = self.take_ready(events);
                Poll::Ready(Some(failed.unwrap_or_else(|| self.break_off(error, events))))
            }
        }
    }

    /// Whether the model has finished, unless more follows.
    fn has_ended(&mut self) -> bool {
        self.decoder.ending().has_come()
    }

    /// Bytes that are held until more arrive.
    fn held(&self) -> usize {
        match &self.stage {
            Stage::Opening(bytes) | Stage::Page(bytes) | Stage::Whole { bytes, .. } => bytes.len(),
            Stage::Streamed(framer) => framer.held(),
        }
    }

    fn work(&self) -> usize {
        if let Stage::Streamed(framer) = &self.stage { framer.work() } else { 0 }
    }

    /// Takes the next chunk of the body.
    fn add(&mut self, chunk: &[u8]) -> Result<(), Error> {
        match &mut self.stage {
            Stage::Opening(bytes) => {
                bytes.extend_from_slice(chunk);
                let start = start_of(bytes);
                if start.is_none() && bytes.len() <= ERROR_BODY_MAX {
                    return Ok(());
                }
                let first = std::mem::take(bytes);
                self.stage = open(start, D::FRAMING);
                self.add(first.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&first))
            }
            Stage::Page(bytes) => {
                bytes.extend_from_slice(chunk);
                self.has_more = bytes.len() < ERROR_BODY_MAX;
                bytes.truncate(ERROR_BODY_MAX);
                Ok(())
            }
            Stage::Whole { bytes, scanner, end } => {
                let before = bytes.len();
                bytes.extend_from_slice(chunk);
                *end = end.or_else(|| scanner.feed(chunk).map(|closed| before + closed));
                if !end.is_some_and(|end| is_stream(bytes, end)) {
                    return if bytes.len() <= FRAME_MAX { Ok(()) } else { Err(too_long(FrameTooLong)) };
                }
                let first = std::mem::take(bytes);
                self.stage = Stage::Streamed(Box::new(Framer::new(D::FRAMING)));
                self.add(&first)
            }
            Stage::Streamed(framer) => framer.push(chunk).map_err(too_long),
        }
    }

    /// No more bytes come.
    fn close(&mut self) {
        self.has_more = false;
        if let Stage::Opening(bytes) = &mut self.stage {
            let first = std::mem::take(bytes);
            let mut framer = Box::new(Framer::new(D::FRAMING));
            // It is white space, and shorter than an event may be.
            let _ = framer.push(&first);
            self.stage = Stage::Streamed(framer);
        }
        if let Stage::Streamed(framer) = &mut self.stage {
            framer.finish();
        }
    }

    /// Decodes every frame that is complete.
    fn take_ready(&mut self, events: &mut Vec<Event>) -> Option<Result<(), Error>> {
        let mut end = None;
        while end.is_none()
            && let Stage::Streamed(framer) = &mut self.stage
            && let Some(frame) = framer.next()
        {
            let mut new = Vec::new();
            end = self.take(&frame, &mut new);
            events.append(&mut new);
        }
        end
    }

    /// Takes a frame; returns how the reply ended if it has.
    fn take(&mut self, frame: &Frame, events: &mut Vec<Event>) -> Option<Result<(), Error>> {
        let ending = self.decoder.ending();
        let (finish, was_closed) = (ending.finish.take(), ending.is_closed);
        let decoded = self.decode(frame, events);
        self.pass_on(events);
        if !events.is_empty() {
            self.silence.end(self.work());
            self.after_finish = None;
        }
        // An end that more words follow was not the end.
        let ending = self.decoder.ending();
        if !events.iter().any(is_words) {
            ending.finish = ending.finish.or(finish);
        } else if was_closed {
            ending.is_closed = false;
        }
        let is_closed = ending.is_closed;
        match decoded {
            Err(error) => Some(self.fail(error, events)),
            // An end before any words may come too early.
            Ok(()) if is_closed && self.outcome.has_answer() => Some(self.conclude(events)),
            Ok(()) => None,
        }
    }

    fn decode(&mut self, frame: &Frame, events: &mut Vec<Event>) -> Result<(), Error> {
        if frame.name == frames::ERROR {
            return Err(refusal::of_event(&frame.data));
        }
        let Err(error) = self.push(&frame.name, &frame.data, events) else { return Ok(()) };
        if !is_unreadable(&error) {
            return Err(error);
        }
        let pieces = document::documents(&frame.data);
        if pieces.len() > 1 {
            for piece in pieces {
                match self.push(&frame.name, piece, events) {
                    Err(error) if !is_unreadable(&error) => return Err(error),
                    _ => {}
                }
            }
        }
        self.unreadable.get_or_insert(error);
        Ok(())
    }

    /// Decodes one document, repaired if necessary.
    fn push(&mut self, name: &str, data: &str, events: &mut Vec<Event>) -> Result<(), Error> {
        match self.decoder.push(name, data, events) {
            Err(error) if is_unreadable(&error) => {
                let Some(repaired) = repair::repaired(data) else { return Err(error) };
                self.joiner.get_or_insert_default();
                self.decoder.push(name, &repaired, events)?;
            }
            decoded => decoded?,
        }
        refusal::declared(data).map_or(Ok(()), Err)
    }

    fn push_whole(&mut self, body: &str, events: &mut Vec<Event>) -> Result<(), Error> {
        match self.decoder.push_whole(body, events) {
            Err(error) if is_unreadable(&error) => {
                let Some(repaired) = repair::repaired(body) else { return Err(error) };
                self.joiner.get_or_insert_default();
                self.decoder.push_whole(&repaired, events)?;
            }
            decoded => decoded?,
        }
        refusal::declared(body).map_or(Ok(()), Err)
    }

    /// Prepares decoded events for the caller.
    fn pass_on(&mut self, events: &mut Vec<Event>) {
        if let Some(joiner) = &mut self.joiner {
            for event in std::mem::take(events) {
                joiner.push(event, events);
            }
        }
        for event in events.iter() {
            self.outcome.note(event);
        }
    }

    /// Ends the reply, because nothing more comes.
    fn conclude(&mut self, events: &mut Vec<Event>) -> Result<(), Error> {
        let mut last = Vec::new();
        let mut ended = match &mut self.stage {
            Stage::Page(bytes) => Err(refusal::page(bytes)),
            Stage::Whole { bytes, .. } => {
                let body = String::from_utf8_lossy(&std::mem::take(bytes)).into_owned();
                self.push_whole(body.trim(), &mut last)
            }
            Stage::Opening(_) | Stage::Streamed(_) => Ok(()),
        };
        self.decoder.flush(&mut last);
        if ended.is_ok() {
            ended = self.decoder.end(&mut last);
        }
        self.pass_on(&mut last);
        if let (Ok(()), Some(Event::Finish(finish))) = (&ended, last.last())
            && let Some(why) = self.outcome.no_text(*finish, &self.decoder.ending().hints)
        {
            last.insert(last.len() - 1, Event::NoText(why));
        }
        events.append(&mut last);
        ended.map_err(|error| match self.unreadable.take() {
            Some(unreadable) if !self.outcome.has_begun() => unreadable,
            _ => error,
        })
    }

    /// Ends the reply, because the connection fails. It may be complete nevertheless.
    fn break_off(&mut self, error: Error, events: &mut Vec<Event>) -> Result<(), Error> {
        if self.has_ended() {
            return self.conclude(events);
        }
        self.fail(error, events)
    }

    fn fail(&mut self, mut error: Error, events: &mut Vec<Event>) -> Result<(), Error> {
        let mut last = Vec::new();
        self.decoder.flush(&mut last);
        self.pass_on(&mut last);
        if let Some(joiner) = &mut self.joiner {
            joiner.finish(&mut last);
        }
        events.append(&mut last);
        error.detail = repair::joined(&error.detail);
        Err(error)
    }

    fn explain(&self, error: Error) -> Error {
        if error.kind == ErrorKind::Network && self.outcome.has_begun() {
            return Error::new(ErrorKind::CutOff, error.detail);
        }
        error
    }
}

/// Decides by its first byte how a body is read.
fn open(start: Option<u8>, framing: Framing) -> Stage {
    match (start, framing) {
        (Some(b'<'), _) => Stage::Page(BytesMut::new()),
        (Some(b'{' | b'['), Framing::Sse) => {
            Stage::Whole { bytes: BytesMut::new(), scanner: Scanner::default(), end: None }
        }
        (_, framing) => Stage::Streamed(Box::new(Framer::new(framing))),
    }
}

/// Whether more follows the first document, which ends at `end` and is one line.
fn is_stream(bytes: &[u8], end: usize) -> bool {
    let (document, rest) = bytes.split_at(end);
    start_of(rest).is_some() && !document.trim_ascii_start().contains(&b'\n')
}

fn too_long(error: FrameTooLong) -> Error {
    Error::new(ErrorKind::Protocol, error.to_string())
}

/// Whether a frame is not JSON. No other error of a frame has these kinds.
fn is_unreadable(error: &Error) -> bool {
    matches!(error.kind, ErrorKind::Protocol | ErrorKind::CutOff)
}

/// Whether an event is part of what the model writes.
fn is_words(event: &Event) -> bool {
    matches!(event, Event::Text(_) | Event::Reasoning(_) | Event::ToolCall(_))
}

#[cfg(test)]
mod tests {
    use futures_util::{TryStreamExt, stream};

    use super::*;

    #[tokio::test]
    async fn a_whole_reply_is_found_after_a_split_byte_order_mark() {
        let body = "\u{feff}{\"choices\":[{\"message\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}";
        let pieces: Vec<_> =
            body.as_bytes().chunks(1).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let events: Vec<Event> = crate::openai::events(stream::iter(pieces)).try_collect().await.unwrap();
        assert_eq!(events.first(), Some(&Event::Text("Hi".to_owned())));
    }
}
