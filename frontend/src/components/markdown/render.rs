//! Builds DOM nodes from the tree: one for each block and one for each inline node.

use kaiwa_markdown::{Alignment, Block, Cell, Inline, Item, SafeUrl};
use web_sys::{Element, Node};

use super::{MarkdownLabels, dom};

/// Builds nodes.
pub(super) struct Renderer {
    labels: MarkdownLabels,
}

impl Renderer {
    /// A renderer for one language.
    pub(super) fn new(labels: MarkdownLabels) -> Self {
        Self { labels }
    }

    /// Whether it uses these labels.
    pub(super) fn has(&self, labels: MarkdownLabels) -> bool {
        self.labels == labels
    }

    /// The element of a block.
    pub(super) fn block(&self, block: &Block) -> Element {
        match block {
            Block::Paragraph(content) => self.prose("p", "md-p", content),
            Block::Heading { level, content } => self.heading(*level, content),
            Block::Code { language, code } => self.code(language.as_deref(), code),
            Block::Quote(blocks) => {
                let quote = dom::element("blockquote", "md-quote");
                self.append_blocks(&quote, blocks);
                quote
            }
            Block::List { start, tight, items } => self.list(*start, *tight, items),
            Block::Table { alignments, head, rows } => self.table(alignments, head, rows),
            Block::Rule => dom::element("hr", "md-rule"),
            Block::Math(formula) => literal("div", "md-math-block", &formula.source()),
            Block::Html(html) => literal("pre", "md-html", html),
            Block::Footnote { label, blocks } => self.footnote(label, blocks),
        }
    }

    /// A code block. [`code_text`] finds its text again.
    pub(super) fn code(&self, language: Option<&str>, code: &str) -> Element {
        let block = dom::element("div", "md-code");
        dom::set(&block, "dir", "ltr");
        let head = dom::element("div", "md-code-head");
        let name = dom::element("span", "md-code-language");
        dom::append_text(&name, language.unwrap_or_default());
        let copy = dom::element("button", "md-copy");
        dom::set(&copy, "type", "button");
        // The label changes when the code has been copied, and that is announced.
        dom::set(&copy, "aria-live", "polite");
        dom::append_text(&copy, self.labels.copy);
        dom::append(&head, &name);
        dom::append(&head, &copy);
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
        block
    }

    /// The element of an item.
    pub(super) fn item(&self, item: &Item) -> Element {
        let entry = dom::element("li", if item.checked.is_some() { "md-item md-task" } else { "md-item" });
        if let Some(done) = item.checked {
            let mark = dom::element("input", "md-check");
            dom::set(&mark, "type", "checkbox");
            dom::set(&mark, "disabled", "");
            dom::set(&mark, "aria-label", if done { self.labels.done } else { self.labels.open });
            if done {
                dom::set(&mark, "checked", "");
            }
            dom::append(&entry, &mark);
        }
        self.append_blocks(&entry, &item.blocks);
        entry
    }

    /// A row of a table.
    pub(super) fn row(&self, alignments: &[Alignment], cells: &[Cell], tag: &str) -> Element {
        let row = dom::element("tr", "");
        for (index, cell) in cells.iter().enumerate() {
            let class = match alignments.get(index) {
                None | Some(Alignment::None) => "",
                Some(Alignment::Left) => "md-left",
                Some(Alignment::Center) => "md-center",
                Some(Alignment::Right) => "md-right",
            };
            let node = self.prose(tag, class, cell);
            if tag == "th" {
                dom::set(&node, "scope", "col");
            }
            dom::append(&row, &node);
        }
        row
    }

    /// The node of an inline node.
    pub(super) fn inline(&self, inline: &Inline) -> Node {
        self.inline_in(inline, false)
    }

    fn append_blocks(&self, parent: &Element, blocks: &[Block]) {
        for block in blocks {
            dom::append(parent, &self.block(block));
        }
    }

    fn append_inlines(&self, parent: &Element, content: &[Inline], is_in_link: bool) {
        for inline in content {
            dom::append(parent, &self.inline_in(inline, is_in_link));
        }
    }

    /// An element whose text direction follows its content.
    fn prose(&self, tag: &str, class: &str, content: &[Inline]) -> Element {
        let element = dom::element(tag, class);
        dom::set(&element, "dir", "auto");
        self.append_inlines(&element, content, false);
        element
    }

    /// A heading, two levels down, because the page and the conversation use the first two.
    fn heading(&self, level: u8, content: &[Inline]) -> Element {
        let (tag, class) = match level {
            0 | 1 => ("h3", "md-h1"),
            2 => ("h4", "md-h2"),
            3 => ("h5", "md-h3"),
            4 => ("h6", "md-h4"),
            _ => ("h6", "md-h5"),
        };
        self.prose(tag, class, content)
    }

    fn list(&self, start: Option<u64>, tight: bool, items: &[std::sync::Arc<Item>]) -> Element {
        let list = dom::element(if start.is_some() { "ol" } else { "ul" }, list_class(tight));
        dom::set(&list, "dir", "auto");
        if let Some(start) = start.filter(|start| *start != 1) {
            dom::set(&list, "start", &start.to_string());
        }
        for item in items {
            dom::append(&list, &self.item(item));
        }
        list
    }

