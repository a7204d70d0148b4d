//! Values that expire.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use tokio::time::Instant;

#[derive(Default)]
pub(super) struct Values(Mutex<HashMap<String, Value>>);

struct Value {
    bytes: Bytes,
    expires_at: Instant,
}

impl Values {
    pub(super) fn get(&self, key: &str) -> Option<Bytes> {
        let values = self.lock();
        values.get(key).filter(|value| value.expires_at > Instant::now()).map(|value| value.bytes.clone())
    }

    pub(super) fn put(&self, key: &str, bytes: Bytes, ttl: Duration) {
        let now = Instant::now();
        let mut values = self.lock();
        values.retain(|_, value| value.expires_at > now);
        values.insert(key.to_owned(), Value { bytes, expires_at: now + ttl });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Value>> {
        // No change to the map can panic halfway.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_value_expires_and_is_forgotten() {
        let values = Values::default();
        values.put("a", Bytes::from_static(b"1"), Duration::from_secs(2));
        assert_eq!(values.get("a").unwrap(), "1");
        assert_eq!(values.get("b"), None);
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(values.get("a"), None);
        values.put("b", Bytes::from_static(b"2"), Duration::from_secs(2));
        assert_eq!(values.lock().len(), 1);
    }
}
