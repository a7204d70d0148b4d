//! A snapshot of a running reply, encoded in pieces while its reader takes them.
//!
//! A reply can have megabytes, and any number of readers that take nothing. So a reader keeps no copy: it keeps how long
//! each part was when the snapshot was taken, and encodes from the reply itself, which only grows.

use kaiwa_shared::{
    MessageId,
    message::{Part, ToolResult},
    sse,
    stream::{Snapshot, StreamEvent},
};

/// The approximate size of a piece, in bytes.
const PIECE: usize = 32 * 1024;

/// Bytes of text that are encoded at once.
const CHUNK: usize = 8 * 1024;

/// The end of the event after its last part.
const FOOTER: &[u8] = b"]}\n\n";

/// A snapshot that is being read.
pub(crate) struct SnapshotReader {
    /// The number of the event.
    pub(crate) number: u64,
    /// The revision of the parts that it is of.
    pub(crate) revision: u64,
    /// The length of each part's text.
    lengths: Vec<usize>,
    next: Next,
}

/// What is encoded next.
#[derive(Clone, Copy)]
enum Next {
    Header,
    Part(usize),
    /// The text of a part, from this byte on.
    Text(usize, usize),
    Nothing,
}

impl SnapshotReader {
    pub(crate) fn new(number: u64, revision: u64, parts: &[Part]) -> Self {
        let lengths = parts.iter().map(|part| text_of(part).len()).collect();
        Self { number, revision, lengths, next: Next::Header }
    }

    /// Whether everything was read.
    pub(crate) const fn is_read(&self) -> bool {
        matches!(self.next, Next::Nothing)
    }

    /// The next piece. `parts` are those that the reader was made of, and what was added since.
    pub(crate) fn read(&mut self, reply: MessageId, parts: &[Part]) -> serde_json::Result<Vec<u8>> {
        let mut out = Vec::new();
        while out.len() < PIECE && !self.is_read() {
            self.next = self.step(&mut out, reply, parts)?;
        }
        Ok(out)
    }

    fn step(&self, out: &mut Vec<u8>, reply: MessageId, parts: &[Part]) -> serde_json::Result<Next> {
        match self.next {
            Next::Header => {
                let empty = StreamEvent::Snapshot(Snapshot { message_id: reply, parts: Vec::new() });
                let event = sse::encode(self.number, &empty)?;
                out.extend_from_slice(event.strip_suffix(FOOTER).unwrap_or(&event));
                Ok(Next::Part(0))
            }
            Next::Part(at) => {
                let Some(part) = parts.get(at).filter(|_| at < self.lengths.len()) else {
                    out.extend_from_slice(FOOTER);
                    return Ok(Next::Nothing);
                };
                if at > 0 {
                    out.push(b',');
                }
                let (before, _) = frame_of(part)?;
                out.extend_from_slice(before.as_bytes());
                Ok(Next::Text(at, 0))
            }
            Next::Text(at, start) => {
                let (Some(part), Some(length)) = (parts.get(at), self.lengths.get(at)) else {
                    return Ok(Next::Part(at));
                };
                let text = text_of(part);
                let end = text.floor_char_boundary(start.saturating_add(CHUNK).min(*length));
                let escaped = serde_json::to_string(text.get(start..end).unwrap_or_default())?;
                out.extend_from_slice(escaped.get(1..escaped.len() - 1).unwrap_or_default().as_bytes());
                if end < *length && end > start {
                    return Ok(Next::Text(at, end));
                }
                let (_, after) = frame_of(part)?;
                out.extend_from_slice(after.as_bytes());
                Ok(Next::Part(at + 1))
            }
            Next::Nothing => Ok(Next::Nothing),
        }
    }
}

/// The string of a part that may be long.
fn text_of(part: &Part) -> &str {
    match part {
        Part::Text { text } | Part::Reasoning { text, .. } => text,
        Part::ToolCall { arguments, .. } => arguments,
        Part::ToolResult(result) => &result.output,
        Part::Citation(_) | Part::File(_) | Part::Error { .. } => "",
    }
}

