//! Builds DOM nodes from the tree: one for each block and one for each inline node.

mod code;

use kaiwa_markdown::{
    AlertKind, Alignment, Block, Cell, Delimiters, Direction, Formula, ImageSource, Inline, InlineTag, Item,
    OwnFile, SafeUrl, has_han,
};
use web_sys::{Element, Node};

pub(super) use self::code::{Extent, code_text};
use super::{MarkdownLabels, dom};

/// Builds nodes.
pub(super) struct Renderer {
    labels: &'static MarkdownLabels,
}

impl Renderer {
    /// A renderer for one language.
    pub(super) fn new(labels: &'static MarkdownLabels) -> Self {
        Self { labels }
    }

    /// Whether it uses these labels.
    pub(super) fn has(&self, labels: &'static MarkdownLabels) -> bool {
        self.labels == labels
    }

    /// The element of a block.
    pub(super) fn block(&self, block: &Block) -> Element {
        match block {
            Block::Paragraph(content) => self.prose("p", "md-p", content),
            Block::Heading { level, content } => self.heading(*level, content),
            Block::Code { language, code } => self.code(language.as_deref(), code, Extent::Whole),
            Block::Quote(blocks) => {
                let quote = dom::element("blockquote", "md-quote");
                set_direction(&quote, Direction::of_blocks(blocks));
                self.append_blocks(&quote, blocks);
                quote
            }
            Block::Alert { kind, blocks } => self.alert(*kind, blocks),
            Block::Details { summary, is_open, blocks } => self.details(summary, *is_open, blocks),
            Block::List { start, tight, items } => {
                let list = self.list(*start, *tight, items);
                set_direction(&list, Direction::of_block(block));
                list
            }
            Block::Table { alignments, head, rows } => {
                let table = self.table(alignments, head, rows);
                set_direction(&table, Direction::of_block(block));
                table
            }
            Block::Rule => dom::element("hr", "md-rule"),
            Block::Math(formula) => math("div", "md-math md-math-block", formula),
            Block::Html(html) => literal("pre", "md-html", html),
            Block::Footnote { label, blocks } => self.footnote(label, blocks),
        }
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

    /// An element that reads in the direction of its text.
    fn prose(&self, tag: &str, class: &str, content: &[Inline]) -> Element {
        let element = dom::element(tag, class);
        set_direction(&element, Direction::of(content));
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
        let heading = self.prose(tag, class, content);
        if contains_han(content) {
            dom::set(&heading, "class", &format!("{class} md-han"));
        }
        heading
    }

    /// An alert. Its blocks are the children of the second child.
    fn alert(&self, kind: AlertKind, blocks: &[Block]) -> Element {
        let (class, label) = match kind {
            AlertKind::Note => ("md-alert md-note", self.labels.note),
            AlertKind::Tip => ("md-alert md-tip", self.labels.tip),
            AlertKind::Important => ("md-alert md-important", self.labels.important),
            AlertKind::Warning => ("md-alert md-warning", self.labels.warning),
            AlertKind::Caution => ("md-alert md-caution", self.labels.caution),
        };
        let alert = dom::element("div", class);
        dom::set(&alert, "role", "note");
        let title = dom::element("p", "md-alert-title");
        dom::append_text(&title, label);
        let body = dom::element("div", "md-alert-body");
        self.append_blocks(&body, blocks);
        dom::append(&alert, &title);
        dom::append(&alert, &body);
        alert
    }

    /// Folded blocks. They are the children of the second child.
    fn details(&self, summary: &[Inline], is_open: bool, blocks: &[Block]) -> Element {
        let details = dom::element("details", "md-details");
        if is_open {
            dom::set(&details, "open", "");
        }
        let title = self.prose("summary", "", summary);
        if summary.is_empty() {
            dom::append_text(&title, self.labels.details);
        }
        let body = dom::element("div", "md-details-body");
        self.append_blocks(&body, blocks);
        dom::append(&details, &title);
        dom::append(&details, &body);
        details
    }

    fn list(&self, start: Option<u64>, tight: bool, items: &[std::sync::Arc<Item>]) -> Element {
        let list = dom::element(if start.is_some() { "ol" } else { "ul" }, list_class(tight));
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
        let back = dom::button("md-footnote-back", "↩");
        dom::set(&back, "aria-label", self.labels.back);
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
            Inline::Emphasis(content) => around("em", emphasis_class(content), content),
            Inline::Strong(content) => around("strong", "", content),
            Inline::Strikethrough(content) => around("del", "", content),
            Inline::Tagged(tag, content) => {
                let (tag, class) = match tag {
                    InlineTag::Subscript => ("sub", ""),
                    InlineTag::Superscript => ("sup", ""),
                    InlineTag::Keyboard => ("kbd", "md-kbd"),
                };
                around(tag, class, content)
            }
            Inline::Link { href, title, content } => self.link(href.as_ref(), title, content),
            Inline::Image { src: Some(ImageSource::Own(file)), alt } => picture(file, alt),
            Inline::Image { src: Some(ImageSource::Remote(url)), alt } if !is_in_link => {
                if url.is_encrypted() { self.held_image(url, alt) } else { self.image(Some(url), alt) }
            }
            Inline::Image { alt, .. } => self.image(None, alt),
            Inline::Math(formula) => {
                let stands_alone = matches!(formula.delimiters, Delimiters::Dollars | Delimiters::Brackets);
                math("span", if stands_alone { "md-math md-math-display" } else { "md-math" }, formula)
            }
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
            && href.as_str().ends_with(text)
        {
            // Addresses read from left to right in every language.
            dom::set(&link, "dir", "ltr");
        }
        self.append_inlines(&link, content, true);
        link
    }

    /// A button that loads an image of another server. Until then it is not loaded, because its server would learn about
    /// the conversation.
    fn held_image(&self, url: &SafeUrl, alt: &str) -> Element {
        let button = dom::button("md-image-show", self.labels.show_image);
        for (name, value) in
            [("data-url", url.as_str()), ("data-alt", alt), ("data-failed", self.labels.image_failed)]
        {
            dom::set(&button, name, value);
        }
        // Until what shows it is loaded, a click would do nothing.
        dom::set(&button, "disabled", "");
        let from = dom::element("span", "md-image-from");
        let host = url.host().unwrap_or_default();
        dom::append_text(&from, &if alt.is_empty() { host.to_owned() } else { format!("{alt} — {host}") });
        dom::append(&button, &from);
        button
    }

    /// An image that is not shown: a link to it, if there may be one.
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
        let button = dom::button("md-footnote-reference", label);
        dom::set(&button, "data-md-reference", label);
        dom::set(&button, "aria-label", &format!("{} {label}", self.labels.footnote));
        dom::append(&reference, &button);
        reference
    }
}

