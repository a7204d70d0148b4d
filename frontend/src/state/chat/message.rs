//! One message of an open conversation.

use kaiwa_shared::{
    Content, ContentPart, File, MessageId, Parts,
    message::{Author, ContextUse, Finish, Message, MessageOptions, Part, Status, Usage, text_of},
    stream::{StreamEnd, StreamEvent},
    time::Millis,
};
use leptos::prelude::*;

/// A message that may still be growing. Cloning clones the handle, not the text.
#[derive(Clone)]
pub struct MessageHandle {
    /// The message's id.
    pub id: MessageId,
    /// The parent message.
    pub parent_id: Option<MessageId>,
    /// Who wrote it.
    pub author: Author,
    /// When it was created.
    pub created_at: Millis,
    /// The status.
    pub status: ArcRwSignal<Status>,
    /// The parts.
    pub parts: ArcRwSignal<Parts>,
    /// Everything but the text.
    pub details: ArcRwSignal<Details>,
}

/// Everything about a message but its text. None of it changes while text arrives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Details {
    /// The id of the model that writes it.
    pub model: Option<String>,
    /// Tokens and cost, once known.
    pub usage: Option<Usage>,
    /// Why the model stopped by itself.
    pub finish: Option<Finish>,
    /// The options of the request.
    pub options: MessageOptions,
    /// How much of the model's window the request filled.
    pub context: Option<ContextUse>,
    /// All messages with the same parent, this one included; empty if it is the only one.
    pub siblings: Vec<MessageId>,
    /// The next attempt, after the provider refused the request.
    pub retrying: Option<Retry>,
}

/// A retry that is about to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retry {
    /// When.
    pub at: Millis,
    /// The model of that attempt, if it is another one.
    pub model: Option<String>,
}

/// The kind of a part: all that the list of parts needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PartKind {
    /// Text, joined with the texts that only citations separate from it.
    Text,
    /// Reasoning.
    Reasoning,
    /// A tool call with its result.
    ToolCall,
    /// Why the reply ended.
    Error,
}

impl MessageHandle {
    /// The handle of a message from the server.
    pub fn of(message: Message) -> Self {
        let shell = Self::empty(message.id, message.parent_id, message.author, message.created_at);
        shell.refresh(message);
        shell
    }

    /// The handle of a message that the user has just sent.
    pub fn sent(id: MessageId, parent_id: Option<MessageId>, content: &Content, now: Millis) -> Self {
        let sent = Self::empty(id, parent_id, Author::User, now);
        sent.set_content(content, &[]);
        sent
    }

    /// The reply to `parent`, still empty.
    pub fn reply(id: MessageId, parent: MessageId, model: Option<String>, now: Millis) -> Self {
        let reply = Self::empty(id, Some(parent), Author::Assistant, now);
        reply.status.set(Status::Streaming);
        reply.details.set(Details { model, ..Details::default() });
        reply
    }

    fn empty(id: MessageId, parent_id: Option<MessageId>, author: Author, created_at: Millis) -> Self {
        Self {
            id,
            parent_id,
            author,
            created_at,
            status: ArcRwSignal::new(Status::Complete),
            parts: ArcRwSignal::default(),
            details: ArcRwSignal::new(Details::default()),
        }
    }

    /// Updates a message that is already shown.
    pub fn refresh(&self, message: Message) {
        if self.parts.with_untracked(|parts| **parts != *message.parts) {
            self.parts.set(message.parts.into());
        }
        if self.status.get_untracked() != message.status {
            self.status.set(message.status);
        }
        self.update_details(|details| {
            details.model = message.model.or(details.model.take());
            details.usage = message.usage;
            details.finish = message.finish;
            details.options = message.options;
            details.context = message.context.or(details.context);
            details.siblings = message.siblings;
        });
    }

    /// Changes the details, and notifies only if something differs.
    pub fn update_details(&self, change: impl FnOnce(&mut Details)) {
        let mut details = self.details.get_untracked();
        change(&mut details);
        if self.details.with_untracked(|now| *now != details) {
            self.details.set(details);
        }
    }

