//! A complete reply as it is sent back to a provider: text, tool calls with their results, and provider blocks.
//!
//! Reasoning is included where it leads to a tool call or is signed, because some providers require it there. A call
//! without a result is left out together with the reasoning before it: every provider refuses such a call, and some
//! refuse reasoning without what it led to.
//!
//! A tool that ran at the provider has its result in the middle of the reply, followed by a provider block. Both stay
//! there for that provider. Another provider does not know the tool and gets neither.

use std::{collections::HashSet, mem};

use kaiwa_llm::{Content, Message, Role};
use kaiwa_shared::message::{Part, ToolResult};
use kaiwa_store::chat::ProviderBlock;

/// The messages that represent a reply to the provider `slug`.
pub(crate) fn messages(parts: &[Part], blocks: &[ProviderBlock], slug: &str) -> Vec<Message> {
    let own: Vec<&ProviderBlock> = blocks.iter().filter(|block| block.provider == slug).collect();
    let hosted = hosted(parts, blocks);
    assemble(&sendable(group(parts, &own), &hosted), &hosted)
}

/// The calls whose tools ran at a provider.
fn hosted<'a>(parts: &'a [Part], blocks: &[ProviderBlock]) -> HashSet<&'a str> {
    let is_followed = |at: usize| blocks.iter().any(|block| block.parts == at + 1 && block.bytes == 0);
    parts
        .iter()
        .enumerate()
        .filter_map(|(at, part)| match part {
            Part::ToolResult(result) if is_followed(at) => Some(result.id.as_str()),
            _ => None,
        })
        .collect()
}

/// A piece of the reply and the provider blocks after it.
struct Group<'a> {
    piece: Piece<'a>,
    blocks: Vec<Content>,
}

#[derive(Clone, Copy)]
enum Piece<'a> {
    /// Nothing, before a provider block at the beginning.
    Nothing,
    Text(&'a str),
    Reasoning(&'a str),
    Call {
        id: &'a str,
        name: &'a str,
        arguments: &'a str,
    },
    Result {
        id: &'a str,
        output: &'a str,
        is_error: bool,
    },
}

/// The parts in order, with texts split where a provider block lies within them.
fn group<'a>(parts: &'a [Part], blocks: &[&ProviderBlock]) -> Vec<Group<'a>> {
    let mut groups = Groups(Vec::new());
    for (at, part) in parts.iter().enumerate() {
        let here = blocks.iter().filter(|block| block.parts == at);
        match part {
            Part::Text { text } => groups.cut(text, here, Piece::Text),
            Part::Reasoning { text, .. } => groups.cut(text, here, Piece::Reasoning),
            Part::ToolCall { id, name, arguments } => {
                groups.complete(here);
                groups.push(Piece::Call { id, name, arguments });
            }
            Part::ToolResult(ToolResult { id, output, is_error }) => {
                groups.complete(here);
                groups.push(Piece::Result { id, output, is_error: *is_error });
            }
            Part::Citation(_) | Part::File(_) | Part::Error { .. } => groups.complete(here),
        }
    }
    groups.complete(blocks.iter().filter(|block| block.parts >= parts.len()));
    groups.0
}

struct Groups<'a>(Vec<Group<'a>>);

impl<'a> Groups<'a> {
    fn push(&mut self, piece: Piece<'a>) {
        self.0.push(Group { piece, blocks: Vec::new() });
    }

    /// Adds blocks after the last piece.
    fn complete<'n>(&mut self, blocks: impl Iterator<Item = &'n &'n ProviderBlock>) {
        for block in blocks {
            if self.0.is_empty() {
                self.push(Piece::Nothing);
            }
            if let Some(last) = self.0.last_mut() {
                last.blocks.push(Content::ProviderBlock(kaiwa_llm::ProviderBlock(block.block.clone())));
            }
        }
    }

    fn cut<'n>(
        &mut self,
        text: &'a str,
        blocks: impl Iterator<Item = &'n &'n ProviderBlock>,
        piece: fn(&'a str) -> Piece<'a>,
    ) {
        let mut from = 0;
        for block in blocks {
            let to = text.floor_char_boundary(block.bytes).max(from);
            if let Some(before) = text.get(from..to).filter(|before| !before.is_empty()) {
                self.push(piece(before));
            }
            self.complete(std::iter::once(block));
            from = to;
        }
        if let Some(rest) = text.get(from..).filter(|rest| !rest.is_empty()) {
            self.push(piece(rest));
        }
    }
}

