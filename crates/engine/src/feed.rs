//! What happens in an account's conversations, told to each of its open pages.
//!
//! Every event is numbered and encoded once for all pages of its owner. What every page has read is forgotten, and the
//! rest is bounded: a page that falls too far behind is let go, and reads anew what it shows when it comes back.

use std::{
    collections::{HashMap, VecDeque},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, stream};
use kaiwa_shared::{
    ConversationId, UserId,
    feed::{ConversationChanged, FeedEvent, GenerationStarted, QueueChanged},
    sse::{self, Event as _},
};
use kaiwa_store::entities::Turn;
use tokio::{sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::Engine;

/// Bytes of encoded events that are kept for the slowest page of an account.
const LOG_BYTES: usize = 128 * 1024;

/// How long a connection may be silent before a comment line finds out whether its reader is still there.
const HEARTBEAT_EVERY: Duration = Duration::from_secs(15);

/// The open pages of every account.
#[derive(Clone, Default)]
pub(crate) struct Feed {
    channels: Arc<Mutex<HashMap<UserId, Arc<Channel>>>>,
    closed: CancellationToken,
}

/// The open pages of one account.
#[derive(Default)]
struct Channel {
    log: Mutex<Log>,
    changed: Notify,
}

#[derive(Default)]
struct Log {
    /// The number of the last event; the first is 1.
    sequence: u64,
    frames: VecDeque<Bytes>,
    bytes: usize,
    /// How far each page has read.
    readers: HashMap<u64, u64>,
    next_reader: u64,
}

/// What a page reads next.
enum Read {
    Events(Bytes),
    Nothing,
    /// What it has not read is no longer kept.
    TooLate,
}

impl Feed {
    /// Whether any page of this account is open.
    pub(crate) fn is_heard(&self, owner: UserId) -> bool {
        lock(&self.channels).contains_key(&owner)
    }

    /// Tells every open page of an account.
    pub(crate) fn publish(&self, owner: UserId, event: &FeedEvent) {
        let Some(channel) = lock(&self.channels).get(&owner).cloned() else { return };
        channel.publish(event);
    }

    /// Ends every stream.
    pub(crate) fn close(&self) {
        self.closed.cancel();
    }

    fn listen(&self, owner: UserId) -> FeedListener {
        let (channel, reader, ready) = {
            let mut channels = lock(&self.channels);
            let channel = Arc::clone(channels.entry(owner).or_default());
            let (reader, ready) = channel.enter();
            (channel, reader, ready)
        };
        let page = Page { feed: self.clone(), owner, channel, reader };
        FeedListener(Box::pin(stream::unfold((page, Some(ready)), |(page, ready)| async move {
            let bytes = match ready {
                Some(ready) => ready,
                None => page.next().await?,
            };
            Some((bytes, (page, None)))
        })))
    }
}

impl Channel {
    fn publish(&self, event: &FeedEvent) {
        {
            let mut log = lock(&self.log);
            log.sequence += 1;
            match sse::encode(log.sequence, event) {
                Ok(frame) => log.append(frame.into()),
                // Our own types always encode; should one not, every page is let go and reads anew.
                Err(error) => {
                    tracing::error!(%error, event = event.name(), "an event could not be encoded");
                    log.frames.clear();
                    log.bytes = 0;
                }
            }
        }
        self.changed.notify_waiters();
    }

    /// Makes room for a page; its key and its first event.
    fn enter(&self) -> (u64, Bytes) {
        let mut log = lock(&self.log);
        let reader = log.next_reader;
        log.next_reader += 1;
        let seen = log.sequence;
        log.readers.insert(reader, seen);
        (reader, sse::encode(seen, &FeedEvent::Ready).map(Bytes::from).unwrap_or_default())
    }
}

impl Log {
    fn append(&mut self, frame: Bytes) {
        self.bytes += frame.len();
        self.frames.push_back(frame);
        // The newest event always stays, however large.
        while self.bytes > LOG_BYTES && self.frames.len() > 1 {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some(oldest) = self.frames.pop_front() {
            self.bytes -= oldest.len();
        }
    }

    /// The number of the event before the oldest one that is kept.
    fn start(&self) -> u64 {
        self.sequence - u64::try_from(self.frames.len()).unwrap_or(0)
    }

    fn read(&mut self, reader: u64) -> Read {
        let start = self.start();
        match self.readers.get_mut(&reader) {
            Some(seen) if *seen == self.sequence => Read::Nothing,
            Some(seen) if *seen >= start => {
                let skip = usize::try_from(*seen - start).unwrap_or(usize::MAX);
                *seen = self.sequence;
                let mut bytes = BytesMut::new();
                self.frames.iter().skip(skip).for_each(|frame| bytes.extend_from_slice(frame));
                self.forget_read();
                Read::Events(bytes.freeze())
            }
            _ => Read::TooLate,
        }
    }

    /// Forgets what every page has read.
    fn forget_read(&mut self) {
        let read_by_all = self.readers.values().copied().min().unwrap_or(self.sequence);
        while !self.frames.is_empty() && self.start() < read_by_all {
            self.forget_oldest();
        }
    }
}

/// One open page. Dropping it gives its place back.
struct Page {
    feed: Feed,
    owner: UserId,
    channel: Arc<Channel>,
    reader: u64,
}

impl Page {
    async fn next(&self) -> Option<Bytes> {
        let silent_until = Instant::now() + HEARTBEAT_EVERY;
        loop {
            // Registered before the look, so that an event between the look and the wait is not missed.
            let changed = self.channel.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let read = lock(&self.channel.log).read(self.reader);
            match read {
                Read::Events(bytes) => return Some(bytes),
                Read::TooLate => return None,
                Read::Nothing => {}
            }
            tokio::select! {
                biased;
                () = changed => {}
                () = self.feed.closed.cancelled() => return None,
                () = tokio::time::sleep_until(silent_until) => {
                    return Some(Bytes::from_static(sse::HEARTBEAT));
                }
            }
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let mut channels = lock(&self.feed.channels);
        let mut log = lock(&self.channel.log);
        log.readers.remove(&self.reader);
        log.forget_read();
        if log.readers.is_empty() {
            channels.remove(&self.owner);
        }
    }
}

/// Server-sent events about an account's conversations, `ready` first. Ends when the engine shuts down or the reader
/// has fallen too far behind.
pub struct FeedListener(Pin<Box<dyn Stream<Item = Bytes> + Send>>);

impl Stream for FeedListener {
    type Item = Bytes;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.0.as_mut().poll_next(context)
    }
}

impl Engine {
    /// What happens in this owner's conversations from now on.
    pub fn listen(&self, owner: UserId) -> FeedListener {
        self.0.feed.listen(owner)
    }

    /// Tells every open page of an account what has happened.
    pub fn announce(&self, owner: UserId, event: &FeedEvent) {
        self.0.feed.publish(owner, event);
    }

    /// Tells what a conversation is like now.
    pub(crate) async fn announce_conversation(&self, owner: UserId, id: ConversationId) {
        if !self.0.feed.is_heard(owner) {
            return;
        }
        match self.0.store.conversations().find(owner, id).await {
            Ok(Some(conversation)) => {
                self.announce(owner, &FeedEvent::Conversation(ConversationChanged { conversation }));
            }
            // Deleted in the meantime, which has been told.
            Ok(None) => {}
            Err(error) => could_not_tell(&error),
        }
    }

    /// Tells what waits in a conversation now.
    pub(crate) async fn announce_queue(&self, owner: UserId, conversation_id: ConversationId) {
        if !self.0.feed.is_heard(owner) {
            return;
        }
        match self.0.store.queue().list(owner, conversation_id).await {
            Ok(queued) => self.announce(owner, &FeedEvent::Queue(QueueChanged { conversation_id, queued })),
            Err(error) => could_not_tell(&error),
        }
    }

    /// Tells that replies have begun, without letting them wait for it. The token is cancelled once that is told.
    pub(crate) fn announce_start(&self, owner: UserId, turn: &Turn) -> CancellationToken {
        let told = CancellationToken::new();
        if !self.0.feed.is_heard(owner) {
            told.cancel();
            return told;
        }
        let first = (turn.reply_id, turn.generation_id);
        let others = turn.beside.iter().map(|other| (other.message_id, other.generation_id));
        let started: Vec<_> = std::iter::once(first).chain(others).collect();
        let (engine, conversation_id, guard) =
            (self.clone(), turn.conversation_id, told.clone().drop_guard());
        tokio::spawn(async move {
            let _told = guard;
            engine.announce_conversation(owner, conversation_id).await;
            for (message_id, generation_id) in started {
                let event = FeedEvent::GenerationStarted(GenerationStarted {
                    conversation_id,
                    message_id,
                    generation_id,
                });
                engine.announce(owner, &event);
            }
        });
        told
    }
}

fn could_not_tell(error: &kaiwa_store::Error) {
    tracing::warn!(error = error as &dyn std::error::Error, "open pages could not be told of a change");
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing here calls anything that could panic between two changes that belong together.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;
    use kaiwa_shared::{feed::ConversationRef, sse::Decoder};

    use super::*;

    fn deleted() -> FeedEvent {
        FeedEvent::ConversationDeleted(ConversationRef { conversation_id: ConversationId::new() })
    }

    async fn next(listener: &mut FeedListener) -> Vec<FeedEvent> {
        let bytes = listener.next().await.unwrap();
        let mut frames = Vec::new();
        Decoder::new().push(&bytes, &mut frames);
        frames.iter().map(|frame| frame.read().unwrap()).collect()
    }

    #[tokio::test]
    async fn every_page_hears_what_happens_after_it_was_opened() {
        let (feed, owner) = (Feed::default(), UserId::new());
        let (before, between, after) = (deleted(), deleted(), deleted());
        feed.publish(owner, &before);
        let mut one = feed.listen(owner);
        assert_eq!(next(&mut one).await, [FeedEvent::Ready]);
        feed.publish(owner, &between);
        let mut two = feed.listen(owner);
        assert_eq!(next(&mut two).await, [FeedEvent::Ready]);
        feed.publish(UserId::new(), &deleted());
        feed.publish(owner, &after);
        assert_eq!(next(&mut one).await, [between, after.clone()]);
        assert_eq!(next(&mut two).await, [after]);
    }

    #[tokio::test]
    async fn what_everybody_has_read_is_forgotten_and_so_is_an_account_without_pages() {
        let (feed, owner) = (Feed::default(), UserId::new());
        let mut page = feed.listen(owner);
        next(&mut page).await;
        for _ in 0..3 {
            feed.publish(owner, &deleted());
        }
        assert_eq!(next(&mut page).await.len(), 3);
        {
            let channel = Arc::clone(lock(&feed.channels).get(&owner).unwrap());
            let log = lock(&channel.log);
            assert_eq!((log.frames.len(), log.bytes), (0, 0));
        }
        assert!(feed.is_heard(owner));
        drop(page);
        assert!(!feed.is_heard(owner));
    }

    #[tokio::test]
    async fn a_page_that_falls_too_far_behind_is_let_go_and_costs_no_more() {
        let (feed, owner) = (Feed::default(), UserId::new());
        let (mut slow, mut quick) = (feed.listen(owner), feed.listen(owner));
        next(&mut slow).await;
        next(&mut quick).await;
        let smallest = sse::encode(1, &deleted()).unwrap().len();
        for _ in 0..=LOG_BYTES / smallest {
            feed.publish(owner, &deleted());
            assert_eq!(next(&mut quick).await.len(), 1);
        }
        let channel = Arc::clone(lock(&feed.channels).get(&owner).unwrap());
        assert!(lock(&channel.log).bytes <= LOG_BYTES);
        assert!(slow.next().await.is_none());
        feed.publish(owner, &deleted());
        assert_eq!(next(&mut quick).await.len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_feed_says_that_it_is_there() {
        let feed = Feed::default();
        let mut page = feed.listen(UserId::new());
        next(&mut page).await;
        assert_eq!(page.next().await.unwrap(), sse::HEARTBEAT);
        feed.close();
        assert!(page.next().await.is_none());
    }
}
