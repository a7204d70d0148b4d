//! The address bar: which page is shown, and navigation to another.

use std::time::Duration;

use leptos::{ev, prelude::*};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlAnchorElement, MouseEvent};

use crate::routes::Route;

/// Reads and changes the address.
#[derive(Clone, Copy)]
pub struct Navigation {
    route: RwSignal<Route>,
    /// Something covers the page, with an entry of its own in the history, so that "back" closes it.
    covered: StoredValue<bool>,
}

/// Provides the address. From now on, links within the application no longer load a page.
pub fn provide_navigation() -> Navigation {
    let navigation = Navigation { route: RwSignal::new(current()), covered: StoredValue::new(false) };
    provide_context(navigation);
    // Both listeners live as long as the application.
    let _back_or_forward = window_event_listener(ev::popstate, move |_| {
        navigation.covered.set_value(false);
        navigation.route.set(current());
    });
    let _link = window_event_listener(ev::click, move |event| navigation.follow(&event));
    navigation
}

/// Reads and changes the address.
pub fn use_navigation() -> Navigation {
    expect_context()
}

fn current() -> Route {
    Route::parse(&window().location().pathname().unwrap_or_default())
}

impl Navigation {
    /// The page that is shown.
    pub fn route(self) -> Route {
        self.route.get()
    }

    /// The page that is shown, untracked.
    pub fn route_untracked(self) -> Route {
        self.route.get_untracked()
    }

    /// Goes to a page; "back" leads to the current one.
    pub fn go(self, route: Route) {
        if self.route.get_untracked() != route {
            if self.covered.get_value() {
                self.replace(route);
            } else {
                push(&route.to_string());
                self.route.set(route);
            }
        }
    }

    /// Covers the page until "back" is pressed, which notifies those who track the route.
    pub fn cover(self) {
        if !self.covered.get_value() {
            self.covered.set_value(true);
            push(&self.route.get_untracked().to_string());
        }
    }

    /// Uncovers the page. A link that was pressed at the same time replaces the entry in the history.
    pub fn uncover(self) {
        let back = move || {
            if self.covered.get_value() {
                _ = window().history().map(|history| history.back());
            }
        };
        set_timeout(back, Duration::ZERO);
    }

    /// Replaces the current page in the history.
    pub fn replace(self, route: Route) {
        self.replace_with(&route.to_string(), route);
    }

    /// Goes to the sign-in page, which leads back here.
    pub fn ask_to_sign_in(self) {
        let route = self.route.get_untracked();
        if route != Route::Auth {
            self.replace_with(&route.sign_in_address(), Route::Auth);
        }
    }

    /// Goes to the page that asked the user to sign in.
    pub fn after_sign_in(self) {
        self.replace(Route::after_sign_in(&window().location().search().unwrap_or_default()));
    }

    fn replace_with(self, address: &str, route: Route) {
        let history = window().history();
        _ = history.map(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(address)));
        self.covered.set_value(false);
        if self.route.get_untracked() != route {
            self.route.set(route);
        }
    }

    fn follow(self, event: &MouseEvent) {
        let modified = event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key();
        if event.default_prevented() || event.button() != 0 || modified {
            return;
        }
        let Some(link) = link_of(event) else { return };
        let ours = window().location().origin().is_ok_and(|origin| origin == link.origin());
        let route = Route::parse(&link.pathname());
        // A link with a fragment moves within the page; a path that is not ours may be the server's (`/docs`).
        let elsewhere =
            !link.target().is_empty() || link.has_attribute("download") || !link.hash().is_empty();
        if ours && !elsewhere && route != Route::NotFound {
            event.prevent_default();
            self.go(route);
        }
    }
}

fn push(address: &str) {
    let history = window().history();
    // Browsers refuse only floods of changes; the page then changes without the address.
    _ = history.map(|history| history.push_state_with_url(&JsValue::NULL, "", Some(address)));
}

fn link_of(event: &MouseEvent) -> Option<HtmlAnchorElement> {
    let target: web_sys::Element = event.target()?.dyn_into().ok()?;
    target.closest("a[href]").ok().flatten()?.dyn_into().ok()
}
