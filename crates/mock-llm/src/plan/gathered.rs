//! A collected reply, for responses that are not streamed.

use super::{Call, Citation, Piece, Plan, Search};

/// A part of the whole reply.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Item {
    Reasoning(String),
    Sealed,
    Text { text: String, citations: Vec<Citation> },
    Refusal(String),
    Search(Search),
    Call(Call),
}

/// The whole reply, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Gathered {
    pub(crate) items: Vec<Item>,
    /// Its number of pieces.
    pub(crate) pieces: i64,
    /// How many of them are reasoning.
    pub(crate) thoughts: i64,
}

impl Gathered {
    /// Collects the rest of `plan`.
    pub(crate) fn of(plan: &mut Plan) -> Self {
        let mut gathered = Self::default();
        while let Some(piece) = plan.next() {
            gathered.take(piece);
        }
        gathered
    }

    fn take(&mut self, piece: Piece<'_>) {
        self.pieces += 1;
        match piece {
            Piece::Reasoning(more) => {
                self.thoughts += 1;
                match self.items.last_mut() {
                    Some(Item::Reasoning(text)) => text.push_str(more),
                    _ => self.items.push(Item::Reasoning(more.to_owned())),
                }
            }
            Piece::Text(more) => match self.items.last_mut() {
                Some(Item::Text { text, .. }) => text.push_str(more),
                _ => self.items.push(Item::Text { text: more.to_owned(), citations: Vec::new() }),
            },
            Piece::Refusal(more) => match self.items.last_mut() {
                Some(Item::Refusal(text)) => text.push_str(more),
                _ => self.items.push(Item::Refusal(more.to_owned())),
            },
            Piece::Citation(citation) => {
                if let Some(Item::Text { citations, .. }) = self.items.last_mut() {
                    citations.push(citation.clone());
                }
            }
            Piece::Sealed => self.items.push(Item::Sealed),
            Piece::Search(search) => self.items.push(Item::Search(search.clone())),
            Piece::CallStart(call) | Piece::CallWhole(call) => self.items.push(Item::Call(call.clone())),
            Piece::CallArguments(..) | Piece::CallEnd(_) => {}
        }
    }

    /// The text without refusals.
    pub(crate) fn text(&self) -> String {
        let texts = self.items.iter().filter_map(|item| match item {
            Item::Text { text, .. } => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }

    /// The readable reasoning.
    pub(crate) fn reasoning(&self) -> String {
        let thoughts = self.items.iter().filter_map(|item| match item {
            Item::Reasoning(text) => Some(text.as_str()),
            _ => None,
        });
        thoughts.collect()
    }

    /// The text of a refusal.
    pub(crate) fn refusal(&self) -> Option<&str> {
        self.items.iter().find_map(|item| match item {
            Item::Refusal(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// The tool calls.
    pub(crate) fn calls(&self) -> impl Iterator<Item = &Call> {
        self.items.iter().filter_map(|item| match item {
            Item::Call(call) => Some(call),
            _ => None,
        })
    }

    /// The citations.
    pub(crate) fn citations(&self) -> impl Iterator<Item = &Citation> {
        self.items.iter().flat_map(|item| match item {
            Item::Text { citations, .. } => citations.as_slice(),
            _ => &[],
        })
    }
}
