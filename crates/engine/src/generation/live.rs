//! A reply while it is being written: its parts, its event log, and what stops it.
//!
//! A listener that is further behind than the log reaches gets a snapshot, so memory stays bounded and nothing is lost.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use kaiwa_shared::{
    ConversationId, GenerationId, MessageId, Parts, UserId,
    message::{ContextUse, Part, Status},
    stream::{Snapshot, StreamEnd, StreamEvent},
};
use kaiwa_store::{chat::ProviderBlock, generations::Checkpoint};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{failure::Halt, snapshot::SnapshotReader};
use crate::event_log::{EventLog, Read};

/// Maximum size of the encoded events in a log; text is not among them.
const MAX_LOG_BYTES: usize = 64 * 1024;

/// The ids of a reply, its conversation and its owner.
#[derive(Clone, Copy)]
pub(crate) struct LiveIds {
    pub(crate) generation: GenerationId,
    pub(crate) reply: MessageId,
    pub(crate) user_message: MessageId,
    pub(crate) conversation: ConversationId,
    pub(crate) owner: UserId,
    /// Whether the reply is never stored.
    pub(crate) temporary: bool,
}

impl LiveIds {
    /// New ids of a reply that is never stored.
    pub(crate) fn temporary(owner: UserId) -> Self {
        Self {
            generation: GenerationId::new(),
            reply: MessageId::new(),
            user_message: MessageId::new(),
            conversation: ConversationId::new(),
            owner,
            temporary: true,
        }
    }
}

/// A reply while it is being written.
pub(crate) struct Live {
    ids: LiveIds,
    state: Mutex<State>,
    changed: Notify,
    is_stopped: AtomicBool,
    /// Cancelled when the reply must end: by its reader, or by the engine's deadline.
    halt: CancellationToken,
    /// Cancelled when the process is about to end.
    deadline: CancellationToken,
}

struct State {
    parts: Parts,
    /// Not sent to listeners.
    provider_blocks: Vec<ProviderBlock>,
    context: Option<ContextUse>,
    /// Counts how often the parts were replaced; otherwise they only grow.
    revision: u64,
    log: EventLog,
    /// The number of the last event that is stored.
    stored: u64,
    has_ended: bool,
}

/// A position in a reply: a number of whole parts, and a number of bytes of the next part's text.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Position {
    parts: usize,
    bytes: usize,
}

/// Text that was removed from a part.
pub(crate) struct Cut {
    /// The index of the part.
    pub(crate) part: usize,
    /// Where it ended, in bytes. Cuts are in the order from the end of a part to its beginning.
    pub(crate) end: usize,
    /// How many bytes.
    pub(crate) bytes: usize,
}

/// How far a reader has come.
pub(crate) struct ReadPosition {
    /// The number of the last event that it has; `None` before a snapshot.
    seen: Option<u64>,
    /// The snapshot that it is reading.
    snapshot: Option<SnapshotReader>,
}

impl ReadPosition {
    /// After the event `seen`; `None` begins with a snapshot.
    pub(crate) const fn after(seen: Option<u64>) -> Self {
        Self { seen, snapshot: None }
    }
}

impl Live {
    /// An empty reply, to end at `deadline` at the latest.
    pub(crate) fn new(ids: LiveIds, deadline: &CancellationToken) -> Self {
        Self {
            ids,
            state: Mutex::new(State {
                parts: Parts::default(),
                provider_blocks: Vec::new(),
                context: None,
                revision: 0,
                log: EventLog::new(MAX_LOG_BYTES),
                stored: 0,
                has_ended: false,
            }),
            changed: Notify::new(),
            is_stopped: AtomicBool::new(false),
            halt: deadline.child_token(),
            deadline: deadline.clone(),
        }
    }

    pub(crate) const fn ids(&self) -> &LiveIds {
        &self.ids
    }

    /// Notifies when an event was published.
    pub(crate) const fn changed(&self) -> &Notify {
        &self.changed
    }

    /// Asks the task that writes the reply to stop. What has arrived is kept.
    pub(crate) fn stop(&self) {
        self.is_stopped.store(true, Ordering::Release);
        self.halt.cancel();
    }

    /// Waits until the reader stops the reply or the process ends.
    pub(crate) async fn halted(&self) -> Halt {
        self.halt.cancelled().await;
        if self.is_stopped.load(Ordering::Acquire) { Halt::Stopped } else { Halt::Shutdown }
    }

    /// Whether the process is about to end.
    pub(crate) fn is_shutting_down(&self) -> bool {
        self.deadline.is_cancelled()
    }

    /// Waits until the process is about to end.
    pub(crate) async fn shut_down(&self) {
        self.deadline.cancelled().await;
    }

    /// Numbers and applies an event and wakes the listeners. Does nothing after the end.
    pub(crate) fn publish(&self, event: &StreamEvent) {
        {
            let mut state = self.lock();
            if state.has_ended {
                return;
            }
            state.apply(event);
        }
        self.changed.notify_waiters();
    }

