//! A model in the picker.

use kaiwa_shared::model::{Abilities, Model, Prices};
use leptos::prelude::*;

use super::picker::Picker;
use crate::{
    components::icon::{Glyph, Icon},
    i18n::{Words, numbers, t, use_locale},
};

/// The model at `at`, which can be chosen and made a favourite.
pub(super) fn row(picker: &Picker, at: usize, model: Model, shows_provider: bool) -> AnyView {
    let picker = *picker;
    let id = StoredValue::new(model.id.clone());
    let selected = move || id.with_value(|id| picker.is_selected(id));
    let disabled = move || id.with_value(|id| picker.is_disabled(id));
    view! {
        <div
            role="row"
            id=format!("model-{at}")
            class="model-row"
            class:active=move || picker.active.get() == at
            aria-selected=move || if selected() { "true" } else { "false" }
            aria-disabled=move || disabled().then_some("true")
            on:click=move |_| id.with_value(|id| picker.choose(id))
            on:pointermove=move |_| {
                if picker.active.get_untracked() != at {
                    picker.active.set(at);
                }
            }
        >
            <div role="gridcell" class="model-cell">
                <div class="model-title">
                    <span class="menu-text" title=model.id.clone()>{model.name.clone()}</span>
                    {abilities(&model.abilities)}
                    {model.demo.then(demo_badge)}
                </div>
                {details(&model, shows_provider)}
            </div>
            <div role="gridcell" class="model-ends">
                <Glyph icon=Icon::Check/>
                {star(&picker, at, id, model.name)}
            </div>
        </div>
    }
    .into_any()
}

/// Marks the built-in demo model.
pub(super) fn demo_badge() -> AnyView {
    view! { <span class="badge">{t(|words| words.composer.demo)}</span> }.into_any()
}

fn abilities(abilities: &Abilities) -> AnyView {
    let icons = [
        (abilities.vision, Icon::Eye, t(|words| words.models.sees)),
        (abilities.tools, Icon::Tool, t(|words| words.models.tools)),
        (abilities.reasoning, Icon::Thought, t(|words| words.models.reasons)),
    ];
    let shown = icons.into_iter().filter(|(has, ..)| *has == Some(true)).map(|(_, icon, name)| {
        view! {
            <span class="model-ability" role="img" aria-label=name title=name><Glyph icon/></span>
        }
        .into_any()
    });
    shown.collect_view().into_any()
}

fn details(model: &Model, shows_provider: bool) -> AnyView {
    let words = use_locale().words();
    let mut facts = facts(words, &model.abilities);
    if shows_provider && !model.demo {
        facts.insert(0, model.provider.clone());
    }
    let line = facts.join(" · ");
    (!line.is_empty()).then(|| view! { <div class="model-facts">{line}</div> }.into_any()).into_any()
}

/// The size of the context window and the prices.
fn facts(words: &Words, abilities: &Abilities) -> Vec<String> {
    let window = abilities.context_tokens.map(|tokens| (words.models.context)(&numbers::short(tokens)));
    let prices = abilities.prices.map(|Prices { input, output, .. }| {
        match (numbers::micros(input), numbers::micros(output)) {
            (0, 0) => words.models.free.to_owned(),
            (input, output) => (words.models.prices)(&numbers::price(input), &numbers::price(output)),
        }
    });
    window.into_iter().chain(prices).collect()
}

/// The button that makes a model a favourite.
fn star(picker: &Picker, at: usize, id: StoredValue<String>, name: String) -> AnyView {
    let picker = *picker;
    let locale = use_locale();
    let is_favourite = Memo::new(move |_| id.with_value(|id| picker.lists.is_favourite(id)));
    let label = Signal::derive(move || {
        let words = &locale.words().models;
        if is_favourite.get() { (words.remove_favourite)(&name) } else { (words.add_favourite)(&name) }
    });
    view! {
        <button
            type="button"
            class="icon-button star"
            class:set=move || is_favourite.get()
            // From the search field, Tab leads to the button of the active model.
            tabindex=move || if picker.active.get() == at { "0" } else { "-1" }
            aria-label=label
            title=label
            on:click=move |event| {
                event.stop_propagation();
                id.with_value(|id| picker.lists.toggle_favourite(id));
            }
        >
            <Glyph icon=Icon::Star/>
        </button>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;

    #[test]
    fn the_details_are_short() {
        let prices = |input, output| Some(Prices { input, output, cached: None });
        for (context_tokens, prices, english, chinese) in [
            (
                Some(128_000),
                prices(0.15, 0.6),
                "128k context · $0.15 in · $0.60 out / 1M tokens",
                "上下文 128k · 输入 $0.15 · 输出 $0.60 / 百万 token",
            ),
            (Some(1_047_576), None, "1M context", "上下文 1M"),
            (None, prices(0.0, 0.0), "Free", "免费"),
            (None, None, "", ""),
        ] {
            let abilities = Abilities { context_tokens, prices, ..Abilities::default() };
            assert_eq!(facts(Language::English.words(), &abilities).join(" · "), english);
            assert_eq!(facts(Language::Chinese.words(), &abilities).join(" · "), chinese);
        }
    }
}
