//! Updates the nodes of one block to show another block.
//!
//! Between two frames, a tail mostly grows at its end. Only the differences are touched, so that the work is proportional
//! to the new text, and selections survive.

use kaiwa_markdown::{Block, Cell, Direction, Formula, Inline, Item};
use wasm_bindgen::JsCast;
use web_sys::{CharacterData, Element, Node};

use super::{
    dom,
    render::{self, Renderer},
};

impl Renderer {
    /// Updates the node at an index from one block to another.
    pub(super) fn update_block(&self, parent: &Node, index: usize, old: &Block, new: &Block) {
        if old == new {
            return;
        }
        if dom::child(parent, index).is_none_or(|node| !self.patch_block(&node, old, new)) {
            dom::put(parent, index, &self.block(new));
        }
    }

    /// Updates `node` and returns whether that was possible; if not, it may have been changed partially.
    fn patch_block(&self, node: &Node, old: &Block, block: &Block) -> bool {
        match (old, block) {
            (Block::Paragraph(old), Block::Paragraph(new)) => self.patch_prose(node, old, new),
            (Block::Heading { level: before, content: old }, Block::Heading { level, content: new })
                if before == level && render::contains_han(old) == render::contains_han(new) =>
            {
                self.patch_prose(node, old, new)
            }
            (Block::Code { language: before, code: old }, Block::Code { language, code: new })
                if before == language =>
            {
                if let Some(block) = node.dyn_ref::<Element>() {
                    self.set_extent(block, new, render::Extent::Whole);
                }
                render::code_text(node).is_some_and(|text| patch_text(&text, old, new))
            }
            (Block::Math(old), Block::Math(new)) => patch_math(node, old, new),
            (Block::Quote(old), Block::Quote(blocks)) => {
                turn(node, Direction::of_blocks(blocks));
                self.patch_blocks(node, 0, old, blocks)
            }
            (Block::Alert { kind: before, blocks: old }, Block::Alert { kind, blocks: new })
                if before == kind =>
            {
                self.patch_body(node, old, new)
            }
            (
                Block::Details { summary: before, is_open: was_open, blocks: old },
                Block::Details { summary, is_open, blocks: new },
            ) if before == summary && was_open == is_open => self.patch_body(node, old, new),
            (Block::List { start: before, items: old, .. }, Block::List { start, tight, items: new })
                if before == start =>
            {
                if let Some(list) = node.dyn_ref::<Element>() {
                    dom::set(list, "class", render::list_class(*tight));
                }
                turn(node, Direction::of_block(block));
                let build = |item: &std::sync::Arc<Item>| self.item(item).into();
                update_children(node, 0, old, new, build, |node, old, new| self.patch_item(node, old, new))
            }
            (
                Block::Table { alignments: before, head: old_head, rows: old },
                Block::Table { alignments, head, rows: new },
            ) if before == alignments && old_head == head => {
                let Some(body) = node.first_child().and_then(|table| table.last_child()) else {
                    return false;
                };
                let build = |row: &Vec<_>| self.row(alignments, row, "td").into();
                update_children(&body, 0, old, new, build, |node, old, new| self.patch_row(node, old, new))
            }
            (Block::Footnote { label: before, blocks: old }, Block::Footnote { label, blocks: new })
                if before == label =>
            {
                self.patch_body(node, old, new)
            }
            _ => false,
        }
    }

    /// Every row of a table has the same number of cells.
    fn patch_row(&self, row: &Node, old: &[Cell], new: &[Cell]) -> bool {
        let differing = old.iter().zip(new).enumerate().filter(|(_, (old, new))| old != new);
        for (index, (old, new)) in differing {
            if !dom::child(row, index).is_some_and(|cell| self.patch_prose(&cell, old, new)) {
                return false;
            }
        }
        old.len() == new.len()
    }

    fn patch_item(&self, node: &Node, old: &Item, new: &Item) -> bool {
        old.checked == new.checked
            && self.patch_blocks(node, usize::from(new.checked.is_some()), &old.blocks, &new.blocks)
    }

