//! A reply as a reader sees it and as it is sent back.

use kaiwa_llm::{Content, Error, ErrorKind, Event, Finish, ProviderBlock, ToolCallDelta};
use kaiwa_shared::message::{Citation, ToolResult, Usage};
use serde_json::Value;

/// A piece of a reply. Adjacent texts are merged.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    Text(String),
    Reasoning(String),
    Call { id: String, name: String, arguments: String },
    Result(ToolResult),
    Citation(Citation),
    ProviderBlock(Value),
}

/// A reply.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Reply {
    pub(crate) pieces: Vec<Piece>,
    pub(crate) usage: Usage,
    pub(crate) finish: Option<Finish>,
    pub(crate) error: Option<ErrorKind>,
}

pub(crate) fn text(text: &str) -> Piece {
    Piece::Text(text.into())
}

pub(crate) fn reasoning(text: &str) -> Piece {
    Piece::Reasoning(text.into())
}

/// A call; its arguments are compared as JSON.
pub(crate) fn call(id: &str, name: &str, arguments: &str) -> Piece {
    Piece::Call { id: id.into(), name: name.into(), arguments: arguments.into() }
}

impl Reply {
    /// A reply that ended for this reason.
    pub(crate) fn ended(finish: Finish, pieces: impl Into<Vec<Piece>>) -> Self {
        Self { pieces: pieces.into(), finish: Some(finish), ..Self::default() }
    }

    /// A reply that was cut off.
    pub(crate) fn failed(error: ErrorKind, pieces: impl Into<Vec<Piece>>) -> Self {
        Self { pieces: pieces.into(), error: Some(error), ..Self::default() }
    }

    /// Inserts a provider block before the piece at `at`.
    pub(crate) fn put_provider_block(&mut self, at: usize, value: Value) {
        self.pieces.insert(at, Piece::ProviderBlock(value));
    }

    /// Collects a stream's events and checks the rules of [`Event`].
    pub(crate) fn of(events: Vec<Result<Event, Error>>) -> Self {
        let mut reply = Self::default();
        let mut calls = Vec::new();
        for event in events {
            assert_eq!(reply.error, None, "an error is the last item");
            let is_usage = matches!(event, Ok(Event::Usage(_)));
            assert!(reply.finish.is_none() || is_usage, "{event:?} after the end");
            match event {
                Ok(Event::ToolCall(more)) => reply.take_call(&more, &mut calls),
                Ok(event) => reply.take(event),
                Err(error) => reply.error = Some(error.kind),
            }
        }
        for piece in &mut reply.pieces {
            if let Piece::Call { arguments, .. } = piece
                && let Ok(value) = serde_json::from_str::<Value>(arguments)
            {
                *arguments = value.to_string();
            }
        }
        reply
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Text(more) => {
                assert!(!more.is_empty());
                match self.pieces.last_mut() {
                    Some(Piece::Text(text)) => text.push_str(&more),
                    _ => self.pieces.push(Piece::Text(more)),
                }
            }
            Event::Reasoning(more) => {
                assert!(!more.is_empty());
                match self.pieces.last_mut() {
                    Some(Piece::Reasoning(text)) => text.push_str(&more),
                    _ => self.pieces.push(Piece::Reasoning(more)),
                }
            }
            Event::TextWasReasoning => {
                for piece in &mut self.pieces {
                    if let Piece::Text(text) = piece {
                        *piece = Piece::Reasoning(std::mem::take(text));
                    }
                }
            }
            Event::ToolCall(_) => unreachable!("taken before"),
            Event::ToolResult(result) => self.pieces.push(Piece::Result(result)),
            Event::Citation(citation) => self.pieces.push(Piece::Citation(citation)),
            Event::ProviderBlock(ProviderBlock(value)) => self.pieces.push(Piece::ProviderBlock(value)),
            Event::Usage(usage) => self.usage = usage,
            Event::NoText(_) => {}
            Event::Finish(reason) => self.finish = Some(reason),
        }
    }

    /// `places` maps the index of a call to its piece.
    fn take_call(&mut self, more: &ToolCallDelta, places: &mut Vec<usize>) {
        let index = more.index as usize;
        assert!(index <= places.len(), "calls are numbered without gaps");
        if index == places.len() {
            places.push(self.pieces.len());
            self.pieces.push(call("", "", ""));
        }
        let Piece::Call { id, name, arguments } = &mut self.pieces[places[index]] else { unreachable!() };
        id.push_str(&more.id);
        name.push_str(&more.name);
        arguments.push_str(&more.arguments);
    }

    /// The reply without provider blocks.
    pub(crate) fn without_provider_blocks(mut self) -> Self {
        self.pieces.retain(|piece| !matches!(piece, Piece::ProviderBlock(_)));
        self
    }

    /// Its content in the next request.
    pub(crate) fn content(&self) -> Vec<Content> {
        let names: Vec<(&str, &str)> = self
            .pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Call { id, name, .. } => Some((id.as_str(), name.as_str())),
                _ => None,
            })
            .collect();
        let content = |piece: &Piece| match piece.clone() {
            Piece::Text(text) => Some(Content::Text(text)),
            Piece::Reasoning(text) => Some(Content::Reasoning(text)),
            Piece::Call { id, name, arguments } => Some(Content::ToolCall { id, name, arguments }),
            Piece::Result(ToolResult { id, output, is_error }) => {
                let name = names.iter().find(|call| call.0 == id).map_or("", |call| call.1).to_owned();
                Some(Content::ToolResult { id, name, output, is_error })
            }
            Piece::ProviderBlock(value) => Some(Content::ProviderBlock(ProviderBlock(value))),
            Piece::Citation(_) => None,
        };
        self.pieces.iter().filter_map(content).collect()
    }

    /// The calls that wait for our results, as id and name.
    pub(crate) fn open_calls(&self) -> Vec<(String, String)> {
        let is_answered = |id: &str| {
            self.pieces.iter().any(|piece| matches!(piece, Piece::Result(result) if result.id == id))
        };
        self.pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Call { id, name, .. } if !is_answered(id) => Some((id.clone(), name.clone())),
                _ => None,
            })
            .collect()
    }
}
