//! Repairs the lines of server-sent events, which hosts write loosely, for the parser.
//!
//! The parser is `eventsource-stream`. It knows only the standard, panics on a byte order mark, loses an event that no
//! blank line ends, and copies the rest of what it is given for each line. So it gets few repaired lines at a time.

use std::collections::VecDeque;

use super::document::Scanner;

/// Maximum bytes of a piece of several lines.
const PIECE_MAX: usize = 1024;

/// The name of an event that reports an error.
pub(super) const ERROR: &str = "error";

/// The data of the last event in several protocols.
const DONE: &str = "[DONE]";

/// Repairs lines. A data line after a whole JSON document begins a new event although no blank line precedes it, a line
/// of bare JSON counts as data, and an unknown field may report an error. Comments and other fields are dropped.
#[derive(Debug, Default)]
pub(super) struct Guard {
    /// The `event` field of the open event.
    name: String,
    /// Bytes of the open event's data.
    size: usize,
    has_data: bool,
    /// Whether that data is a whole JSON document.
    scanner: Scanner,
    pieces: VecDeque<String>,
}

impl Guard {
    /// Bytes of the open event's data.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// The next whole lines: at most 1 KiB, or one longer line.
    pub(super) fn next_piece(&mut self) -> Option<String> {
        self.pieces.pop_front()
    }

    /// Takes a line without its end.
    pub(super) fn take(&mut self, text: &str) {
        if text.is_empty() {
            self.complete();
            self.name.clear();
        } else if text.trim_start().starts_with(['{', '[']) {
            self.add(text);
            if self.scanner.is_closed() {
                self.split();
            }
        } else {
            let (field, value) = text.split_once(':').unwrap_or((text, ""));
            self.take_field(field.trim(), value.strip_prefix(' ').unwrap_or(value));
        }
    }

    fn take_field(&mut self, field: &str, value: &str) {
        match field {
            "data" => self.add(value),
            "event" => {
                value.clone_into(&mut self.name);
                self.emit("event: ", value);
            }
            field if is_error(field) && !value.trim().is_empty() => {
                self.complete();
                self.emit("event: ", ERROR);
                self.emit("data: ", value);
                self.emit("", "");
                self.repeat_name();
            }
            _ => {}
        }
    }

    fn add(&mut self, line: &str) {
        if self.has_data && self.scanner.is_closed() {
            self.split();
        }
        let is_done = !self.has_data && line.trim() == DONE;
        self.has_data = true;
        self.size += line.len();
        self.scanner.feed(line.as_bytes());
        self.emit("data: ", line);
        if is_done {
            self.split();
        }
    }

    /// Ends the event; the next one has the same name until a blank line comes.
    fn split(&mut self) {
        self.complete();
        self.repeat_name();
    }

    fn complete(&mut self) {
        self.emit("", "");
        (self.has_data, self.size, self.scanner) = (false, 0, Scanner::default());
    }

    fn repeat_name(&mut self) {
        if !self.name.is_empty() {
            let name = std::mem::take(&mut self.name);
            self.emit("event: ", &name);
            self.name = name;
        }
    }

    fn emit(&mut self, field: &str, value: &str) {
        match self.pieces.back_mut() {
            Some(piece) if piece.len() + field.len() + value.len() < PIECE_MAX => {
                piece.extend([field, value, "\n"]);
            }
            _ => self.pieces.push_back([field, value, "\n"].concat()),
        }
    }
}

/// Whether an unknown field reports an error.
fn is_error(field: &str) -> bool {
    let field = field.to_ascii_lowercase();
    ["error", "errors", "exception"].iter().any(|word| field.ends_with(word))
}
