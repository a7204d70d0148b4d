//! The document: its root element, its title, the focus, and media queries.

use leptos::prelude::{document, request_animation_frame, window};
use wasm_bindgen::JsCast;
use web_sys::{
    Element, HtmlElement, ScrollBehavior, ScrollIntoViewOptions, ScrollLogicalPosition, ScrollToOptions,
    Selection,
};

/// Sets an attribute of `<html>`.
pub fn set_root_attribute(name: &str, value: &str) {
    if let Some(root) = document().document_element() {
        // Fails only for malformed names.
        _ = root.set_attribute(name, value);
    }
}

/// Loads the page again.
pub fn reload() {
    // Fails only in a document that is not shown.
    _ = window().location().reload();
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

/// Lines begin at the right.
pub fn is_right_to_left() -> bool {
    let direction = document().document_element().and_then(|root| root.get_attribute("dir"));
    direction.is_some_and(|direction| direction == "rtl")
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

/// The element as an HTML element.
pub fn as_html(element: &Element) -> Option<HtmlElement> {
    element.dyn_ref::<HtmlElement>().cloned()
}

/// How far an element is scrolled, with the fractions that `scroll_top` of `web-sys` cuts off.
pub fn scroll_top(element: &Element) -> f64 {
    let top = js_sys::Reflect::get(element, &"scrollTop".into());
    top.ok().and_then(|top| top.as_f64()).unwrap_or_default()
}

/// Scrolls an element immediately.
pub fn scroll_to(element: &Element, top: f64) {
    scroll(element, top, ScrollBehavior::Instant);
}

/// Scrolls an element smoothly.
pub fn glide_to(element: &Element, top: f64) {
    scroll(element, top, ScrollBehavior::Smooth);
}

fn scroll(element: &Element, top: f64, behavior: ScrollBehavior) {
    let options = ScrollToOptions::new();
    options.set_top(top);
    options.set_behavior(behavior);
    element.scroll_to_with_scroll_to_options(&options);
}

/// A computed length of an element, in pixels.
pub fn computed_pixels(element: &Element, property: &str) -> f64 {
    let style = window().get_computed_style(element).ok().flatten();
    let value = style.and_then(|style| style.get_property_value(property).ok()).unwrap_or_default();
    number(&value).unwrap_or_default()
}

/// Sets the exact height of an element, in pixels.
pub fn set_height(element: &HtmlElement, height: f64) {
    // Fails only for malformed names.
    _ = element.style().set_property("block-size", &format!("{}px", text(height)));
}

/// The number at the beginning of a text. The browser reads it, because Rust's own code for that is large.
pub fn number(text: &str) -> Option<f64> {
    Some(js_sys::parse_float(text)).filter(|number| number.is_finite())
}

/// A number as text.
pub fn text(number: f64) -> String {
    js_sys::Number::from(number).to_string_with_radix(10).map(String::from).unwrap_or_default()
}

/// What is selected in the document.
pub fn selection() -> Option<Selection> {
    window().get_selection().ok().flatten()
}

/// Scrolls the first element that `selector` finds into the middle of its list.
pub fn reveal(selector: &str) {
    if let Some(element) = find(selector) {
        let options = ScrollIntoViewOptions::new();
        options.set_block(ScrollLogicalPosition::Center);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// The origin of the page, such as `https://chat.example.com`.
pub fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// What the fragment of the address names, such as the message of `/c/…#0198…`.
pub fn fragment<T: std::str::FromStr>() -> Option<T> {
    window().location().hash().ok()?.strip_prefix('#')?.parse().ok()
}
