//! More information in a panel, shown while its button is hovered or focused, or until it is pressed again.

use std::time::Duration;

use leptos::{html, prelude::*};
use web_sys::{KeyboardEvent, PointerEvent};

use super::menu::float;

/// How long the pointer may take from the button to the panel.
const ON_THE_WAY: Duration = Duration::from_millis(200);

#[derive(Clone, Copy)]
struct Hint {
    open: RwSignal<bool>,
    pinned: StoredValue<bool>,
    inside: StoredValue<bool>,
}

impl Hint {
    /// The pointer has moved over the button or the panel. One that rests where they appear opens nothing.
    fn enter(self, event: &PointerEvent) {
        // Touch has no hover.
        if event.pointer_type() == "mouse" && !self.inside.get_value() {
            self.inside.set_value(true);
            self.open.set(true);
        }
    }

    fn leave(self) {
        self.inside.set_value(false);
        set_timeout(
            move || {
                if self.inside.try_get_value() == Some(false) && self.pinned.try_get_value() == Some(false) {
                    self.open.set(false);
                }
            },
            ON_THE_WAY,
        );
    }

    fn press(self) {
        let pinned = !self.pinned.get_value();
        self.pinned.set_value(pinned);
        self.open.set(pinned);
    }

    fn close(self) {
        self.pinned.set_value(false);
        self.open.set(false);
    }

    fn on_key(self, event: &KeyboardEvent) {
        if event.key() == "Escape" && self.open.get_untracked() {
            event.stop_propagation();
            event.prevent_default();
            self.close();
        }
    }
}

/// A button with the name `label` and the content `trigger` that shows `content`.
pub fn hint(
    label: Signal<String>,
    class: &'static str,
    trigger: AnyView,
    content: impl Fn() -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let hint =
        Hint { open: RwSignal::new(false), pinned: StoredValue::new(false), inside: StoredValue::new(false) };
    let button = NodeRef::<html::Button>::new();
    let panel = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let (Some(panel), Some(button)) = (panel.get(), button.get_untracked()) {
            float(&panel, &button);
        }
    });
    let shown = move || {
        hint.open.get().then(|| {
            view! {
                <div class="menu hint" popover="manual" role="group" aria-label=label node_ref=panel>
                    {content()}
                </div>
            }
            .into_any()
        })
    };
    view! {
        <span
            class="hint-place"
            on:pointermove=move |event| hint.enter(&event)
            on:pointerleave=move |_| hint.leave()
            on:keydown=move |event| hint.on_key(&event)
        >
            <button
                type="button"
                class=class
                node_ref=button
                aria-label=label
                aria-expanded=move || if hint.open.get() { "true" } else { "false" }
                on:focus=move |_| hint.open.set(true)
                on:blur=move |_| hint.close()
                on:click=move |_| hint.press()
            >
                {trigger}
            </button>
            {shown}
        </span>
    }
    .into_any()
}

/// Rows of names and values.
pub fn facts(rows: Vec<(&'static str, String)>) -> AnyView {
    let rows = rows.into_iter().map(|(name, value)| view! { <dt>{name}</dt><dd>{value}</dd> }.into_any());
    view! { <dl class="facts">{rows.collect_view()}</dl> }.into_any()
}
