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
    message::{ContextUse, Part, Status},
    sse,
    stream::{self, StreamEvent},
};
use kaiwa_store::entities::{Checkpoint, NativeBlock};
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
    /// What the providers want back unchanged. No listener gets it.
    natives: Vec<NativeBlock>,
    context: Option<ContextUse>,
    /// The number of the last event; the first is 1.
    sequence: u64,
    log: VecDeque<Bytes>,
    log_bytes: usize,
    /// The number of the last event that is stored.
    stored: u64,
    ended: bool,
}

/// A place in a reply: so many whole parts, and so many bytes of the next one's text.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place {
    parts: usize,
    bytes: usize,
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
            if let StreamEvent::Context(context) = event {
                state.context = Some(*context);
            }
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

    /// What was taken for the answer since `since` was thought: tells everyone by a snapshot that replaces what they
    /// have.
    pub(crate) fn turn_text_into_reasoning(&self, since: Place) {
        let mut parts = {
            let mut state = self.lock();
            // The places of what came since are gone, and no provider that gives such blocks speaks like this.
            state.natives.retain(|native| (native.parts, native.bytes) <= (since.parts, since.bytes));
            state.parts.clone()
        };
        let mut thought = String::new();
        let mut later = parts.split_off(since.parts.min(parts.len()));
        if let Some(Part::Text { text }) = later.first_mut()
            && since.bytes > 0
            && text.is_char_boundary(since.bytes)
        {
            let new = text.split_off(since.bytes);
            parts.push(Part::Text { text: std::mem::replace(text, new) });
        }
        later.retain(|part| match part {
            Part::Text { text } | Part::Reasoning { text, .. } => {
                thought.push_str(text);
                false
            }
            Part::ToolCall { .. } | Part::ToolResult { .. } | Part::Citation(_) | Part::Error { .. } => true,
        });
        parts.push(Part::Reasoning { text: thought, duration_ms: None });
        parts.append(&mut later);
        self.publish(&StreamEvent::Snapshot { message_id: self.ids.reply, parts });
    }

    /// Keeps what `provider` said beside the reply so far, to be given back to it alone.
    pub(crate) fn add_native(&self, provider: &str, block: serde_json::Value) {
        let mut state = self.lock();
        let Place { parts, bytes } = place_of(&state.parts);
        state.natives.push(NativeBlock { parts, bytes, provider: provider.to_owned(), block });
    }

    /// The native blocks of a reply that is continued.
    pub(crate) fn keep_natives(&self, natives: Vec<NativeBlock>) {
        self.lock().natives = natives;
    }

    /// Where the reply ends now.
    pub(crate) fn place(&self) -> Place {
        place_of(&self.lock().parts)
    }

    /// What it is made of so far.
    pub(crate) fn parts(&self) -> Vec<Part> {
        self.lock().parts.clone()
    }

    /// How many tools it has called.
    pub(crate) fn calls(&self) -> u32 {
        let calls = self.lock().parts.iter().filter(|part| matches!(part, Part::ToolCall { .. })).count();
        u32::try_from(calls).unwrap_or(u32::MAX)
    }

    /// The model has said something.
    pub(crate) fn has_begun(&self) -> bool {
        self.lock().parts.iter().any(|part| !matches!(part, Part::Error { .. }))
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
            natives: state.natives.clone(),
            context: state.context,
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

/// Text and thoughts can grow, so their ends are places within them; everything else is whole.
fn place_of(parts: &[Part]) -> Place {
    match parts.last() {
        Some(Part::Text { text } | Part::Reasoning { text, .. }) => {
            Place { parts: parts.len() - 1, bytes: text.len() }
        }
        _ => Place { parts: parts.len(), bytes: 0 },
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
