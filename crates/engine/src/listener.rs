//! A reader of a generation: server-sent events as bytes, heartbeats included.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use bytes::Bytes;
use futures_util::Stream;
use kaiwa_shared::{sse, stream::StreamEvent};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::{live::Live, pace};

/// How long a connection may be silent before a comment line finds out whether its reader is still there.
const HEARTBEAT_EVERY: Duration = Duration::from_secs(15);

/// Server-sent events of one generation, from one position on. Ends after `end`.
pub struct Listener {
    /// What is sent first.
    first: std::vec::IntoIter<Bytes>,
    /// What is followed then.
    follower: Option<Follower>,
}

impl Listener {
    /// Follows a running reply from after the event `seen`; `None` begins with a snapshot.
    pub(crate) fn live(live: Arc<Live>, seen: Option<u64>) -> Self {
        Self { first: Vec::new().into_iter(), follower: Some(Follower::new(live, seen)) }
    }

    /// Follows a running reply for the client that asked for it, once or again: `created` first, whatever the log still
    /// holds.
    pub(crate) fn opening(live: Arc<Live>, created: &StreamEvent) -> Self {
        let Self { first, .. } = Self::replay(&[(1, created.clone())]);
        Self { first, follower: Some(Follower::new(live, Some(1))) }
    }

    /// Tells what has already happened.
    pub(crate) fn replay(events: &[(u64, StreamEvent)]) -> Self {
        let frames: Vec<Bytes> = events
            .iter()
            .filter_map(|(sequence, event)| sse::encode(*sequence, event).ok().map(Bytes::from))
            .collect();
        Self { first: frames.into_iter(), follower: None }
    }
}

impl Stream for Listener {
    type Item = Bytes;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Some(frame) = self.first.next() {
            return Poll::Ready(Some(frame));
        }
        self.follower.as_mut().map_or(Poll::Ready(None), |follower| follower.poll_next(context))
    }
}

/// A position in a running reply.
struct Follower {
    live: Arc<Live>,
    listener: u64,
    seen: Option<u64>,
    /// When something was last sent.
    sent: Instant,
    /// It has read everything and waits for more.
    waits: bool,
    /// Nothing is sent before this moment.
    held_until: Option<Instant>,
    hold: Option<Pin<Box<Sleep>>>,
    heartbeat: Option<Pin<Box<Sleep>>>,
    /// When the heartbeat rings, and whom it wakes.
    alarm: Option<(Instant, Waker)>,
}

impl Follower {
    fn new(live: Arc<Live>, seen: Option<u64>) -> Self {
        let listener = live.enter();
        Self {
            live,
            listener,
            seen,
            sent: Instant::now(),
            waits: false,
            held_until: None,
            hold: None,
            heartbeat: None,
            alarm: None,
        }
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let now = Instant::now();
        if let Some(until) = self.held_until
            && now < until
        {
            ready!(poll_timer(&mut self.hold, until, context));
        }
        match self.live.poll_read(self.listener, self.seen, context) {
            Poll::Ready(Some(reading)) => {
                // What was there before this listener came says nothing about how late it is.
                let due = if self.waits { reading.since } else { now };
                let due = self.held_until.map_or(due, |until| until.max(reading.since));
                let held_until = pace::next(now, due, self.sent);
                // A reader who waits for the first word gets it at once.
                self.held_until = held_until.filter(|_| reading.begun);
                self.waits = false;
                self.seen = Some(reading.upto);
                self.sent = now;
                Poll::Ready(Some(reading.bytes))
            }
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                self.waits = true;
                self.held_until = None;
                // Most often it has been set, and looking at the timer itself costs more than remembering that.
                if self
                    .alarm
                    .as_ref()
                    .is_some_and(|(at, waker)| now < *at && waker.will_wake(context.waker()))
                {
                    return Poll::Pending;
                }
                self.poll_heartbeat(context)
            }
        }
    }

    /// The timer is set once per period, not once per event: when it rings, what was sent meanwhile counts.
    fn poll_heartbeat(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        loop {
            let set_for = self.heartbeat.as_ref().map(|timer| timer.deadline());
            let now_due = self.sent + HEARTBEAT_EVERY;
            let rings = set_for.unwrap_or(now_due);
            self.alarm = Some((rings, context.waker().clone()));
            ready!(poll_timer(&mut self.heartbeat, rings, context));
            if set_for.is_some_and(|set_for| set_for >= now_due) {
                self.sent = now_due;
                return Poll::Ready(Some(Bytes::from_static(sse::HEARTBEAT)));
            }
            if let Some(timer) = &mut self.heartbeat {
                timer.as_mut().reset(now_due);
            }
        }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.live.leave(self.listener);
    }
}

fn poll_timer(timer: &mut Option<Pin<Box<Sleep>>>, until: Instant, context: &mut Context<'_>) -> Poll<()> {
    let timer = timer.get_or_insert_with(|| Box::pin(sleep_until(until)));
    if timer.deadline() != until {
        timer.as_mut().reset(until);
    }
    timer.as_mut().poll(context)
}
