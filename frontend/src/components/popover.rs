//! A panel with controls that opens from a button: beside it, or in a narrow window as a sheet at the bottom.

use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{HtmlDialogElement, HtmlElement, HtmlInputElement, KeyboardEvent, Node};

use super::{
    menu::{float, on_press_outside},
    on_demand::{Show, on_demand},
};
use crate::{
    browser::{keyboard::is_composing, page},
    pieces::{Panels, Phase, use_panels},
    state::navigation::{Navigation, use_navigation},
};

/// The maximum height of a panel beside its button, in pixels.
const MAX_HEIGHT: f64 = 640.0;

/// What the gap to its button and the margin to the edge of the window take of the room, in pixels.
const ROOM: f64 = 16.0;

/// The open state of a panel.
#[derive(Clone, Copy, Default)]
pub struct Popover {
    open: RwSignal<bool>,
    trigger: NodeRef<html::Button>,
}

impl Popover {
    /// Whether it is open.
    pub fn is_open(self) -> bool {
        self.open.get()
    }

    /// Closes it; the focus goes back to its button.
    pub fn close(self) {
        self.leave();
        if let Some(trigger) = self.trigger.get_untracked() {
            page::focus(&trigger);
            // As long as a sheet is there, nothing else can be focused.
            request_animation_frame(move || {
                if page::is_focus_lost() {
                    page::focus(&trigger);
                }
            });
        }
    }

    /// Closes it; the focus stays where it is.
    fn leave(self) {
        self.open.set(false);
    }
}

/// The button of a panel: its name, its class and its content.
pub struct Trigger {
    /// The name.
    pub label: Signal<String>,
    /// The class.
    pub class: &'static str,
    /// The content.
    pub content: AnyView,
}

/// A button that shows `content` in a panel with the name `title`. Escape, "back" and a press elsewhere close it.
pub(crate) fn popover(
    popover: Popover,
    trigger: Trigger,
    class: &'static str,
    title: Signal<&'static str>,
    content: Show<Panels>,
) -> AnyView {
    let panels = use_panels();
    let Trigger { label, class: button_class, content: face } = trigger;
    view! {
        <button
            type="button"
            class=button_class
            node_ref=popover.trigger
            aria-label=label
            title=label
            aria-haspopup="dialog"
            aria-expanded=move || if popover.open.get() { "true" } else { "false" }
            on:pointerenter=move |_| panels.load()
            on:focus=move |_| panels.load()
            on:click=move |_| popover.open.update(|open| *open = !*open)
        >
            {face}
        </button>
        {move || popover.open.get().then(|| panel(popover, class, title, content.clone()))}
    }
    .into_any()
}

fn panel(
    popover: Popover,
    class: &'static str,
    title: Signal<&'static str>,
    content: Show<Panels>,
) -> AnyView {
    let navigation = use_navigation();
    let panels = use_panels();
    let panel = NodeRef::<html::Dialog>::new();
    let narrow = page::is_narrow();
    Effect::new(move |before: Option<()>| {
        let phase = panels.phase();
        let (Some(panel), Some(trigger)) = (panel.get(), popover.trigger.get_untracked()) else { return };
        match phase {
            // Nothing opens until there is something to show.
            Phase::Absent | Phase::Loading => {}
            Phase::Ready if before.is_none() => show(&panel, &trigger, narrow),
            // The content changes.
            _ => request_animation_frame(move || show(&panel, &trigger, narrow)),
        }
    });
    close_on_back(popover, navigation, narrow);
    let place = move || {
        let panel = panel.get_untracked().map(JsCast::unchecked_into);
        let trigger = popover.trigger.get_untracked().map(JsCast::unchecked_into);
        (panel, trigger)
    };
    if !narrow {
        on_press_outside(place, move || popover.leave());
    }
    let resized = window_event_listener(ev::resize, move |_| match panel.get_untracked() {
        _ if page::is_narrow() != narrow => popover.leave(),
        Some(panel) if !narrow => {
            if let Some(trigger) = popover.trigger.get_untracked() {
                place_beside(&panel, &trigger);
            }
        }
        // A keyboard opens or closes below a sheet.
        _ => {}
    });
    on_cleanup(move || resized.remove());
    view! {
        <dialog
            class=format!("popover {class}")
            class:sheet=narrow
            popover="manual"
            // The panel itself has the focus at first: a focused field opens the keyboard on touch devices.
            autofocus
            tabindex="-1"
            aria-label=title
            node_ref=panel
            on:keydown=move |event| act_on_key(&event, popover)
            on:close=move |_| popover.close()
            on:click=move |event| {
                // The content fills the panel, so a press on the panel itself is on the backdrop.
                if narrow && event.target().as_ref() == event.current_target().as_ref() {
                    popover.close();
                }
            }
            on:focusout=move |event| {
                if !narrow && leaves(&event) {
                    popover.leave();
                }
            }
        >
            <div class="popover-body">{on_demand(panels, None, content)}</div>
        </dialog>
    }
    .into_any()
}

/// In a narrow window, "back" closes the panel instead of leaving the page.
fn close_on_back(popover: Popover, navigation: Navigation, narrow: bool) {
    if narrow {
        navigation.cover();
        on_cleanup(move || navigation.uncover());
    }
    Effect::new(move |was_shown: Option<()>| {
        navigation.route();
        if was_shown.is_some() {
            popover.close();
        }
    });
}

fn show(panel: &HtmlDialogElement, trigger: &HtmlElement, narrow: bool) {
    if narrow {
        // Fails only if it is already open.
        _ = panel.show_modal();
    } else {
        place_beside(panel, trigger);
    }
    let field = page::find_all(panel, "[data-focus]").into_iter().next().filter(|_| !page::is_touch());
    page::focus(field.as_ref().unwrap_or(panel));
}

/// Shows the panel beside its button, no higher than the room there. One that opens upwards grows upwards.
fn place_beside(panel: &HtmlElement, trigger: &HtmlElement) {
    let anchor = trigger.get_bounding_client_rect();
    let height = f64::from(document().document_element().map_or(0, |root| root.client_height()));
    _ = panel.style().remove_property("bottom");
    page::set_pixels(
        panel,
        "max-height",
        (anchor.top().max(height - anchor.bottom()) - ROOM).min(MAX_HEIGHT),
    );
    float(panel, trigger);
    let area = panel.get_bounding_client_rect();
    if area.bottom() <= anchor.top() {
        page::set_pixels(panel, "bottom", height - area.bottom());
        _ = panel.style().set_property("top", "auto");
    }
}

fn act_on_key(event: &KeyboardEvent, popover: Popover) {
    if is_composing(event) {
        return;
    }
    let in_input = event.target().is_some_and(|target| target.dyn_ref::<HtmlInputElement>().is_some());
    match event.key().as_str() {
        "Escape" => {
            event.prevent_default();
            event.stop_propagation();
            popover.close();
        }
        // Otherwise it would submit the form that the panel belongs to.
        "Enter" if in_input => event.prevent_default(),
        _ => {}
    }
}

/// The focus moves from the panel to something else on the page. The panel may be disposed by then: a browser also
/// reports that a focused element was removed.
fn leaves(event: &web_sys::FocusEvent) -> bool {
    let target = event.related_target().and_then(|target| target.dyn_into::<Node>().ok());
    let panel = event.current_target().and_then(|panel| panel.dyn_into::<Node>().ok());
    target.is_some() && panel.is_some_and(|panel| !panel.contains(target.as_ref()))
}