    /// Sets how long the model thought.
    pub(crate) fn set_reasoning_duration(&self, milliseconds: u64) {
        self.lock().parts.set_reasoning_duration(milliseconds);
    }

    /// Turns the text after `since`, which proved to be reasoning, into reasoning. Listeners get a snapshot.
    pub(crate) fn turn_text_into_reasoning(&self, since: Position) {
        let mut parts = {
            let mut state = self.lock();
            // Later positions no longer exist, and no provider that sends blocks sends reasoning as text.
            state.provider_blocks.retain(|block| (block.parts, block.bytes) <= (since.parts, since.bytes));
            state.parts.to_vec()
        };
        let mut reasoning = String::new();
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
                reasoning.push_str(text);
                false
            }
            Part::ToolCall { .. }
            | Part::ToolResult(_)
            | Part::Citation(_)
            | Part::File(_)
            | Part::Error { .. } => true,
        });
        parts.push(Part::Reasoning { text: reasoning, duration_ms: None });
        parts.append(&mut later);
        self.publish(&StreamEvent::Snapshot(Snapshot { message_id: self.ids.reply, parts }));
    }

    /// Replaces the parts by the same ones with shorter texts. Listeners get a snapshot.
    pub(crate) fn replace_texts(&self, parts: Vec<Part>, cuts: &[Cut]) {
        for block in &mut self.lock().provider_blocks {
            let before = cuts.iter().filter(|cut| cut.part == block.parts && cut.end <= block.bytes);
            block.bytes = block.bytes.saturating_sub(before.map(|cut| cut.bytes).sum());
        }
        self.publish(&StreamEvent::Snapshot(Snapshot { message_id: self.ids.reply, parts }));
    }

    /// Adds a provider block at the current end of the reply.
    pub(crate) fn add_provider_block(&self, provider: &str, block: serde_json::Value) {
        let mut state = self.lock();
        let Position { parts, bytes } = end_of(&state.parts);
        state.provider_blocks.push(ProviderBlock { parts, bytes, provider: provider.to_owned(), block });
    }

    /// Sets the provider blocks of a reply that is continued.
    pub(crate) fn set_provider_blocks(&self, blocks: Vec<ProviderBlock>) {
        self.lock().provider_blocks = blocks;
    }

    /// The current end of the reply.
    pub(crate) fn end(&self) -> Position {
        end_of(&self.lock().parts)
    }

    /// The parts so far.
    pub(crate) fn parts(&self) -> Vec<Part> {
        self.lock().parts.to_vec()
    }

    /// The number of parts so far.
    pub(crate) fn part_count(&self) -> usize {
        self.lock().parts.len()
    }

    /// The approximate size of the reply, in bytes.
    pub(crate) fn size(&self) -> usize {
        self.lock().parts.iter().map(part_size).sum()
    }

    /// The number of tool calls so far.
    pub(crate) fn tool_calls(&self) -> u32 {
        u32::try_from(self.lock().parts.calls()).unwrap_or(u32::MAX)
    }

    /// Whether anything but errors has arrived.
    pub(crate) fn has_begun(&self) -> bool {
        self.lock().parts.iter().any(|part| !part.is_error())
    }

    /// Ends a reply whose task ended without publishing an end.
    pub(crate) fn close(&self) {
        self.publish(&StreamEvent::End(StreamEnd { status: Status::Interrupted, finish: None }));
    }

    /// Whether these words are in the text.
    pub(crate) fn mentions(&self, words: &str) -> bool {
        let is_in = |part: &Part| matches!(part, Part::Text { text } if text.contains(words));
        self.lock().parts.iter().any(is_in)
    }

    /// The text so far.
    pub(crate) fn text(&self) -> String {
        kaiwa_shared::message::text_of(&self.lock().parts)
    }

    /// The current state.
    pub(crate) fn checkpoint(&self) -> Checkpoint {
        self.lock().checkpoint(&self.ids)
    }

    /// The current state, if it has grown since the last [`Live::set_stored`].
    pub(crate) fn unstored(&self) -> Option<Checkpoint> {
        let mut state = self.lock();
        let has_grown = state.log.sequence() > state.stored && !state.parts.is_empty();
        has_grown.then(|| state.checkpoint(&self.ids))
    }

    /// Records that every event up to this number is stored.
    pub(crate) fn set_stored(&self, sequence: u64) {
        let mut state = self.lock();
        state.stored = state.stored.max(sequence);
    }

    /// Reads the next events and moves the position on. A position that the log no longer reaches reads a snapshot.
    pub(crate) fn read(&self, position: &mut ReadPosition) -> Read {
        let mut state = self.lock();
        let last = state.log.sequence();
        let State { parts, log, revision, has_ended, .. } = &mut *state;
        if position.snapshot.is_none() {
            if position.seen.is_some_and(|seen| seen >= last) {
                return if *has_ended { Read::End } else { Read::Nothing };
            }
            if let Some((bytes, seen)) = position.seen.and_then(|seen| log.read(seen, parts)) {
                position.seen = Some(seen);
                return Read::Events(bytes);
            }
            log.seal();
            // A snapshot does not say that the reply has ended, so the end is sent after it.
            let number = if *has_ended { last.saturating_sub(1) } else { last };
            position.snapshot = Some(SnapshotReader::new(number, *revision, parts));
        }
        // If the parts were replaced meanwhile, the reader must begin again.
        let snapshot = position.snapshot.as_mut().filter(|snapshot| snapshot.revision == *revision);
        let Some(snapshot) = snapshot else { return Read::End };
        match snapshot.read(self.ids.reply, parts) {
            Ok(piece) => {
                if snapshot.is_read() {
                    position.seen = Some(snapshot.number);
                    position.snapshot = None;
                }
                Read::Events(piece.into())
            }
            Err(error) => {
                tracing::error!(%error, "a snapshot could not be encoded");
                Read::End
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change is complete before the lock is released, even if a later one panics.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn apply(&mut self, event: &StreamEvent) {
        let start = text_start(&self.parts, event);
        if matches!(event, StreamEvent::Snapshot(_)) {
            // Earlier text events refer to the parts that it replaces.
            self.log.clear();
            self.revision += 1;
        }
        self.parts.apply(event);
        match (start, self.parts.last()) {
            (Some(start), Some(Part::Text { text } | Part::Reasoning { text, .. })) => {
                self.log.append_text(self.parts.len() - 1, start..text.len());
            }
            _ => self.log.append(event),
        }
        if let StreamEvent::Context(context) = event {
            self.context = Some(*context);
        }
        self.has_ended = matches!(event, StreamEvent::End(_));
    }

    fn checkpoint(&mut self, ids: &LiveIds) -> Checkpoint {
        Checkpoint {
            generation_id: ids.generation,
            message_id: ids.reply,
            parts: self.parts.to_vec(),
            provider_blocks: self.provider_blocks.clone(),
            context: self.context,
            sequence: self.log.seal(),
        }
    }
}

/// Where the text of an event begins in its part; `None` for an event that is not text.
fn text_start(parts: &[Part], event: &StreamEvent) -> Option<usize> {
    match (event, parts.last()) {
        (StreamEvent::Delta(_), Some(Part::Text { text }))
        | (StreamEvent::Reasoning(_), Some(Part::Reasoning { text, .. })) => Some(text.len()),
        (StreamEvent::Delta(_) | StreamEvent::Reasoning(_), _) => Some(0),
        _ => None,
    }
}

/// The end of a reply. Text and reasoning can grow, so it lies within them; other parts are whole.
fn end_of(parts: &[Part]) -> Position {
    match parts.last() {
        Some(Part::Text { text } | Part::Reasoning { text, .. }) => {
            Position { parts: parts.len() - 1, bytes: text.len() }
        }
        _ => Position { parts: parts.len(), bytes: 0 },
    }
}

fn part_size(part: &Part) -> usize {
    size_of::<Part>()
        + match part {
            Part::Text { text } | Part::Reasoning { text, .. } => text.len(),
            Part::ToolCall { id, name, arguments } => id.len() + name.len() + arguments.len(),
            Part::ToolResult(result) => result.id.len() + result.output.len(),
            Part::Citation(citation) => citation.url.len() + citation.title.len() + citation.excerpt.len(),
            Part::File(_) | Part::Error { .. } => 0,
        }
}

#[cfg(test)]
mod tests {
    use kaiwa_shared::stream::TextDelta;

    use super::*;

    /// A reply of more text than a piece of a snapshot, and the position of a reader who has read one piece.
    fn half_read() -> (Live, ReadPosition) {
        let live = Live::new(LiveIds::temporary(UserId::new()), &CancellationToken::new());
        live.publish(&StreamEvent::Delta(TextDelta { text: "thought ".repeat(20_000) }));
        let mut position = ReadPosition::after(None);
        assert!(matches!(live.read(&mut position), Read::Events(_)));
        (live, position)
    }

    #[test]
    fn a_reader_of_a_snapshot_begins_again_if_the_text_becomes_reasoning() {
        let (live, mut position) = half_read();
        live.turn_text_into_reasoning(Position::default());
        assert!(matches!(live.read(&mut position), Read::End), "the rest would be of other parts");
        assert!(matches!(live.read(&mut ReadPosition::after(None)), Read::Events(_)));
    }

    #[test]
    fn a_reader_of_a_snapshot_goes_on_if_the_text_grows() {
        let (live, mut position) = half_read();
        live.publish(&StreamEvent::Delta(TextDelta { text: "more".to_owned() }));
        let mut rest = Vec::new();
        while let Read::Events(bytes) = live.read(&mut position) {
            rest.extend(bytes);
        }
        let rest = String::from_utf8(rest).unwrap();
        assert!(rest.contains(r#""more""#) && position.snapshot.is_none(), "{}", rest.len());
    }
}
