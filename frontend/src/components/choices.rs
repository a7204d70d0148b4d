//! Options side by side, of which one is chosen.

use leptos::prelude::*;

/// One option of a group.
pub struct Choice {
    /// Its name.
    pub label: Signal<&'static str>,
    /// Whether it is chosen.
    pub chosen: Signal<bool>,
    /// Called when it is chosen.
    pub choose: Callback<()>,
}

/// The options of a group; `name` identifies the group on the page.
pub fn choices_of(name: &'static str, choices: Vec<Choice>) -> AnyView {
    let options = choices.into_iter().map(|Choice { label, chosen, choose }| {
        view! {
            <label class="choice">
                <input type="radio" name=name prop:checked=chosen on:change=move |_| choose.run(())/>
                <span>{label}</span>
            </label>
        }
        .into_any()
    });
    view! { <div class="choices">{options.collect_view()}</div> }.into_any()
}
