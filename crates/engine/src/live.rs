//! A reply while it is being written: its parts, its numbered events, and the signal that there are more.
//!
//! Each event is numbered, applied and encoded once, however many listen. The log keeps the latest events only: a
//! listener that is further behind than the log reaches gets a snapshot instead, so memory stays bounded while
//! nothing is lost.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::{Bytes, BytesMut};
use kaiwa_shared::{
    ConversationId, GenerationId, MessageId, UserId,
    message::{Part, Status},
    sse,
    stream::{self, StreamEvent},
};
use kaiwa_store::entities::Checkpoint;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Bytes of encoded events that a reply keeps for listeners that come back.
const LOG_BYTES: usize = 64 * 1024;

/// Whose reply it is and where it belongs.
#[derive(Clone, Copy)]
pub(crate) struct LiveIds {
    pub(crate) generation: GenerationId,
    pub(crate) reply: MessageId,
    pub(crate) user_message: MessageId,
    pub(crate) conversation: ConversationId,
    pub(crate) owner: UserId,
    /// Nothing of it is stored.
    pub(crate) temporary: bool,
}

/// A reply while it is being written.
pub(crate) struct Live {
    ids: LiveIds,
    state: Mutex<State>,
    changed: Notify,
    stopped: CancellationToken,
    /// A child of the engine's deadline.
    deadline: CancellationToken,
}

#[derive(Default)]
struct State {
    parts: Vec<Part>,
    /// The number of the last event; the first is 1.
    sequence: u64,
    log: VecDeque<Bytes>,
    log_bytes: usize,
    /// The number of the last event that is stored.
    stored: u64,
    ended: bool,
}

/// What a listener at a certain position reads next.
pub(crate) enum Read {
    /// Encoded events up to and including this number.
    Events(Bytes, u64),
    /// Nothing yet.
    Wait,
    /// Nothing any more.
    End,
}

impl Live {
    pub(crate) fn new(ids: LiveIds, deadline: CancellationToken) -> Self {
        Self {
            ids,
            state: Mutex::default(),
            changed: Notify::new(),
            stopped: CancellationToken::new(),
            deadline,
        }
    }

    pub(crate) fn ids(&self) -> &LiveIds {
        &self.ids
    }

    /// Asks the task to stop. What has arrived stays.
    pub(crate) fn stop(&self) {
        self.stopped.cancel();
    }

    /// Cancelled when the reader has stopped the reply.
    pub(crate) fn stopped(&self) -> &CancellationToken {
        &self.stopped
    }

    /// Cancelled when the process must end.
    pub(crate) fn deadline(&self) -> &CancellationToken {
        &self.deadline
    }

    /// Numbers, applies and encodes an event, and wakes the listeners.
    pub(crate) fn publish(&self, event: &StreamEvent) {
        {
            let mut state = self.lock();
            if state.ended {
                return;
            }
            stream::apply(&mut state.parts, event);
            state.sequence += 1;
            state.ended = matches!(event, StreamEvent::End { .. });
            match sse::encode(state.sequence, event) {
                Ok(frame) => state.append(frame.into()),
                // Our own types always encode; should one not, whoever listens gets a snapshot in its place.
                Err(error) => {
                    tracing::error!(%error, event = event.name(), "an event could not be encoded");
                    state.log.clear();
                    state.log_bytes = 0;
                }
            }
        }
        self.changed.notify_waiters();
    }

    /// Notes how long the model thought, once it has begun to answer.
    pub(crate) fn set_reasoning_duration(&self, milliseconds: u64) {
        if let Some(Part::Reasoning { duration_ms, .. }) =
            self.lock().parts.iter_mut().rev().find(|part| matches!(part, Part::Reasoning { .. }))
        {
            *duration_ms = Some(milliseconds);
        }
    }

