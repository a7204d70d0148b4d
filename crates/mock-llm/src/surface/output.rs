//! Appending JSON and events to a buffer.

use std::io::Write as _;

use bytes::{BufMut as _, BytesMut};
use serde_json::Value;

/// Appends a JSON string. Writing to memory cannot fail.
pub(crate) fn put_string(out: &mut BytesMut, text: &str) {
    let _ = serde_json::to_writer(out.writer(), text);
}

/// Appends a JSON string with Go's escapes for HTML and line separators.
pub(crate) fn put_string_as_go(out: &mut BytesMut, text: &str) {
    let is_special = |c: char| matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}');
    if !text.contains(is_special) {
        return put_string(out, text);
    }
    let start = out.len();
    put_string(out, text);
    let plain = String::from_utf8_lossy(&out.split_off(start)).into_owned();
    for part in plain.split_inclusive(is_special) {
        let mut chars = part.chars();
        match chars.next_back().filter(|last| is_special(*last)) {
            Some(last) => {
                out.extend_from_slice(chars.as_str().as_bytes());
                let _ = write!(out.writer(), "\\u{:04x}", u32::from(last));
            }
            None => out.extend_from_slice(part.as_bytes()),
        }
    }
}

/// Appends a number.
pub(crate) fn put_number(out: &mut BytesMut, number: usize) {
    let _ = write!(out.writer(), "{number}");
}

/// Appends JSON.
pub(crate) fn put_json(out: &mut BytesMut, value: &Value) {
    let _ = serde_json::to_writer(out.writer(), value);
}

/// Appends a server-sent event without a name.
pub(crate) fn put_data(out: &mut BytesMut, data: &Value) {
    out.extend_from_slice(b"data: ");
    put_json(out, data);
    out.extend_from_slice(b"\n\n");
}

/// Appends a server-sent event that has the name of its type.
pub(crate) fn put_event(out: &mut BytesMut, data: &Value) {
    out.extend_from_slice(b"event: ");
    out.extend_from_slice(data["type"].as_str().unwrap_or_default().as_bytes());
    out.extend_from_slice(b"\n");
    put_data(out, data);
}

/// Appends a line of JSON.
pub(crate) fn put_line(out: &mut BytesMut, data: &Value) {
    put_json(out, data);
    out.extend_from_slice(b"\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_escapes_what_others_leave() {
        let mut out = BytesMut::new();
        put_string_as_go(&mut out, "a<b>\u{2028}\"词");
        assert_eq!(&out[..], "\"a\\u003cb\\u003e\\u2028\\\"词\"".as_bytes());
    }
}
