//! The subscribers of every topic.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;

use crate::{Subscription, subscription::Unread};

type Subscribers = HashMap<String, Vec<Arc<Unread>>>;

/// The subscribers of every topic. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Topics(Arc<Mutex<Subscribers>>);

impl Topics {
    pub(super) fn publish(&self, topic: &str, message: &Bytes) {
        // Under the lock, so that all subscribers get the messages in the same order.
        if let Some(subscribers) = self.lock().get(topic) {
            for unread in subscribers {
                unread.push(message.clone());
            }
        }
    }

    pub(super) fn subscribe(&self, topic: &str) -> Subscription {
        let unread = Arc::<Unread>::default();
        self.lock().entry(topic.to_owned()).or_default().push(Arc::clone(&unread));
        Subscription::new(self.clone(), topic, unread)
    }

    pub(super) fn has_subscribers(&self, topic: &str) -> bool {
        self.lock().contains_key(topic)
    }

    pub(crate) fn unsubscribe(&self, topic: &str, unread: &Arc<Unread>) {
        let mut topics = self.lock();
        if let Some(subscribers) = topics.get_mut(topic) {
            subscribers.retain(|other| !Arc::ptr_eq(other, unread));
            if subscribers.is_empty() {
                topics.remove(topic);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Subscribers> {
        // No change to the map can panic halfway.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Missed, subscription::MAX_UNREAD_BYTES};

    #[tokio::test]
    async fn every_subscriber_gets_what_is_published_after_it_subscribed() {
        let topics = Topics::default();
        topics.publish("a", &Bytes::from_static(b"before"));
        let mut one = topics.subscribe("a");
        topics.publish("a", &Bytes::from_static(b"between"));
        let mut two = topics.subscribe("a");
        topics.publish("b", &Bytes::from_static(b"elsewhere"));
        topics.publish("a", &Bytes::from_static(b"after"));
        assert_eq!(one.next().await.unwrap(), ["between", "after"]);
        assert_eq!(two.next().await.unwrap(), ["after"]);
    }

    #[tokio::test]
    async fn a_waiting_subscriber_is_woken() {
        let topics = Topics::default();
        let mut subscription = topics.subscribe("a");
        let waiting = tokio::spawn(async move { subscription.next().await });
        tokio::task::yield_now().await;
        topics.publish("a", &Bytes::from_static(b"now"));
        assert_eq!(waiting.await.unwrap().unwrap(), ["now"]);
    }

    #[tokio::test]
    async fn a_slow_subscriber_is_told_once_and_continues() {
        let topics = Topics::default();
        let mut slow = topics.subscribe("a");
        let large = Bytes::from(vec![0; MAX_UNREAD_BYTES + 1]);
        topics.publish("a", &large);
        assert_eq!(slow.next().await.unwrap(), [large.as_ref()], "one large message is not too much");
        topics.publish("a", &large);
        topics.publish("a", &Bytes::from_static(b"dropped"));
        assert_eq!(slow.next().await, Err(Missed));
        topics.publish("a", &Bytes::from_static(b"later"));
        assert_eq!(slow.next().await.unwrap(), ["later"]);
    }

    #[test]
    fn a_topic_without_subscribers_is_forgotten() {
        let topics = Topics::default();
        let (one, two) = (topics.subscribe("a"), topics.subscribe("a"));
        drop(one);
        assert!(topics.has_subscribers("a"));
        drop(two);
        assert!(!topics.has_subscribers("a"));
    }
}
