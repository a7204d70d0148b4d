use proptest::prelude::*;

use super::*;

fn frames<'a>(
    framing: Framing,
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Vec<Frame>, FrameTooLong> {
    let mut framer = Framer::new(framing);
    let mut all = Vec::new();
    for chunk in chunks {
        framer.push(chunk)?;
        all.extend(std::iter::from_fn(|| framer.next()));
    }
    framer.finish();
    all.extend(std::iter::from_fn(|| framer.next()));
    Ok(all)
}

/// The data of all events of a stream.
fn read<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<String>, FrameTooLong> {
    Ok(frames(Framing::Sse, chunks)?.into_iter().map(|frame| frame.data).collect())
}

/// The names and the data of all events of a stream.
fn named(stream: &str) -> Vec<(String, String)> {
    let frames = frames(Framing::Sse, [stream.as_bytes()]).unwrap();
    frames.into_iter().map(|frame| (frame.name, frame.data)).collect()
}

#[test]
fn a_byte_order_mark_is_skipped_even_if_it_is_split() {
    assert_eq!(read([b"\xef\xbb\xbfdata: a\n\n".as_slice()]).unwrap(), ["a"]);
    assert_eq!(read([b"\xef".as_slice(), b"\xbb", b"\xbfdata: a\n\n"]).unwrap(), ["a"]);
    let marks = "\u{feff}\u{feff}\u{feff}".as_bytes();
    assert_eq!(read([marks, b"data: a\n\n"]).unwrap(), ["a"]);
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
    let stream = ": hi\nevent: x\nid: 1\nretry: 5\nfoo\ndata:a\ndata: b\n\ndata\n\nevent: none\n\ndata: c\nevent: y\n\n";
    let expected =
        [("x", "a\nb"), ("", ""), ("y", "c")].map(|(name, data)| (name.to_owned(), data.to_owned()));
    assert_eq!(named(stream), expected);
    assert_eq!(
        read([b"data: {\n\ndata:  \"a\":\ndata: {}\ndata: }\n\n".as_slice()]).unwrap(),
        ["{", " \"a\":\n{}\n}"]
    );
    assert_eq!(
        read([b"data: {\ndata:  \"a\":\ndata: {}\ndata: }\n\n".as_slice()]).unwrap(),
        ["{\n \"a\":\n{}\n}"]
    );
}

#[test]
fn data_lines_that_are_each_a_document_are_each_an_event() {
    for stream in [
        "data: {\"a\":1}\ndata: {\"b\":2}\ndata: [DONE]\n",
        "data: {\"a\":1}\ndata: {\"b\":2}\n\ndata: [DONE]\n\n",
        "data: {\"a\":1}\r\ndata: {\"b\":2}\r\ndata: [DONE]",
        "{\"a\":1}\n{\"b\":2}\n[DONE]\n",
        "data: {\"a\":1}\n{\"b\":2}\n\n[DONE]",
        "id: 1\ndata: {\"a\":1}\nid: 2\ndata: {\"b\":2}\nid: 3\ndata: [DONE]",
    ] {
        assert_eq!(read([stream.as_bytes()]).unwrap(), ["{\"a\":1}", "{\"b\":2}", "[DONE]"], "{stream:?}");
        assert_eq!(
            read(stream.as_bytes().chunks(1)).unwrap(),
            ["{\"a\":1}", "{\"b\":2}", "[DONE]"],
            "{stream:?}"
        );
    }
}

#[test]
fn an_unknown_field_may_report_an_error() {
    for (line, data) in [
        ("error: {\"code\":400}", "{\"code\":400}"),
        ("Error:upstream timed out", "upstream timed out"),
        ("exception: {}", "{}"),
    ] {
        let stream = format!("data: {{\"a\":1}}\n{line}\n\n");
        let expected = [(String::new(), "{\"a\":1}".to_owned()), (ERROR.to_owned(), data.to_owned())];
        assert_eq!(named(&stream), expected, "{line}");
    }
    assert_eq!(named("error:\nx: {\"error\":1}\n\n"), []);
}

#[test]
fn an_event_is_there_as_soon_as_its_blank_line_is() {
    for stream in [b"data: a\n\n".as_slice(), b"data: a\r\n\r\n", b"data: a\r\r"] {
        let mut framer = Framer::new(Framing::Sse);
        framer.push(stream).unwrap();
        assert_eq!(framer.next().map(|frame| frame.data), Some("a".to_owned()), "{stream:?}");
    }
    let mut framer = Framer::new(Framing::Sse);
    framer.push(b"data: {\"a\":1}\ndata: ").unwrap();
    framer.push(b"[DONE]\n").unwrap();
    assert_eq!(std::iter::from_fn(|| framer.next()).count(), 2);
}

#[test]
fn lines_of_json_are_read_wherever_the_bytes_are_split() {
    let bytes = "\u{feff}{\"a\":\"界\"}\r\n\n: no comment\r{\"b\":1}".as_bytes();
    let expected = ["{\"a\":\"界\"}", ": no comment", "{\"b\":1}"];
    let data = |frames: Vec<Frame>| frames.into_iter().map(|frame| frame.data).collect::<Vec<_>>();
    for cut in 0..=bytes.len() {
        let (head, tail) = bytes.split_at(cut);
        assert_eq!(data(frames(Framing::Lines, [head, tail]).unwrap()), expected, "cut at {cut}");
    }
}

#[test]
fn an_endless_event_is_refused_at_the_limit_and_endless_comments_are_not() {
    let mut framer = Framer::new(Framing::Sse);
    let chunk = vec![b'x'; 64 * 1024];
    let taken = (0..FRAME_MAX).take_while(|_| framer.push(&chunk).is_ok()).count();
    assert_eq!(taken, FRAME_MAX / chunk.len());
    let mut framer = Framer::new(Framing::Sse);
    let line = [b"data: ".as_slice(), &chunk, b"\n"].concat();
    let taken = (0..FRAME_MAX).take_while(|_| framer.push(&line).is_ok()).count();
    assert!(taken * chunk.len() <= FRAME_MAX && framer.held() <= FRAME_MAX, "{taken}");
    let comments = b": keep-alive\n".repeat(FRAME_MAX / 12);
    assert_eq!(read([comments.as_slice(), b"data: a\n\n"]).unwrap(), ["a"]);
}

#[test]
fn an_event_just_below_the_limit_passes() {
    let text = "x".repeat(FRAME_MAX - "data: ".len());
    assert!(read(format!("data: {text}\n\n").as_bytes().chunks(14_000)).unwrap() == [text]);
}

#[test]
fn long_lines_count_as_work() {
    let mut framer = Framer::new(Framing::Sse);
    framer.push(b": a\n: b\n\n").unwrap();
    assert_eq!(framer.work(), 3);
    framer.push(&[b":".repeat(2560).as_slice(), b"\n"].concat()).unwrap();
    assert_eq!(framer.work(), 14);
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
