//! Form fields with their errors.

use leptos::{html, prelude::*};

use super::icon::{Glyph, Icon};
use crate::i18n::t;

/// A labelled line of text.
#[component]
pub fn TextField(
    /// The field's name in the request, which is also its id.
    name: &'static str,
    /// The label.
    label: Signal<&'static str>,
    /// The `autocomplete` attribute.
    autocomplete: &'static str,
    /// The value.
    value: RwSignal<String>,
    /// The error.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// A hint below the field.
    #[prop(optional, into)]
    hint: MaybeProp<String>,
    /// A reference to the element, for focusing it.
    #[prop(optional)]
    node: NodeRef<html::Input>,
) -> impl IntoView {
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                class="input"
                id=name
                name=name
                type="text"
                autocomplete=autocomplete
                autocapitalize="none"
                spellcheck="false"
                node_ref=node
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
                aria-invalid=move || error.read().is_some().then_some("true")
                aria-describedby=format!("{name}-note")
            />
            <Note name error hint/>
        </div>
    }
}

/// A labelled text of several lines.
#[component]
pub fn TextArea(
    /// The field's name in the request, which is also its id.
    name: &'static str,
    /// The label.
    label: Signal<&'static str>,
    /// The value.
    value: RwSignal<String>,
    /// The error.
    #[prop(into)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <textarea
                class="input"
                id=name
                name=name
                rows="5"
                dir="auto"
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
                aria-invalid=move || error.read().is_some().then_some("true")
                aria-describedby=format!("{name}-note")
            ></textarea>
            <Note name error hint=MaybeProp::default()/>
        </div>
    }
}

/// A labelled password with a button that shows it.
#[component]
pub fn PasswordField(
    /// The field's name in the request, which is also its id.
    name: &'static str,
    /// The label.
    label: Signal<&'static str>,
    /// The `autocomplete` attribute.
    #[prop(into)]
    autocomplete: Signal<&'static str>,
    /// The value.
    value: RwSignal<String>,
    /// The error.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// A hint below the field.
    #[prop(optional, into)]
    hint: MaybeProp<String>,
) -> impl IntoView {
    let shown = RwSignal::new(false);
    let show = t(|words| words.auth.show_password);
    let hide = t(|words| words.auth.hide_password);
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <div class="input-group">
                <input
                    class="input"
                    id=name
                    name=name
                    type=move || if shown.get() { "text" } else { "password" }
                    autocomplete=autocomplete
                    autocapitalize="none"
                    spellcheck="false"
                    prop:value=move || value.get()
                    on:input=move |event| value.set(event_target_value(&event))
                    aria-invalid=move || error.read().is_some().then_some("true")
                    aria-describedby=format!("{name}-note")
                />
                <button
                    type="button"
                    class="icon-button"
                    aria-label=move || if shown.get() { hide.get() } else { show.get() }
                    on:click=move |_| shown.update(|shown| *shown = !*shown)
                >
                    {move || {
                        let icon = if shown.get() { Icon::EyeOff } else { Icon::Eye };
                        view! { <Glyph icon/> }
                    }}
                </button>
            </div>
            <Note name error hint/>
        </div>
    }
}

#[component]
fn Note(name: &'static str, error: Signal<Option<String>>, hint: MaybeProp<String>) -> impl IntoView {
    view! {
        <p class="field-note" class:error=move || error.read().is_some() id=format!("{name}-note")>
            {move || error.get().or_else(|| hint.get()).unwrap_or_default()}
        </p>
    }
}
