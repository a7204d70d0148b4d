//! Turns a provider's events into changes of the live reply.

use kaiwa_llm::{Event, NoText, ToolCallDelta};
use kaiwa_shared::{
    message::{Finish, Usage},
    model::Prices,
    stream::{StreamEvent, TextDelta},
};
use tokio::time::Instant;

use super::{
    continuation::Seam,
    failure::Halt,
    live::{Live, Position},
    tokens,
};
use crate::Offer;

/// Maximum number of tool calls in a reply.
const MAX_TOOL_CALLS: u32 = 128;

/// Maximum number of parts in a reply.
const MAX_PARTS: usize = 4096;

/// Bytes of text in one event at most; readers get an event as a whole.
const MAX_TEXT: usize = 32 * 1024;

/// Maximum bytes of a reply's provider blocks: a few generated pictures. The reply ends after the block that passes it.
const MAX_BLOCK_BYTES: usize = 16 * 1024 * 1024;

/// The state between two batches of one provider's events.
pub(crate) struct Reply<'a> {
    live: &'a Live,
    provider: &'a str,
    prices: Option<Prices>,
    /// What earlier requests for this reply cost.
    spent: Option<Usage>,
    /// Where this provider's part of the reply begins.
    since: Position,
    /// The number of tool calls before it; the provider counts its own from 0.
    calls_before: u32,
    seam: Option<Seam>,
    /// The number of bytes that the reply may still grow.
    capacity: usize,
    has_too_many_parts: bool,
    /// The bytes of the provider blocks so far.
    block_bytes: usize,
    begun: bool,
    thinking_since: Option<Instant>,
    finished: Option<Finish>,
    no_text: Option<NoText>,
    usage: Option<Usage>,
}

impl<'a> Reply<'a> {
    /// Nothing has arrived from `offer` yet; at most `capacity` more bytes may.
    pub(crate) fn new(
        live: &'a Live,
        offer: &'a Offer,
        spent: Option<Usage>,
        seam: Option<Seam>,
        capacity: usize,
    ) -> Self {
        Self {
            live,
            provider: &offer.slug,
            prices: offer.model.abilities.prices,
            spent,
            since: live.end(),
            calls_before: live.tool_calls(),
            seam,
            capacity,
            has_too_many_parts: false,
            block_bytes: 0,
            begun: false,
            thinking_since: None,
            finished: None,
            no_text: None,
            usage: None,
        }
    }

    /// Publishes what an event changes.
    pub(crate) fn take(&mut self, event: Event) {
        let event = match event {
            Event::Text(text) => return self.publish_text(text),
            Event::Reasoning(text) => {
                self.thinking_since.get_or_insert_with(Instant::now);
                self.begin(text.len());
                self.publish_pieces(text, StreamEvent::Reasoning);
                return self.check_parts();
            }
            Event::ToolCall(call) => {
                self.close_seam();
                self.note_end_of_thinking();
                self.begin(call.name.len() + call.arguments.len());
                let index = self.calls_before.saturating_add(call.index);
                if index >= MAX_TOOL_CALLS {
                    return self.has_too_many_parts = true;
                }
                StreamEvent::ToolCall(ToolCallDelta { index, ..call })
            }
            Event::ToolResult(result) => {
                self.close_seam();
                self.begin(result.output.len());
                StreamEvent::ToolResult(result)
            }
            Event::Citation(source) => {
                self.close_seam();
                self.begin(source.url.len() + source.title.len() + source.excerpt.len());
                StreamEvent::Citation(source)
            }
            Event::Usage(usage) => {
                self.usage = Some(usage);
                StreamEvent::Usage(total(self.spent.as_ref(), usage, self.prices.as_ref()))
            }
            Event::ProviderBlock(native) => {
                self.close_seam();
                self.take_block(size_of(&native.0));
                return self.live.add_provider_block(self.provider, native.0);
            }
            Event::TextWasReasoning => {
                self.close_seam();
                return self.live.turn_text_into_reasoning(self.since);
            }
            Event::NoText(why) => return self.no_text = Some(why),
            Event::Finish(reason) => return self.finished = Some(reason),
        };
        self.live.publish(&event);
        self.check_parts();
    }

    /// Publishes what was held back, after the provider's last event.
    pub(crate) fn end(&mut self) {
        self.close_seam();
        self.note_end_of_thinking();
    }

    /// Whether the provider has sent any part of the reply.
    pub(crate) fn has_begun(&self) -> bool {
        self.begun
    }

    /// Why the model stopped, once it has.
    pub(crate) fn finished(&self) -> Option<Finish> {
        self.finished
    }

    /// Why there is no text, if the provider ended the reply without any.
    pub(crate) fn no_text(&mut self) -> Option<NoText> {
        self.no_text.take()
    }

    /// The number of bytes that the reply may still grow.
    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Why the reply must end here, if it must.
    pub(crate) fn limit(&self) -> Option<Halt> {
        if self.has_too_many_parts {
            return Some(Halt::TooManyParts);
        }
        (self.capacity == 0).then_some(Halt::Full)
    }

    /// The usage that the provider has reported.
    pub(crate) fn usage(&self) -> Option<Usage> {
        self.usage
    }

    fn publish_text(&mut self, text: String) {
        self.note_end_of_thinking();
        self.begin(text.len());
        let text = match &mut self.seam {
            None => text,
            Some(seam) => match seam.push(&text) {
                None => return,
                Some(text) => {
                    self.seam = None;
                    text
                }
            },
        };
        self.publish_pieces(text, StreamEvent::Delta);
        self.check_parts();
    }

    fn publish_pieces(&self, mut text: String, event: fn(TextDelta) -> StreamEvent) {
        while !text.is_empty() {
            let rest = text.split_off(text.floor_char_boundary(MAX_TEXT.min(text.len())));
            self.live.publish(&event(TextDelta { text }));
            text = rest;
        }
    }

    fn check_parts(&mut self) {
        self.has_too_many_parts |= self.live.part_count() >= MAX_PARTS;
    }

    /// Counts a provider block. Generated pictures have a limit of their own.
    fn take_block(&mut self, bytes: usize) {
        self.block_bytes = self.block_bytes.saturating_add(bytes);
        if self.block_bytes > MAX_BLOCK_BYTES {
            self.capacity = 0;
        }
    }

    fn close_seam(&mut self) {
        if let Some(text) = self.seam.take().map(|mut seam| seam.close()).filter(|text| !text.is_empty()) {
            self.live.publish(&StreamEvent::Delta(TextDelta { text }));
        }
    }

    fn begin(&mut self, bytes: usize) {
        self.begun = true;
        self.capacity = self.capacity.saturating_sub(bytes);
    }

    fn note_end_of_thinking(&mut self) {
        if let Some(since) = self.thinking_since.take() {
            self.live.set_reasoning_duration(u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX));
        }
    }
}

/// The total cost of a reply so far. The model's prices apply if the provider reports no cost.
pub(crate) fn total(spent: Option<&Usage>, mut now: Usage, prices: Option<&Prices>) -> Usage {
    if now.cost_micros.is_none() {
        now.cost_micros = prices.map(|prices| tokens::cost_micros(&now, prices));
    }
    spent.map_or(now, |spent| tokens::sum(spent, &now))
}

/// The approximate bytes of a provider block.
fn size_of(value: &serde_json::Value) -> usize {
    use serde_json::Value;
    match value {
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(size_of).sum(),
        Value::Object(fields) => fields.iter().map(|(name, value)| name.len() + size_of(value)).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
    }
}
