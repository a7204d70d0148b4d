//! The rows of a conversation: those in and near the view are on the page, gaps of the same height stand for the others.
//!
//! - `heights` knows the height of every row, measured or estimated;
//! - `choice` decides which rows are on the page;
//! - `list` puts them there;
//! - `pins` finds those that must stay, because they have the focus, the selection or something open.
//!
//! A row that is measured for the first time differs from its estimate. The view does not move then: while it is being
//! scrolled, the gap above it takes the difference, because a correction would interrupt a smooth scroll; as soon as it
//! stands still, the scroll position does.

mod choice;
mod estimate;
mod heights;
mod list;
mod marks;
mod pins;

use std::ops::RangeInclusive;

use kaiwa_shared::MessageId;
use leptos::prelude::*;
use web_sys::{Element, HtmlElement, ResizeObserver};

use self::{
    choice::{FIRST, View, choose},
    heights::Heights,
    list::{List, Wanted},
    marks::Marks,
};
use crate::{
    browser::page,
    components::message::message,
    state::{
        chat::{Chat, MessageHandle},
        places::Place,
    },
};

/// How often new rows may show that even more are needed.
const ROUNDS: usize = 6;
/// How many rows stay because something in them was opened.
const MAX_OPENED: usize = 16;

/// What must not move while rows come and go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Hold {
    /// The end of the conversation.
    End,
    /// A message, at its distance from the top of the view.
    Row(Place),
}

/// The rows of a conversation.
#[derive(Clone, Copy)]
pub(super) struct Rows(StoredValue<State, LocalStorage>);

struct State {
    /// Owns the rows.
    owner: Owner,
    chat: Chat,
    messages: Vec<MessageHandle>,
    heights: Heights,
    list: Option<List>,
    /// Where the rows begin in the scrolling area.
    lead: f64,
    /// The width of the rows.
    width: f64,
    /// What the gap above the view takes until the view stands still.
    slack: f64,
    /// The row below that gap.
    slack_before: Option<MessageId>,
    /// Rows in which something was opened or closed, the last one first.
    opened: Vec<MessageId>,
    /// All rows are on the page.
    is_whole: bool,
    /// Other rows have come onto the page.
    changed: Trigger,
}

impl Rows {
    pub(super) fn new(chat: &Chat) -> Self {
        Self(StoredValue::new_local(State {
            owner: Owner::current().unwrap_or_default(),
            chat: chat.clone(),
            messages: Vec::new(),
            heights: Heights::default(),
            list: None,
            lead: 0.0,
            width: 0.0,
            slack: 0.0,
            slack_before: None,
            opened: Vec::new(),
            is_whole: false,
            changed: Trigger::new(),
        }))
    }

    /// Puts the rows into this element. Changes of their size are reported to the observer.
    pub(super) fn mount(self, element: Element, observer: ResizeObserver) {
        self.0.update_value(|state| {
            let owner = state.owner.clone();
            state.list = Some(List::new(element, owner, observer));
        });
    }

    /// Replaces the messages. [`Rows::arrange`] shows them.
    pub(super) fn set_messages(self, messages: Vec<MessageHandle>) {
        self.0.update_value(|state| state.set_messages(messages));
    }

    /// Shows the rows of the first paint, before there is a view.
    pub(super) fn begin(self, hold: Hold) {
        self.0.update_value(|state| {
            let rows = state.first_rows(hold);
            state.show(&rows, hold);
        });
    }

    /// What is at the top of the view.
    pub(super) fn hold(self, view: &Element) -> Option<Hold> {
        self.0.try_with_value(|state| state.hold(view)).flatten()
    }

    /// Puts the rows that belong there on the page, and keeps `hold` in its place; the scroll position changes only if
    /// the view stands `still`. Adds up to `grow` rows that are not needed yet. Returns whether there are more of those.
    pub(super) fn arrange(self, view: &Element, hold: Hold, still: bool, grow: usize) -> bool {
        self.0.try_update_value(|state| state.arrange(view, hold, still, grow)).unwrap_or(false)
    }

    /// Takes over the heights of rows that have changed, and the width of all.
    pub(super) fn remeasure(self, changed: &[Element]) {
        self.0.update_value(|state| state.remeasure(changed));
    }

    /// Something was opened or closed in a row. It stays on the page, so that it is still so when the user comes back.
    pub(super) fn keep(self, target: &Element) {
        self.0.update_value(|state| {
            if let Some(id) = pins::row_of(target) {
                state.opened.retain(|other| *other != id);
                state.opened.insert(0, id);
                state.opened.truncate(MAX_OPENED);
            }
        });
    }

    /// Shows all rows, or only the needed ones.
    pub(super) fn set_whole(self, is_whole: bool) {
        self.0.update_value(|state| state.is_whole = is_whole);
    }

