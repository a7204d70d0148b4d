//! Parses an HTTP response as it arrives: the status, then the body, chunked or not. It supports just enough of
//! HTTP/1.1 for the servers that are measured.

use anyhow::{Context as _, Result, bail, ensure};

/// The maximum size of a response's head, in bytes.
const HEAD_MAX: usize = 16 * 1024;

/// Parses one response from arbitrary pieces.
#[derive(Default)]
pub(crate) struct Response {
    stage: Stage,
    /// The head until it is complete, then the current line with the length of a chunk.
    line: Vec<u8>,
    status: u16,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Head,
    /// This many bytes of the body are left.
    Length(usize),
    ChunkLength,
    /// This many bytes of the chunk are left, including the line end after it.
    Chunk(usize),
    /// After the last chunk.
    Trailer,
    Done,
}

impl Response {
    /// Whether the response is complete.
    pub(crate) fn is_done(&self) -> bool {
        self.stage == Stage::Done
    }

    /// The status, or 0 if it has not arrived yet.
    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    /// Parses more bytes and passes those of the body to `body`.
    pub(crate) fn push(&mut self, mut bytes: &[u8], mut body: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        while !bytes.is_empty() {
            bytes = match self.stage {
                Stage::Head => self.read_head(bytes)?,
                Stage::Length(left) => {
                    let (head, tail) = bytes.split_at(left.min(bytes.len()));
                    body(head)?;
                    self.stage = match left - head.len() {
                        0 => Stage::Done,
                        left => Stage::Length(left),
                    };
                    tail
                }
                Stage::ChunkLength => self.read_chunk_length(bytes)?,
                Stage::Chunk(left) => {
                    let (head, tail) = bytes.split_at(left.min(bytes.len()));
                    // The last two bytes are the line end.
                    let of_body = left.saturating_sub(2).min(head.len());
                    body(head.get(..of_body).unwrap_or_default())?;
                    self.stage = match left - head.len() {
                        0 => Stage::ChunkLength,
                        left => Stage::Chunk(left),
                    };
                    tail
                }
                Stage::Trailer => {
                    let Some(rest) = self.read_line(bytes) else { return Ok(()) };
                    if self.line.is_empty() {
                        self.stage = Stage::Done;
                    }
                    self.line.clear();
                    rest
                }
                Stage::Done => bail!("bytes after the end of the response"),
            };
        }
        Ok(())
    }

    fn read_head<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8]> {
        let before = self.line.len();
        self.line.extend_from_slice(bytes);
        let from = before.saturating_sub(3);
        let end = self.line.get(from..).unwrap_or_default().windows(4).position(|four| four == b"\r\n\r\n");
        let Some(end) = end.map(|at| from + at + 4) else {
            ensure!(self.line.len() < HEAD_MAX, "the head of the response is too long");
            return Ok(&[]);
        };
        let head = String::from_utf8_lossy(self.line.get(..end).unwrap_or_default()).to_ascii_lowercase();
        self.status = head.get(9..12).and_then(|status| status.parse().ok()).context("this is not HTTP")?;
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        self.stage = match length {
            Some(length) => match length.trim().parse().context("Content-Length is not a number")? {
                0 => Stage::Done,
                length => Stage::Length(length),
            },
            None if head.contains("\r\ntransfer-encoding: chunked\r\n") => Stage::ChunkLength,
            None => Stage::Done,
        };
        self.line.clear();
        Ok(bytes.get(end - before..).unwrap_or_default())
    }

    fn read_chunk_length<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8]> {
        let Some(rest) = self.read_line(bytes) else { return Ok(&[]) };
        let mut length = 0usize;
        for &digit in &self.line {
            let digit = char::from(digit).to_digit(16).context("a chunk's length is not a number")?;
            length = length << 4 | usize::try_from(digit)?;
        }
        self.line.clear();
        self.stage = if length == 0 { Stage::Trailer } else { Stage::Chunk(length + 2) };
        Ok(rest)
    }

    /// Collects a line without its end and returns the bytes after it, or `None` if the line is not complete.
    fn read_line<'a>(&mut self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let end = bytes.iter().position(|&byte| byte == b'\n');
        let (head, tail) = bytes.split_at(end.unwrap_or(bytes.len()));
        self.line.extend(head.iter().filter(|&&byte| byte != b'\r'));
        end.map(|_| tail.get(1..).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(wire: &str, piece: usize) -> (u16, String, bool) {
        let (mut response, mut body) = (Response::default(), Vec::new());
        for piece in wire.as_bytes().chunks(piece) {
            let take = |bytes: &[u8]| {
                body.extend_from_slice(bytes);
                Ok(())
            };
            response.push(piece, take).unwrap();
        }
        (response.status(), String::from_utf8(body).unwrap(), response.is_done())
    }

    #[test]
    fn a_body_can_arrive_in_any_pieces() {
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n";
        let whole = "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nwrong";
        for piece in 1..90 {
            assert_eq!(read(chunked, piece), (200, "abc0123456789abcdef".into(), true), "{piece}");
            assert_eq!(read(whole, piece), (404, "wrong".into(), true), "{piece}");
        }
        assert!(!read(chunked.strip_suffix("\r\n").unwrap(), 7).2);
    }
}
