//! The numbered events of one reply, as its listeners read them.
//!
//! Text gets its number when somebody reads it: whatever has come since the last reader took the event before is one
//! event, so that a listener who is behind catches up with few of them, and nobody encodes what nobody reads. Once
//! read, an event never changes. The log keeps where an event's text lies, not the text, and the encoded bytes of the
//! latest reading, which all listeners that keep up share, if there are several.

use std::collections::VecDeque;

use bytes::Bytes;
use kaiwa_shared::{
    message::Part,
    sse::{self, Event as _},
    stream::StreamEvent,
};
use tokio::time::Instant;

/// Events that a reply keeps for listeners that come back. Who is further behind gets a snapshot.
const EVENTS_MAX: usize = 1024;

/// Most encoded bytes of kept events that are not text.
const BYTES_MAX: usize = 64 * 1024;

/// The events of a reply so far.
pub(crate) struct Log {
    entries: VecDeque<Entry>,
    /// Encoded bytes in `entries`.
    bytes: usize,
    /// The number of the last event, the open one included; the first is 1.
    sequence: u64,
    open: Option<Open>,
    /// When the last event began.
    since: Instant,
    latest: Option<Reading>,
}

/// One numbered event.
enum Entry {
    /// More text or reasoning: these bytes of that part.
    Text { part: u32, from: u32, to: u32 },
    /// Anything else, encoded.
    Other(Box<Bytes>),
}

/// A text that grows under the last number, because nobody has read it yet.
#[derive(Clone, Copy)]
struct Open {
    part: usize,
    from: usize,
}

/// What was read last.
struct Reading {
    after: u64,
    upto: u64,
    bytes: Bytes,
}

impl Log {
    pub(crate) fn new() -> Self {
        Self {
            entries: VecDeque::new(),
            bytes: 0,
            sequence: 0,
            open: None,
            since: Instant::now(),
            latest: None,
        }
    }

    /// The number of the last event.
    pub(crate) fn sequence(&self) -> u64 {
        self.sequence
    }

    /// When the last event began.
    pub(crate) fn since(&self) -> Instant {
        self.since
    }

    /// Text is about to be added to `part`, which has `from` bytes.
    pub(crate) fn text(&mut self, parts: &[Part], part: usize, from: usize) {
        if self.open.is_some_and(|open| open.part == part) {
            return;
        }
        self.close(parts);
        self.number();
        self.open = Some(Open { part, from });
    }

    /// Adds an event that is not text.
    pub(crate) fn push(&mut self, event: &StreamEvent) {
        debug_assert!(self.open.is_none(), "the text before the event is closed");
        self.number();
        if matches!(event, StreamEvent::Snapshot(_)) {
            // The parts that earlier events point into are about to be replaced.
            self.forget();
        }
        match sse::encode(self.sequence, event) {
            Ok(frame) => self.append(Entry::Other(Box::new(frame.into()))),
            // Our own types always encode; should one not, whoever listens gets a snapshot in its place.
            Err(error) => {
                tracing::error!(%error, event = event.name(), "an event could not be encoded");
                self.forget();
            }
        }
    }

    /// Makes what has come so far final under its number.
    pub(crate) fn close(&mut self, parts: &[Part]) {
        let Some(Open { part, from }) = self.open.take() else { return };
        let to = text_of(parts, part).len();
        match (u32::try_from(part), u32::try_from(from), u32::try_from(to)) {
            (Ok(part), Ok(from), Ok(to)) => self.append(Entry::Text { part, from, to }),
            // No reply comes near 4 GiB; should one, its listeners get snapshots.
            _ => self.forget(),
        }
    }

    /// Every event after `seen`, encoded; `None` if the log does not reach so far back. Kept for the next reader if
    /// there are `several`.
    pub(crate) fn read(&mut self, parts: &[Part], seen: u64, several: bool) -> Option<Bytes> {
        self.close(parts);
        if let Some(Reading { after, upto, bytes }) = &self.latest
            && (*after, *upto) == (seen, self.sequence)
        {
            return Some(bytes.clone());
        }
        let oldest = self.sequence - u64::try_from(self.entries.len()).unwrap_or(0);
        let skip = usize::try_from(seen.checked_sub(oldest)?).unwrap_or(usize::MAX);
        let bytes = self.encode(parts, skip, seen).ok()?;
        self.latest = several.then(|| Reading { after: seen, upto: self.sequence, bytes: bytes.clone() });
        Some(bytes)
    }

    fn encode(&self, parts: &[Part], skip: usize, seen: u64) -> serde_json::Result<Bytes> {
        if let (Some(Entry::Other(frame)), true) = (self.entries.back(), skip + 1 == self.entries.len()) {
            return Ok(Bytes::clone(frame));
        }
        let size = self.entries.iter().skip(skip).map(Entry::size).sum();
        let mut out = Vec::with_capacity(size);
        for (entry, sequence) in self.entries.iter().skip(skip).zip(seen + 1..) {
            match entry {
                Entry::Other(frame) => out.extend_from_slice(frame),
                Entry::Text { part, from, to } => {
                    let at = |index: &u32| usize::try_from(*index).unwrap_or(usize::MAX);
                    let part = at(part);
                    let text = text_of(parts, part).get(at(from)..at(to)).unwrap_or_default();
                    let name = if matches!(parts.get(part), Some(Part::Reasoning { .. })) {
                        "reasoning"
                    } else {
                        "delta"
                    };
                    sse::encode_text(&mut out, sequence, name, text)?;
                }
            }
        }
        Ok(out.into())
    }

    fn number(&mut self) {
        self.sequence += 1;
        self.since = Instant::now();
    }

    fn append(&mut self, entry: Entry) {
        self.bytes += entry.encoded();
        self.entries.push_back(entry);
        // The newest event always stays, however large: a listener that waits for it must not need a snapshot.
        while (self.bytes > BYTES_MAX || self.entries.len() > EVENTS_MAX) && self.entries.len() > 1 {
            if let Some(oldest) = self.entries.pop_front() {
                self.bytes -= oldest.encoded();
            }
        }
    }

    fn forget(&mut self) {
        self.entries.clear();
        self.bytes = 0;
    }
}

impl Entry {
    /// Bytes that are kept for it beside the entry itself.
    fn encoded(&self) -> usize {
        match self {
            Self::Text { .. } => 0,
            Self::Other(frame) => frame.len(),
        }
    }

    /// About as many bytes as it has when it is encoded.
    fn size(&self) -> usize {
        match self {
            Self::Text { from, to, .. } => usize::try_from(to - from).unwrap_or(0) + FRAME,
            Self::Other(frame) => frame.len(),
        }
    }
}

/// Bytes of an encoded text event around its text.
const FRAME: usize = 72;

fn text_of(parts: &[Part], part: usize) -> &str {
    match parts.get(part) {
        Some(Part::Text { text } | Part::Reasoning { text, .. }) => text,
        _ => "",
    }
}
