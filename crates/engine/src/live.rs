//! A reply while it is being written: its parts, its numbered events, and the listeners that wait for more.
//!
//! Each event is numbered, applied and encoded once, however many listen. The log keeps the latest events only: a
//! listener that is further behind than the log reaches gets a snapshot instead, so memory stays bounded while
//! nothing is lost.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use kaiwa_shared::{
    ConversationId, GenerationId, MessageId, UserId,
    message::{ContextUse, Part, Status},
    sse,
    stream::{self, Snapshot, StreamEnd, StreamEvent},
};
use kaiwa_store::entities::{Checkpoint, NativeBlock};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::log::Log;

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
    stopped: AtomicBool,
    /// The task that writes the reply, to be woken when it is to stop.
    writer: AtomicWaker,
    /// The engine's.
    deadline: CancellationToken,
}

struct State {
    parts: Vec<Part>,
    /// What the providers want back unchanged. No listener gets it.
    natives: Vec<NativeBlock>,
    context: Option<ContextUse>,
    log: Log,
    /// The number of the last event that is stored.
    stored: u64,
    ended: bool,
    /// Listeners that have read everything.
    waiting: Vec<Waiting>,
    /// How many listeners there have been.
    listeners: u64,
}

struct Waiting {
    listener: u64,
    waker: Waker,
}

/// A place in a reply: so many whole parts, and so many bytes of the next one's text.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place {
    parts: usize,
    bytes: usize,
}

/// What a listener reads at once.
pub(crate) struct Reading {
    /// Encoded events.
    pub(crate) bytes: Bytes,
    /// The number of the last of them.
    pub(crate) upto: u64,
    /// When that one began.
    pub(crate) since: Instant,
    /// The model has said something.
    pub(crate) begun: bool,
}

impl Live {
    pub(crate) fn new(ids: LiveIds, deadline: CancellationToken) -> Self {
        Self {
            ids,
            state: Mutex::new(State {
                parts: Vec::new(),
                natives: Vec::new(),
                context: None,
                log: Log::new(),
                stored: 0,
                ended: false,
                waiting: Vec::new(),
                listeners: 0,
            }),
            stopped: AtomicBool::new(false),
            writer: AtomicWaker::new(),
            deadline,
        }
    }

    pub(crate) fn ids(&self) -> &LiveIds {
        &self.ids
    }

