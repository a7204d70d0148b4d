//! Splits a stream of bytes into lines. Every reader of server-sent events and of JSON lines uses it.

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Splits bytes that arrive in arbitrary chunks into lines.
///
/// A line ends with LF, CR or CRLF and is passed on as soon as its end is there. Byte order marks at the start of the
/// stream are dropped.
#[derive(Debug, Default)]
pub struct Lines {
    /// The start of a line whose end has not arrived.
    partial: Vec<u8>,
    /// The last byte was a CR; an LF that follows belongs to it.
    after_return: bool,
    /// The first line has been passed on.
    started: bool,
}

impl Lines {
    /// Takes the next chunk and passes each line that it completes to `each`, without its end.
    pub fn push(&mut self, mut bytes: &[u8], mut each: impl FnMut(&[u8])) {
        loop {
            if self.after_return && !bytes.is_empty() {
                self.after_return = false;
                bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
            }
            let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else { break };
            let (head, tail) = bytes.split_at(end);
            self.after_return = tail.first() == Some(&b'\r');
            bytes = tail.get(1..).unwrap_or_default();
            if self.partial.is_empty() {
                each(self.without_marks(head));
            } else {
                self.partial.extend_from_slice(head);
                let line = std::mem::take(&mut self.partial);
                each(self.without_marks(&line));
            }
        }
        self.partial.extend_from_slice(bytes);
    }

    /// Takes the last line, which has no end. It is empty if the stream ended with a line end.
    pub fn finish(&mut self) -> Vec<u8> {
        let line = std::mem::take(&mut self.partial);
        self.without_marks(&line).to_vec()
    }

    /// How many bytes of an unfinished line are held.
    pub fn pending(&self) -> usize {
        self.partial.len()
    }

    fn without_marks<'a>(&mut self, mut line: &'a [u8]) -> &'a [u8] {
        while !self.started
            && let Some(rest) = line.strip_prefix(BYTE_ORDER_MARK)
        {
            line = rest;
        }
        self.started = true;
        line
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<Vec<u8>> {
        let (mut lines, mut out) = (Lines::default(), Vec::new());
        for chunk in chunks {
            lines.push(chunk, |line| out.push(line.to_vec()));
        }
        out.push(lines.finish());
        out
    }

    #[test]
    fn every_line_end_is_understood_wherever_the_bytes_are_split() {
        let bytes = "\u{feff}\u{feff}a\r\nb\rc\n\n界\r\r\nlast".as_bytes();
        let expected = ["a", "b", "c", "", "界", "", "last"].map(|line| line.as_bytes().to_vec());
        for cut in 0..=bytes.len() {
            let (head, tail) = bytes.split_at(cut);
            assert_eq!(split([head, tail]), expected, "cut at {cut}");
        }
        assert_eq!(split(bytes.chunks(1)), expected);
    }

    #[test]
    fn a_line_is_passed_on_before_the_rest_of_its_end_arrives() {
        let (mut lines, mut out) = (Lines::default(), Vec::new());
        lines.push(b"a\r", |line| out.push(line.to_vec()));
        assert_eq!(out, [b"a"]);
        lines.push(b"\nb", |line| out.push(line.to_vec()));
        assert_eq!((out.len(), lines.pending()), (1, 1));
    }

    proptest! {
        #[test]
        fn cuts_make_no_difference(bytes in prop::collection::vec(any::<u8>(), 0..200), size in 1usize..20) {
            prop_assert_eq!(split(bytes.chunks(size)), split([bytes.as_slice()]));
        }
    }
}