    /// The page has every row.
    pub(super) fn are_all_mounted(self) -> bool {
        self.0.with_value(|state| {
            state.list.as_ref().is_some_and(|list| list.rows().count() == state.heights.len())
        })
    }

    /// Rows within the selection are not on the page.
    pub(super) fn lack_selected(self) -> bool {
        self.0
            .try_with_value(|state| {
                let (from, to) = pins::selected(state.list.as_ref()?.element())?;
                let mut selected = state.between(from?, to?).filter(|rows| rows.start() < rows.end())?;
                let mounted = state.mounted();
                Some(selected.any(|at| !mounted.has(at)))
            })
            .flatten()
            .unwrap_or(false)
    }

    /// The rows on the page.
    pub(super) fn elements(self) -> Vec<(MessageId, HtmlElement)> {
        self.0.with_value(|state| {
            let rows = state.list.iter().flat_map(List::rows);
            rows.filter_map(|(id, element)| Some((id, page::as_html(element)?))).collect()
        })
    }

    /// Notifies the current effect when other rows come onto the page.
    pub(super) fn track(self) {
        self.0.with_value(|state| state.changed).track();
    }

    /// The element of a message, if it is on the page.
    pub(super) fn element(self, id: MessageId) -> Option<HtmlElement> {
        self.0.with_value(|state| {
            let mut rows = state.list.as_ref()?.rows();
            rows.find(|(row, _)| *row == id).and_then(|(_, element)| page::as_html(element))
        })
    }
}

impl State {
    fn set_messages(&mut self, messages: Vec<MessageHandle>) {
        self.messages = messages;
        let (messages, width) = (&self.messages, self.width);
        self.heights.replace(messages.iter().map(|message| message.id), |at, _| {
            messages.get(at).map_or(0.0, |message| estimate::height_of(message, width))
        });
    }

    /// A position of the scrolling area in the coordinates of the rows.
    fn inside(&self, position: f64) -> f64 {
        position - self.lead - self.slack
    }

    fn hold(&self, view: &Element) -> Option<Hold> {
        let top = self.inside(page::scroll_top(view));
        let at = self.heights.at(top);
        let message = self.heights.id(at)?;
        Some(Hold::Row(Place { message, offset: self.heights.top(at) - top }))
    }

    fn arrange(&mut self, view: &Element, hold: Hold, still: bool, grow: usize) -> bool {
        if view.client_height() == 0 {
            self.show(&self.first_rows(hold), hold);
            return true;
        }
        self.measure_frame();
        let mut has_more = false;
        for round in 0..ROUNDS {
            let on_page = self.mounted();
            let pinned = self.pinned(&on_page);
            let grow = if round == 0 { grow } else { 0 };
            let choice = choose(&self.heights, self.target(view, hold), &on_page, pinned, grow);
            has_more = choice.has_more;
            let new = self.show(&choice.rows, hold);
            self.measure(&new);
            self.keep_in_place(view, hold, still, &choice.rows);
            if new.is_empty() {
                break;
            }
        }
        has_more
    }

    /// The rows at first paint, when nothing is laid out yet.
    fn first_rows(&self, hold: Hold) -> Marks {
        let count = self.heights.len();
        let start = match hold {
            Hold::End => None,
            Hold::Row(place) => self.heights.position(place.message).map(|at| at.saturating_sub(FIRST / 4)),
        };
        let start = start.unwrap_or(usize::MAX).min(count.saturating_sub(FIRST));
        let mut rows = Marks::none(count);
        rows.add_range(start..=start + FIRST - 1, |_| true);
        rows
    }

    /// Where the view is going to be.
    fn target(&self, view: &Element, hold: Hold) -> View {
        let height = f64::from(view.client_height());
        let anchor = match hold {
            Hold::End => Some(self.heights.top(self.heights.len()) - height),
            Hold::Row(place) => {
                self.heights.position(place.message).map(|at| self.heights.top(at) - place.offset)
            }
        };
        View { top: anchor.unwrap_or_else(|| self.inside(page::scroll_top(view))), height }
    }

    fn mounted(&self) -> Marks {
        let mut rows = Marks::none(self.heights.len());
        for (id, _) in self.list.iter().flat_map(List::rows) {
            if let Some(at) = self.heights.position(id) {
                rows.add(at);
            }
        }
        rows
    }

