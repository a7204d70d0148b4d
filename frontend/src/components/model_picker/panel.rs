//! What the open picker shows.

use kaiwa_shared::stream::MAX_PARALLEL;
use leptos::{html, prelude::*};

use super::{
    picker::Picker,
    row::row,
    sections::{Heading, Section},
};
use crate::{
    browser::page,
    components::icon::{Glyph, Icon},
    i18n::{t, use_locale},
};

/// The search field, the models, and what else can be done.
pub(super) fn content(picker: &Picker) -> AnyView {
    let picker = *picker;
    let frame = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let Some(frame) = frame.get() {
            request_animation_frame(move || {
                // The field does not move while the list gets shorter.
                page::set_pixels(&frame, "height", frame.client_height().into());
                picker.show_active();
            });
        }
    });
    view! {
        <div class="model-picker" node_ref=frame on:keydown=move |event| picker.on_key(&event)>
            {search_field(&picker)}
            {notes(&picker)}
            {list(&picker)}
            {compare_button(&picker)}
        </div>
    }
    .into_any()
}

fn search_field(picker: &Picker) -> AnyView {
    let picker = *picker;
    let label = t(|words| words.models.search);
    view! {
        <div class="model-search">
            <Glyph icon=Icon::Search/>
            <input
                type="text"
                role="combobox"
                aria-label=label
                placeholder=label
                aria-expanded="true"
                aria-haspopup="grid"
                aria-controls="model-list"
                aria-autocomplete="list"
                aria-activedescendant=move || {
                    (!picker.sections.read().is_empty()).then(|| format!("model-{}", picker.active.get()))
                }
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                data-focus=""
                node_ref=picker.field
                on:input=move |event| picker.search(event_target_value(&event))
            />
        </div>
    }
    .into_any()
}

fn notes(picker: &Picker) -> AnyView {
    let picker = *picker;
    let locale = use_locale();
    let gone = move || {
        let wanted = picker.chat.with_value(|chat| picker.chats.model_of(chat))?;
        let is_gone = picker.models.is_loaded() && picker.chosen.read().is_none();
        is_gone
            .then(|| view! { <p class="model-gone">{(locale.words().models.gone)(&wanted)}</p> }.into_any())
    };
    let compare = move || {
        let hint = (locale.words().models.compare_hint)(MAX_PARALLEL);
        picker.comparing.get().then(|| view! { <p class="model-note">{hint}</p> }.into_any())
    };
    let none = move || picker.sections.read().is_empty().then(|| locale.words().models.none_found);
    view! {
        {gone}
        {compare}
        <p class="model-note model-none" role="status">{none}</p>
    }
    .into_any()
}

fn list(picker: &Picker) -> AnyView {
    let picker = *picker;
    let groups = move || {
        let mut at = 0;
        let groups = picker.sections.get().into_iter().enumerate().map(|(group, section)| {
            let first = at;
            at += section.models.len();
            view_of(&picker, group, section, first)
        });
        groups.collect_view()
    };
    view! {
        <div
            id="model-list"
            class="model-list"
            role="grid"
            aria-label=t(|words| words.models.title)
            aria-multiselectable=move || if picker.comparing.get() { "true" } else { "false" }
            node_ref=picker.list
            on:scroll=move |_| picker.on_scroll()
        >
            {groups}
        </div>
    }
    .into_any()
}

/// A group of models, the first of which is at `first`.
fn view_of(picker: &Picker, group: usize, section: Section, first: usize) -> AnyView {
    let picker = *picker;
    let Section { heading, models } = section;
    let shows_provider = !matches!(heading, Heading::Provider(_));
    let heading = match heading {
        Heading::Favourites => t(|words| words.models.favourites).get().to_owned(),
        Heading::Recent => t(|words| words.models.recent).get().to_owned(),
        Heading::Provider(name) => name,
    };
    let (id, label) = (format!("model-group-{group}"), format!("model-group-{group}"));
    let rows = (first..).zip(models).map(|(at, model)| row(&picker, at, model, shows_provider));
    view! {
        <div role="rowgroup" aria-labelledby=label>
            <div class="model-heading" id=id>{heading}</div>
            {rows.collect_view()}
        </div>
    }
    .into_any()
}

/// The button that begins and ends the choice of further models.
fn compare_button(picker: &Picker) -> AnyView {
    let picker = *picker;
    let compared = picker.compared();
    let count = Signal::derive(move || compared.with(Vec::len));
    let locale = use_locale();
    let label = move || {
        let words = locale.words();
        if picker.comparing.get() { words.models.compare_done } else { words.models.compare }
    };
    let press = move |_| {
        if picker.comparing.get_untracked() {
            return picker.popover.close();
        }
        picker.comparing.set(true);
        if let Some(field) = picker.field.get_untracked().filter(|_| !page::is_touch()) {
            page::focus(&field);
        }
    };
    let button = move || {
        (picker.models.all().len() > 1).then(|| {
            view! {
                <div class="model-foot">
                    <button type="button" class="menu-item" on:click=press>
                        <Glyph icon=Icon::Columns/>
                        {label}
                        {move || (count.get() > 0).then(|| view! { <span class="badge">{format!("+{}", count.get())}</span> }.into_any())}
                    </button>
                </div>
            }
            .into_any()
        })
    };
    button.into_any()
}