/// Sets the direction in which an element reads.
pub(super) fn set_direction(element: &Element, direction: Direction) {
    dom::set(element, "dir", direction_word(direction));
}

/// The value of the attribute `dir`.
pub(super) const fn direction_word(direction: Direction) -> &'static str {
    match direction {
        Direction::LeftToRight => "ltr",
        Direction::RightToLeft => "rtl",
    }
}

/// The class of a list.
pub(super) fn list_class(tight: bool) -> &'static str {
    if tight { "md-list md-tight" } else { "md-list" }
}

/// The class of emphasis: Chinese is not slanted but gets dots.
pub(super) fn emphasis_class(content: &[Inline]) -> &'static str {
    if contains_han(content) { "md-han" } else { "" }
}

/// Whether there are Chinese characters in the text itself.
pub(super) fn contains_han(content: &[Inline]) -> bool {
    content.iter().any(|inline| match inline {
        Inline::Text(text) => has_han(text),
        Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Link { content: inner, .. } => {
            contains_han(inner)
        }
        _ => false,
    })
}

/// A formula as it was written. Once it is complete, it is set.
fn math(tag: &str, class: &str, formula: &Formula) -> Element {
    let element = literal(tag, class, &formula.source());
    dom::set(&element, "data-md-tex", &formula.tex);
    element
}

/// A file of ours. Its place is kept free until it is loaded, if its size is known.
fn picture(file: &OwnFile, alt: &str) -> Element {
    let picture = dom::element("img", "md-picture");
    if let Some((width, height)) = file.size() {
        dom::set(&picture, "width", &width.to_string());
        dom::set(&picture, "height", &height.to_string());
    }
    dom::set(&picture, "loading", "lazy");
    dom::set(&picture, "decoding", "async");
    dom::set(&picture, "alt", alt);
    dom::set(&picture, "src", file.as_str());
    picture
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