    /// Applies one event of the generation that writes this message.
    pub fn apply(&self, event: &StreamEvent) {
        match event {
            StreamEvent::Usage(usage) => self.update_details(|details| details.usage = Some(*usage)),
            StreamEvent::Context(context) => self.update_details(|details| details.context = Some(*context)),
            StreamEvent::End(StreamEnd { status, finish }) => {
                self.update_details(|details| {
                    details.finish = *finish;
                    details.retrying = None;
                });
                self.status.set(*status);
            }
            StreamEvent::Created(_) | StreamEvent::Retrying(_) | StreamEvent::Title(_) => {}
            StreamEvent::Snapshot(_)
            | StreamEvent::Delta(_)
            | StreamEvent::Reasoning(_)
            | StreamEvent::ToolCall(_)
            | StreamEvent::ToolResult(_)
            | StreamEvent::Citation(_)
            | StreamEvent::Error(_) => {
                if self.details.with_untracked(|details| details.retrying.is_some()) {
                    self.update_details(|details| details.retrying = None);
                }
                self.parts.update(|parts| parts.apply(event));
            }
        }
    }

    /// A generation continues the reply: removes the reason for its end.
    pub fn resume(&self) {
        if self.parts.with_untracked(|parts| parts.iter().any(Part::is_error)) {
            let kept =
                |parts: &Parts| parts.iter().filter(|part| !part.is_error()).cloned().collect::<Vec<_>>();
            self.parts.update(|parts| *parts = kept(parts).into());
        }
        self.update_details(|details| details.finish = None);
        self.status.set(Status::Streaming);
    }

    /// The text of the message, as it is copied.
    pub fn text(&self) -> String {
        self.parts.with_untracked(|parts| text_of(parts))
    }

    /// Its files.
    pub fn files(&self) -> Vec<File> {
        self.parts.with_untracked(|parts| files_of(parts))
    }

    /// Its content with another text.
    pub fn content_with(&self, text: String) -> Content {
        let files = self.files().into_iter().map(|file| ContentPart::File { id: file.id });
        Content::new(files.chain([ContentPart::Text { text }]))
    }

    /// Shows other content. Files that are not among `files` are not shown.
    pub fn set_content(&self, content: &Content, files: &[File]) {
        self.parts.set(content.to_message_parts(files).into());
    }

    /// The positions and kinds of the parts, in display order.
    pub fn kinds(&self) -> Vec<(usize, PartKind)> {
        self.parts.with(|parts| {
            let mut in_text = false;
            let shown = |(at, part): (usize, &Part)| {
                let kind = match part {
                    Part::Text { .. } if in_text => return None,
                    Part::Text { .. } => Some(PartKind::Text),
                    Part::Reasoning { .. } => Some(PartKind::Reasoning),
                    Part::ToolCall { .. } => Some(PartKind::ToolCall),
                    Part::Error { .. } => Some(PartKind::Error),
                    Part::ToolResult(_) => None,
                    // Citations are shown at the end; the text around them is one text. Only users send files.
                    Part::Citation(_) | Part::File(_) => return None,
                };
                in_text = kind == Some(PartKind::Text);
                kind.map(|kind| (at, kind))
            };
            parts.iter().enumerate().filter_map(shown).collect()
        })
    }

    /// A generation is writing it.
    pub fn is_streaming(&self) -> bool {
        self.status.get() == Status::Streaming
    }

    /// The reply was cut short, and there is something to continue from.
    pub fn can_continue(&self) -> bool {
        let is_cut = match self.status.get() {
            Status::Stopped | Status::Interrupted | Status::Failed => true,
            Status::Complete => self.details.with(|details| details.finish == Some(Finish::Length)),
            Status::Streaming => false,
        };
        is_cut && self.author == Author::Assistant && self.parts.with(|parts| has_text(parts))
    }

    /// All siblings of this message, and `more`.
    pub fn siblings_and(&self, more: &[MessageId]) -> Vec<MessageId> {
        let mut all = self.details.with_untracked(|details| details.siblings.clone());
        if all.is_empty() {
            all.push(self.id);
        }
        for id in more {
            if !all.contains(id) {
                all.push(*id);
            }
        }
        all
    }
}

/// The files of a message.
pub fn files_of(parts: &[Part]) -> Vec<File> {
    let file = |part: &Part| if let Part::File(file) = part { Some(file.clone()) } else { None };
    parts.iter().filter_map(file).collect()
}

/// There is a text that is not blank.
pub fn has_text(parts: &[Part]) -> bool {
    parts.iter().any(|part| matches!(part, Part::Text { text } if !text.trim().is_empty()))
}

#[cfg(test)]
mod tests {
    use kaiwa_shared::{
        Code, Problem,
        message::{Citation, ToolResult},
        stream::{Snapshot, StreamError, TextDelta, ToolCallDelta},
    };

