//! Fields of a form, with their errors beside them.

use leptos::{html, prelude::*};

use super::icon::{Glyph, Icon};
use crate::i18n::t;

/// A labelled line of text.
#[component]
pub fn TextField(
    /// The field's name in the request, which is also its id.
    name: &'static str,
    /// What it asks for.
    label: Signal<&'static str>,
    /// What the browser may fill in.
    autocomplete: &'static str,
    /// Its content.
    value: RwSignal<String>,
    /// What is wrong with it.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// A word of advice below it.
    #[prop(optional, into)]
    hint: MaybeProp<String>,
    /// The element, to focus it.
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

/// A labelled password with a button that shows it.
#[component]
pub fn PasswordField(
    /// The field's name in the request, which is also its id.
    name: &'static str,
    /// What it asks for.
    label: Signal<&'static str>,
    /// What the browser may fill in.
    #[prop(into)]
    autocomplete: Signal<&'static str>,
    /// Its content.
    value: RwSignal<String>,
    /// What is wrong with it.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// A word of advice below it.
    #[prop(optional, into)]
    hint: MaybeProp<String>,
    /// The element, to focus it.
    #[prop(optional)]
    node: NodeRef<html::Input>,
) -> impl IntoView {
    let shown = RwSignal::new(false);
    let show = t(|words| words.show_password);
    let hide = t(|words| words.hide_password);
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
                    node_ref=node
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
