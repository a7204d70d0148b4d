//! The feed: what happens in an account's conversations, sent to each of its open pages.
//!
//! Every event is encoded once for all pages of its owner and published on the bus; each page numbers what it gets. A
//! page that falls too far behind is disconnected and reloads what it shows.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::{
    Stream, StreamExt,
    stream::{self, BoxStream},
};
use kaiwa_bus::{Bus, Subscription};
use kaiwa_shared::{
    UserId,
    feed::FeedEvent,
    sse::{self, Event as _},
};
use tokio_util::sync::CancellationToken;

use crate::event_log::HEARTBEAT_EVERY;

/// The open pages of every account. Cheap to clone.
#[derive(Clone)]
pub struct Feed {
    bus: Arc<dyn Bus>,
    closing: CancellationToken,
}

impl Feed {
    pub(crate) fn new(bus: Arc<dyn Bus>) -> Self {
        Self { bus, closing: CancellationToken::new() }
    }

    /// Sends an event to every open page of an account.
    pub fn publish(&self, owner: UserId, event: &FeedEvent) {
        match sse::encode_unnumbered(event) {
            Ok(encoded) => self.bus.publish(&topic(owner), encoded.into()),
            Err(error) => tracing::error!(%error, event = event.name(), "an event could not be encoded"),
        }
    }

    /// The events of this account from now on, `ready` first.
    pub async fn listen(&self, owner: UserId) -> FeedListener {
        let subscription = self.bus.subscribe(&topic(owner)).await;
        let page = Page { subscription, sequence: 0, closing: self.closing.clone() };
        let ready = sse::encode(page.sequence, &FeedEvent::Ready).map(Bytes::from).unwrap_or_default();
        let events = stream::unfold(page, |mut page| async move {
            let bytes = page.next().await?;
            Some((bytes, page))
        });
        FeedListener(stream::iter([ready]).chain(events).boxed())
    }

    /// Whether any page of this account is open.
    pub(crate) async fn has_listeners(&self, owner: UserId) -> bool {
        self.bus.has_subscribers(&topic(owner)).await
    }

    /// Ends every stream of this process.
    pub(crate) fn close(&self) {
        self.closing.cancel();
    }
}

fn topic(owner: UserId) -> String {
    format!("feed:{owner}")
}

/// One open page.
struct Page {
    subscription: Subscription,
    /// The number of the last event.
    sequence: u64,
    closing: CancellationToken,
}

impl Page {
    /// Waits for the next events; a heartbeat after a while without any, `None` at the end.
    async fn next(&mut self) -> Option<Bytes> {
        tokio::select! {
            biased;
            messages = self.subscription.next() => messages.ok().map(|messages| self.number(&messages)),
            () = self.closing.cancelled() => None,
            () = tokio::time::sleep(HEARTBEAT_EVERY) => Some(Bytes::from_static(sse::HEARTBEAT)),
        }
    }

    fn number(&mut self, messages: &[Bytes]) -> Bytes {
        let mut out = Vec::new();
        for message in messages {
            self.sequence += 1;
            sse::number(&mut out, self.sequence, message);
        }
        out.into()
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

#[cfg(test)]
mod tests {
    use kaiwa_bus::LocalBus;
    use kaiwa_shared::{ConversationId, feed::ConversationRef, sse::Decoder};

    use super::*;

    /// The size of the messages that a subscriber of a `LocalBus` may leave unread.
    const MAX_UNREAD_BYTES: usize = 64 * 1024;

    fn feed() -> Feed {
        Feed::new(Arc::new(LocalBus::new()))
    }

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
        let (feed, owner) = (feed(), UserId::new());
        let (before, between, after) = (deleted(), deleted(), deleted());
        feed.publish(owner, &before);
        let mut one = feed.listen(owner).await;
        assert_eq!(next(&mut one).await, [FeedEvent::Ready]);
        feed.publish(owner, &between);
        let mut two = feed.listen(owner).await;
        assert_eq!(next(&mut two).await, [FeedEvent::Ready]);
        feed.publish(UserId::new(), &deleted());
        feed.publish(owner, &after);
        assert_eq!(next(&mut one).await, [between, after.clone()]);
        assert_eq!(next(&mut two).await, [after]);
    }

    #[tokio::test]
    async fn a_page_numbers_its_events() {
        let (feed, owner) = (feed(), UserId::new());
        let mut page = feed.listen(owner).await;
        next(&mut page).await;
        for sequence in 1..3 {
            let event = deleted();
            feed.publish(owner, &event);
            assert_eq!(page.next().await.unwrap(), sse::encode(sequence, &event).unwrap());
        }
    }

    #[tokio::test]
    async fn an_account_without_pages_is_forgotten() {
        let (feed, owner) = (feed(), UserId::new());
        let (one, two) = (feed.listen(owner).await, feed.listen(owner).await);
        drop(one);
        assert!(feed.has_listeners(owner).await);
        drop(two);
        assert!(!feed.has_listeners(owner).await);
    }

    #[tokio::test]
    async fn a_page_that_falls_too_far_behind_is_disconnected() {
        let (feed, owner) = (feed(), UserId::new());
        let (mut slow, mut quick) = (feed.listen(owner).await, feed.listen(owner).await);
        next(&mut slow).await;
        next(&mut quick).await;
        let smallest = sse::encode_unnumbered(&deleted()).unwrap().len();
        for _ in 0..=MAX_UNREAD_BYTES / smallest {
            feed.publish(owner, &deleted());
            assert_eq!(next(&mut quick).await.len(), 1);
        }
        assert!(slow.next().await.is_none());
        feed.publish(owner, &deleted());
        assert_eq!(next(&mut quick).await.len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_feed_sends_heartbeats_until_it_is_closed() {
        let feed = feed();
        let mut page = feed.listen(UserId::new()).await;
        next(&mut page).await;
        assert_eq!(page.next().await.unwrap(), sse::HEARTBEAT);
        feed.close();
        assert!(page.next().await.is_none());
        let mut late = feed.listen(UserId::new()).await;
        next(&mut late).await;
        assert!(late.next().await.is_none());
    }
}
