//! What a person wrote: verbatim, except for code.

use kaiwa_markdown::parse_typed;
use web_sys::Element;

use super::{MarkdownLabels, decorate::decorate, dom, render::Renderer, set_language};

/// How many lines are shown before the rest is folded.
const FOLDED_LINES: usize = 12;

/// The fewest characters that a line holds on a phone. A text that fits there is not measured.
const NARROW: usize = 24;

/// Shows what a person wrote in an element. A long text is folded.
pub(super) fn fill(element: &Element, text: &str, labels: &'static MarkdownLabels) {
    let renderer = Renderer::new(labels);
    element.set_text_content(None);
    set_language(element, text);
    let body = dom::element("div", "md-typed-body");
    for block in &parse_typed(text) {
        dom::append(&body, &renderer.block(block));
    }
    dom::append(element, &body);
    let is_long = lines_of(text) > FOLDED_LINES;
    dom::set(element, "class", if is_long { "md md-typed md-long" } else { "md md-typed" });
    if is_long {
        dom::append(element, &renderer.unfold());
    }
    decorate(element);
}

/// About how many lines a text takes in a narrow window.
fn lines_of(text: &str) -> usize {
    text.lines().map(|line| 1 + line.len() / NARROW).take(FOLDED_LINES + 1).sum()
}
