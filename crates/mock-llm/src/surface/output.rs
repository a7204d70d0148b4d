//! Appending JSON and events to a buffer.

use std::io::Write as _;

use bytes::{BufMut as _, BytesMut};
use serde_json::Value;

/// Appends a JSON string. Writing to memory cannot fail.
pub(crate) fn put_string(out: &mut BytesMut, text: &str) {
    let _ = serde_json::to_writer(out.writer(), text);
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