    /// Asks the task to stop. What has arrived stays.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
        self.writer.wake();
    }

    /// The reader has stopped the reply.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    /// Ready when the reader has stopped the reply. For the task that writes it: the last one that asked is woken.
    pub(crate) fn poll_stopped(&self, context: &mut Context<'_>) -> Poll<()> {
        self.writer.register(context.waker());
        if self.is_stopped() { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Cancelled when the process must end.
    pub(crate) fn deadline(&self) -> &CancellationToken {
        &self.deadline
    }

    /// Numbers and applies an event, and wakes the listeners.
    pub(crate) fn publish(&self, event: &StreamEvent) {
        let woken = {
            let mut state = self.lock();
            if state.ended {
                return;
            }
            let State { parts, log, .. } = &mut *state;
            if let Some((part, from)) = text_goes_to(parts, event) {
                log.text(parts, part, from);
            } else {
                log.close(parts);
                log.push(event);
            }
            stream::apply(parts, event);
            if let StreamEvent::Context(context) = event {
                state.context = Some(*context);
            }
            state.ended = matches!(event, StreamEvent::End(_));
            // One listener is the usual case, and its place in the list is used again.
            let first = state.waiting.pop();
            let others =
                if state.waiting.is_empty() { Vec::new() } else { std::mem::take(&mut state.waiting) };
            (first, others)
        };
        let (first, others) = woken;
        for waiting in first.into_iter().chain(others) {
            waiting.waker.wake();
        }
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
            Part::ToolCall { .. } | Part::ToolResult(_) | Part::Citation(_) | Part::Error { .. } => true,
        });
        parts.push(Part::Reasoning { text: thought, duration_ms: None });
        parts.append(&mut later);
        self.publish(&StreamEvent::Snapshot(Snapshot { message_id: self.ids.reply, parts }));
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
        self.lock().parts.iter().any(|part| !part.is_error())
    }

    /// Ends a reply whose task has gone without an end of its own. Does nothing after an `end`.
    pub(crate) fn close(&self) {
        self.publish(&StreamEvent::End(StreamEnd { status: Status::Interrupted, finish: None }));
    }

    /// The text so far.
    pub(crate) fn text(&self) -> String {
        kaiwa_shared::message::text_of(&self.lock().parts)
    }

    /// The reply as it stands.
    pub(crate) fn checkpoint(&self) -> Checkpoint {
        self.checkpoint_of(&mut self.lock())
    }

    /// The reply as it stands, if it has grown since the last call of [`Live::stored`].
    pub(crate) fn unstored(&self) -> Option<Checkpoint> {
        let mut state = self.lock();
        (state.log.sequence() > state.stored && !state.parts.is_empty())
            .then(|| self.checkpoint_of(&mut state))
    }

    /// Everything up to this event is stored.
    pub(crate) fn stored(&self, sequence: u64) {
        let mut state = self.lock();
        state.stored = state.stored.max(sequence);
    }

    /// The name of a new listener.
    pub(crate) fn enter(&self) -> u64 {
        let mut state = self.lock();
        state.listeners += 1;
        state.listeners
    }

    /// What `listener` reads next, who has seen everything up to `seen`; `None` has seen nothing and wants a snapshot.
    /// Resolves to `None` when there is nothing any more.
    pub(crate) fn poll_read(
        &self,
        listener: u64,
        seen: Option<u64>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Reading>> {
        let mut state = self.lock();
        match seen {
            Some(seen) if seen >= state.log.sequence() => {
                if state.ended {
                    return Poll::Ready(None);
                }
                state.wait(listener, context.waker());
                Poll::Pending
            }
            Some(seen) => {
                let listeners = state.listeners;
                let State { parts, log, .. } = &mut *state;
                // Nobody reads again what the only listener has read.
                let bytes = log.read(parts, seen, listeners > 1);
                let (upto, since, begun) = (log.sequence(), log.since(), !parts.is_empty());
                Poll::Ready(match bytes {
                    Some(bytes) => Some(Reading { bytes, upto, since, begun }),
                    None => self.snapshot(&mut state),
                })
            }
            None => Poll::Ready(self.snapshot(&mut state)),
        }
    }

    /// `listener` does not come back.
    pub(crate) fn leave(&self, listener: u64) {
        self.lock().waiting.retain(|waiting| waiting.listener != listener);
    }

    fn snapshot(&self, state: &mut State) -> Option<Reading> {
        state.log.close(&state.parts);
        let (last, since) = (state.log.sequence(), state.log.since());
        let event =
            StreamEvent::Snapshot(Snapshot { message_id: self.ids.reply, parts: state.parts.clone() });
        // The end is an event of its own that no snapshot carries, so it is sent after one.
        let upto = if state.ended { last.saturating_sub(1) } else { last };
        match sse::encode(upto, &event) {
            Ok(frame) => Some(Reading { bytes: frame.into(), upto, since, begun: !state.parts.is_empty() }),
            Err(error) => {
                tracing::error!(%error, "a snapshot could not be encoded");
                None
            }
        }
    }

    fn checkpoint_of(&self, state: &mut State) -> Checkpoint {
        // What comes from here on has another number, so that the number says what is stored.
        state.log.close(&state.parts);
        Checkpoint {
            generation_id: self.ids.generation,
            message_id: self.ids.reply,
            parts: state.parts.clone(),
            natives: state.natives.clone(),
            context: state.context,
            sequence: state.log.sequence(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Each change is complete before the lock is given back, a panic in between included.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Wakes `listener` at the next event.
    fn wait(&mut self, listener: u64, waker: &Waker) {
        match self.waiting.iter_mut().find(|waiting| waiting.listener == listener) {
            Some(waiting) => waiting.waker.clone_from(waker),
            None => self.waiting.push(Waiting { listener, waker: waker.clone() }),
        }
    }
}

/// The part that an event adds text to, and how many bytes that has; `None` for an event that is not text.
fn text_goes_to(parts: &[Part], event: &StreamEvent) -> Option<(usize, usize)> {
    match (event, parts.last()) {
        (StreamEvent::Delta(_), Some(Part::Text { text }))
        | (StreamEvent::Reasoning(_), Some(Part::Reasoning { text, .. })) => {
            Some((parts.len() - 1, text.len()))
        }
        (StreamEvent::Delta(_) | StreamEvent::Reasoning(_), _) => Some((parts.len(), 0)),
        _ => None,
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
