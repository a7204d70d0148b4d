//! The rows that are on the page, and the gaps that stand for the others.

use kaiwa_shared::MessageId;
use leptos::{prelude::*, tachys::reactive_graph::OwnedView};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, Node, ResizeObserver};

use crate::browser::page;

/// A row that is to be on the page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) id: MessageId,
    /// The height of the rows before it that are not.
    pub(super) gap: f64,
}

struct Mounted {
    id: MessageId,
    view: <OwnedView<AnyView> as Render>::State,
    element: Element,
    gap: Option<Gap>,
}

struct Gap {
    element: HtmlElement,
    height: f64,
}

/// The rows in the list element. A row that stays is never moved, because that would lose its focus and its selection.
pub(super) struct List {
    element: Element,
    /// Stands after the last row.
    end: Node,
    owner: Owner,
    observer: ResizeObserver,
    mounted: Vec<Mounted>,
}

impl List {
    /// An empty list. Its rows are observed.
    pub(super) fn new(element: Element, owner: Owner, observer: ResizeObserver) -> Self {
        let end: Node = document().create_text_node("").into();
        // Fails only for a node that contains the element.
        _ = element.append_child(&end);
        Self { element, end, owner, observer, mounted: Vec::new() }
    }

    pub(super) fn element(&self) -> &Element {
        &self.element
    }

    /// The rows on the page, from top to bottom.
    pub(super) fn rows(&self) -> impl DoubleEndedIterator<Item = (MessageId, &Element)> {
        self.mounted.iter().map(|row| (row.id, &row.element))
    }

    /// Shows exactly these rows, in this order; `stays` says whether a row is one of them, and `row` makes the view of a
    /// new one. Returns the new ones.
    pub(super) fn show(
        &mut self,
        wanted: &[Wanted],
        stays: impl Fn(MessageId) -> bool,
        row: impl Fn(MessageId) -> Option<AnyView>,
    ) -> Vec<MessageId> {
        self.remove(|row| !stays(row.id));
        let mut new = Vec::new();
        for (at, Wanted { id, gap }) in wanted.iter().enumerate() {
            if self.mounted.get(at).is_none_or(|row| row.id != *id) {
                // In another order, which happens only if the branch changes.
                self.remove(|row| row.id == *id);
                if !self.insert(at, *id, &row) {
                    continue;
                }
                new.push(*id);
            }
            if let Some(row) = self.mounted.get_mut(at) {
                set_gap(&self.element, row, *gap);
            }
        }
        new
    }

    fn insert(&mut self, at: usize, id: MessageId, row: impl Fn(MessageId) -> Option<AnyView>) -> bool {
        let owner = self.owner.with(Owner::new);
        let Some(view) = owner.with(|| row(id)) else { return false };
        let mut view = OwnedView::new_with_owner(view, owner).build();
        let next = self.mounted.get(at).map_or(&self.end, |row| match &row.gap {
            Some(gap) => gap.element.as_ref(),
            None => row.element.as_ref(),
        });
        view.mount(&self.element, Some(next));
        let Some(element) = view.elements().into_iter().next() else { return false };
        self.observer.observe(&element);
        self.mounted.insert(at, Mounted { id, view, element, gap: None });
        true
    }

    fn remove(&mut self, is_gone: impl Fn(&Mounted) -> bool) {
        for mut row in self.mounted.extract_if(.., |row| is_gone(row)) {
            self.observer.unobserve(&row.element);
            row.view.unmount();
            if let Some(gap) = row.gap {
                gap.element.remove();
            }
        }
    }
}

fn set_gap(list: &Element, row: &mut Mounted, height: f64) {
    if height <= 0.0 {
        if let Some(gap) = row.gap.take() {
            gap.element.remove();
        }
        return;
    }
    if row.gap.is_none() {
        row.gap = insert_gap(list, &row.element);
    }
    if let Some(gap) = &mut row.gap
        && gap.height.to_bits() != height.to_bits()
    {
        gap.height = height;
        page::set_height(&gap.element, height);
    }
}

fn insert_gap(list: &Element, row: &Element) -> Option<Gap> {
    let element: HtmlElement = document().create_element("li").ok()?.dyn_into().ok()?;
    element.set_class_name("row-gap");
    // Fail only for malformed names and unrelated nodes.
    _ = element.set_attribute("aria-hidden", "true");
    _ = list.insert_before(&element, Some(row));
    Some(Gap { element, height: 0.0 })
}
