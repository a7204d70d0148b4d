use futures_util::{FutureExt, TryStreamExt, stream};
use proptest::prelude::*;

use super::{guard::PIECE_MAX, *};

type Chunks = stream::Iter<std::vec::IntoIter<Result<Bytes, ()>>>;

fn chunks<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Chunks {
    stream::iter(chunks.into_iter().map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect::<Vec<_>>())
}

fn said(data: &str) -> SseEvent {
    SseEvent { name: "message".into(), data: data.into() }
}

/// All events of the stream, which must not wait for anything.
fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<String>, SseError<()>> {
    events(chunks(pieces))
        .map_ok(|event| event.data)
        .try_collect()
        .now_or_never()
        .expect("the bytes are all there")
}

fn guarded(bytes: &[u8], size: usize) -> Result<Vec<String>, EventTooLong> {
    let mut guard = Guard::default();
    let mut pieces = Vec::new();
    for chunk in bytes.chunks(size) {
        guard.push(chunk)?;
        pieces.extend(std::iter::from_fn(|| guard.next_piece()));
    }
    guard.finish();
    pieces.extend(std::iter::from_fn(|| guard.next_piece()));
    Ok(pieces)
}

#[test]
fn a_byte_order_mark_is_skipped_even_if_it_is_split() {
    assert_eq!(read([b"\xef\xbb\xbfdata: a\n\n".as_slice()]).unwrap(), ["a"]);
    assert_eq!(read([b"\xef".as_slice(), b"\xbb", b"\xbfdata: a\n\n"]).unwrap(), ["a"]);
}

#[test]
fn several_byte_order_marks_are_skipped_too() {
    let marks = "\u{feff}\u{feff}\u{feff}".as_bytes();
    assert_eq!(read([marks, b"data: a\n\n"]).unwrap(), ["a"]);
    assert_eq!(read([marks, b"\n", marks, b"data: a\ndata: b\n\n"]).unwrap(), ["b"]);
}

#[test]
fn the_last_event_counts_without_its_blank_line() {
    assert_eq!(read([b"data: a\n\ndata: b\n".as_slice()]).unwrap(), ["a", "b"]);
    assert_eq!(read([b"data: a\n\ndata: [DONE]".as_slice()]).unwrap(), ["a", "[DONE]"]);
    assert_eq!(read([]).unwrap(), Vec::<String>::new());
}

#[test]
fn invalid_bytes_are_replaced_and_a_split_character_is_kept() {
    let (head, tail) = "data: 界\n\n".as_bytes().split_at(7);
    assert_eq!(read([head, tail]).unwrap(), ["界"]);
    assert_eq!(read([b"data: a\xffb\n\ndata: c\n\n".as_slice()]).unwrap(), ["a\u{fffd}b", "c"]);
}

#[test]
fn comments_names_and_several_data_lines_follow_the_standard() {
    let named: Vec<_> =
        events(chunks([b"event: x\ndata: a\n\n".as_slice()])).collect().now_or_never().unwrap();
    assert_eq!(named, [Ok(SseEvent { name: "x".into(), data: "a".into() })]);
    let stream = b": hi\nevent: x\nid: 1\nretry: 5\nfoo\ndata:a\ndata: b\n\ndata\n\nevent: none\n\n";
    assert_eq!(read([stream.as_slice()]).unwrap(), ["a\nb", ""]);
}

#[test]
fn an_event_is_returned_as_soon_as_its_blank_line_arrives() {
    for stream in [b"data: a\n\n".as_slice(), b"data: a\r\n\r\n", b"data: a\r\r"] {
        let mut events = Box::pin(events(chunks([stream]).chain(stream::pending())));
        assert_eq!(events.next().now_or_never(), Some(Some(Ok(said("a")))), "{stream:?}");
        assert_eq!(events.next().now_or_never(), None);
    }
}

#[test]
fn a_failing_transport_ends_the_stream_after_the_events_before_it() {
    let broken = stream::iter([Ok(Bytes::from_static(b"data: a\n\ndata: b")), Err("broken")]);
    let all: Vec<_> = events(broken).collect().now_or_never().unwrap();
    assert_eq!(all, [Ok(said("a")), Err(SseError::Transport("broken"))]);
}

