//! Code blocks.

use web_sys::{Element, Node};

use super::{Renderer, dom};
use crate::components::artifacts::Kind;

/// How many lines of code are shown before the rest is folded.
const FOLDED_LINES: usize = 40;

/// How much of a code block there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Extent {
    /// More is coming. A folded block shows its end.
    Growing,
    /// All of it.
    Whole,
}

impl Renderer {
    /// A code block. [`code_text`] finds its text again.
    pub(in super::super) fn code(&self, language: Option<&str>, code: &str, extent: Extent) -> Element {
        let block = dom::element("div", "");
        dom::set(&block, "dir", "ltr");
        let head = dom::element("div", "md-code-head");
        let name = dom::element("span", "md-code-language");
        dom::append_text(&name, language.unwrap_or_default());
        dom::append(&head, &name);
        if let Some(kind) = language.and_then(Kind::of) {
            self.preview_buttons(&head, kind);
        }
        for (class, label) in [
            ("md-wrap", self.labels.wrap),
            ("md-download", self.labels.download),
            ("md-copy", self.labels.copy),
        ] {
            dom::append(&head, &dom::button(class, label));
        }
        let frame = dom::element("pre", "md-code-body");
        // Scrollable content must be focusable, and focusable content needs a name.
        dom::set(&frame, "tabindex", "0");
        dom::set(&frame, "role", "group");
        dom::set(&frame, "aria-label", &format!("{} {}", self.labels.code, language.unwrap_or_default()));
        let content = dom::element("code", "");
        dom::append_text(&content, code);
        dom::append(&frame, &content);
        dom::append(&block, &head);
        dom::append(&block, &frame);
        self.set_extent(&block, code, extent);
        block
    }

    /// The buttons that show what the code makes: in its place, and beside the conversation.
    fn preview_buttons(&self, head: &Element, kind: Kind) {
        let labels = self.labels;
        let preview = if kind == Kind::Mermaid { labels.diagram } else { labels.preview };
        let button = dom::button("md-preview", preview);
        for (name, value) in [
            ("data-preview", preview),
            ("data-code", labels.code),
            ("data-error", labels.preview_error),
            ("data-blocked", labels.preview_blocked),
            ("data-left", labels.preview_left),
            ("data-refused", labels.diagram_refused),
        ] {
            dom::set(&button, name, value);
        }
        if kind == Kind::Mermaid {
            // Until it is drawn.
            dom::set(&button, "hidden", "");
        }
        dom::append(head, &button);
        dom::append(head, &dom::button("md-expand", labels.expand));
    }

    /// The button that shows all of something long.
    pub(in super::super) fn unfold(&self) -> Element {
        let unfold = dom::button("md-unfold", self.labels.show_all);
        dom::set(&unfold, "data-md-less", self.labels.show_less);
        dom::set(&unfold, "aria-expanded", "false");
        unfold
    }

    /// Folds a code block that has become long, and marks one that still grows.
    pub(in super::super) fn set_extent(&self, block: &Element, code: &str, extent: Extent) {
        let is_long = dom::child(block, 2).is_some()
            || code.bytes().filter(|byte| *byte == b'\n').nth(FOLDED_LINES).is_some();
        if is_long && dom::child(block, 2).is_none() {
            dom::append(block, &self.unfold());
        }
        let class = match (is_long, extent) {
            (false, _) => "md-code",
            (true, Extent::Growing) => "md-code md-long md-growing",
            (true, Extent::Whole) => "md-code md-long",
        };
        if block.class_name() != class {
            dom::set(block, "class", class);
        }
    }
}

/// The text node of a code block that [`Renderer::code`] built.
pub(in super::super) fn code_text(block: &Node) -> Option<Node> {
    dom::child(block, 1)?.first_child()?.first_child()
}
