//! Scrolling in a conversation, and keeping the view stable.
//!
//! - Opening a conversation shows it where the user left it, or its end. A sent message moves to the top with space below
//!   it, and the reply fills the space: the last message is as tall as the window, so following the end does both. Users
//!   may prefer to stay at the end.
//! - The view follows the end until the user scrolls away (see [`Follow`]).
//! - For a user who has scrolled away nothing moves, whatever arrives, shrinks, or is put in front.
//! - Only the rows in and near the view are on the page (see [`Rows`]).
//!
//! All corrections happen when rows are put on the page or in a `ResizeObserver`: after layout and before paint.

use std::time::Duration;

use kaiwa_shared::time::Millis;
use leptos::{html, leptos_dom::helpers::window_event_listener_untyped, prelude::*};
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Element, HtmlElement, ResizeObserver, ResizeObserverEntry};

use super::{
    follow::{Follow, Position},
    rows::{Hold, Rows},
};
use crate::{
    browser::{page, time},
    state::{
        chat::{Chat, Chats, Earlier, MessageHandle, use_chats},
        places,
        preferences::{AfterSending, use_preferences},
    },
};

/// How close to the beginning earlier messages are loaded, in pixels.
const NEAR_BEGINNING: f64 = 500.0;
/// How far from the end the button back to it appears, in pixels.
const FAR_FROM_END: f64 = 80.0;
/// How long the view must be away before the button appears.
const SETTLED: Duration = Duration::from_millis(150);
/// The maximum duration of a smooth scroll in any browser.
const GLIDE: Duration = Duration::from_millis(700);
/// A view that moved this recently, in milliseconds, is still moving.
const MOVING: u128 = 100;
/// How long after a scroll the view is expected to stand still.
const REST: Duration = Duration::from_millis(160);
/// How many rows are added in a frame in which none is needed yet.
const GROWTH: usize = 4;
/// Views further away than this many windows are reached without a smooth scroll.
const GLIDING_DISTANCE: f64 = 3.0;

/// What is about to happen.
#[derive(Clone, Copy, Debug, Default)]
struct Pending {
    /// Rows are added in the next frame.
    growth: bool,
    /// The end of a scroll is awaited.
    rest: bool,
}

/// Keeps the view of one conversation stable.
#[derive(Clone, Copy)]
pub(crate) struct Scroller {
    pub(super) chats: Chats,
    pub(super) chat: StoredValue<Chat>,
    pub(super) window: NodeRef<html::Div>,
    pub(super) list: NodeRef<html::Ol>,
    pub(super) follow: StoredValue<Follow>,
    /// The view is scrolling smoothly to the end; corrections would interrupt that.
    gliding: StoredValue<bool>,
    /// A message was sent here, so the last message fills the window.
    fresh: RwSignal<bool>,
    pub(super) away: RwSignal<bool>,
    pub(super) rows: Rows,
    /// Where to open the conversation, until it is laid out.
    pub(super) opening: StoredValue<Option<Hold>>,
    pending: StoredValue<Pending>,
    /// Where the last touch began, and the last height of the list.
    pub(super) measured: StoredValue<(f64, f64)>,
    /// When the view last moved.
    pub(super) moved_at: StoredValue<Millis>,
}

impl Scroller {
    pub(super) fn new(chat: &Chat, window: NodeRef<html::Div>, list: NodeRef<html::Ol>) -> Self {
        let scroller = Self {
            chats: use_chats(),
            chat: StoredValue::new(chat.clone()),
            window,
            list,
            follow: StoredValue::new(Follow::default()),
            gliding: StoredValue::new(false),
            fresh: RwSignal::new(false),
            away: RwSignal::new(false),
            rows: Rows::new(chat),
            opening: StoredValue::new(None),
            pending: StoredValue::new(Pending::default()),
            measured: StoredValue::new((0.0, 0.0)),
            moved_at: StoredValue::new(Millis(0)),
        };
        scroller.react_to_sending(chat);
        scroller.stop_for_columns(chat);
        scroller.save_place();
        scroller
    }

    /// The last message fills the window.
    pub(super) fn fresh(self) -> RwSignal<bool> {
        self.fresh
    }

