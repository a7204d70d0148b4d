//! Bounds the memory that large events take: few replies at a time may hold one.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    sync::{AcquireError, Semaphore, SemaphorePermit},
    time::{error::Elapsed, timeout},
};

use crate::{Error, ErrorKind};

/// Bytes that every reply may hold of an event that is incomplete: 1 MiB.
const FREE: usize = 1024 * 1024;

/// The number of replies that may hold more at a time, up to the maximum size of an event each.
const LARGE_MAX: usize = 4;

/// How long a reply waits for that. What it waits for is limited, too.
const WAIT_MAX: Duration = Duration::from_mins(2);

static LARGE: Semaphore = Semaphore::const_new(LARGE_MAX);

type Permit = SemaphorePermit<'static>;
type Waiting = Pin<Box<dyn Future<Output = Result<Result<Permit, AcquireError>, Elapsed>> + Send>>;

/// The room that one reply has.
#[derive(Default)]
pub(crate) struct Room {
    permit: Option<Permit>,
    waiting: Option<Waiting>,
}

impl Room {
    /// Waits until the reply may hold more than `held` bytes. Room that is no longer needed is given back.
    pub(crate) fn poll_reserve(&mut self, held: usize, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if held <= FREE {
            self.permit = None;
            return Poll::Ready(Ok(()));
        }
        if self.permit.is_none() {
            let waiting = self.waiting.get_or_insert_with(|| Box::pin(timeout(WAIT_MAX, LARGE.acquire())));
            let permit = ready!(waiting.as_mut().poll(context));
            self.waiting = None;
            let Ok(Ok(permit)) = permit else {
                let detail = "too many large replies arrive at the same time; try again later";
                return Poll::Ready(Err(Error::new(ErrorKind::Unavailable, detail)));
            };
            self.permit = Some(permit);
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use futures_util::FutureExt;

    use super::*;

    async fn reserve(room: &mut Room, held: usize) -> Result<(), Error> {
        poll_fn(|context| room.poll_reserve(held, context)).await
    }

    #[tokio::test]
    async fn few_replies_at_a_time_hold_a_large_event() {
        let mut rooms: [Room; LARGE_MAX] = Default::default();
        for room in &mut rooms {
            reserve(room, FREE + 1).await.unwrap();
        }
        let mut another = Room::default();
        reserve(&mut another, FREE).await.unwrap();
        assert_eq!(reserve(&mut another, FREE + 1).now_or_never(), None);
        reserve(&mut rooms[0], 0).await.unwrap();
        reserve(&mut another, FREE + 1).await.unwrap();
        drop(rooms);
    }
}
