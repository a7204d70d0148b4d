//! A growing text on the page.

use std::ops::Range;

use kaiwa_markdown::{Block, Stream, Tail};
use leptos::{
    leptos_dom::helpers::{AnimationFrameRequestHandle, request_animation_frame_with_handle},
    prelude::document,
};
use wasm_bindgen::JsCast;
use web_sys::{CharacterData, Element, Node};

use super::{
    MarkdownFeed, MarkdownLabels,
    decorate::decorate,
    dom,
    feed::Position,
    render::{self, Extent, Renderer},
    set_language,
};

/// Keeps an element in step with a feed: one node for each block, grouped into parts.
pub(super) struct Painter {
    root: Element,
    renderer: Renderer,
    feed: MarkdownFeed,
    position: Position,
    stream: Stream,
    is_finished: bool,
    /// How many leading blocks are settled.
    settled: usize,
    /// What the nodes after them show.
    shown: Vec<Shown>,
    /// How many items of the open list have been decorated.
    decorated: usize,
    frame: Option<AnimationFrameRequestHandle>,
}

/// What an unsettled node shows.
enum Shown {
    Block(Block),
    /// An open code block, with the length of its code in bytes.
    Code {
        language: Option<String>,
        length: usize,
    },
}

impl Painter {
    /// A painter that has painted nothing yet.
    pub(super) fn new(root: Element, feed: MarkdownFeed, labels: &'static MarkdownLabels) -> Self {
        Self {
            root,
            renderer: Renderer::new(labels),
            feed,
            position: Position::default(),
            stream: Stream::new(),
            is_finished: false,
            settled: 0,
            shown: Vec::new(),
            decorated: 0,
            frame: None,
        }
    }

    /// Schedules painting: in the next frame, or immediately if the text is complete, because background pages get no
    /// frames and a screen reader may read the end of a text there.
    pub(super) fn schedule(&mut self, paint: impl FnOnce() + 'static) {
        if !self.feed.has_news(self.position) {
            return;
        }
        if self.feed.is_finished() {
            self.paint();
        } else if self.frame.is_none() {
            self.frame = request_animation_frame_with_handle(paint).ok();
        }
    }

    /// Paints immediately if the page is going into the background with a frame pending.
    pub(super) fn flush(&mut self) {
        if self.frame.is_some() && document().hidden() {
            self.paint();
        }
    }

    /// Sets the labels and repaints.
    pub(super) fn relabel(&mut self, labels: &'static MarkdownLabels) {
        if self.renderer.has(labels) {
            return;
        }
        self.renderer = Renderer::new(labels);
        self.begin();
        self.position = Position::default();
        self.paint();
    }

    /// Updates the page to the current text.
    pub(super) fn paint(&mut self) {
        self.cancel_frame();
        let news = self.feed.take(&mut self.position);
        if news.is_new_text {
            self.begin();
        }
        if self.is_finished {
            return;
        }
        let is_first = self.stream.text().is_empty();
        self.settle(&news.piece);
        if is_first {
            set_language(&self.root, self.stream.text());
        }
        if news.is_finished {
            self.finish();
        } else {
            self.show_tail();
        }
    }

    fn begin(&mut self) {
        self.root.set_text_content(None);
        self.stream = Stream::new();
        self.is_finished = false;
        self.settled = 0;
        self.shown.clear();
        self.decorated = 0;
    }

    fn settle(&mut self, piece: &str) {
        let sealed = self.stream.push(piece);
        for (index, block) in sealed.iter().enumerate() {
            show(&self.renderer, &self.root, self.settled + index, self.shown.get(index), block);
            let (part, at) = dom::part(&self.root, self.settled + index);
            if let Some(node) = dom::child(&part, at) {
                decorate(&node);
            }
            self.decorated = 0;
        }
        let count = sealed.len();
        self.settled += count;
        self.shown.drain(..count.min(self.shown.len()));
    }

