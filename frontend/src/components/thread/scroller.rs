//! Scrolling in a conversation, and keeping the view stable.
//!
//! - Opening a conversation shows its end. A sent message moves to the top with space below it, and the reply fills the
//!   space: the last message is as tall as the window, so following the end does both.
//! - The view follows the end until the user scrolls away (see [`Follow`]).
//! - For a user who has scrolled away nothing moves, whatever arrives, shrinks, or is put in front.
//!
//! All corrections happen in a `ResizeObserver`: after layout and before paint.

use std::time::Duration;

use kaiwa_shared::time::Millis;
use leptos::{html, prelude::*};
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{
    Element, HtmlElement, KeyboardEvent, MouseEvent, PointerEvent, ResizeObserver, ScrollBehavior,
    ScrollToOptions, TouchEvent, WheelEvent,
};

use super::follow::{Follow, Position};
use crate::{
    browser::{page, time},
    state::chat::{Chat, Chats, Earlier, use_chats},
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

/// Keeps the view of one conversation stable.
#[derive(Clone, Copy)]
pub(super) struct Scroller {
    chats: Chats,
    chat: StoredValue<Chat>,
    window: NodeRef<html::Div>,
    list: NodeRef<html::Ol>,
    follow: StoredValue<Follow>,
    /// The view is scrolling smoothly to the end; corrections would interrupt that.
    gliding: StoredValue<bool>,
    /// A message was sent here, so the last message fills the window.
    fresh: RwSignal<bool>,
    away: RwSignal<bool>,
    anchor: StoredValue<Option<(String, f64)>>,
    touched_at: StoredValue<f64>,
    /// When the view last moved.
    moved_at: StoredValue<Millis>,
    height: StoredValue<f64>,
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
            anchor: StoredValue::new(None),
            touched_at: StoredValue::new(0.0),
            moved_at: StoredValue::new(Millis(0)),
            height: StoredValue::new(0.0),
        };
        scroller.observe();
        scroller.react_to_sending(chat);
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

    /// Scrolls to the end and follows it.
    pub(super) fn jump(self) {
        self.resume();
        self.scroll_smoothly();
    }

    fn observe(self) {
        let resized = Closure::<dyn FnMut()>::new(move || self.settle());
        let Ok(observer) = ResizeObserver::new(resized.as_ref().unchecked_ref()) else { return };
        let kept = StoredValue::new_local((observer.clone(), resized));
        Effect::new(move |_| {
            if let (Some(window), Some(list)) = (self.window.get(), self.list.get()) {
                observer.observe(&window);
                observer.observe(&list);
            }
        });
        on_cleanup(move || {
            kept.try_with_value(|(observer, _)| observer.disconnect());
        });
    }

    fn react_to_sending(self, chat: &Chat) {
        let outgoing = chat.outgoing().clone();
        let sending = Memo::new(move |_| outgoing.read().is_some());
        Effect::new(move |before: Option<bool>| {
            let now = sending.get();
            // This includes a conversation whose message is already being sent when it is opened.
            if now && before != Some(true) {
                self.fresh.set(true);
                self.resume();
                request_animation_frame(move || self.scroll_smoothly());
            }
            now
        });
    }

    fn resume(self) {
        self.follow.update_value(Follow::resume);
        self.release_floor();
        self.away.set(false);
    }

    fn stop_following(self) {
        self.follow.update_value(Follow::stop);
        self.gliding.set_value(false);
    }

    fn is_following(self) -> bool {
        self.follow.try_with_value(|follow| follow.is_following()).unwrap_or(false)
    }

    /// Corrects the view after each change of size.
    fn settle(self) {
        let (Some(window), Some(list)) =
            (self.window.try_get_untracked().flatten(), self.list.try_get_untracked().flatten())
        else {
            return;
        };
        self.measure_question(&list);
        self.restore_anchor(&window);
        if self.is_following() {
            if !self.gliding.get_value() {
                self.put(&window, f64::from(window.scroll_height()));
            }
        } else {
            self.keep_floor(&window, &list);
        }
        self.height.set_value(list.get_bounding_client_rect().height());
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
        let (before, now) = (self.height.get_value(), list.get_bounding_client_rect().height());
        let top = self.follow.with_value(|follow| follow.top());
        if now + 1.0 < before && f64::from(window.scroll_top()) + 1.0 < top {
            page::set_pixels(list, "min-height", before);
            self.put(window, top);
        }
    }

    /// Scrolls immediately.
    fn put(self, window: &Element, top: f64) {
        scroll_to(window, top, ScrollBehavior::Instant);
        self.follow.update_value(|follow| follow.put(f64::from(window.scroll_top())));
    }

    fn release_floor(self) {
        if let Some(list) = self.list.get_untracked() {
            let list: &HtmlElement = &list;
            _ = list.style().remove_property("min-height");
        }
    }

    fn scroll_smoothly(self) {
        let Some(window) = self.window.try_get_untracked().flatten() else { return };
        if page::prefers_less_motion() {
            return self.put(&window, f64::from(window.scroll_height()));
        }
        self.gliding.set_value(true);
        scroll_to(&window, f64::from(window.scroll_height()), ScrollBehavior::Smooth);
        set_timeout(
            move || {
                if self.gliding.try_get_value() == Some(true) {
                    self.gliding.set_value(false);
                    self.settle();
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

    /// Remembers the position of the first message, to restore it after others were put in front.
    fn remember_anchor(self) {
        let first = self.list.try_get_untracked().flatten().and_then(|list| {
            let row = list.query_selector("[data-message-id]").ok().flatten()?;
            Some((row.get_attribute("data-message-id")?, row.get_bounding_client_rect().top()))
        });
        self.anchor.set_value(first);
    }

    fn restore_anchor(self, window: &Element) {
        let Some((id, before)) = self.anchor.try_update_value(Option::take).flatten() else { return };
        let row = window.query_selector(&format!("[data-message-id=\"{id}\"]")).ok().flatten();
        if let Some(row) = row {
            let moved = row.get_bounding_client_rect().top() - before;
            self.put(window, f64::from(window.scroll_top()) + moved);
        }
    }

    /// Loads earlier messages near the beginning, and shows the button to the end far from it.
    fn look_around(self, window: &Element) {
        let position = position_of(window);
        if position.top < NEAR_BEGINNING {
            let chat = self.chat.get_value();
            if chat.earlier().get_untracked() != Earlier::None {
                self.chats.load_earlier(chat, async move || {
                    self.stand_still().await;
                    self.remember_anchor();
                });
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
            self.look_around(&window);
        }
    }

    /// Keeps the view at a message when another version of it has another length.
    pub(super) fn on_click(self, event: &MouseEvent) {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let versions = target.and_then(|target| target.closest(".versions").ok().flatten());
        if versions.is_some() {
            self.stop_following();
        }
    }

    pub(super) fn on_wheel(self, event: &WheelEvent) {
        if event.delta_y() < 0.0 {
            self.stop_following();
        }
    }

    pub(super) fn on_touch_start(self, event: &TouchEvent) {
        if let Some(touch) = event.touches().item(0) {
            self.touched_at.set_value(f64::from(touch.client_y()));
        }
    }

    pub(super) fn on_touch_move(self, event: &TouchEvent) {
        if let Some(touch) = event.touches().item(0)
            && f64::from(touch.client_y()) > self.touched_at.get_value() + 3.0
        {
            self.stop_following();
        }
    }

    /// A press outside the content is on the scrollbar.
    pub(super) fn on_pointer_down(self, event: &PointerEvent) {
        let Some(window) = self.window.get_untracked() else { return };
        let edge = window.get_bounding_client_rect().left() + f64::from(window.client_width());
        if f64::from(event.client_x()) > edge {
            self.stop_following();
        }
    }

    pub(super) fn on_key(self, event: &KeyboardEvent) {
        if matches!(event.key().as_str(), "PageUp" | "Home" | "ArrowUp") {
            self.stop_following();
        }
    }
}

fn position_of(window: &Element) -> Position {
    let top = f64::from(window.scroll_top());
    let below = f64::from(window.scroll_height()) - top - f64::from(window.client_height());
    Position { top, below }
}

fn scroll_to(window: &Element, top: f64, behavior: ScrollBehavior) {
    let options = ScrollToOptions::new();
    options.set_top(top);
    options.set_behavior(behavior);
    window.scroll_to_with_scroll_to_options(&options);
}