    /// Blocks that are the children of a node's second child.
    fn patch_body(&self, node: &Node, old: &[Block], new: &[Block]) -> bool {
        dom::child(node, 1).is_some_and(|body| self.patch_blocks(&body, 0, old, new))
    }

    fn patch_blocks(&self, parent: &Node, first: usize, old: &[Block], new: &[Block]) -> bool {
        let build = |block: &Block| self.block(block).into();
        update_children(parent, first, old, new, build, |node, old, new| self.patch_block(node, old, new))
    }

    /// The first words of a text may be in another script than the rest.
    fn patch_prose(&self, node: &Node, old: &[Inline], new: &[Inline]) -> bool {
        turn(node, Direction::of(new));
        self.patch_inlines(node, old, new)
    }

    fn patch_inlines(&self, parent: &Node, old: &[Inline], new: &[Inline]) -> bool {
        let build = |inline: &Inline| self.inline(inline);
        update_children(parent, 0, old, new, build, |node, old, new| self.patch_inline(node, old, new))
    }

    fn patch_inline(&self, node: &Node, old: &Inline, new: &Inline) -> bool {
        match (old, new) {
            (Inline::Text(old), Inline::Text(new)) => patch_text(node, old, new),
            (Inline::Code(old), Inline::Code(new)) => {
                node.first_child().is_some_and(|text| patch_text(&text, old, new))
            }
            (Inline::Emphasis(old), Inline::Emphasis(new)) => {
                render::emphasis_class(old) == render::emphasis_class(new)
                    && self.patch_inlines(node, old, new)
            }
            (Inline::Math(old), Inline::Math(new)) => patch_math(node, old, new),
            (Inline::Tagged(before, old), Inline::Tagged(tag, new)) if before == tag => {
                self.patch_inlines(node, old, new)
            }
            (Inline::Strong(old), Inline::Strong(new))
            | (Inline::Strikethrough(old), Inline::Strikethrough(new)) => self.patch_inlines(node, old, new),
            _ => false,
        }
    }
}

/// Changes the direction of an element if it is another one.
fn turn(node: &Node, direction: Direction) {
    if let Some(element) = node.dyn_ref::<Element>()
        && element.get_attribute("dir").as_deref() != Some(render::direction_word(direction))
    {
        render::set_direction(element, direction);
    }
}

/// Updates the children of a node, from the `first` on, from one list to another. Always succeeds.
fn update_children<T: PartialEq>(
    parent: &Node,
    first: usize,
    old: &[T],
    new: &[T],
    build: impl Fn(&T) -> Node,
    patch: impl Fn(&Node, &T, &T) -> bool,
) -> bool {
    dom::truncate(parent, first + old.len().min(new.len()));
    for (index, new) in new.iter().enumerate() {
        let (old, at) = (old.get(index), first + index);
        if old == Some(new) {
            continue;
        }
        let node = old.zip(dom::child(parent, at));
        if !node.is_some_and(|(old, node)| patch(&node, old, new)) {
            dom::put(parent, at, &build(new));
        }
    }
    true
}

/// Updates the source of a formula, unless it has been set already.
fn patch_math(node: &Node, old: &Formula, new: &Formula) -> bool {
    if let Some(element) = node.dyn_ref::<Element>() {
        dom::set(element, "data-md-tex", &new.tex);
    }
    node.first_child().is_some_and(|text| patch_text(&text, &old.source(), &new.source()))
}

/// Updates a text node. If the text only grew, it is appended to, which keeps selections.
pub(super) fn patch_text(node: &Node, old: &str, new: &str) -> bool {
    let Some(text) = node.dyn_ref::<CharacterData>() else { return false };
    match new.strip_prefix(old) {
        Some("") => {}
        Some(more) => _ = text.append_data(more),
        None => text.set_data(new),
    }
    true
}
