//! What the user does in the thread: it decides whether the view follows the end.

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, KeyboardEvent, MouseEvent, PointerEvent, TouchEvent, WheelEvent};

use super::scroller::Scroller;
use crate::browser::keyboard::{Press, press_of};

impl Scroller {
    /// Keeps the view at a message when another version of it has another length, and rows in which something is opened.
    pub(super) fn on_click(self, event: &MouseEvent) {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let Some(target) = target else { return };
        let is_in = |selector| target.closest(selector).ok().flatten().is_some();
        if is_in(".versions") {
            self.stop_following();
        }
        if is_in("[aria-expanded], [aria-pressed], summary") {
            self.rows.keep(&target);
        }
    }

    pub(super) fn on_wheel(self, event: &WheelEvent) {
        if event.delta_y() < 0.0 {
            self.stop_following();
        }
    }

    pub(super) fn on_touch_start(self, event: &TouchEvent) {
        if let Some(touch) = event.touches().item(0) {
            self.measured.update_value(|(touched, _)| *touched = f64::from(touch.client_y()));
        }
    }

    pub(super) fn on_touch_move(self, event: &TouchEvent) {
        if let Some(touch) = event.touches().item(0)
            && f64::from(touch.client_y()) > self.measured.get_value().0 + 3.0
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
        // Keys within a field or with a modifier have another meaning.
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let is_here = target.as_ref() == self.window.get_untracked().as_deref().map(AsRef::as_ref);
        let is_plain = is_here && press_of(event) == Press::default();
        match event.key().as_str() {
            "Home" if is_plain && !self.has_everything() => {
                event.prevent_default();
                self.go_to_first();
            }
            "End" if is_plain && !self.has_everything() => {
                event.prevent_default();
                self.jump();
            }
            "a" | "A" if is_select_all(event) && !self.has_everything() => {
                event.prevent_default();
                self.select_all();
            }
            _ => {}
        }
    }
}

fn is_select_all(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let is_field = target.is_none_or(|target| target.closest("input, textarea").ok().flatten().is_some());
    !is_field && press_of(event) == Press { command: true, ..Press::default() }
}