/// The pieces that every provider accepts.
fn sendable<'a>(groups: Vec<Group<'a>>, hosted: &HashSet<&str>) -> Vec<Group<'a>> {
    let answered: HashSet<&str> = groups
        .iter()
        .filter_map(|group| match group.piece {
            Piece::Result { id, .. } if !hosted.contains(id) || !group.blocks.is_empty() => Some(id),
            _ => None,
        })
        .collect();
    let mut kept: Vec<Group<'a>> = Vec::new();
    for group in groups {
        match group.piece {
            Piece::Call { id, .. } if !answered.contains(id) => drop_reasoning(&mut kept),
            Piece::Result { id, .. } if !answered.contains(id) => {}
            _ => kept.push(group),
        }
    }
    drop_reasoning(&mut kept);
    let last_call = kept.iter().rposition(|group| matches!(group.piece, Piece::Call { .. }));
    let mut at = 0;
    kept.retain(|group| {
        let before_call = last_call.is_some_and(|last| at < last);
        at += 1;
        !matches!(group.piece, Piece::Reasoning(_)) || before_call || !group.blocks.is_empty()
    });
    kept
}

/// Drops the reasoning at the end, because it led to nothing that is sent.
fn drop_reasoning(kept: &mut Vec<Group<'_>>) {
    while kept.pop_if(|group| matches!(group.piece, Piece::Reasoning(_))).is_some() {}
}

/// The model's messages; each one with calls is followed by a message with their results.
fn assemble(groups: &[Group<'_>], hosted: &HashSet<&str>) -> Vec<Message> {
    let mut messages = Vec::new();
    let mut content = Vec::new();
    let mut calls: Vec<(&str, &str)> = Vec::new();
    for group in groups {
        match group.piece {
            Piece::Nothing => {}
            Piece::Text(text) => content.push(Content::Text(text.to_owned())),
            Piece::Reasoning(text) => content.push(Content::Reasoning(text.to_owned())),
            Piece::Call { id, name, arguments } => {
                if !hosted.contains(id) {
                    calls.push((id, name));
                }
                content.push(Content::ToolCall {
                    id: id.to_owned(),
                    name: name.to_owned(),
                    arguments: arguments.to_owned(),
                });
            }
            Piece::Result { id, output, is_error } if hosted.contains(id) => {
                content.push(Content::ToolResult {
                    id: id.to_owned(),
                    name: name_of(id, groups).to_owned(),
                    output: output.to_owned(),
                    is_error,
                });
            }
            Piece::Result { .. } => {
                let results = results(&mem::take(&mut calls), groups);
                if !results.is_empty() {
                    messages.push(Message { role: Role::Assistant, content: mem::take(&mut content) });
                    messages.push(Message { role: Role::Tool, content: results });
                }
                continue;
            }
        }
        content.extend_from_slice(&group.blocks);
    }
    if content.iter().any(|content| !matches!(content, Content::ProviderBlock(_))) {
        messages.push(Message { role: Role::Assistant, content });
    }
    messages
}

/// The name of the tool that was called under this id.
fn name_of<'a>(call: &str, groups: &[Group<'a>]) -> &'a str {
    let name = |group: &Group<'a>| match group.piece {
        Piece::Call { id, name, .. } if id == call => Some(name),
        _ => None,
    };
    groups.iter().find_map(name).unwrap_or_default()
}

/// The results of these calls, in their order.
fn results(calls: &[(&str, &str)], groups: &[Group<'_>]) -> Vec<Content> {
    let mut contents = Vec::new();
    for (call, name) in calls {
        let answer =
            groups.iter().find(|group| matches!(group.piece, Piece::Result { id, .. } if id == *call));
        let Some(Group { piece: Piece::Result { output, is_error, .. }, blocks }) = answer else { continue };
        contents.push(Content::ToolResult {
            id: (*call).to_owned(),
            name: (*name).to_owned(),
            output: (*output).to_owned(),
            is_error: *is_error,
        });
        contents.extend_from_slice(blocks);
    }
    contents
}

#[cfg(test)]
mod tests;