#[test]
fn an_endless_line_is_refused_at_the_limit() {
    const CHUNK: usize = 16 * 1024;
    let mut taken = 0;
    let endless = stream::repeat_with(|| {
        taken += 1;
        Ok::<_, ()>(Bytes::from(vec![b'x'; CHUNK]))
    });
    let all: Vec<_> = events(endless).collect().now_or_never().unwrap();
    assert_eq!(all, [Err(SseError::TooLong(EventTooLong))]);
    assert!(taken * CHUNK <= LINE_MAX + CHUNK, "{taken} chunks were read");
}

#[test]
fn an_event_of_endless_lines_is_refused_and_comments_are_not() {
    let lines = b"data: xxxxxxxxxxxxxxxxxxxxxxxx\n".repeat(LINE_MAX / 24);
    assert_eq!(read([lines.as_slice()]), Err(SseError::TooLong(EventTooLong)));
    let comments = b": keep-alive\n".repeat(LINE_MAX / 8);
    assert_eq!(read([comments.as_slice(), b"data: a\n\n"]).unwrap(), ["a"]);
}

#[test]
fn a_line_just_below_the_limit_passes() {
    let text = "x".repeat(LINE_MAX - "data: ".len());
    assert_eq!(read(format!("data: {text}\n\n").as_bytes().chunks(1400)).unwrap(), [text]);
}

/// The parser copies the rest of a piece for each of its lines, so pieces must be small.
#[test]
fn a_large_chunk_of_small_events_is_split_into_small_pieces() {
    let events = b"data: {\"choices\":[]}\n\n".repeat(1024 * 1024 / 22);
    let pieces = guarded(&events, events.len()).unwrap();
    assert!(pieces.iter().all(|piece| piece.len() <= PIECE_MAX));
    assert!(pieces.len() <= 2 * events.len() / PIECE_MAX);
    assert_eq!(pieces.concat().as_bytes(), [events.as_slice(), b"\n\n"].concat());
    assert_eq!(read([events.as_slice()]).unwrap().len(), events.len() / 22);
}

#[test]
fn a_long_line_is_a_piece_of_its_own() {
    let long = "x".repeat(100_000);
    let stream = format!("data: a\n\ndata: {long}\n\ndata: b\n\n");
    for size in [1, 1400, stream.len()] {
        let pieces = guarded(stream.as_bytes(), size).unwrap();
        assert!(pieces.iter().any(|piece| piece == &format!("data: {long}\n")), "in chunks of {size}");
    }
}

#[derive(Clone, Debug)]
struct Written {
    bytes: Vec<u8>,
    events: Vec<String>,
}

/// A stream of events with every kind of line end, comments, and perhaps a byte order mark and no last blank line.
fn written() -> impl Strategy<Value = Written> {
    let line_end = prop::sample::select(vec!["\n", "\r\n", "\r"]);
    let event = ("[a-z你🙂 :]{0,12}(\n[a-z界]{0,5}){0,2}", line_end, prop::option::of("[a-z:é]{0,6}"));
    (prop::collection::vec(event, 0..12), any::<bool>(), any::<bool>()).prop_map(|(parts, mark, open)| {
        let mut text = String::from(if mark { "\u{feff}" } else { "" });
        let mut events = Vec::new();
        let count = parts.len();
        for ((event, end, comment), n) in parts.into_iter().zip(1..) {
            text.extend(comment.map(|comment| format!(": {comment}{end}")));
            text.extend(event.split('\n').map(|line| format!("data: {line}{end}")));
            if !(open && n == count) {
                text.push_str(end);
            }
            events.push(event);
        }
        Written { bytes: text.into_bytes(), events }
    })
}

proptest! {
    #[test]
    fn events_are_read_wherever_the_bytes_are_split(
        written in written(),
        mut cuts in prop::collection::vec(0usize..600, 0..20),
    ) {
        let bytes = &written.bytes;
        cuts.retain(|&cut| cut <= bytes.len());
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let pieces = cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]]);
        prop_assert_eq!(read(pieces).unwrap(), written.events.clone());
        prop_assert_eq!(read(bytes.chunks(1)).unwrap(), written.events);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), size in 1usize..50) {
        prop_assert_eq!(read(bytes.chunks(size)), read([bytes.as_slice()]));
    }
}