    /// The view is far from the end.
    pub(super) fn is_away(self) -> bool {
        self.away.get()
    }

    pub(super) fn chats(self) -> Chats {
        self.chats
    }

    /// The conversation; `None` once it is no longer shown.
    pub(super) fn chat(self) -> Option<Chat> {
        self.chat.try_get_value()
    }

    pub(super) fn list(self) -> Option<HtmlElement> {
        self.list.try_get_untracked().flatten().map(Into::into)
    }

    /// Puts every row on the page, or only the needed ones.
    pub(super) fn set_whole(self, is_whole: bool) {
        self.rows.set_whole(is_whole);
        self.refresh();
    }

    /// Puts the rows that belong there on the page.
    pub(super) fn refresh(self) {
        if let Some(window) = self.window.try_get_untracked().flatten()
            && let Some(hold) = self.hold(&window)
        {
            self.arrange(&window, hold, true, 0);
        }
    }

    /// The rows.
    pub(super) fn rows(self) -> Rows {
        self.rows
    }

    /// Puts the rows into `list`, and replaces them when the messages change.
    pub(super) fn mount(self, list: Element, messages: impl Fn() -> Vec<MessageHandle> + 'static) {
        let Some(observer) = self.observe(&list) else { return };
        self.rows.mount(list, observer);
        let place = self.chat.with_value(Chat::place);
        if let Some(place) = place {
            self.stop_following();
            self.opening.set_value(Some(Hold::Row(place)));
        }
        let shown = RenderEffect::new(move |_| {
            let messages = messages();
            untrack(|| self.replace(messages));
        });
        // Lives as long as the conversation is shown.
        _ = StoredValue::new_local(shown);
    }

    /// The whole conversation is on the page, so that the browser can find and reach all of it.
    pub(super) fn has_everything(self) -> bool {
        let is_loaded = self.chat.with_value(|chat| chat.earlier().get_untracked() == Earlier::None);
        is_loaded && self.rows.are_all_mounted()
    }

    fn replace(self, messages: Vec<MessageHandle>) {
        let window = self.window.get_untracked();
        let hold = window.as_ref().and_then(|window| self.hold(window));
        self.rows.set_messages(messages);
        match (window, hold) {
            // The end is reached when the new rows have been laid out, unless a smooth scroll leads there.
            (Some(window), Some(Hold::End)) => _ = self.rows.arrange(&window, Hold::End, true, 0),
            (Some(window), Some(hold)) => self.arrange(&window, hold, self.is_still(), 0),
            (_, hold) => self.rows.begin(hold.or(self.opening.get_value()).unwrap_or(Hold::End)),
        }
        self.grow();
    }

    fn observe(self, list: &Element) -> Option<ResizeObserver> {
        let resized = Closure::<dyn FnMut(Vec<ResizeObserverEntry>)>::new(move |entries: Vec<_>| {
            let changed: Vec<_> = entries.iter().map(ResizeObserverEntry::target).collect();
            self.settle(&changed);
        });
        let observer = ResizeObserver::new(resized.as_ref().unchecked_ref()).ok()?;
        observer.observe(list);
        let kept = StoredValue::new_local((observer.clone(), resized));
        let observing = observer.clone();
        Effect::new(move |_| {
            if let Some(window) = self.window.get() {
                observing.observe(&window);
            }
        });
        on_cleanup(move || {
            kept.try_with_value(|(observer, _)| observer.disconnect());
        });
        Some(observer)
    }

    /// What must not move: where the conversation is being opened, the end, or what is at the top of the view.
    pub(super) fn hold(self, window: &Element) -> Option<Hold> {
        if let Some(opening) = self.opening.get_value() {
            return Some(opening);
        }
        if self.is_following() && !self.gliding.get_value() {
            return Some(Hold::End);
        }
        self.rows.hold(window)
    }

    pub(super) fn arrange(self, window: &Element, hold: Hold, still: bool, grow: usize) {
        if self.rows.arrange(window, hold, still, grow) {
            self.grow();
        }
        self.note_place(hold);
        if hold == Hold::End {
            self.put(window, f64::from(window.scroll_height()));
        } else {
            self.follow.update_value(|follow| follow.put(f64::from(window.scroll_top())));
        }
    }

