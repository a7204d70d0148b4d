//! The saved prompts in the settings: listed, added, edited and deleted.

mod editor;

use kaiwa_shared::{PromptId, prompts::Prompt};
use leptos::{prelude::*, task::spawn_local};

use self::editor::{Edited, Editor};
use super::{
    controls::small_button,
    dialog::Confirm,
    icon::{Glyph, Icon},
};
use crate::{
    browser::page,
    i18n::{t, use_locale},
    state::{
        notices::use_notices,
        prompts::{Known, use_prompts},
    },
};

/// The button that adds a prompt, for the focus.
const ADD: &str = ".add-prompt";

/// The section of the settings.
pub fn prompts_section() -> AnyView {
    let prompts = use_prompts();
    prompts.load();
    let editor = Editor::new();
    if let Some(text) = prompts.take_begun() {
        editor.open(Edited::New, String::new(), text);
    }
    let to_delete = RwSignal::new(None::<Prompt>);
    let is_new = Memo::new(move |_| editor.edited().get() == Some(Edited::New));
    let add = Callback::new(move |()| editor.open(Edited::New, String::new(), String::new()));
    let below = move || {
        if is_new.get() {
            editor.view()
        } else {
            small_button("add-prompt", t(|words| words.prompts.add), add)
        }
    };
    view! {
        <section class="settings-section" aria-labelledby="prompts">
            <h2 id="prompts">{t(|words| words.prompts.title)}</h2>
            <p class="prompts-about">{t(|words| words.prompts.about)}</p>
            {list(editor, to_delete)}
            <div>{below}</div>
            {move || to_delete.get().map(|prompt| confirm(prompt, to_delete))}
        </section>
    }
    .into_any()
}

fn list(editor: Editor, to_delete: RwSignal<Option<Prompt>>) -> AnyView {
    let prompts = use_prompts();
    let locale = use_locale();
    // A prompt that is only changed keeps its row.
    let ids = Memo::new(move |_| match &*prompts.known().read() {
        Known::All(all) => all.iter().map(|prompt| prompt.id).collect::<Vec<_>>(),
        Known::Nothing | Known::Loading | Known::Failed(_) => Vec::new(),
    });
    let failure = move || {
        let Known::Failed(error) = prompts.known().get() else { return None };
        let again =
            small_button("", t(|words| words.common.try_again), Callback::new(move |()| prompts.load()));
        Some(
            view! { <div role="alert"><p class="form-error">{locale.words().error(&error)}</p>{again}</div> },
        )
    };
    let rows = move || {
        let ids = ids.get();
        (!ids.is_empty()).then(|| {
            let rows = ids.into_iter().map(|id| row(id, editor, to_delete)).collect_view();
            view! { <ul class="prompts">{rows}</ul> }
        })
    };
    view! {
        {failure}
        {rows}
    }
    .into_any()
}

/// A prompt, or the form that edits it.
fn row(id: PromptId, editor: Editor, to_delete: RwSignal<Option<Prompt>>) -> AnyView {
    let prompts = use_prompts();
    let prompt = Memo::new(move |_| prompts.find(id));
    let is_edited = Memo::new(move |_| editor.edited().get() == Some(Edited::Stored(id)));
    let edit = move || {
        if let Some(Prompt { name, text, .. }) = prompt.get_untracked() {
            editor.open(Edited::Stored(id), name, text);
        }
    };
    let delete = move || to_delete.set(prompt.get_untracked());
    let shown = move || {
        if is_edited.get() {
            return editor.view();
        }
        let Some(Prompt { name, text, .. }) = prompt.get() else { return ().into_any() };
        let words = use_locale().words();
        view! {
            <div class="prompt-text">
                <p class="prompt-name" dir="auto">{name.clone()}</p>
                <p class="prompt-start" dir="auto">{text}</p>
            </div>
            {button(Icon::Pencil, "edit-prompt", (words.prompts.edit)(&name), edit)}
            {button(Icon::Trash, "delete-prompt", (words.prompts.delete)(&name), delete)}
        }
        .into_any()
    };
    view! { <li class="prompt" data-prompt-id=id.to_string()>{shown}</li> }.into_any()
}

fn button(icon: Icon, class: &'static str, label: String, act: impl Fn() + 'static) -> AnyView {
    view! {
        <button
            type="button"
            class=format!("icon-button {class}")
            aria-label=label.clone()
            title=label
            on:click=move |_| act()
        >
            <Glyph icon/>
        </button>
    }
    .into_any()
}

fn confirm(prompt: Prompt, to_delete: RwSignal<Option<Prompt>>) -> AnyView {
    let (prompts, notices, locale) = (use_prompts(), use_notices(), use_locale());
    let id = prompt.id;
    let delete = move |()| {
        spawn_local(async move {
            match prompts.delete(id).await {
                Ok(()) => {
                    page::focus_on(ADD);
                    notices.announce(locale.words_now().prompts.deleted);
                }
                Err(error) => notices.fail(locale.words_now().error(&error)),
            }
        });
    };
    view! {
        <Confirm
            title=Signal::derive(move || locale.words().prompts.delete_title.to_owned())
            detail=Signal::derive(move || (locale.words().prompts.delete_detail)(&prompt.name))
            confirm=t(|words| words.sidebar.delete)
            on_confirm=Callback::new(delete)
            on_close=Callback::new(move |()| to_delete.set(None))
        />
    }
    .into_any()
}