    fn pinned(&self, mounted: &Marks) -> Marks {
        let count = self.heights.len();
        if self.is_whole {
            return Marks::all(count);
        }
        let mut rows = Marks::none(count);
        let Some(list) = &self.list else { return rows };
        let at = |id| self.heights.position(id);
        let single = [self.chat.editing().get_untracked(), pins::focused(list.element())];
        for row in self.opened.iter().copied().chain(single.into_iter().flatten()).filter_map(at) {
            rows.add(row);
        }
        match pins::selected(list.element()) {
            Some((Some(from), Some(to))) => {
                if let Some(selected) = self.between(from, to) {
                    // What is not on the page would not be copied.
                    rows.add_range(selected, |_| true);
                }
            }
            Some((from, to)) => {
                let from = from.and_then(at).unwrap_or(0);
                let to = to.and_then(at).unwrap_or(count.saturating_sub(1));
                rows.add_range(from.min(to)..=from.max(to), |at| mounted.has(at));
            }
            None => {}
        }
        rows
    }

    /// The rows from one message to another, in any order.
    fn between(&self, one: MessageId, other: MessageId) -> Option<RangeInclusive<usize>> {
        let (one, other) = (self.heights.position(one)?, self.heights.position(other)?);
        Some(one.min(other)..=one.max(other))
    }

    /// Shows exactly these rows. Returns the new ones.
    fn show(&mut self, rows: &Marks, hold: Hold) -> Vec<MessageId> {
        let anchor = match hold {
            Hold::End => self.heights.len(),
            Hold::Row(place) => self.heights.position(place.message).unwrap_or_default(),
        };
        let mut next = 0;
        let mut wanted = Vec::new();
        self.slack_before = None;
        for at in rows.iter() {
            let Some(id) = self.heights.id(at) else { continue };
            let gap = self.heights.between(next..at);
            if gap > 0.0 && at <= anchor {
                self.slack_before = Some(id);
            }
            wanted.push(Wanted { id, gap });
            next = at + 1;
        }
        if self.slack_before.is_none() {
            self.slack = 0.0;
        }
        if let Some(row) = wanted.iter_mut().find(|row| Some(row.id) == self.slack_before) {
            row.gap = (row.gap + self.slack).max(f64::MIN_POSITIVE);
        }
        let (chat, messages, heights) = (&self.chat, &self.messages, &self.heights);
        let row = |id| heights.position(id).and_then(|at| messages.get(at)).map(|of| message(chat, of));
        let stays = |id| heights.position(id).is_some_and(|at| rows.has(at));
        let new = self.list.as_mut().map(|list| list.show(&wanted, stays, row)).unwrap_or_default();
        if !new.is_empty() {
            self.changed.notify();
        }
        new
    }

    fn measure(&mut self, new: &[MessageId]) {
        let Some(list) = &self.list else { return };
        for (id, element) in list.rows().filter(|(id, _)| new.contains(id)) {
            self.heights.set(id, element.get_bounding_client_rect().height());
        }
    }

    fn measure_frame(&mut self) {
        let Some(list) = &self.list else { return };
        if self.width <= 0.0 {
            self.width = list.element().get_bounding_client_rect().width();
            self.lead = page::computed_pixels(list.element(), "padding-top");
        }
    }

    fn remeasure(&mut self, changed: &[Element]) {
        let Some(list) = &self.list else { return };
        let width = list.element().get_bounding_client_rect().width();
        if self.width > 0.0 && (width - self.width).abs() > 0.5 {
            self.heights.scale(width / self.width);
            self.width = width;
            self.lead = page::computed_pixels(list.element(), "padding-top");
        }
        for (id, element) in list.rows().filter(|(_, element)| changed.contains(element)) {
            self.heights.set(id, element.get_bounding_client_rect().height());
        }
    }

    fn keep_in_place(&mut self, view: &Element, hold: Hold, still: bool, rows: &Marks) {
        let before = self.slack;
        let mut scroll_to = None;
        match hold {
            Hold::End => self.slack = 0.0,
            Hold::Row(place) => {
                let Some(at) = self.heights.position(place.message) else { return };
                let wanted = self.lead + self.heights.top(at) - place.offset;
                let gap = self.slack_before.map(|id| self.gap_before(id, rows));
                let top = if still { wanted.round() } else { page::scroll_top(view) };
                self.slack = gap.map_or(0.0, |gap| (top - wanted).max(-gap));
                let top = wanted + self.slack;
                scroll_to = ((top - page::scroll_top(view)).abs() >= 0.5).then_some(top);
            }
        }
        if before.to_bits() != self.slack.to_bits() {
            self.show(rows, hold);
        }
        if let Some(top) = scroll_to {
            page::scroll_to(view, top);
        }
    }

    fn gap_before(&self, id: MessageId, rows: &Marks) -> f64 {
        let Some(at) = self.heights.position(id) else { return 0.0 };
        let from = (0..at).rev().find(|before| rows.has(*before)).map_or(0, |before| before + 1);
        self.heights.between(from..at)
    }
}
