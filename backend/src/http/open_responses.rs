//! Limits on the responses that one account has open, so that readers who read nothing cost little.
//!
//! A stream keeps a few kilobytes for its reader, and an account may have many of them. A large response is held in memory
//! until it is read, so an account may have only a few at once; further ones wait.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use actix_web::{
    Error, HttpResponse,
    body::{BoxBody, MessageBody as _, SizedStream},
    http::header,
    web::Bytes,
};
use futures_util::{Stream, StreamExt as _, stream};
use kaiwa_bus::{Bus, Limit, Permit};
use kaiwa_shared::UserId;
use tokio::{runtime::Handle, sync::Semaphore, task::yield_now, time::sleep};

use super::{
    ApiError,
    slots::{Slot, Slots},
};

/// Minimum number of streams that an account may have open.
const MIN_STREAMS: usize = 100;

/// Number of large responses that an account may have open in this process.
const LARGE: usize = 2;

/// How long a large response waits for another one to be read.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long the reader of a large response may read nothing.
const STALL: Duration = Duration::from_secs(30);

/// `Retry-After` for an account over a limit.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// The size of the pieces in which responses are sent, in bytes. The server buffers one or two for each connection.
const PIECE: usize = 32 * 1024;

/// The turns of large bodies to send a piece. The next waits for one that is over.
static TURNS: Semaphore = Semaphore::const_new(4);

/// Counts the open responses of each account.
pub(crate) struct OpenResponses {
    bus: Arc<dyn Bus>,
    max_streams: usize,
    large: Slots,
}

impl OpenResponses {
    /// `replies` is the number of replies that an account may have running.
    pub(crate) fn new(bus: Arc<dyn Bus>, replies: usize) -> Self {
        Self { bus, max_streams: MIN_STREAMS.max(replies.saturating_mul(4)), large: Slots::new(LARGE) }
    }

    /// Counts a stream until the permit is dropped.
    pub(crate) async fn stream(&self, owner: UserId) -> Result<Permit, ApiError> {
        let limits = [Limit { key: format!("streams:{owner}"), max: self.max_streams }];
        let permits = self.bus.acquire(&limits, 1).await.ok().and_then(|mut permits| permits.pop());
        permits.ok_or_else(|| {
            ApiError::too_many(RETRY_AFTER, "Too many streams of this account are open. Close some.")
        })
    }

    /// Waits until the account may have one more large response.
    pub(crate) async fn large(&self, owner: UserId) -> Result<Slot, ApiError> {
        self.large.take(owner, PATIENCE).await.ok_or_else(|| {
            let detail = "Earlier responses to this account have not been read yet. Read them or close them.";
            ApiError::too_many(RETRY_AFTER, detail)
        })
    }
}

/// Does work that would hold up the streams of this thread on a thread of its own.
pub(crate) async fn off_thread<T, F>(work: F) -> Result<T, ApiError>
where
    T: Send + 'static,
    F: Future<Output = Result<T, ApiError>> + Send + 'static,
{
    actix_web::web::block(move || Handle::current().block_on(work)).await.map_err(ApiError::internal)?
}

/// A large response. It is sent in pieces, and given up if its reader reads nothing for a while.
pub(crate) fn respond(content_type: &'static str, body: Bytes, slot: Slot) -> HttpResponse {
    let length = u64::try_from(body.len()).unwrap_or(u64::MAX);
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, content_type))
        .body(SizedStream::new(length, in_turns(Pieces::new(body, slot))))
}

/// Sends an ordinary response in pieces, too, so that the server buffers little of it for a client that reads nothing.
pub(crate) fn in_pieces(body: BoxBody) -> BoxBody {
    match body.try_into_bytes() {
        Ok(bytes) if bytes.len() > PIECE => {
            let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            let pieces = stream::unfold(bytes, |mut rest| async move {
                let piece = take_piece(&mut rest);
                (!piece.is_empty()).then_some((Ok::<_, Error>(piece), rest))
            });
            BoxBody::new(SizedStream::new(length, in_turns(pieces)))
        }
        Ok(bytes) => BoxBody::new(bytes),
        Err(body) => body,
    }
}

/// Lets the streams of this thread have a turn before each piece. Few pieces are sent in between, however many bodies there
/// are.
fn in_turns<S: Stream>(pieces: S) -> Pin<Box<impl Stream<Item = S::Item>>> {
    Box::pin(pieces.then(|piece| async {
        let _turn = TURNS.acquire().await;
        yield_now().await;
        piece
    }))
}

/// Splits a piece from the front of `bytes`.
pub(crate) fn take_piece(bytes: &mut Bytes) -> Bytes {
    bytes.split_to(PIECE.min(bytes.len()))
}

/// The body of a large response.
struct Pieces(Arc<Mutex<Option<Unread>>>);