    /// What was taken for the answer was thought: tells everyone by a snapshot that replaces what they have.
    pub(crate) fn turn_text_into_reasoning(&self) {
        let mut parts = self.lock().parts.clone();
        let mut thought = String::new();
        parts.retain(|part| match part {
            Part::Text { text } | Part::Reasoning { text, .. } => {
                thought.push_str(text);
                false
            }
            Part::ToolCall { .. } | Part::ToolResult { .. } | Part::Citation(_) | Part::Error { .. } => true,
        });
        parts.insert(0, Part::Reasoning { text: thought, duration_ms: None });
        self.publish(&StreamEvent::Snapshot { message_id: self.ids.reply, parts });
    }

    /// Ends a reply whose task has gone without an end of its own. Does nothing after an `end`.
    pub(crate) fn close(&self) {
        self.publish(&StreamEvent::End { status: Status::Interrupted, finish: None });
    }

    /// The text so far.
    pub(crate) fn text(&self) -> String {
        kaiwa_shared::message::text_of(&self.lock().parts)
    }

    /// The reply as it stands.
    pub(crate) fn checkpoint(&self) -> Checkpoint {
        let state = self.lock();
        self.checkpoint_of(&state)
    }

    /// The reply as it stands, if it has grown since the last call of [`Live::stored`].
    pub(crate) fn unstored(&self) -> Option<Checkpoint> {
        let state = self.lock();
        (state.sequence > state.stored && !state.parts.is_empty()).then(|| self.checkpoint_of(&state))
    }

    /// Everything up to this event is stored.
    pub(crate) fn stored(&self, sequence: u64) {
        let mut state = self.lock();
        state.stored = state.stored.max(sequence);
    }

    /// What a listener that has seen everything up to `seen` reads next; `None` has seen nothing and wants a
    /// snapshot.
    pub(crate) fn read(&self, seen: Option<u64>) -> Read {
        let state = self.lock();
        let oldest = state.sequence - u64::try_from(state.log.len()).unwrap_or(0);
        match seen {
            Some(seen) if seen >= state.sequence => {
                if state.ended {
                    Read::End
                } else {
                    Read::Wait
                }
            }
            Some(seen) if seen >= oldest => {
                let skip = usize::try_from(seen - oldest).unwrap_or(usize::MAX);
                Read::Events(join(state.log.iter().skip(skip)), state.sequence)
            }
            _ => self.snapshot(&state),
        }
    }

    /// Resolves when something may have changed since the future was made.
    pub(crate) fn changed(&self) -> tokio::sync::futures::Notified<'_> {
        self.changed.notified()
    }

    fn snapshot(&self, state: &State) -> Read {
        let event = StreamEvent::Snapshot { message_id: self.ids.reply, parts: state.parts.clone() };
        // The end is an event of its own that no snapshot carries, so it is sent after one.
        let sequence = if state.ended { state.sequence.saturating_sub(1) } else { state.sequence };
        match sse::encode(sequence, &event) {
            Ok(frame) => Read::Events(frame.into(), sequence),
            Err(error) => {
                tracing::error!(%error, "a snapshot could not be encoded");
                Read::End
            }
        }
    }

    fn checkpoint_of(&self, state: &State) -> Checkpoint {
        Checkpoint {
            generation_id: self.ids.generation,
            message_id: self.ids.reply,
            parts: state.parts.clone(),
            sequence: state.sequence,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Each change is complete before the lock is given back, a panic in between included.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn append(&mut self, frame: Bytes) {
        self.log_bytes += frame.len();
        self.log.push_back(frame);
        // The newest event always stays, however large: a listener that waits for it must not need a snapshot.
        while self.log_bytes > LOG_BYTES && self.log.len() > 1 {
            if let Some(oldest) = self.log.pop_front() {
                self.log_bytes -= oldest.len();
            }
        }
    }
}

fn join<'a>(mut frames: impl Iterator<Item = &'a Bytes>) -> Bytes {
    let Some(first) = frames.next() else { return Bytes::new() };
    let Some(second) = frames.next() else { return first.clone() };
    let mut all = BytesMut::with_capacity(first.len() + second.len());
    all.extend_from_slice(first);
    all.extend_from_slice(second);
    for frame in frames {
        all.extend_from_slice(frame);
    }
    all.freeze()
}
