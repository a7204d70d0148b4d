//! Oddities of a stream's bytes, independent of their content.

use std::time::Duration;

use bytes::{Bytes, BytesMut};

use super::Action;
use crate::{
    script::{Oddity, Script},
    surface::Framing,
};

/// Splits and alters written events.
pub(super) fn transmit(script: &Script, framing: Framing, bytes: &Bytes) -> Vec<Action> {
    let mut text = bytes.to_vec();
    if script.is(Oddity::Lines) && framing == Framing::Events {
        // In JSON, after its first brace, white space may be a line end.
        text = replace(&text, b"data: {", b": a comment\nid: 7\nretry: 10\ndata:{\ndata: ");
    }
    if script.is(Oddity::Cr) && framing == Framing::Events {
        text = replace(&text, b"\n", b"\r");
    } else if script.is(Oddity::CrLf) || script.is(Oddity::Cr) {
        text = replace(&text, b"\n", b"\r\n");
    }
    if script.is(Oddity::Drip) {
        let drop = |bytes: &[u8]| [Action::Pause(Duration::from_millis(1)), send(bytes)];
        return text.chunks(3).flat_map(drop).collect();
    }
    if script.is(Oddity::SplitUtf8)
        && let Some(at) = text.iter().position(|byte| !byte.is_ascii())
    {
        let (head, tail) = text.split_at(at + 1);
        // The pause sends the first half on its own.
        return vec![send(head), Action::Pause(Duration::from_millis(2)), send(tail)];
    }
    vec![send(&text)]
}

fn send(bytes: &[u8]) -> Action {
    Action::Send(Bytes::copy_from_slice(bytes))
}

fn replace(bytes: &[u8], what: &[u8], with: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, others)) = rest.split_first() {
        if let Some(after) = rest.strip_prefix(what) {
            replaced.extend_from_slice(with);
            rest = after;
        } else {
            replaced.push(*first);
            rest = others;
        }
    }
    replaced
}

/// JSON that is not an event in any protocol.
const NOT_EVENTS: [&str; 4] = ["null", "7", "[]", "{}"];

/// Appends events whose fields have the wrong types: those of every protocol, then the protocol's `own`.
pub(super) fn weird(framing: Framing, own: &[&str], out: &mut BytesMut) {
    for data in NOT_EVENTS.iter().chain(own) {
        if framing == Framing::Events {
            out.extend_from_slice(b"data: ");
        }
        out.extend_from_slice(data.as_bytes());
        out.extend_from_slice(framing.end().as_bytes());
    }
}

/// Data that a standard reader ignores.
pub(super) fn garbage(framing: Framing) -> &'static [u8] {
    match framing {
        Framing::Events => b"garbage without a colon\ndata: ping\n\n: \xff\xfe\nretry: never\n\n",
        Framing::Lines => b"\n \n{\"a_field_of_next_year\":true}\n",
    }
}

/// A line of this many KiB, in blocks.
pub(super) fn huge(framing: Framing, kib: Option<u64>) -> Vec<Bytes> {
    let Some(kib) = kib else { return Vec::new() };
    let block = Bytes::from(vec![b'x'; 16 * 1024]);
    let start = if framing == Framing::Events { "data: " } else { "\"" };
    let mut line = vec![Bytes::from_static(start.as_bytes())];
    line.extend((0..kib.div_ceil(16)).map(|_| block.clone()));
    line.push(Bytes::from_static(framing.end().as_bytes()));
    line
}

/// An event with this nesting depth.
pub(super) fn nested(framing: Framing, depth: Option<u64>) -> Option<Bytes> {
    let depth = usize::try_from(depth?).unwrap_or(usize::MAX).min(16 * 1024 * 1024);
    let start = if framing == Framing::Events { "data: " } else { "" };
    let fields = "\"choices\":[],\"candidates\":[],\"type\":\"nested\",\"nested\":";
    let (open, close) = ("[".repeat(depth), "]".repeat(depth));
    Some(Bytes::from(format!("{start}{{{fields}{open}{close}}}{}", framing.end())))
}

/// A MiB of ignored short lines, which only a limit on the whole body stops.
pub(super) fn filler(framing: Framing) -> Bytes {
    let start = if framing == Framing::Events { ":" } else { " " };
    Bytes::from(format!("{start:1023}\n").repeat(1024))
}

/// The last event.
pub(super) fn last_event(framing: Framing, written: &[u8]) -> &[u8] {
    let end = framing.end().as_bytes();
    let before_its_end = written.len().saturating_sub(end.len());
    let earlier = written.get(..before_its_end).unwrap_or_default();
    let start = earlier.windows(end.len()).rposition(|window| window == end).map_or(0, |at| at + end.len());
    written.get(start..).unwrap_or_default()
}

/// Where to break the data: inside its last multi-byte character, else in the middle.
pub(super) fn torn(written: &[u8]) -> usize {
    let is_inside = |byte: &u8| (0x80..0xc0).contains(byte);
    written.iter().rposition(is_inside).unwrap_or(written.len() / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_event_is_found_in_either_framing() {
        assert_eq!(
            last_event(Framing::Events, b"data: 1\n\nevent: x\ndata: 2\n\n"),
            b"event: x\ndata: 2\n\n"
        );
        assert_eq!(last_event(Framing::Events, b"data: 1\n\n"), b"data: 1\n\n");
        assert_eq!(last_event(Framing::Lines, b"{}\n{\"a\":1}\n"), b"{\"a\":1}\n");
    }

    #[test]
    fn text_is_broken_inside_a_character() {
        let text = "data: {\"a\":\"词\"}\n\n".as_bytes();
        let torn = &text[..torn(text)];
        assert!(std::str::from_utf8(torn).is_err_and(|error| error.error_len().is_none()));
    }

    #[test]
    fn a_bomb_is_filled_with_a_mebibyte_of_lines() {
        for framing in [Framing::Events, Framing::Lines] {
            let filler = filler(framing);
            assert_eq!(filler.len(), 1024 * 1024);
            assert!(filler.ends_with(b"\n"));
        }
        assert!(super::filler(Framing::Events).starts_with(b":"));
    }
}