/// The unsent rest of a large response.
struct Unread {
    bytes: Bytes,
    /// Whether anything was sent since the last look.
    has_moved: bool,
    _slot: Slot,
}

impl Pieces {
    fn new(bytes: Bytes, slot: Slot) -> Self {
        let unread = Arc::new(Mutex::new(Some(Unread { bytes, has_moved: true, _slot: slot })));
        let watched = Arc::downgrade(&unread);
        tokio::spawn(async move {
            loop {
                sleep(STALL).await;
                let Some(unread) = watched.upgrade() else { return };
                let mut unread = unread.lock().unwrap_or_else(PoisonError::into_inner);
                match &mut *unread {
                    Some(moving) if moving.has_moved => moving.has_moved = false,
                    _ => return *unread = None,
                }
            }
        });
        Self(unread)
    }
}

impl Stream for Pieces {
    type Item = Result<Bytes, Error>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut unread = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(unread) = &mut *unread else {
            return Poll::Ready(Some(
                Err(ApiError::unavailable("The response was not read in time.").into()),
            ));
        };
        unread.has_moved = true;
        let piece = take_piece(&mut unread.bytes);
        Poll::Ready((!piece.is_empty()).then_some(Ok(piece)))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use actix_web::body::to_bytes;
    use kaiwa_bus::LocalBus;

    use super::*;

    fn responses() -> OpenResponses {
        OpenResponses::new(Arc::new(LocalBus::new()), 8)
    }

    #[actix_web::test]
    async fn streams_are_counted_for_each_account() {
        let (responses, ada) = (responses(), UserId::new());
        let mut open = Vec::new();
        for _ in 0..MIN_STREAMS {
            open.push(responses.stream(ada).await.unwrap());
        }
        assert!(responses.stream(ada).await.is_err());
        assert!(responses.stream(UserId::new()).await.is_ok());
        open.pop();
        assert!(responses.stream(ada).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn large_responses_wait_for_each_other_and_leave_nothing_behind() {
        let (responses, ada) = (responses(), UserId::new());
        let mut open = Vec::new();
        for _ in 0..LARGE {
            open.push(responses.large(ada).await.unwrap());
        }
        assert!(responses.large(UserId::new()).await.is_ok(), "other accounts have their own");
        assert!(responses.large(ada).await.is_err());
        let (next, ()) = futures_util::join!(responses.large(ada), async { drop(open.pop()) });
        drop((next.unwrap(), open));
        assert!(responses.large.is_empty());
    }

    #[actix_web::test]
    async fn an_ordinary_response_is_sent_in_pieces_of_the_same_bytes() {
        for length in [0, 1, PIECE, PIECE + 1, 3 * PIECE, 5 * PIECE - 1] {
            let body = Bytes::from(vec![7; length]);
            let pieces = in_pieces(BoxBody::new(body.clone()));
            assert_eq!(pieces.size(), BoxBody::new(body.clone()).size());
            assert_eq!(to_bytes(pieces).await.unwrap(), body);
        }
    }

    #[actix_web::test]
    async fn other_streams_have_a_turn_before_few_pieces() {
        let turns = Cell::new(0);
        let bodies = (0..100).map(|_| in_turns(stream::iter(0..3)).count());
        let pieces = futures_util::future::join_all(bodies);
        let others = async {
            loop {
                turns.set(turns.get() + 1);
                yield_now().await;
            }
        };
        tokio::select! {
            biased;
            counts = pieces => assert_eq!(counts, [3; 100]),
            () = others => unreachable!(),
        }
        // A test beside this one may take turns, too.
        assert!(turns.get() >= 300 / 4, "{}", turns.get());
    }

    #[actix_web::test]
    async fn a_large_response_is_sent_in_pieces_of_the_same_bytes() {
        let (responses, ada) = (responses(), UserId::new());
        let body = Bytes::from(vec![7; 3 * PIECE + 1]);
        let whole = respond("text/plain", body.clone(), responses.large(ada).await.unwrap());
        assert_eq!(to_bytes(whole.into_body()).await.unwrap(), body);
        assert!(responses.large.is_empty());
    }

    // Without turns: while this test waited for those of another one, its clock would advance.
    #[tokio::test(start_paused = true)]
    async fn a_large_response_is_dropped_if_nobody_reads_it() {
        let (responses, ada) = (responses(), UserId::new());
        let body = Bytes::from(vec![7; 3 * PIECE + 1]);
        let mut pieces = Pieces::new(body, responses.large(ada).await.unwrap());
        for _ in 0..3 {
            sleep(STALL / 2).await;
            assert_eq!(pieces.next().await.unwrap().unwrap().len(), PIECE);
        }
        sleep(STALL * 3).await;
        assert!(responses.large.is_empty());
        assert!(pieces.next().await.unwrap().is_err());
    }
}
