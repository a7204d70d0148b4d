//! Finding the occurrences in the page and colouring them, without changing the page: with the CSS Custom Highlight API.

use js_sys::{Array, Function, Reflect};
use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Element, HtmlElement, Node, Range};

use super::text::fold_char;
use crate::browser::page;

/// The texts of a message.
const TEXTS: &str = ".md:not(.reasoning .md)";
/// What is not part of the text.
const IGNORED: &str = "button, .md-code-head, .md-math, .md-alert-title, .md-footnote-label";
/// What stands on a line of its own.
const BLOCKS: &str = "p, h1, h2, h3, h4, h5, h6, li, td, th, pre, summary, [role=heading]";
/// `NodeFilter.SHOW_TEXT`
const SHOW_TEXT: u32 = 4;

/// The characters of a row, folded, each with its text node and its position there.
#[derive(Default)]
struct Characters {
    folded: Vec<char>,
    places: Vec<(Node, u32)>,
}

/// The places of a folded query in a row, in order.
pub(super) fn ranges(row: &Element, query: &str) -> Vec<Range> {
    let mut characters = Characters::default();
    for text in page::find_all(row, TEXTS) {
        characters.read(&text);
    }
    let query: Vec<char> = query.chars().collect();
    positions(&characters.folded, &query)
        .into_iter()
        .filter_map(|at| characters.range(at, query.len()))
        .collect()
}

impl Characters {
    fn read(&mut self, root: &Element) {
        let Ok(walker) = document().create_tree_walker_with_what_to_show(root, SHOW_TEXT) else { return };
        let mut block = None;
        while let Ok(Some(node)) = walker.next_node() {
            let Some(parent) = node.parent_element() else { continue };
            let closest = |selector| parent.closest(selector).ok().flatten();
            if closest(IGNORED).is_some() {
                continue;
            }
            let here = closest(BLOCKS);
            if block != Some(here.clone()) {
                self.push('\n', &node, 0);
                block = Some(here);
            }
            let mut offset = 0;
            for c in node.node_value().unwrap_or_default().chars() {
                self.push(fold_char(c), &node, offset);
                offset += if c.len_utf16() == 2 { 2 } else { 1 };
            }
        }
    }

    fn push(&mut self, c: char, node: &Node, offset: u32) {
        self.folded.push(c);
        self.places.push((node.clone(), offset));
    }

    fn range(&self, at: usize, length: usize) -> Option<Range> {
        let (first, start) = self.places.get(at)?;
        let (last, end) = self.places.get(at + length.checked_sub(1)?)?;
        let range = document().create_range().ok()?;
        range.set_start(first, *start).ok()?;
        range.set_end(last, end + 1).ok()?;
        Some(range)
    }
}

/// Where `wanted` occurs, from left to right without overlaps, as `str::matches` counts.
fn positions(text: &[char], wanted: &[char]) -> Vec<usize> {
    let (mut found, mut at) = (Vec::new(), 0);
    while !wanted.is_empty() && at + wanted.len() <= text.len() {
        if text.get(at..at + wanted.len()) == Some(wanted) {
            found.push(at);
            at += wanted.len();
        } else {
            at += 1;
        }
    }
    found
}

/// Colours these ranges under a name that the style sheet knows. Browsers without the interface show nothing.
pub(super) fn colour(name: &str, ranges: &[Range]) {
    let set = || {
        let window: JsValue = window().into();
        let highlights = Reflect::get(&Reflect::get(&window, &"CSS".into())?, &"highlights".into())?;
        let highlight: Function = Reflect::get(&window, &"Highlight".into())?.dyn_into()?;
        let highlight = Reflect::construct(&highlight, &ranges.iter().collect::<Array>())?;
        let set: Function = Reflect::get(&highlights, &"set".into())?.dyn_into()?;
        set.call2(&highlights, &name.into(), &highlight)
    };
    _ = set();
}

/// Opens what hides a range: folded code and text, and closed details.
pub(super) fn uncover(range: &Range, row: &HtmlElement) {
    let mut next = range.start_container().ok().and_then(|node| node.parent_element());
    while let Some(element) = next.filter(|element| row.contains(Some(element))) {
        if element.tag_name() == "DETAILS" {
            // Fails only for malformed names.
            _ = element.set_attribute("open", "");
        }
        for button in page::find_all(&element, ":scope > .md-unfold[aria-expanded=false]") {
            button.click();
        }
        next = element.parent_element();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn occurrences_do_not_overlap() {
        let find = |text: &str, wanted: &str| {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            positions(&chars(text), &chars(wanted))
        };
        assert_eq!(find("aaaa", "aa"), [0, 2]);
        assert_eq!(find("喝茶,喝茶", "喝茶"), [0, 3]);
        assert!(find("tea", "").is_empty());
        assert!(find("te", "tea").is_empty());
    }
}