    fn table(&self, alignments: &[Alignment], head: &[Cell], rows: &[Vec<Cell>]) -> Element {
        let frame = dom::element("div", "md-table");
        dom::set(&frame, "role", "region");
        dom::set(&frame, "tabindex", "0");
        dom::set(&frame, "aria-label", self.labels.table);
        let table = dom::element("table", "");
        let header = dom::element("thead", "");
        dom::append(&header, &self.row(alignments, head, "th"));
        let body = dom::element("tbody", "");
        for row in rows {
            dom::append(&body, &self.row(alignments, row, "td"));
        }
        dom::append(&table, &header);
        dom::append(&table, &body);
        dom::append(&frame, &table);
        frame
    }

    /// A footnote: its label, its text and the link back. Its blocks are the children of the second child.
    fn footnote(&self, label: &str, blocks: &[Block]) -> Element {
        let note = dom::element("div", "md-footnote");
        dom::set(&note, "role", "note");
        dom::set(&note, "tabindex", "-1");
        dom::set(&note, "data-md-note", label);
        dom::set(&note, "aria-label", &format!("{} {label}", self.labels.footnote));
        let number = dom::element("span", "md-footnote-label");
        dom::append_text(&number, label);
        let body = dom::element("div", "md-footnote-body");
        self.append_blocks(&body, blocks);
        let back = dom::element("button", "md-footnote-back");
        dom::set(&back, "type", "button");
        dom::set(&back, "aria-label", self.labels.back);
        dom::append_text(&back, "↩");
        dom::append(&note, &number);
        dom::append(&note, &body);
        dom::append(&note, &back);
        note
    }

    fn inline_in(&self, inline: &Inline, is_in_link: bool) -> Node {
        let around = |tag, class, content: &[Inline]| {
            let element = dom::element(tag, class);
            self.append_inlines(&element, content, is_in_link);
            element
        };
        let element = match inline {
            Inline::Text(content) => return dom::text(content).into(),
            Inline::LineBreak => dom::element("br", ""),
            Inline::Code(code) => literal("code", "md-inline-code", code),
            Inline::Emphasis(content) => around("em", "", content),
            Inline::Strong(content) => around("strong", "", content),
            Inline::Strikethrough(content) => around("del", "", content),
            Inline::Link { href, title, content } => self.link(href.as_ref(), title, content),
            Inline::Image { src, alt } => self.image(src.as_ref().filter(|_| !is_in_link), alt),
            Inline::Math(formula) => literal("span", "md-math", &formula.source()),
            Inline::FootnoteReference(label) => self.footnote_reference(label),
        };
        element.into()
    }

    fn link(&self, href: Option<&SafeUrl>, title: &str, content: &[Inline]) -> Element {
        let Some(href) = href else {
            let text = dom::element("span", "");
            self.append_inlines(&text, content, false);
            return text;
        };
        let link = anchor(href, "md-link");
        if !title.is_empty() {
            dom::set(&link, "title", title);
        }
        if let [Inline::Text(text)] = content
            && text == href.as_str()
        {
            // Addresses read from left to right in every language.
            dom::set(&link, "dir", "ltr");
        }
        self.append_inlines(&link, content, true);
        link
    }

    /// Images are linked and never loaded, because their server would learn about the conversation.
    fn image(&self, src: Option<&SafeUrl>, alt: &str) -> Element {
        let chip = src.map_or_else(|| dom::element("span", "md-image"), |src| anchor(src, "md-image"));
        let mut label = format!("{}: ", self.labels.image);
        label.push_str(alt);
        if let Some(host) = src.and_then(SafeUrl::host) {
            label.push_str(if alt.is_empty() { "" } else { " — " });
            label.push_str(host);
        }
        dom::append_text(&chip, &label);
        chip
    }

    fn footnote_reference(&self, label: &str) -> Element {
        let reference = dom::element("sup", "");
        let button = dom::element("button", "md-footnote-reference");
        dom::set(&button, "type", "button");
        dom::set(&button, "data-md-reference", label);
        dom::set(&button, "aria-label", &format!("{} {label}", self.labels.footnote));
        dom::append_text(&button, label);
        dom::append(&reference, &button);
        reference
    }
}

/// The class of a list.
pub(super) fn list_class(tight: bool) -> &'static str {
    if tight { "md-list md-tight" } else { "md-list" }
}

/// The text node of a code block that [`Renderer::code`] built.
pub(super) fn code_text(block: &Node) -> Option<Node> {
    block.last_child()?.first_child()?.first_child()
}

/// An element with literal text that reads from left to right.
fn literal(tag: &str, class: &str, content: &str) -> Element {
    let element = dom::element(tag, class);
    dom::set(&element, "dir", "ltr");
    dom::append_text(&element, content);
    element
}

fn anchor(href: &SafeUrl, class: &str) -> Element {
    let anchor = dom::element("a", class);
    dom::set(&anchor, "href", href.as_str());
    dom::set(&anchor, "target", "_blank");
    dom::set(&anchor, "rel", "noopener noreferrer nofollow");
    anchor
}
