//! JSON lines, as streamed by Ollama.

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};

use crate::sse::{Guard, Pieces, SseError};

/// The lines of `bytes` that are not blank, each as soon as it is complete. A last line without an end counts. An error
/// is the last item.
///
/// The guard of the server-sent events limits and repairs them.
pub(super) fn lines<S, E>(bytes: S) -> impl Stream<Item = Result<String, SseError<E>>>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    Pieces::new(bytes, Guard::per_line()).flat_map(|piece| {
        let lines: Vec<_> = match piece {
            Ok(piece) => {
                piece.lines().filter(|line| !line.trim().is_empty()).map(|line| Ok(line.to_owned())).collect()
            }
            Err(error) => vec![Err(error)],
        };
        stream::iter(lines)
    })
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, TryStreamExt};

    use super::*;
    use crate::sse::{EventTooLong, LINE_MAX};

    fn read<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<String>, SseError<()>> {
        let chunks: Vec<_> = chunks.into_iter().map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
        super::lines(stream::iter(chunks)).try_collect().now_or_never().unwrap()
    }

    #[test]
    fn lines_are_read_wherever_the_bytes_are_split() {
        let bytes = "\u{feff}{\"a\":\"界\"}\r\n\n: no comment\r{\"b\":1}".as_bytes();
        let expected = ["{\"a\":\"界\"}", ": no comment", "{\"b\":1}"];
        for cut in 0..=bytes.len() {
            let (head, tail) = bytes.split_at(cut);
            assert_eq!(read([head, tail]).unwrap(), expected, "cut at {cut}");
        }
        assert_eq!(read(bytes.chunks(1)).unwrap(), expected);
    }

    #[test]
    fn a_line_is_returned_as_soon_as_it_is_complete() {
        let first = stream::iter([Ok::<_, ()>(Bytes::from_static(b"{\"a\":1}\n{\"b\""))]);
        let mut lines = Box::pin(super::lines(first.chain(stream::pending())));
        assert_eq!(lines.next().now_or_never(), Some(Some(Ok("{\"a\":1}".to_owned()))));
        assert_eq!(lines.next().now_or_never(), None);
    }

    #[test]
    fn the_limit_applies_to_each_line_not_to_all_of_them() {
        let many = b"{\"response\":\"a\"}\n".repeat(LINE_MAX / 8);
        assert_eq!(read([many.as_slice()]).unwrap().len(), LINE_MAX / 8);
        let long = vec![b'x'; LINE_MAX + 1];
        assert_eq!(read(long.chunks(4096)), Err(SseError::TooLong(EventTooLong)));
    }
}
