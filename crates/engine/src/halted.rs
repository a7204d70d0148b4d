//! What ends a reply before its model does.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};
use tokio_util::sync::WaitForCancellationFuture;

use crate::{failure::Halt, live::Live};

/// Resolves when the reply must end, and stays so. One for the whole reply, so that waiting for a token costs no new
/// timer; and looked at with every token, so that it does not go through three futures when none has woken its task.
pub(crate) struct Halted<'a> {
    live: &'a Live,
    until: Instant,
    deadline: Pin<Box<WaitForCancellationFuture<'a>>>,
    time_up: Pin<Box<Sleep>>,
    /// Who is woken by all three.
    registered: Option<Waker>,
}

impl<'a> Halted<'a> {
    /// For a reply that may take so long.
    pub(crate) fn new(live: &'a Live, reply_time: Duration) -> Self {
        let until = Instant::now() + reply_time;
        Self {
            live,
            until,
            deadline: Box::pin(live.deadline().cancelled()),
            time_up: Box::pin(sleep_until(until)),
            registered: None,
        }
    }

    /// Why the reply must end by now, if it must.
    fn reason(&self) -> Option<Halt> {
        if self.live.is_stopped() {
            Some(Halt::Stopped)
        } else if self.live.deadline().is_cancelled() {
            Some(Halt::Shutdown)
        } else {
            (Instant::now() >= self.until).then_some(Halt::TimeUp)
        }
    }
}

impl Future for Halted<'_> {
    type Output = Halt;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Halt> {
        let this = self.get_mut();
        let waker = context.waker();
        if !this.registered.as_ref().is_some_and(|registered| registered.will_wake(waker)) {
            this.registered = Some(waker.clone());
            let woken = [
                this.live.poll_stopped(context).is_ready(),
                this.deadline.as_mut().poll(context).is_ready(),
                this.time_up.as_mut().poll(context).is_ready(),
            ];
            if !woken.contains(&true) {
                return Poll::Pending;
            }
        }
        this.reason().map_or(Poll::Pending, Poll::Ready)
    }
}
