//! The feed: what happens in an account's conversations, sent to each of its open pages.
//!
//! Every event is numbered and encoded once for all pages of its owner. A page that falls too far behind is disconnected
//! and reloads what it shows.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::{
    Stream, StreamExt,
    stream::{self, BoxStream},
};
use kaiwa_shared::{UserId, feed::FeedEvent, sse};
use tokio::sync::Notify;

use crate::event_log::{self, EventLog, Read};

/// Maximum size of the events that are kept for the slowest page of an account.
const MAX_LOG_BYTES: usize = 64 * 1024;

/// The open pages of every account. Cheap to clone.
#[derive(Clone, Default)]
pub struct Feed(Arc<Mutex<Channels>>);

#[derive(Default)]
struct Channels {
    by_owner: HashMap<UserId, Arc<Channel>>,
    is_closed: bool,
}

/// The open pages of one account.
struct Channel {
    state: Mutex<ChannelState>,
    changed: Notify,
}

struct ChannelState {
    log: EventLog,
    pages: usize,
    is_closed: bool,
}

impl Feed {
    /// Sends an event to every open page of an account.
    pub fn publish(&self, owner: UserId, event: &FeedEvent) {
        let channel = lock(&self.0).by_owner.get(&owner).cloned();
        if let Some(channel) = channel {
            lock(&channel.state).log.append(event);
            channel.changed.notify_waiters();
        }
    }

    /// The events of this account from now on, `ready` first.
    pub fn listen(&self, owner: UserId) -> FeedListener {
        let page = self.open_page(owner);
        let seen = lock(&page.channel.state).log.seal();
        let ready = sse::encode(seen, &FeedEvent::Ready).map(Bytes::from).unwrap_or_default();
        let events = stream::unfold((page, seen), |(page, mut seen)| async move {
            let channel = &page.channel;
            let bytes = event_log::next(&channel.changed, || channel.read(&mut seen)).await?;
            Some((bytes, (page, seen)))
        });
        FeedListener(stream::iter([ready]).chain(events).boxed())
    }

    /// Whether any page of this account is open.
    pub(crate) fn has_listeners(&self, owner: UserId) -> bool {
        lock(&self.0).by_owner.contains_key(&owner)
    }

    /// Ends every stream.
    pub(crate) fn close(&self) {
        let mut channels = lock(&self.0);
        channels.is_closed = true;
        for channel in channels.by_owner.values() {
            lock(&channel.state).is_closed = true;
            channel.changed.notify_waiters();
        }
    }

    fn open_page(&self, owner: UserId) -> Page {
        let mut channels = lock(&self.0);
        let is_closed = channels.is_closed;
        let channel = channels.by_owner.entry(owner).or_insert_with(|| Arc::new(Channel::new(is_closed)));
        lock(&channel.state).pages += 1;
        Page { feed: self.clone(), owner, channel: Arc::clone(channel) }
    }
}

impl Channel {
    fn new(is_closed: bool) -> Self {
        let log = EventLog::new(MAX_LOG_BYTES);
        Self { state: Mutex::new(ChannelState { log, pages: 0, is_closed }), changed: Notify::new() }
    }

    /// Reads the events after `seen` and moves it on. Ends when some of them were dropped.
    fn read(&self, seen: &mut u64) -> Read {
        let mut state = lock(&self.state);
        let last = state.log.sequence();
        if *seen == last {
            return if state.is_closed { Read::End } else { Read::Nothing };
        }
        let unread = state.log.read(*seen, &[]);
        *seen = last;
        unread.map_or(Read::End, Read::Events)
    }
}

/// One open page. Dropping it closes the page.
struct Page {
    feed: Feed,
    owner: UserId,
    channel: Arc<Channel>,
}

impl Drop for Page {
    fn drop(&mut self) {
        let mut channels = lock(&self.feed.0);
        let mut state = lock(&self.channel.state);
        state.pages -= 1;
        if state.pages == 0 {
            channels.by_owner.remove(&self.owner);
        }
    }
}

/// Server-sent events about an account's conversations, `ready` first. Ends when the engine shuts down or the reader
/// has fallen too far behind.
pub struct FeedListener(BoxStream<'static, Bytes>);

impl Stream for FeedListener {
    type Item = Bytes;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.0.poll_next_unpin(context)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing can panic between two changes that belong together.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use kaiwa_shared::{ConversationId, feed::ConversationRef, sse::Decoder};

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
    async fn every_page_gets_what_happens_after_it_was_opened() {
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
    async fn an_account_without_pages_is_forgotten() {
        let (feed, owner) = (Feed::default(), UserId::new());
        let (one, two) = (feed.listen(owner), feed.listen(owner));
        drop(one);
        assert!(feed.has_listeners(owner));
        drop(two);
        assert!(!feed.has_listeners(owner));
    }

    #[tokio::test]
    async fn a_page_that_falls_too_far_behind_is_disconnected() {
        let (feed, owner) = (Feed::default(), UserId::new());
        let (mut slow, mut quick) = (feed.listen(owner), feed.listen(owner));
        next(&mut slow).await;
        next(&mut quick).await;
        let smallest = sse::encode(1, &deleted()).unwrap().len();
        for _ in 0..=MAX_LOG_BYTES / smallest {
            feed.publish(owner, &deleted());
            assert_eq!(next(&mut quick).await.len(), 1);
        }
        assert!(slow.next().await.is_none());
        feed.publish(owner, &deleted());
        assert_eq!(next(&mut quick).await.len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_feed_sends_heartbeats_until_it_is_closed() {
        let feed = Feed::default();
        let mut page = feed.listen(UserId::new());
        next(&mut page).await;
        assert_eq!(page.next().await.unwrap(), sse::HEARTBEAT);
        feed.close();
        assert!(page.next().await.is_none());
        let mut late = feed.listen(UserId::new());
        next(&mut late).await;
        assert!(late.next().await.is_none());
    }
}