    use super::*;

    fn reply() -> MessageHandle {
        MessageHandle::reply(MessageId::new(), MessageId::new(), None, Millis(0))
    }

    fn delta(text: &str) -> StreamEvent {
        StreamEvent::Delta(TextDelta { text: text.into() })
    }

    #[test]
    fn a_reply_grows_by_its_events_and_ends() {
        let reply = reply();
        for event in [
            StreamEvent::Reasoning(TextDelta { text: "Hm.".into() }),
            delta("你"),
            delta("好"),
            StreamEvent::End(StreamEnd { status: Status::Stopped, finish: None }),
        ] {
            reply.apply(&event);
        }
        assert_eq!(reply.text(), "你好");
        assert_eq!(reply.kinds(), [(0, PartKind::Reasoning), (1, PartKind::Text)]);
        assert_eq!(reply.status.get_untracked(), Status::Stopped);
    }

    #[test]
    fn a_snapshot_replaces_everything_before_it() {
        let reply = reply();
        reply.apply(&delta("Hel"));
        let parts = vec![Part::Text { text: "Hello".into() }];
        reply.apply(&StreamEvent::Snapshot(Snapshot { message_id: reply.id, parts }));
        reply.apply(&delta("!"));
        assert_eq!(reply.text(), "Hello!");
    }

    #[test]
    fn a_citation_within_a_sentence_does_not_split_it() {
        let reply = reply();
        for event in [
            delta("Rivers "),
            StreamEvent::Citation(Citation::default()),
            delta("run."),
            StreamEvent::ToolCall(ToolCallDelta {
                index: 0,
                id: "1".into(),
                name: "look".into(),
                arguments: String::new(),
            }),
            StreamEvent::ToolResult(ToolResult { id: "1".into(), output: String::new(), is_error: false }),
            delta("Lakes rest."),
        ] {
            reply.apply(&event);
        }
        let kinds = [(0, PartKind::Text), (3, PartKind::ToolCall), (5, PartKind::Text)];
        assert_eq!(reply.kinds(), kinds);
    }

    #[test]
    fn a_retry_notice_disappears_when_text_arrives() {
        let reply = reply();
        reply.update_details(|details| details.retrying = Some(Retry { at: Millis(3000), model: None }));
        reply.apply(&StreamEvent::Context(ContextUse::default()));
        assert!(reply.details.read_untracked().retrying.is_some());
        reply.apply(&delta("Hi"));
        assert!(reply.details.read_untracked().retrying.is_none());
    }

    #[test]
    fn only_replies_that_were_cut_short_can_be_continued() {
        let reply = reply();
        let end = |status, finish| reply.apply(&StreamEvent::End(StreamEnd { status, finish }));
        end(Status::Stopped, None);
        assert!(!reply.can_continue(), "there is nothing to go on from");
        reply.apply(&delta("Once upon"));
        for (status, finish, expected) in [
            (Status::Streaming, None, false),
            (Status::Stopped, None, true),
            (Status::Interrupted, None, true),
            (Status::Failed, None, true),
            (Status::Complete, Some(Finish::Stop), false),
            (Status::Complete, None, false),
            (Status::Complete, Some(Finish::Length), true),
        ] {
            end(status, finish);
            assert_eq!(reply.can_continue(), expected, "{status:?} {finish:?}");
        }
    }

    #[test]
    fn continuing_removes_the_error_and_keeps_the_text() {
        let reply = reply();
        reply.apply(&delta("Once upon"));
        reply.apply(&StreamEvent::Error(StreamError { problem: Problem::new(Code::ProviderCutOff, "") }));
        reply.apply(&StreamEvent::End(StreamEnd { status: Status::Failed, finish: None }));
        reply.resume();
        reply.apply(&delta(" a time"));
        assert_eq!(reply.kinds(), [(0, PartKind::Text)]);
        assert_eq!(reply.text(), "Once upon a time");
        assert_eq!(reply.status.get_untracked(), Status::Streaming);
    }

    #[test]
    fn siblings_are_listed_once_and_include_the_message_itself() {
        let (reply, new) = (reply(), MessageId::new());
        assert_eq!(reply.siblings_and(&[new]), [reply.id, new]);
        reply.update_details(|details| details.siblings = vec![new, reply.id]);
        assert_eq!(reply.siblings_and(&[new]), [new, reply.id]);
    }
}
