//! One message of an open conversation.

use kaiwa_shared::{
    MessageId,
    message::{Author, Message, Part, Status, Usage, text_of},
    stream::{self, StreamEvent},
    time::Millis,
};
use leptos::prelude::*;

/// A message that may still be growing. Cloning it clones the handle, not the text.
#[derive(Clone)]
pub struct MessageHandle {
    /// The message's id.
    pub id: MessageId,
    /// The message above it.
    pub parent_id: Option<MessageId>,
    /// Who wrote it.
    pub author: Author,
    /// When it was made.
    pub created_at: Millis,
    /// The model that writes it, as its id.
    pub model: ArcRwSignal<Option<String>>,
    /// How far it has come.
    pub status: ArcRwSignal<Status>,
    /// What it is made of.
    pub parts: ArcRwSignal<Vec<Part>>,
    /// What it cost, once that is known.
    pub usage: ArcRwSignal<Option<Usage>>,
}

/// What kind of part stands at a place: all that a list of parts needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PartKind {
    /// What is said.
    Text,
    /// What was thought.
    Reasoning,
    /// A call of a tool.
    ToolCall,
    /// What a tool answered.
    ToolResult,
    /// A source.
    Citation,
    /// Why the reply ends here.
    Error,
}

impl MessageHandle {
    /// A message as the server tells it.
    pub fn of(message: Message) -> Self {
        Self {
            id: message.id,
            parent_id: message.parent_id,
            author: message.author,
            created_at: message.created_at,
            model: ArcRwSignal::new(message.model),
            status: ArcRwSignal::new(message.status),
            parts: ArcRwSignal::new(message.parts),
            usage: ArcRwSignal::new(message.usage),
        }
    }

    /// What a user has just said.
    pub fn said(id: MessageId, parent_id: Option<MessageId>, text: String, now: Millis) -> Self {
        Self {
            id,
            parent_id,
            author: Author::User,
            created_at: now,
            model: ArcRwSignal::new(None),
            status: ArcRwSignal::new(Status::Complete),
            parts: ArcRwSignal::new(vec![Part::Text { text }]),
            usage: ArcRwSignal::new(None),
        }
    }

    /// The reply to `parent`, still empty.
    pub fn reply(id: MessageId, parent: MessageId, model: Option<String>, now: Millis) -> Self {
        Self {
            id,
            parent_id: Some(parent),
            author: Author::Assistant,
            created_at: now,
            model: ArcRwSignal::new(model),
            status: ArcRwSignal::new(Status::Streaming),
            parts: ArcRwSignal::new(Vec::new()),
            usage: ArcRwSignal::new(None),
        }
    }

    /// Takes what the server tells about a message that is already shown.
    pub fn refresh(&self, message: Message) {
        if self.parts.with_untracked(|parts| *parts != message.parts) {
            self.parts.set(message.parts);
        }
        if self.status.get_untracked() != message.status {
            self.status.set(message.status);
        }
        if message.model.is_some() && self.model.with_untracked(|model| *model != message.model) {
            self.model.set(message.model);
        }
        self.usage.set(message.usage);
    }

    /// Applies one event of the generation that writes this message.
    pub fn apply(&self, event: &StreamEvent) {
        match event {
            StreamEvent::Usage(usage) => self.usage.set(Some(*usage)),
            StreamEvent::End { status, .. } => self.status.set(*status),
            StreamEvent::Created { .. }
            | StreamEvent::Context(_)
            | StreamEvent::Retrying { .. }
            | StreamEvent::Title { .. } => {}
            StreamEvent::Snapshot { .. }
            | StreamEvent::Delta { .. }
            | StreamEvent::Reasoning { .. }
            | StreamEvent::ToolCall { .. }
            | StreamEvent::ToolResult { .. }
            | StreamEvent::Citation(_)
            | StreamEvent::Error { .. } => self.parts.update(|parts| stream::apply(parts, event)),
        }
    }

    /// The text of the message: what a reader copies.
    pub fn text(&self) -> String {
        self.parts.with_untracked(|parts| text_of(parts))
    }

    /// The kinds of its parts, in order.
    pub fn kinds(&self) -> Vec<PartKind> {
        self.parts.with(|parts| parts.iter().map(kind_of).collect())
    }

    /// A generation is writing it.
    pub fn is_streaming(&self) -> bool {
        self.status.get() == Status::Streaming
    }
}

fn kind_of(part: &Part) -> PartKind {
    match part {
        Part::Text { .. } => PartKind::Text,
        Part::Reasoning { .. } => PartKind::Reasoning,
        Part::ToolCall { .. } => PartKind::ToolCall,
        Part::ToolResult { .. } => PartKind::ToolResult,
        Part::Citation(_) => PartKind::Citation,
        Part::Error { .. } => PartKind::Error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_grows_by_its_events_and_ends() {
        let reply = MessageHandle::reply(MessageId::new(), MessageId::new(), None, Millis(0));
        for event in [
            StreamEvent::Reasoning { text: "Hm.".into() },
            StreamEvent::Delta { text: "你".into() },
            StreamEvent::Delta { text: "好".into() },
            StreamEvent::End { status: Status::Stopped, finish: None },
        ] {
            reply.apply(&event);
        }
        assert_eq!(reply.text(), "你好");
        assert_eq!(reply.kinds(), [PartKind::Reasoning, PartKind::Text]);
        assert_eq!(reply.status.get_untracked(), Status::Stopped);
    }

    #[test]
    fn a_snapshot_stands_for_everything_before_it() {
        let reply = MessageHandle::reply(MessageId::new(), MessageId::new(), None, Millis(0));
        reply.apply(&StreamEvent::Delta { text: "Hel".into() });
        let parts = vec![Part::Text { text: "Hello".into() }];
        reply.apply(&StreamEvent::Snapshot { message_id: reply.id, parts });
        reply.apply(&StreamEvent::Delta { text: "!".into() });
        assert_eq!(reply.text(), "Hello!");
    }
}
