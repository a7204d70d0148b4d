//! Rows that must stay on the page.

use kaiwa_shared::MessageId;
use leptos::prelude::document;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, Node};

use crate::browser::page;

/// The message to whose row a node belongs.
pub(super) fn row_of(node: &Node) -> Option<MessageId> {
    let element = node.dyn_ref::<Element>().cloned().or_else(|| node.parent_element())?;
    element.closest("[data-message-id]").ok().flatten()?.get_attribute("data-message-id")?.parse().ok()
}

/// The row with the focus.
pub(super) fn focused(list: &Element) -> Option<MessageId> {
    let element = document().active_element()?;
    list.contains(Some(&element)).then(|| row_of(&element)).flatten()
}

/// The rows in which the selection begins and ends; `None` for an end outside all rows. An empty selection in a row counts,
/// because it may be extended with Shift.
pub(super) fn selected(list: &Element) -> Option<(Option<MessageId>, Option<MessageId>)> {
    let selection = page::selection()?;
    let (anchor, focus) = (selection.anchor_node()?, selection.focus_node()?);
    let (anchor_in, focus_in) = (list.contains(Some(&anchor)), list.contains(Some(&focus)));
    let row = |node: &Node, is_in: bool| if is_in { row_of(node) } else { None };
    let ends = (anchor_in || focus_in).then(|| (row(&anchor, anchor_in), row(&focus, focus_in)))?;
    (!selection.is_collapsed() || ends.0.is_some()).then_some(ends)
}