/// The JSON of a part before and after its long string.
fn frame_of(part: &Part) -> serde_json::Result<(String, String)> {
    let (key, empty) = match part {
        Part::Text { .. } => ("text", Part::Text { text: String::new() }),
        Part::Reasoning { duration_ms, .. } => {
            ("text", Part::Reasoning { text: String::new(), duration_ms: *duration_ms })
        }
        Part::ToolCall { id, name, .. } => {
            let (id, name) = (id.clone(), name.clone());
            ("arguments", Part::ToolCall { id, name, arguments: String::new() })
        }
        Part::ToolResult(ToolResult { id, is_error, .. }) => {
            let (id, is_error) = (id.clone(), *is_error);
            ("output", Part::ToolResult(ToolResult { id, output: String::new(), is_error }))
        }
        Part::Citation(_) | Part::File(_) | Part::Error { .. } => {
            return Ok((serde_json::to_string(part)?, String::new()));
        }
    };
    let json = serde_json::to_string(&empty)?;
    // Within a string every quotation mark is escaped, so this is found as the field only.
    let field = format!("\"{key}\":\"");
    let end = json.find(&field).map_or(json.len(), |at| at + field.len());
    let (before, after) = json.split_at(end);
    Ok((before.to_owned(), after.to_owned()))
}

#[cfg(test)]
mod tests {
    use kaiwa_shared::{Code, Problem, message::Citation, sse::Decoder};

    use super::*;

    fn parts() -> Vec<Part> {
        let long = "line \"one\"\n\u{1}话👋🏽\\".repeat(10_000);
        vec![
            Part::Reasoning { text: long.clone(), duration_ms: Some(5) },
            Part::Reasoning { text: String::new(), duration_ms: None },
            Part::Text { text: "Hello".to_owned() },
            Part::ToolCall {
                id: r#""arguments":"""#.to_owned(),
                name: "text".to_owned(),
                arguments: "{}".to_owned(),
            },
            Part::ToolResult(ToolResult { id: "1".to_owned(), output: long.clone(), is_error: true }),
            Part::Citation(Citation { url: "https://example.com".to_owned(), ..Citation::default() }),
            Part::Error { problem: Problem::new(Code::Interrupted, "cut") },
            Part::Text { text: long },
        ]
    }

    fn read(reader: &mut SnapshotReader, reply: MessageId, parts: &[Part]) -> Vec<u8> {
        let mut out = Vec::new();
        while !reader.is_read() {
            let piece = reader.read(reply, parts).unwrap();
            assert!(piece.len() < PIECE + 6 * CHUNK + 1024, "{}", piece.len());
            out.extend(piece);
        }
        out
    }

    #[test]
    fn the_pieces_are_the_event_that_is_encoded_at_once() {
        let reply = MessageId::new();
        for count in 0..=parts().len() {
            let parts = parts().split_off(parts().len() - count);
            let mut reader = SnapshotReader::new(7, 0, &parts);
            let whole = StreamEvent::Snapshot(Snapshot { message_id: reply, parts: parts.clone() });
            assert_eq!(read(&mut reader, reply, &parts), sse::encode(7, &whole).unwrap(), "{count}");
        }
    }

    #[test]
    fn what_is_added_while_it_is_read_is_not_part_of_it() {
        let (reply, before) = (MessageId::new(), parts());
        let mut reader = SnapshotReader::new(7, 0, &before);
        let mut after = before.clone();
        for part in &mut after {
            if let Part::Text { text } | Part::ToolCall { arguments: text, .. } = part {
                text.push_str("more");
            }
        }
        after.push(Part::Text { text: "new".to_owned() });
        let mut bytes = reader.read(reply, &before).unwrap();
        bytes.extend(read(&mut reader, reply, &after));
        let mut frames = Vec::new();
        Decoder::new().push(&bytes, &mut frames);
        let expected = StreamEvent::Snapshot(Snapshot { message_id: reply, parts: before });
        assert_eq!(
            frames.iter().map(|frame| frame.read().unwrap()).collect::<Vec<StreamEvent>>(),
            [expected]
        );
    }
}
