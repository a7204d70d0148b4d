//! Connections for running replies, shared by all pages of this browser.
//!
//! On HTTP/1.1 a browser has six connections to a server. If the streams of running replies took all of them, no page
//! could load. So there are [`SLOTS`] for such streams. While pages wait for one, the others let go of theirs after
//! [`TURN`] and wait for their next turn, so that every reply keeps growing. A page that is hidden lets go at once, and
//! without anybody waiting after a while.

use std::{cell::Cell, rc::Rc, time::Duration};

use kaiwa_shared::time::Millis;
use leptos::{
    leptos_dom::helpers::IntervalHandle,
    prelude::{document, set_interval_with_handle, window},
};
use wasm_bindgen::JsValue;
use web_sys::AbortController;

use crate::browser::{lease::Lease, storage, time};

/// How many streams of replies there are at a time. One of the other connections is the feed's.
const SLOTS: usize = 3;

/// How long a stream is kept while others wait.
const TURN: Duration = Duration::from_secs(1);

/// How often a page that waits looks for a free slot.
const LOOK: Duration = Duration::from_millis(200);

/// How long a page that waits is known to wait.
const WAITS: Duration = Duration::from_millis(1_500);

/// How long a page is hidden before it closes its streams, because another page may need the connections.
pub(super) const HIDDEN_FOR: Duration = Duration::from_secs(30);

/// How often a hidden page checks whether it is still hidden, in case it missed the event.
const RECHECK: Duration = Duration::from_mins(1);

/// When a page last waited for a slot.
const WAITING: &str = "kaiwa.waiting";

/// The right to a stream.
pub(in crate::state) struct Slot {
    /// `None` where connections are not scarce.
    lease: Option<Lease>,
    yielded: Rc<Cell<bool>>,
    watch: Option<IntervalHandle>,
}

impl Slot {
    /// How long a page that has given up a slot leaves it to the others.
    pub(in crate::state) const PAUSE: Duration = Duration::from_millis(400);

    /// Takes a slot if one is free.
    pub(in crate::state) async fn take_free() -> Option<Self> {
        if !connections_are_scarce() {
            return Some(Self::new(None));
        }
        for number in 0..SLOTS {
            if let Some(lease) = Lease::take(&format!("stream.{number}")).await {
                return Some(Self::new(Some(lease)));
            }
        }
        None
    }

    /// Waits for a slot, and while the page is hidden. `None` once `is_over`.
    pub(in crate::state) async fn wait(is_over: impl Fn() -> bool) -> Option<Self> {
        loop {
            if is_over() {
                return None;
            }
            wait_until_shown().await;
            if let Some(slot) = Self::take_free().await {
                return Some(slot);
            }
            storage::set(WAITING, &time::now().0.to_string());
            time::sleep(LOOK).await;
        }
    }

    fn new(lease: Option<Lease>) -> Self {
        Self { lease, yielded: Rc::default(), watch: None }
    }

    /// Closes `stream` when this slot has to be given up.
    pub(in crate::state) fn carry(&mut self, stream: AbortController) {
        let yielded = Rc::clone(&self.yielded);
        let is_scarce = self.lease.is_some();
        let hidden_since = Cell::new(None);
        let check = move || {
            let now = time::now();
            hidden_since.set(document().hidden().then(|| hidden_since.get().unwrap_or(now)));
            let is_hidden = hidden_since.get().is_some_and(|since: Millis| now.since(since) >= HIDDEN_FOR);
            if is_hidden || (is_scarce && somebody_waits(now)) {
                yielded.set(true);
                stream.abort();
            }
        };
        self.watch = set_interval_with_handle(check, TURN).ok();
    }

    /// Whether it was given up for another page or because this one is hidden, so that nothing is wrong with the
    /// connection.
    pub(in crate::state) fn was_yielded(&self) -> bool {
        self.yielded.get()
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(watch) = self.watch.take() {
            watch.clear();
        }
    }
}

/// Waits while the page is hidden.
pub(super) async fn wait_until_shown() {
    let document = document();
    while document.hidden() {
        time::sleep_until(RECHECK, Some((document.as_ref(), "visibilitychange"))).await;
    }
}

fn somebody_waits(now: Millis) -> bool {
    let since = storage::get(WAITING).and_then(|text| text.parse().ok()).map(Millis);
    since.is_some_and(|since| now.since(since) < WAITS && since.since(now) < WAITS)
}

/// Whether the page came over HTTP/1.1. Later versions carry any number of streams on one connection.
fn connections_are_scarce() -> bool {
    let navigation = window().performance().map(|performance| performance.get_entries_by_type("navigation"));
    let protocol = navigation.and_then(|entries| {
        js_sys::Reflect::get(&entries.get(0), &JsValue::from_str("nextHopProtocol")).ok()?.as_string()
    });
    !protocol.is_some_and(|protocol| protocol.starts_with("h2") || protocol.starts_with("h3"))
}
