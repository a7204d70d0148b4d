//! Rights that only one page of this browser has at a time, so that pages share their few connections to the server.
//!
//! Web Locks would do this, but pages on plain HTTP do not have them. A lease is an entry in `localStorage` with its
//! holder and the time until which it lasts. Two pages that take one in the same moment may both get it for a second,
//! which costs a connection and nothing else. Without storage every page gets every lease.

use std::time::Duration;

use leptos::{
    ev,
    leptos_dom::helpers::IntervalHandle,
    prelude::{WindowListenerHandle, set_interval_with_handle, window_event_listener},
};

use super::{storage, time};

/// How often a holder renews its lease.
const RENEWAL: Duration = Duration::from_secs(1);

/// How long a lease lasts without being renewed, in milliseconds: when its page has crashed or was suspended.
const LASTS: i64 = 5_000;

/// How long it takes until a page sees what another one has stored.
const SETTLES: Duration = Duration::from_millis(30);

/// A lease. Dropping it or leaving the page ends it.
pub struct Lease {
    key: String,
    holder: String,
    renewal: Option<IntervalHandle>,
    leaving: Option<WindowListenerHandle>,
}

impl Lease {
    /// Takes the lease of this name, unless another one is held.
    pub async fn take(name: &str) -> Option<Self> {
        let key = format!("kaiwa.lease.{name}");
        if storage::get(&key).is_some_and(|entry| lasts(&entry)) {
            return None;
        }
        let holder = format!("{:x}", js_sys::Math::random().to_bits());
        let mut lease = Self { key, holder, renewal: None, leaving: None };
        lease.write();
        time::sleep(SETTLES).await;
        if !lease.is_held() {
            return None;
        }
        let (key, holder) = (lease.key.clone(), lease.holder.clone());
        lease.renewal = set_interval_with_handle(
            move || {
                if storage::get(&key).is_none_or(|entry| is_of(&entry, &holder) || !lasts(&entry)) {
                    write(&key, &holder);
                }
            },
            RENEWAL,
        )
        .ok();
        let (key, holder) = (lease.key.clone(), lease.holder.clone());
        lease.leaving = Some(window_event_listener(ev::pagehide, move |_| release(&key, &holder)));
        Some(lease)
    }

    /// No other page has taken it since.
    pub fn is_held(&self) -> bool {
        storage::get(&self.key).is_none_or(|entry| is_of(&entry, &self.holder))
    }

    fn write(&self) {
        write(&self.key, &self.holder);
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(renewal) = self.renewal.take() {
            renewal.clear();
        }
        if let Some(leaving) = self.leaving.take() {
            leaving.remove();
        }
        release(&self.key, &self.holder);
    }
}

fn write(key: &str, holder: &str) {
    storage::set(key, &format!("{holder} {}", time::now().0 + LASTS));
}

fn release(key: &str, holder: &str) {
    if storage::get(key).is_some_and(|entry| is_of(&entry, holder)) {
        storage::remove(key);
    }
}

fn is_of(entry: &str, holder: &str) -> bool {
    entry.split(' ').next() == Some(holder)
}

/// Whether an entry has not expired. One that lasts longer than any lease was written before the clock was set back.
fn lasts(entry: &str) -> bool {
    let until = entry.split(' ').nth(1).and_then(|until| until.parse::<i64>().ok()).unwrap_or(0);
    (1..=LASTS).contains(&(until - time::now().0))
}