    /// Adds the rows around the view, some in each frame.
    pub(super) fn grow(self) {
        if self.pending.try_get_value().is_none_or(|pending| pending.growth) {
            return;
        }
        self.pending.update_value(|pending| pending.growth = true);
        request_animation_frame(move || {
            if self.pending.try_get_value().is_none() {
                return;
            }
            self.pending.update_value(|pending| pending.growth = false);
            if let Some(window) = self.window.try_get_untracked().flatten()
                && let Some(hold) = self.hold(&window)
            {
                self.arrange(&window, hold, self.is_still(), GROWTH);
            }
        });
    }

    fn is_still(self) -> bool {
        let moved = self.moved_at.try_get_value().unwrap_or(Millis(0));
        !self.gliding.get_value() && time::now().since(moved).as_millis() >= MOVING
    }

    /// Corrects the scroll position once the view stands still.
    fn rest(self) {
        if self.pending.get_value().rest {
            return;
        }
        self.pending.update_value(|pending| pending.rest = true);
        set_timeout(
            move || {
                if self.pending.try_get_value().is_none() {
                    return;
                }
                self.pending.update_value(|pending| pending.rest = false);
                let Some(window) = self.window.try_get_untracked().flatten() else { return };
                if !self.is_still() {
                    self.rest();
                } else if let Some(hold) = self.hold(&window) {
                    self.arrange(&window, hold, true, GROWTH);
                }
            },
            REST,
        );
    }

    /// Saves where the user is when the conversation or the page is left.
    fn save_place(self) {
        let save = move || {
            self.chat.try_with_value(|chat| {
                if let Some(id) = chat.id().get_untracked() {
                    places::save(id, chat.place());
                }
            });
        };
        let leave = window_event_listener_untyped("pagehide", move |_| save());
        on_cleanup(move || {
            leave.remove();
            save();
        });
    }

    fn note_place(self, hold: Hold) {
        let place = match hold {
            Hold::Row(place) if !self.is_following() => Some(place),
            _ => None,
        };
        self.chat.with_value(|chat| chat.set_place(place));
    }

    fn react_to_sending(self, chat: &Chat) {
        let (outgoing, preferences) = (chat.outgoing().clone(), use_preferences());
        let sending = Memo::new(move |_| outgoing.read().is_some());
        Effect::new(move |before: Option<bool>| {
            let now = sending.get();
            // This includes a conversation whose message is already being sent when it is opened.
            if now && before != Some(true) {
                self.fresh.set(untrack(|| preferences.after_sending()) == AfterSending::Top);
                self.resume();
                request_animation_frame(move || self.scroll_smoothly());
            }
            now
        });
    }

    /// The view does not follow several replies at once.
    fn stop_for_columns(self, chat: &Chat) {
        let chat = chat.clone();
        let several = Memo::new(move |_| {
            let running = |message: &MessageHandle| message.is_streaming();
            chat.columns().iter().filter(|message| running(message)).count() > 1
        });
        Effect::new(move |_| {
            if several.get() {
                self.follow.update_value(Follow::stop);
            }
        });
    }

    pub(super) fn resume(self) {
        self.follow.update_value(Follow::resume);
        self.release_floor();
        self.away.set(false);
    }

    pub(super) fn stop_following(self) {
        self.follow.update_value(Follow::stop);
        self.gliding.set_value(false);
    }

    fn is_following(self) -> bool {
        self.follow.try_with_value(|follow| follow.is_following()).unwrap_or(false)
    }

    /// Corrects the view after each change of size.
    fn settle(self, changed: &[Element]) {
        let (Some(window), Some(list)) =
            (self.window.try_get_untracked().flatten(), self.list.try_get_untracked().flatten())
        else {
            return;
        };
        self.measure_question(&list);
        if !self.is_following() && self.opening.get_value().is_none() {
            self.keep_floor(&window, &list);
        }
        let hold = self.hold(&window);
        self.rows.remeasure(changed);
        if let Some(hold) = hold {
            self.arrange(&window, hold, self.is_still(), 0);
        }
        self.opening.set_value(None);
        self.measured.update_value(|(_, height)| *height = list.get_bounding_client_rect().height());
        self.look_around(&window);
    }