    fn show_tail(&mut self) {
        let (shown, settled) = (&self.shown, self.settled);
        match self.stream.tail() {
            Tail::Blocks(blocks) => {
                for (index, block) in blocks.iter().enumerate() {
                    show(&self.renderer, &self.root, settled + index, shown.get(index), block);
                }
                dom::truncate_text(&self.root, settled + blocks.len());
                if let [Block::List { items, .. }] = blocks.as_slice() {
                    self.decorated =
                        decorate_items(&self.root, settled, self.decorated..items.len().saturating_sub(1));
                }
                self.shown = blocks.into_iter().map(Shown::Block).collect();
            }
            Tail::Code { language, code } => {
                let (part, at) = dom::part(&self.root, settled);
                if !append_code(&self.renderer, &part, at, shown.first(), language, code, Extent::Growing) {
                    dom::put(&part, at, &self.renderer.code(language, code, Extent::Growing));
                }
                dom::truncate_text(&self.root, settled + 1);
                self.shown = vec![Shown::Code { language: language.map(str::to_owned), length: code.len() }];
            }
        }
    }

    fn finish(&mut self) {
        set_language(&self.root, self.stream.text());
        let finish = std::mem::take(&mut self.stream).finish();
        for (index, block) in
            finish.changed.iter().filter_map(|index| Some((*index, finish.blocks.get(*index)?)))
        {
            let (part, at) = dom::part(&self.root, index);
            dom::put(&part, at, &self.renderer.block(block));
        }
        let rest = finish.blocks.get(self.settled..).unwrap_or_default();
        for (index, block) in rest.iter().enumerate() {
            show(&self.renderer, &self.root, self.settled + index, self.shown.get(index), block);
        }
        dom::truncate_text(&self.root, finish.blocks.len());
        decorate(&self.root);
        self.shown.clear();
        self.is_finished = true;
    }

    fn cancel_frame(&mut self) {
        if let Some(frame) = self.frame.take() {
            frame.cancel();
        }
    }
}

impl Drop for Painter {
    fn drop(&mut self) {
        self.cancel_frame();
    }
}

/// Makes the node at an index show a block.
fn show(renderer: &Renderer, root: &Element, index: usize, shown: Option<&Shown>, block: &Block) {
    let (part, at) = dom::part(root, index);
    if let Some(Shown::Block(old)) = shown {
        renderer.update_block(&part, at, old, block);
        return;
    }
    if let Block::Code { language, code } = block
        && append_code(renderer, &part, at, shown, language.as_deref(), code, Extent::Whole)
    {
        return;
    }
    dom::put(&part, at, &renderer.block(block));
}

/// Appends to the code block at an index, if it is open and the code continues it.
fn append_code(
    renderer: &Renderer,
    part: &Node,
    at: usize,
    shown: Option<&Shown>,
    language: Option<&str>,
    code: &str,
    extent: Extent,
) -> bool {
    let Some(Shown::Code { language: before, length }) = shown else { return false };
    let Some(more) = code.get(*length..).filter(|_| before.as_deref() == language) else { return false };
    let Some(block) = dom::child(part, at) else { return false };
    let text = render::code_text(&block);
    let Some(text) = text.as_ref().and_then(|text| text.dyn_ref::<CharacterData>()) else { return false };
    if let Some(block) = block.dyn_ref::<Element>() {
        renderer.set_extent(block, code, extent);
    }
    // Appending to a text node cannot fail.
    more.is_empty() || text.append_data(more).is_ok()
}

/// Decorates the items of a list that have ended while the list is open. Returns how many have been.
fn decorate_items(root: &Element, index: usize, items: Range<usize>) -> usize {
    let (part, at) = dom::part(root, index);
    if let Some(list) = dom::child(&part, at).filter(|_| !items.is_empty()) {
        items.clone().filter_map(|item| dom::child(&list, item)).for_each(|item| decorate(&item));
    }
    items.start.max(items.end)
}
