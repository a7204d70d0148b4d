//! Helpers for building DOM nodes.

use leptos::tachys::renderer::dom::Dom;
use web_sys::{Element, Node, Text};

/// How many blocks share a part of a text. When a block grows, the browser lays out the blocks of its part and the
/// other parts, not every block of the text.
const PART: usize = 16;

/// A new element with a class.
pub(super) fn element(tag: &str, class: &str) -> Element {
    let element = Dom::create_element(tag, None);
    if !class.is_empty() {
        set(&element, "class", class);
    }
    element
}

/// A new button.
pub(super) fn button(class: &str, label: &str) -> Element {
    let button = element("button", class);
    set(&button, "type", "button");
    append_text(&button, label);
    button
}

/// A new text node.
pub(super) fn text(content: &str) -> Text {
    Dom::create_text_node(content)
}

/// Sets an attribute.
pub(super) fn set(element: &Element, name: &str, value: &str) {
    Dom::set_attribute(element, name, value);
}

/// Appends a node to an element.
pub(super) fn append(parent: &Element, child: &Node) {
    Dom::insert_node(parent, child, None);
}

/// Appends a text to an element.
pub(super) fn append_text(parent: &Element, content: &str) {
    append(parent, &text(content));
}

/// The child at an index.
pub(super) fn child(parent: &Node, index: usize) -> Option<Node> {
    parent.child_nodes().item(u32::try_from(index).ok()?)
}

/// The part of a text that contains a block, and the block's index in it.
pub(super) fn part(text: &Node, index: usize) -> (Node, usize) {
    let number = index / PART;
    let part = child(text, number).unwrap_or_else(|| {
        let part: Node = element("div", "md-part").into();
        put(text, number, &part);
        part
    });
    (part, index % PART)
}

/// Sets the child at an index: replaces the one that is there, or appends.
pub(super) fn put(parent: &Node, index: usize, new: &Node) {
    // Neither can fail: the replaced child was found there, and a node is never inserted into itself.
    _ = match child(parent, index) {
        Some(old) => parent.replace_child(new, &old),
        None => parent.append_child(new),
    };
}

/// Removes all blocks of a text from an index on.
pub(super) fn truncate_text(text: &Node, length: usize) {
    truncate(text, length.div_ceil(PART));
    if let Some(part) = child(text, length / PART) {
        truncate(&part, length % PART);
    }
}

/// Removes all children from an index on.
pub(super) fn truncate(parent: &Node, length: usize) {
    while let Some(extra) = child(parent, length) {
        _ = parent.remove_child(&extra);
    }
}
