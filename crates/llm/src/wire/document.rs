//! Finds where a JSON document ends, without parsing it.

/// Follows the brackets of a JSON document that begins with `{` or `[`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Scanner {
    depth: usize,
    in_string: bool,
    is_escaped: bool,
    state: State,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Only white space has come.
    #[default]
    Before,
    Inside,
    Closed,
    /// The text does not begin as a document.
    Other,
}

impl Scanner {
    /// Takes more bytes. Returns the number of bytes after which the document is closed, if these close it.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut closed_at = None;
        for (at, &byte) in bytes.iter().enumerate() {
            match self.state {
                State::Before if byte.is_ascii_whitespace() => {}
                State::Before if matches!(byte, b'{' | b'[') => (self.state, self.depth) = (State::Inside, 1),
                State::Before => self.state = State::Other,
                State::Inside => {
                    self.step(byte);
                    if self.depth == 0 {
                        self.state = State::Closed;
                        closed_at = Some(at + 1);
                    }
                }
                State::Closed | State::Other => break,
            }
        }
        closed_at
    }

    /// Whether the document is complete.
    pub(crate) fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    fn step(&mut self, byte: u8) {
        if self.in_string {
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' => self.is_escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth -= 1,
            _ => {}
        }
    }
}

/// The documents in `text`, one after the other or one in each line, and the lines that are none.
pub(crate) fn documents(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for line in text.lines() {
        let mut rest = line;
        while let Some(end) = Scanner::default().feed(rest.as_bytes()) {
            let (document, after) = rest.split_at(end);
            found.push(document);
            rest = after.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        }
        if !rest.trim().is_empty() {
            found.push(rest);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_closed_by_its_last_bracket_wherever_it_is_cut() {
        let text = br#" {"a":"}\"]","b":[{"c":1},{}]} and more"#;
        let end = text.len() - " and more".len();
        for cut in 0..end {
            let mut scanner = Scanner::default();
            assert_eq!(scanner.feed(&text[..cut]), None, "{cut}");
            assert_eq!(scanner.feed(&text[cut..]), Some(end - cut), "{cut}");
        }
        let mut scanner = Scanner::default();
        scanner.feed(b"ping {}");
        assert!(!scanner.is_closed());
    }

    #[test]
    fn documents_are_found_in_lines_and_beside_each_other() {
        assert_eq!(documents("{\"a\":1}{\"b\":2}, {\"c\":3}"), ["{\"a\":1}", "{\"b\":2}", "{\"c\":3}"]);
        assert_eq!(documents("{\"a\":[}\n{\"b\":2}\n[DONE]"), ["{\"a\":[}", "{\"b\":2}", "[DONE]"]);
        assert_eq!(documents(""), Vec::<&str>::new());
    }
}
