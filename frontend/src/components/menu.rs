//! A menu that opens from a button.

mod position;

use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent, Node};

use self::position::{Area, position};
use crate::browser::page;

/// The open state of the surrounding menu.
#[derive(Clone, Copy)]
struct MenuState {
    open: RwSignal<bool>,
    trigger: NodeRef<html::Button>,
}

impl MenuState {
    fn close(self) {
        self.open.set(false);
        if let Some(trigger) = self.trigger.get_untracked() {
            page::focus(&trigger);
        }
    }
}

/// A button with a menu. Arrow keys move in it; Escape and a press elsewhere close it.
#[component]
pub fn Menu(
    /// The button's name.
    #[prop(into)]
    label: Signal<String>,
    /// The button's class.
    class: &'static str,
    /// The button's content.
    trigger: AnyView,
    /// The menu cannot be opened right now.
    #[prop(optional)]
    disabled: Option<Signal<bool>>,
    /// The items.
    children: ChildrenFn,
) -> impl IntoView {
    let state = MenuState { open: RwSignal::new(false), trigger: NodeRef::new() };
    let toggle = move |_| state.open.update(|open| *open = !*open);
    let on_key = move |event: KeyboardEvent| {
        if matches!(event.key().as_str(), "ArrowDown" | "ArrowUp") {
            event.prevent_default();
            state.open.set(true);
        }
    };
    view! {
        <button
            type="button"
            class=class
            node_ref=state.trigger
            aria-label=label
            title=label
            aria-haspopup="menu"
            disabled=move || disabled.is_some_and(|disabled| disabled.get())
            aria-expanded=move || if state.open.get() { "true" } else { "false" }
            on:click=toggle
            on:keydown=on_key
        >
            {trigger}
        </button>
        {move || {
            let children = children.clone();
            state.open.get().then(|| view! { <Panel state label>{children()}</Panel> }.into_any())
        }}
    }
}

#[component]
fn Panel(state: MenuState, label: Signal<String>, children: Children) -> impl IntoView {
    provide_context(state);
    let panel = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let (Some(panel), Some(trigger)) = (panel.get(), state.trigger.get_untracked()) {
            show(&panel, &trigger);
        }
    });
    let place = move || {
        let panel = panel.get_untracked().map(JsCast::unchecked_into);
        (panel, state.trigger.get_untracked().map(JsCast::unchecked_into))
    };
    on_press_outside(place, move || state.open.set(false));
    let resized = window_event_listener(ev::resize, move |_| state.open.set(false));
    on_cleanup(move || resized.remove());
    view! {
        <div
            class="menu"
            role="menu"
            popover="manual"
            aria-label=label
            node_ref=panel
            on:keydown=move |event| {
                if let Some(panel) = panel.get_untracked() {
                    act_on_key(&event, &panel, state);
                }
            }
        >
            {children()}
        </div>
    }
}

/// Runs `act` when something other than the panel and its button is pressed, for as long as the owner lives.
pub(super) fn on_press_outside(
    place: impl Fn() -> (Option<Element>, Option<Element>) + 'static,
    act: impl Fn() + 'static,
) {
    let pressed = window_event_listener(ev::pointerdown, move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Node>().ok());
        let is_in =
            |element: Option<Element>| element.is_some_and(|element| element.contains(target.as_ref()));
        let (panel, trigger) = place();
        if !is_in(panel) && !is_in(trigger) {
            act();
        }
    });
    on_cleanup(move || pressed.remove());
}

/// Shows a panel next to its button.
pub(super) fn float(panel: &HtmlElement, trigger: &HtmlElement) {
    // Without the popover API, the menu opens where the style sheet puts it.
    _ = panel.show_popover();
    let anchor = trigger.get_bounding_client_rect();
    let size = panel.get_bounding_client_rect();
    let root = document().document_element();
    let (width, height) = root.map_or((0, 0), |root| (root.client_width(), root.client_height()));
    let (left, top) = position(
        Area { left: anchor.left(), top: anchor.top(), width: anchor.width(), height: anchor.height() },
        (size.width(), size.height()),
        (f64::from(width), f64::from(height)),
    );
    page::set_pixels(panel, "left", left);
    page::set_pixels(panel, "top", top);
}

fn show(panel: &HtmlElement, trigger: &HtmlElement) {
    float(panel, trigger);
    let items = page::find_all(panel, "[role^=menuitem]");
    let checked = items.iter().find(|item| item.get_attribute("aria-checked").as_deref() == Some("true"));
    if let Some(first) = checked.or(items.first()) {
        page::focus(first);
    }
}

fn act_on_key(event: &KeyboardEvent, panel: &HtmlElement, state: MenuState) {
    let items = page::find_all(panel, "[role^=menuitem]");
    let focused = document().active_element();
    let at = items.iter().position(|item| focused.as_ref() == Some(item.as_ref()));
    let last = items.len().saturating_sub(1);
    let target = match event.key().as_str() {
        "ArrowDown" => at.map_or(0, |at| if at == last { 0 } else { at + 1 }),
        "ArrowUp" => at.map_or(last, |at| at.checked_sub(1).unwrap_or(last)),
        "Home" => 0,
        "End" => last,
        "Escape" => {
            event.stop_propagation();
            event.prevent_default();
            return state.close();
        }
        "Tab" => return state.close(),
        _ => return,
    };
    event.prevent_default();
    if let Some(item) = items.get(target) {
        page::focus(item);
        page::bring_into_view(item);
    }
}

/// A menu item with an action. Choosing it closes the menu.
#[component]
pub fn MenuItem(
    /// What it does.
    on_choose: Callback<()>,
    /// The action is destructive.
    #[prop(optional)]
    danger: bool,
    /// The menu stays open.
    #[prop(optional)]
    stays: bool,
    /// The content.
    children: Children,
) -> impl IntoView {
    let state: MenuState = expect_context();
    let choose = move |_| {
        if !stays {
            state.close();
        }
        on_choose.run(());
    };
    view! {
        <button type="button" role="menuitem" tabindex="-1" class="menu-item" class:danger=danger on:click=choose>
            {children()}
        </button>
    }
}

/// A menu item that is one of several options. Choosing it closes the menu.
#[component]
pub fn MenuChoice(
    /// Whether it is chosen.
    #[prop(into)]
    chosen: Signal<bool>,
    /// Called when it is chosen.
    on_choose: Callback<()>,
    /// Any number of options can be chosen, and the menu stays open.
    #[prop(optional)]
    any_number: bool,
    /// The content.
    children: Children,
) -> impl IntoView {
    let state: MenuState = expect_context();
    let choose = move |_| {
        if !any_number {
            state.close();
        }
        on_choose.run(());
    };
    view! {
        <button
            type="button"
            role=if any_number { "menuitemcheckbox" } else { "menuitemradio" }
            tabindex="-1"
            class="menu-item"
            aria-checked=move || if chosen.get() { "true" } else { "false" }
            on:click=choose
        >
            {children()}
        </button>
    }
}
