//! Server-sent events as Kaiwa itself writes and reads them.
//!
//! [`encode`] is the server's side and [`Decoder`] the client's. The decoder follows the WHATWG rules for `id`,
//! `event` and `data`, takes bytes cut anywhere, and does work in proportion to the bytes that arrive. What providers
//! send is another matter: `kaiwa-llm` reads that, faults included.

use serde::Serialize;

use crate::{feed::FeedEvent, lines::Lines, stream::StreamEvent};

/// What keeps an idle connection open and finds out that a reader has gone.
pub const HEARTBEAT: &[u8] = b": keep-alive\n\n";

/// Writes one event with its sequence number.
///
/// # Errors
///
/// Only if the event cannot be written as JSON, which none of its types allows.
pub fn encode(sequence: u64, event: &StreamEvent) -> serde_json::Result<Vec<u8>> {
    encode_named(sequence, event.name(), event)
}

/// Writes one event of what happens in an account's conversations with its sequence number.
///
/// # Errors
///
/// Only if the event cannot be written as JSON, which none of its types allows.
pub fn encode_feed(sequence: u64, event: &FeedEvent) -> serde_json::Result<Vec<u8>> {
    encode_named(sequence, event.name(), event)
}

fn encode_named(sequence: u64, name: &str, event: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let mut bytes = format!("id: {sequence}\nevent: {name}\ndata: ").into_bytes();
    serde_json::to_writer(&mut bytes, event)?;
    bytes.extend_from_slice(b"\n\n");
    Ok(bytes)
}

/// Appends a `delta` or `reasoning` event to `out`, byte for byte as [`encode`] writes it, without an event to hold the
/// text.
///
/// # Errors
///
/// Only if a text cannot be written as JSON, which none can fail to be.
pub fn encode_text(out: &mut Vec<u8>, sequence: u64, name: &str, text: &str) -> serde_json::Result<()> {
    // A number takes at most 20 digits.
    let mut digits = [0; 20];
    out.extend_from_slice(b"id: ");
    out.extend_from_slice(decimal(sequence, &mut digits));
    for piece in ["\nevent: ", name, "\ndata: {\"event\":\"", name, "\",\"text\":"] {
        out.extend_from_slice(piece.as_bytes());
    }
    serde_json::to_writer(&mut *out, text)?;
    out.extend_from_slice(b"}\n\n");
    Ok(())
}

/// The digits of a number, written into `digits` from behind.
fn decimal(mut number: u64, digits: &mut [u8; 20]) -> &[u8] {
    let mut start = digits.len();
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
        start -= 1;
        if number == 0 {
            break;
        }
    }
    digits.get(start..).unwrap_or_default()
}

/// One event as it came over the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// The sequence number, where `id:` carried one.
    pub id: Option<u64>,
    /// The `data:` lines, joined by line feeds.
    pub data: String,
}

/// Takes bytes as they arrive and gives back whole events.
#[derive(Debug, Default)]
pub struct Decoder {
    lines: Lines,
    event: OpenEvent,
}

/// The fields of an event whose blank line has not arrived.
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

    /// Takes the next bytes and appends every event that they complete to `out`.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<Frame>) {
        let event = &mut self.event;
        self.lines.push(bytes, |line| event.take_line(line, out));
    }
}

impl OpenEvent {
    fn take_line(&mut self, line: &[u8], out: &mut Vec<Frame>) {
        if line.is_empty() {
            if self.has_data {
                self.has_data = false;
                out.push(std::mem::take(&mut self.frame));
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
            "id" => self.frame.id = value.parse().ok(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
    fn comments_and_unknown_fields_are_passed_over() {
        let frames = decode_in_pieces(b": hi\nretry: 5\n\nid: 7\r\ndata: a\r\ndata:b\r\n\r\n", &[3, 1, 9]);
        assert_eq!(frames, vec![Frame { id: Some(7), data: "a\nb".into() }]);
    }

    #[test]
    fn text_is_written_alike_with_and_without_an_event() {
        for (sequence, text) in
            [(0, ""), (9, "plain"), (10, "a \"quoted\"\nline\u{1}"), (u64::MAX, "你好 😀")]
        {
            for event in
                [StreamEvent::Delta { text: text.into() }, StreamEvent::Reasoning { text: text.into() }]
            {
                let mut out = b"before".to_vec();
                encode_text(&mut out, sequence, event.name(), text).unwrap();
                assert_eq!(out.strip_prefix(b"before").unwrap(), encode(sequence, &event).unwrap());
            }
        }
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read_back(
            texts in prop::collection::vec("\\PC*|[\\r\\n: ]{0,9}|data: .*", 0..8),
            cuts in prop::collection::vec(0usize..40, 0..40),
        ) {
            let events: Vec<_> = texts.into_iter().map(|text| StreamEvent::Delta { text }).collect();
            let mut bytes = HEARTBEAT.to_vec();
            for (event, sequence) in events.iter().zip(1..) {
                bytes.extend(encode(sequence, event).unwrap());
            }
            let frames = decode_in_pieces(&bytes, &cuts);
            let read: Vec<StreamEvent> =
                frames.iter().map(|frame| serde_json::from_str(&frame.data).unwrap()).collect();
            prop_assert_eq!(read, events);
            prop_assert!(frames.iter().zip(1..).all(|(frame, sequence)| frame.id == Some(sequence)));
        }
    }
}
