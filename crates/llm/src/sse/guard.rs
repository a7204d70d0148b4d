//! Limits and repairs what the parser of server-sent events is fed with.

use std::collections::VecDeque;

use kaiwa_shared::lines::Lines;

/// Maximum bytes of one line, and of all lines of one event together: 1 MiB. The largest event that providers send, a
/// whole tool call or a small image, is well below it.
pub const LINE_MAX: usize = 1024 * 1024;

/// Maximum bytes of a piece of several lines. The parser copies the rest of a piece for each of its lines.
pub(super) const PIECE_MAX: usize = 1024;

/// A line or an event passed [`LINE_MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event is longer than {LINE_MAX} bytes")]
pub struct EventTooLong;

/// Turns chunks of bytes into pieces that consist of whole lines.
///
/// Leading byte order marks are dropped, every line end becomes `\n`, and invalid UTF-8 becomes U+FFFD. At the end of
/// the stream two line ends are added, so that an event without its blank line counts.
#[derive(Debug, Default)]
pub(crate) struct Guard {
    lines: Lines,
    pieces: VecDeque<String>,
    /// Each line is an event of its own.
    per_line: bool,
    /// Bytes of the current event's lines.
    event_size: usize,
}

impl Guard {
    /// A guard for a stream in which each line stands alone, so that the limit applies to each line.
    pub(crate) fn per_line() -> Self {
        Self { per_line: true, ..Self::default() }
    }

    /// Takes the next chunk.
    ///
    /// # Errors
    ///
    /// If an event is longer than [`LINE_MAX`]. The pieces before it remain.
    pub(super) fn push(&mut self, chunk: &[u8]) -> Result<(), EventTooLong> {
        let Self { lines, pieces, per_line, event_size } = self;
        let mut fits = true;
        lines.push(chunk, |line| {
            fits = fits && *event_size + line.len() <= LINE_MAX;
            if fits {
                *event_size = size_after(line, *event_size, *per_line);
                append(pieces, line);
            }
        });
        if fits && *event_size + lines.pending() <= LINE_MAX { Ok(()) } else { Err(EventTooLong) }
    }

    /// Completes the last event; no more bytes come.
    pub(super) fn finish(&mut self) {
        let line = self.lines.finish();
        append(&mut self.pieces, &line);
        append(&mut self.pieces, b"");
    }

    /// The next whole lines: at most 1 KiB, or one longer line.
    pub(super) fn next_piece(&mut self) -> Option<String> {
        self.pieces.pop_front()
    }
}

/// The size of the current event once `line` has been added to it.
fn size_after(line: &[u8], event_size: usize, per_line: bool) -> usize {
    match line.first() {
        None => 0,
        // The parser does not keep comments.
        Some(b':') => event_size,
        Some(_) if per_line => event_size,
        Some(_) => event_size + line.len(),
    }
}

fn append(pieces: &mut VecDeque<String>, line: &[u8]) {
    let text = String::from_utf8_lossy(line);
    match pieces.back_mut() {
        Some(piece) if piece.len() + text.len() < PIECE_MAX => {
            piece.push_str(&text);
            piece.push('\n');
        }
        _ => pieces.push_back(format!("{text}\n")),
    }
}
