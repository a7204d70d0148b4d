//! A log of numbered server-sent events that any number of readers follow.
//!
//! The log keeps the latest events only, so its memory is bounded; a reader that is further behind must start again from
//! a snapshot. Text events are stored as ranges of the text that they belong to. Text that follows text which nobody has
//! read yet is the same event, so nothing is encoded before it is read, and a reader that is behind catches up with few
//! events. An event that was read never changes.

use std::{collections::VecDeque, ops::Range, time::Duration};

use bytes::Bytes;
use kaiwa_shared::{
    message::Part,
    sse::{self, Event},
};
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

/// How long a connection may be silent before a comment line shows whether its reader is still there.
pub(crate) const HEARTBEAT_EVERY: Duration = Duration::from_secs(15);

/// Maximum number of events in a log.
const MAX_EVENTS: usize = 1024;

/// The approximate maximum size of what is read at once, in bytes.
const MAX_READ: usize = 64 * 1024;

/// Bytes of text from which on more text is another event.
const MAX_TEXT: u32 = 32 * 1024;

/// Bytes of an encoded text event around its text.
const TEXT_FRAME: usize = 72;

/// The latest events of a stream.
pub(crate) struct EventLog {
    entries: VecDeque<Entry>,
    /// Bytes of the encoded events in `entries`.
    bytes: usize,
    max_bytes: usize,
    /// The number of the last event; the first is 1.
    sequence: u64,
    /// The number of the last event that must not change any more.
    sealed: u64,
}

enum Entry {
    /// Text or reasoning: a range of the text of a part.
    Text { part: u32, start: u32, end: u32 },
    /// Any other event, encoded. Boxed, so that the many text entries are small.
    Encoded(Box<Bytes>),
}

/// The result of reading a log.
pub(crate) enum Read {
    /// Encoded events.
    Events(Bytes),
    /// There is nothing new.
    Nothing,
    /// There is nothing new, and never will be.
    End,
}

/// Waits for the next events; a heartbeat after a while without any, `None` at the end. `read` is called once and after
/// each change.
pub(crate) async fn next(changed: &Notify, mut read: impl FnMut() -> Read) -> Option<Bytes> {
    let heartbeat = Instant::now() + HEARTBEAT_EVERY;
    loop {
        // Created before the read, so that a change between the read and the wait is not missed.
        let notified = changed.notified();
        match read() {
            Read::Events(bytes) => return Some(bytes),
            Read::End => return None,
            Read::Nothing => {}
        }
        tokio::select! {
            () = notified => {}
            () = sleep_until(heartbeat) => return Some(Bytes::from_static(sse::HEARTBEAT)),
        }
    }
}

impl EventLog {
    /// An empty log that keeps at most `max_bytes` of encoded events.
    pub(crate) const fn new(max_bytes: usize) -> Self {
        Self { entries: VecDeque::new(), bytes: 0, max_bytes, sequence: 0, sealed: 0 }
    }

    /// The number of the last event.
    pub(crate) const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Seals the last event and returns its number: text that comes later is another event.
    pub(crate) const fn seal(&mut self) -> u64 {
        self.sealed = self.sequence;
        self.sequence
    }

    /// Appends an event.
    pub(crate) fn append(&mut self, event: &impl Event) {
        self.sequence += 1;
        match sse::encode(self.sequence, event) {
            Ok(frame) => self.push(Entry::Encoded(Box::new(frame.into()))),
            Err(error) => {
                tracing::error!(%error, event = event.name(), "an event could not be encoded");
                self.clear();
            }
        }
    }

    /// Appends text: the bytes `range` of the text of a part.
    pub(crate) fn append_text(&mut self, part: usize, range: Range<usize>) {
        let (Ok(part), Ok(start), Ok(end)) =
            (u32::try_from(part), u32::try_from(range.start), u32::try_from(range.end))
        else {
            // A reply of 4 GiB; its readers get snapshots.
            self.sequence += 1;
            return self.clear();
        };
        if self.sequence > self.sealed
            && let Some(Entry::Text { part: last, start: open_start, end: open_end }) =
                self.entries.back_mut()
            && *last == part
            && *open_end - *open_start < MAX_TEXT
        {
            *open_end = end;
            return;
        }
        self.sequence += 1;
        self.push(Entry::Text { part, start, end });
    }

    /// Drops every event but keeps the numbering.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.bytes = 0;
    }

    /// The events after the number `seen`, encoded, with the texts of `parts`, and the number of the last one; `None` if
    /// some of them were dropped. Reads a piece at a time, but at least one event.
    pub(crate) fn read(&mut self, seen: u64, parts: &[Part]) -> Option<(Bytes, u64)> {
        self.seal();
        let oldest = self.sequence - u64::try_from(self.entries.len()).unwrap_or(0);
        let skip = usize::try_from(seen.checked_sub(oldest)?).ok()?;
        let unread = || self.entries.iter().skip(skip);
        if let Some(Entry::Encoded(frame)) = unread().next()
            && (frame.len() >= MAX_READ || unread().nth(1).is_none())
        {
            return Some((Bytes::clone(frame), seen + 1));
        }
        let size = unread().map(Entry::encoded_size).sum::<usize>();
        let (mut out, mut last) = (Vec::with_capacity(size.min(MAX_READ)), seen);
        for entry in unread() {
            if last > seen && out.len() + entry.encoded_size() > MAX_READ {
                break;
            }
            last += 1;
            entry.write(&mut out, last, parts).ok()?;
        }
        Some((out.into(), last))
    }

    fn push(&mut self, entry: Entry) {
        self.bytes += entry.bytes();
        self.entries.push_back(entry);
        // The newest event always stays, however large, for the readers that wait for it.
        while (self.bytes > self.max_bytes || self.entries.len() > MAX_EVENTS) && self.entries.len() > 1 {
            if let Some(oldest) = self.entries.pop_front() {
                self.bytes -= oldest.bytes();
            }
        }
    }
}

impl Entry {
    /// Bytes that the log keeps for it.
    fn bytes(&self) -> usize {
        match self {
            Self::Text { .. } => 0,
            Self::Encoded(frame) => frame.len(),
        }
    }

    /// Its approximate size when encoded.
    fn encoded_size(&self) -> usize {
        match self {
            Self::Text { start, end, .. } => usize::try_from(end - start).unwrap_or(0) + TEXT_FRAME,
            Self::Encoded(frame) => frame.len(),
        }
    }

    fn write(&self, out: &mut Vec<u8>, sequence: u64, parts: &[Part]) -> serde_json::Result<()> {
        let (part, start, end) = match self {
            Self::Text { part, start, end } => (part, start, end),
            Self::Encoded(frame) => {
                out.extend_from_slice(frame);
                return Ok(());
            }
        };
        let index = |value: &u32| usize::try_from(*value).unwrap_or(usize::MAX);
        let (name, text) = match parts.get(index(part)) {
            Some(Part::Text { text }) => ("delta", text.as_str()),
            Some(Part::Reasoning { text, .. }) => ("reasoning", text.as_str()),
            _ => ("delta", ""),
        };
        sse::encode_text(out, sequence, name, text.get(index(start)..index(end)).unwrap_or_default())
    }
}