    /// Passes the height of the last question to the style sheet, so that the reply fills the rest of the window.
    fn measure_question(self, list: &HtmlElement) {
        if !self.fresh.get_untracked() {
            return;
        }
        let rows = page::find_all(list, ":scope > .message");
        let question =
            rows.iter().rev().find(|row| row.get_attribute("data-author").as_deref() == Some("user"));
        let height = question.map_or(0.0, |row| row.get_bounding_client_rect().height());
        page::set_pixels(list, "--question", height);
    }

    /// Keeps the height of the list when the end shrinks, so that the view of a user who has scrolled away does not move.
    fn keep_floor(self, window: &Element, list: &HtmlElement) {
        let (before, now) = (self.measured.get_value().1, list.get_bounding_client_rect().height());
        let top = self.follow.with_value(|follow| follow.top());
        if now + 1.0 < before && f64::from(window.scroll_top()) + 1.0 < top {
            page::set_pixels(list, "min-height", before);
            self.put(window, top);
        }
    }

    /// Scrolls immediately.
    pub(super) fn put(self, window: &Element, top: f64) {
        page::scroll_to(window, top);
        self.follow.update_value(|follow| follow.put(f64::from(window.scroll_top())));
    }

    fn release_floor(self) {
        if let Some(list) = self.list.get_untracked() {
            let list: &HtmlElement = &list;
            _ = list.style().remove_property("min-height");
        }
    }

    pub(super) fn scroll_smoothly(self) {
        let Some(window) = self.window.try_get_untracked().flatten() else { return };
        let is_far = position_of(&window).below > GLIDING_DISTANCE * f64::from(window.client_height());
        if is_far || page::prefers_less_motion() {
            return self.arrange(&window, Hold::End, true, 0);
        }
        self.gliding.set_value(true);
        page::glide_to(&window, f64::from(window.scroll_height()));
        set_timeout(
            move || {
                if self.gliding.try_get_value() == Some(true) {
                    self.gliding.set_value(false);
                    self.settle(&[]);
                }
            },
            GLIDE,
        );
    }

    /// Waits until the view no longer moves, because a smooth scroll to the top would continue to the new top.
    async fn stand_still(self) {
        let Some(window) = self.window.try_get_untracked().flatten() else { return };
        let moving = |at| time::now().since(at).as_millis() < MOVING;
        if self.moved_at.try_get_value().is_some_and(moving) {
            let window: &Element = &window;
            time::sleep_until(GLIDE, Some((window.as_ref(), "scrollend"))).await;
        }
    }

    /// Loads earlier messages near the beginning, and shows the button to the end far from it.
    fn look_around(self, window: &Element) {
        let position = position_of(window);
        if position.top < NEAR_BEGINNING {
            let chat = self.chat.get_value();
            if chat.earlier().get_untracked() != Earlier::None {
                self.chats.load_earlier(chat, async move || self.stand_still().await);
            }
        }
        if position.below < FAR_FROM_END {
            self.away.set(false);
        } else if !self.away.get_untracked() {
            set_timeout(move || self.offer_way_back(), SETTLED);
        }
    }

    fn offer_way_back(self) {
        let Some(window) = self.window.try_get_untracked().flatten() else { return };
        if position_of(&window).below >= FAR_FROM_END && !self.is_following() {
            self.away.set(true);
        }
    }

    pub(super) fn on_scroll(self) {
        if let Some(window) = self.window.get_untracked() {
            let position = position_of(&window);
            if position.below <= 1.0 {
                self.gliding.set_value(false);
            }
            self.moved_at.set_value(time::now());
            self.follow.update_value(|follow| follow.scrolled(position));
            if let Some(hold) = self.rows.hold(&window) {
                self.note_place(hold);
                if self.rows.arrange(&window, hold, false, 0) {
                    self.grow();
                }
            }
            self.rest();
            self.look_around(&window);
        }
    }
}

fn position_of(window: &Element) -> Position {
    let top = f64::from(window.scroll_top());
    let below = f64::from(window.scroll_height()) - top - f64::from(window.client_height());
    Position { top, below }
}
