//! Server-sent events as Kaiwa writes and reads them.
//!
//! [`encode`] is the server's side and [`Decoder`] the client's. The decoder follows the WHATWG rules for `id`, `event`
//! and `data`, takes bytes cut anywhere, and does work in proportion to the bytes that arrive.

use std::{fmt::Display, io::Write as _, mem};

use serde::{Serialize, de::Error as _};

use crate::lines::Lines;

/// Keeps an idle connection open and detects that the client has gone.
pub const HEARTBEAT: &[u8] = b": keep-alive\n\n";

/// An event of one of Kaiwa's streams. Its name, the SSE field `event:`, determines the fields of its JSON.
pub trait Event: Serialize + Sized {
    /// The event's name: the `event:` field on the wire and the tag in its JSON.
    fn name(&self) -> &'static str;

    /// Reads the event called `name` from its JSON.
    ///
    /// # Errors
    ///
    /// If the stream has no such event, or `data` does not match it.
    fn read(name: &str, data: &str) -> serde_json::Result<Self>;
}

/// The error of [`Event::read`] for an unknown name.
pub(crate) fn unknown_event(name: impl Display) -> serde_json::Error {
    serde_json::Error::custom(format_args!("unknown event `{name}`"))
}

/// Writes one event with its sequence number.
///
/// # Errors
///
/// Only if the event cannot be serialized, which is impossible for the types of this crate.
pub fn encode(sequence: u64, event: &impl Event) -> serde_json::Result<Vec<u8>> {
    let mut out = Vec::new();
    write_id(&mut out, sequence);
    write_event(&mut out, event.name(), event)?;
    Ok(out)
}

/// Writes one event without its sequence number, for readers that each have a numbering of their own.
///
/// # Errors
///
/// As [`encode`].
pub fn encode_unnumbered(event: &impl Event) -> serde_json::Result<Vec<u8>> {
    let mut out = Vec::new();
    write_event(&mut out, event.name(), event)?;
    Ok(out)
}

/// Appends an event from [`encode_unnumbered`] to `out`, with its sequence number.
pub fn number(out: &mut Vec<u8>, sequence: u64, unnumbered: &[u8]) {
    write_id(out, sequence);
    out.extend_from_slice(unnumbered);
}

/// Appends a `delta` or `reasoning` event to `out`, as [`encode`] writes it, from borrowed text.
///
/// # Errors
///
/// Never, in practice: text can always be serialized.
pub fn encode_text(out: &mut Vec<u8>, sequence: u64, name: &str, text: &str) -> serde_json::Result<()> {
    #[derive(Serialize)]
    struct Text<'a> {
        event: &'a str,
        text: &'a str,
    }
    write_id(out, sequence);
    write_event(out, name, &Text { event: name, text })
}

fn write_id(out: &mut Vec<u8>, sequence: u64) {
    out.extend_from_slice(format!("id: {sequence}\n").as_bytes());
}

fn write_event(out: &mut Vec<u8>, name: &str, data: &impl Serialize) -> serde_json::Result<()> {
    write!(out, "event: {name}\ndata: ").map_err(serde_json::Error::io)?;
    serde_json::to_writer(&mut *out, data)?;
    out.extend_from_slice(b"\n\n");
    Ok(())
}

/// One event as it was received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// The sequence number, if there was an `id:` field.
    pub id: Option<u64>,
    /// The `event:` field.
    pub event: String,
    /// The `data:` lines, joined by line feeds.
    pub data: String,
}

impl Frame {
    /// Reads the event.
    ///
    /// # Errors
    ///
    /// As [`Event::read`].
    pub fn read<E: Event>(&self) -> serde_json::Result<E> {
        E::read(&self.event, &self.data)
    }
}

/// Decodes a stream of bytes into events.
#[derive(Debug, Default)]
pub struct Decoder {
    lines: Lines,
    event: OpenEvent,
}

/// The fields of an event that is still incomplete.
#[derive(Debug, Default)]
struct OpenEvent {
    frame: Frame,
    has_data: bool,
}

impl Decoder {
    /// A decoder at the start of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Decodes the next bytes and appends the events that they complete to `out`.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<Frame>) {
        let event = &mut self.event;
        self.lines.push(bytes, |line| event.take_line(line, out));
    }
}

impl OpenEvent {
    fn take_line(&mut self, line: &[u8], out: &mut Vec<Frame>) {
        if line.is_empty() {
            let frame = mem::take(&mut self.frame);
            if mem::take(&mut self.has_data) {
                out.push(frame);
            }
            return;
        }
        let text = String::from_utf8_lossy(line);
        let (field, value) = text.split_once(':').unwrap_or((&text, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => {
                if self.has_data {
                    self.frame.data.push('\n');
                }
                self.has_data = true;
                self.frame.data.push_str(value);
            }
            "event" => value.clone_into(&mut self.frame.event),
            "id" => self.frame.id = value.parse().ok(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stream::{StreamEvent, TextDelta};

    fn decode_in_pieces(bytes: &[u8], cuts: &[usize]) -> Vec<Frame> {
        let mut decoder = Decoder::new();
        let mut out = Vec::new();
        let mut rest = bytes;
        for &cut in cuts {
            let (head, tail) = rest.split_at(cut.min(rest.len()));
            decoder.push(head, &mut out);
            rest = tail;
        }
        decoder.push(rest, &mut out);
        out
    }

    #[test]
    fn comments_and_unknown_fields_are_ignored() {
        let bytes = b": hi\nretry: 5\n\nid: 7\r\nevent: e\r\ndata: a\r\ndata:b\r\n\r\n";
        let frames = decode_in_pieces(bytes, &[3, 1, 9]);
        assert_eq!(frames, vec![Frame { id: Some(7), event: "e".into(), data: "a\nb".into() }]);
    }

    #[test]
    fn an_event_without_data_is_dropped() {
        let frames = decode_in_pieces(b"id: 1\nevent: e\n\ndata: a\n\n", &[]);
        assert_eq!(frames, vec![Frame { data: "a".into(), ..Frame::default() }]);
    }

    #[test]
    fn borrowed_text_is_encoded_like_an_event() {
        for (sequence, text) in
            [(0, ""), (9, "plain"), (10, "a \"quoted\"\nline\u{1}"), (u64::MAX, "你好 😀")]
        {
            for event in [
                StreamEvent::Delta(TextDelta { text: text.into() }),
                StreamEvent::Reasoning(TextDelta { text: text.into() }),
            ] {
                let mut out = b"before".to_vec();
                encode_text(&mut out, sequence, event.name(), text).unwrap();
                assert_eq!(out.strip_prefix(b"before").unwrap(), encode(sequence, &event).unwrap());
            }
        }
    }

    proptest! {
        #[test]
        fn every_encoded_event_is_decoded(
            texts in prop::collection::vec("\\PC*|[\\r\\n: ]{0,9}|data: .*", 0..8),
            cuts in prop::collection::vec(0usize..40, 0..40),
        ) {
            let events: Vec<_> = texts.into_iter().map(|text| StreamEvent::Delta(TextDelta { text })).collect();
            let mut bytes = HEARTBEAT.to_vec();
            for (event, sequence) in events.iter().zip(1..) {
                bytes.extend(encode(sequence, event).unwrap());
            }
            let frames = decode_in_pieces(&bytes, &cuts);
            let read: Vec<StreamEvent> =
                frames.iter().map(|frame| frame.read().unwrap()).collect();
            prop_assert_eq!(read, events);
            prop_assert!(frames.iter().zip(1..).all(|(frame, sequence)| frame.id == Some(sequence)));
        }
    }
}
