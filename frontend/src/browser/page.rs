//! The document: its root element, its title, the focus, and media queries.

use leptos::prelude::{document, request_animation_frame, window};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Sets an attribute of `<html>`.
pub fn set_root_attribute(name: &str, value: &str) {
    if let Some(root) = document().document_element() {
        // Fails only for malformed names.
        _ = root.set_attribute(name, value);
    }
}

/// Removes an attribute of `<html>`.
pub fn remove_root_attribute(name: &str) {
    if let Some(root) = document().document_element() {
        _ = root.remove_attribute(name);
    }
}

/// Sets the colour of the browser's frame to that of the page.
pub fn match_browser_frame() {
    let (Some(meta), Some(body)) =
        (document().query_selector("meta[name=theme-color]").ok().flatten(), document().body())
    else {
        return;
    };
    if let Some(style) = window().get_computed_style(&body).ok().flatten()
        && let Ok(colour) = style.get_property_value("background-color")
    {
        _ = meta.set_attribute("content", &colour);
    }
}

/// Sets a length in the style of an element, in whole pixels.
#[expect(clippy::cast_possible_truncation, reason = "no page is two thousand million pixels long")]
pub fn set_pixels(element: &HtmlElement, property: &str, length: f64) {
    // Fails only for malformed names.
    _ = element.style().set_property(property, &format!("{}px", length.ceil() as i32));
}

/// A media query matches right now.
pub fn matches(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|list| list.matches())
}

/// The window is so narrow that the sidebar is a drawer.
pub fn is_narrow() -> bool {
    matches("(max-width: 767.98px)")
}

/// The user prefers reduced motion.
pub fn prefers_less_motion() -> bool {
    matches("(prefers-reduced-motion: reduce)")
}

/// The main pointer is a finger: focusing a field would open the on-screen keyboard.
pub fn is_touch() -> bool {
    matches("(pointer: coarse)")
}

/// Puts the focus on `element` without scrolling to it.
pub fn focus(element: &HtmlElement) {
    let options = web_sys::FocusOptions::new();
    options.set_prevent_scroll(true);
    // An element that cannot be focused leaves the focus where it is.
    _ = element.focus_with_options(&options);
}

/// Puts the focus on the first element that `selector` finds.
pub fn focus_on(selector: &str) {
    if let Some(element) = find(selector) {
        focus(&element);
    }
}

/// Presses the first button that `selector` finds.
pub fn press(selector: &str) {
    if let Some(button) = find(selector) {
        button.click();
    }
}

/// Focuses the composer after the pressed button is gone. Not on touch devices, where a keyboard would open.
pub fn focus_composer() {
    if !is_touch() {
        request_animation_frame(|| focus_on("#composer"));
    }
}

/// Nothing has the focus, because the focused element is gone.
pub fn is_focus_lost() -> bool {
    document().active_element().is_none_or(|element| element.tag_name() == "BODY")
}

/// Scrolls just so far that `element` is visible.
pub fn bring_into_view(element: &Element) {
    let options = web_sys::ScrollIntoViewOptions::new();
    options.set_block(web_sys::ScrollLogicalPosition::Nearest);
    element.scroll_into_view_with_scroll_into_view_options(&options);
}

/// The first element that `selector` finds.
pub fn find(selector: &str) -> Option<HtmlElement> {
    document().query_selector(selector).ok().flatten().and_then(|element| element.dyn_into().ok())
}

/// Every element under `root` that `selector` finds.
pub fn find_all(root: &Element, selector: &str) -> Vec<HtmlElement> {
    let Ok(nodes) = root.query_selector_all(selector) else { return Vec::new() };
    (0..nodes.length()).filter_map(|at| nodes.item(at)).filter_map(|node| node.dyn_into().ok()).collect()
}
