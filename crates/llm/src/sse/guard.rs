//! From bytes cut anywhere to pieces that end where a line ends.

use bytes::{Buf, Bytes};

/// Most bytes of one line, and of all lines of one event together: 1 MiB. A provider's largest honest event, a whole
/// tool call or a small image, is well below it, and no provider can make us hold more.
pub const LINE_MAX: usize = 1024 * 1024;

/// Most bytes of a piece of several lines. The parser copies the rest of a piece for each of its lines.
pub(super) const PIECE_MAX: usize = 8 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A line or an event passed [`LINE_MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event is longer than {LINE_MAX} bytes")]
pub struct EventTooLong;

/// Takes bytes and gives back whole lines, in pieces.
///
/// Leading byte order marks go, every line end becomes `\n`, bytes that are no UTF-8 become U+FFFD, and at the end
/// of the bytes two line ends are added, so that an event without its blank line counts.
#[derive(Debug, Default)]
pub struct Guard {
    /// What is left of the latest chunk.
    chunk: Bytes,
    /// The beginning of a line whose end has not come.
    line: Vec<u8>,
    /// A line that did not fit into the latest piece.
    held: Option<String>,
    /// The latest byte was a carriage return: a line feed now belongs to it.
    after_return: bool,
    /// The first line has been seen.
    started: bool,
    /// Each line is an event of its own.
    only_lines: bool,
    /// Bytes of the current event's lines.
    event_size: usize,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Open,
    Ending,
    Ended,
}

impl Guard {
    /// A guard at the start of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// A guard at the start of a stream in which each line stands alone, so that the cap is on each line.
    pub fn of_lines() -> Self {
        Self { only_lines: true, ..Self::default() }
    }

    /// Takes the next bytes. Every piece of the bytes before must have been taken out.
    pub fn feed(&mut self, chunk: Bytes) {
        debug_assert!(self.chunk.is_empty(), "the guard holds at most one chunk");
        self.chunk = chunk;
    }

    /// No more bytes come.
    pub fn end(&mut self) {
        self.stage = Stage::Ending;
    }

    /// Nothing more will come out.
    pub fn has_ended(&self) -> bool {
        self.stage == Stage::Ended
    }

    /// The next whole lines, or `None` until more bytes come: at most 8 KiB, or one longer line alone.
    ///
    /// # Errors
    ///
    /// If an event is longer than [`LINE_MAX`].
    pub fn next_piece(&mut self) -> Result<Option<String>, EventTooLong> {
        if let Some(piece) = self.plain_lines()? {
            return Ok(Some(piece));
        }
        let mut piece = self.held.take().unwrap_or_default();
        while let Some(line) = self.next_line()? {
            if !piece.is_empty() && piece.len() + line.len() > PIECE_MAX {
                self.held = Some(line);
                return Ok(Some(piece));
            }
            piece.push_str(&line);
        }
        if self.stage == Stage::Ending {
            self.stage = Stage::Ended;
            piece.push_str(&self.finish_line()?);
            piece.push('\n');
        }
        Ok(if piece.is_empty() { None } else { Some(piece) })
    }

    /// The data of the next event, if that is here whole and nothing but one line of data, and everything before it has
    /// been given out.
    pub(super) fn next_plain_event(&mut self) -> Option<String> {
        if !self.is_between_lines() || self.event_size > 0 {
            return None;
        }
        let line = self.chunk.strip_prefix(b"data:")?;
        let end = memchr::memchr(b'\n', line)?;
        let (data, rest) = line.split_at(end);
        if rest.get(1) != Some(&b'\n') || data.len() >= PIECE_MAX || memchr::memchr(b'\r', data).is_some() {
            return None;
        }
        let data = std::str::from_utf8(data.strip_prefix(b" ").unwrap_or(data)).ok()?.to_owned();
        self.chunk.advance(b"data:".len() + end + 2);
        Some(data)
    }

    fn is_between_lines(&self) -> bool {
        self.started && self.line.is_empty() && self.held.is_none() && !self.after_return
    }

    /// The next whole lines as they are, where there is nothing to mend in them: in one copy.
    fn plain_lines(&mut self) -> Result<Option<String>, EventTooLong> {
        let is_between_lines = self.is_between_lines();
        let head = self.chunk.get(..PIECE_MAX.min(self.chunk.len())).unwrap_or_default();
        let end = head.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let lines = head.get(..end).map(std::str::from_utf8);
        let Some(Ok(lines)) = lines.filter(|_| is_between_lines && end > 0) else { return Ok(None) };
        if lines.contains('\r') {
            return Ok(None);
        }
        let piece = lines.to_owned();
        for line in piece.split_terminator('\n') {
            if self.event_size + line.len() > LINE_MAX {
                return Err(EventTooLong);
            }
            self.count(line.as_bytes());
        }
        self.chunk.advance(end);
        Ok(Some(piece))
    }

    /// The next line with its end, if it has come.
    fn next_line(&mut self) -> Result<Option<String>, EventTooLong> {
        if self.after_return && !self.chunk.is_empty() {
            self.after_return = false;
            if self.chunk.first() == Some(&b'\n') {
                self.chunk.advance(1);
            }
        }
        let Some(end) = self.chunk.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
            let rest = std::mem::take(&mut self.chunk);
            self.extend_line(&rest)?;
            return Ok(None);
        };
        let head = self.chunk.split_to(end);
        self.extend_line(&head)?;
        self.after_return = self.chunk.first() == Some(&b'\r');
        self.chunk.advance(1);
        self.finish_line().map(Some)
    }

    fn extend_line(&mut self, bytes: &[u8]) -> Result<(), EventTooLong> {
        if self.event_size + self.line.len() + bytes.len() > LINE_MAX {
            return Err(EventTooLong);
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn finish_line(&mut self) -> Result<String, EventTooLong> {
        let line = std::mem::take(&mut self.line);
        let mut bytes = line.as_slice();
        // All of them: the parser panics on one that it finds at the start.
        while !self.started
            && let Some(rest) = bytes.strip_prefix(BYTE_ORDER_MARK)
        {
            bytes = rest;
        }
        self.started = true;
        self.count(bytes);
        if self.event_size > LINE_MAX {
            return Err(EventTooLong);
        }
        let mut text = String::from_utf8_lossy(bytes).into_owned();
        text.push('\n');
        Ok(text)
    }

    /// Adds a line to the size of the event that it belongs to.
    fn count(&mut self, line: &[u8]) {
        match line.first() {
            None => self.event_size = 0,
            Some(_) if self.only_lines => {}
            // The parser forgets a comment at once.
            Some(b':') => {}
            Some(_) => self.event_size += line.len(),
        }
    }
}
