//! The files that are being added to a message, in the composer.

use kaiwa_shared::FileId;
use leptos::prelude::*;

use crate::{
    api::files::thumbnail_url,
    browser::page,
    components::icon::{Glyph, Icon},
    i18n::{numbers, t, use_locale},
    state::{
        chat::Chat,
        uploads::{Attachment, Stage, use_uploads},
    },
};

/// The files of the message that is being written, with the progress of their uploads.
pub fn chips(chat: &Chat) -> AnyView {
    let draft = chat.draft().clone();
    let ids = Memo::new(move |_| draft.with(|draft| draft.files().collect::<Vec<_>>()));
    let chat = chat.clone();
    let shown = move || {
        let chat = chat.clone();
        (!ids.read().is_empty()).then(|| {
            view! {
                <ul class="chips" aria-label=t(|words| words.files.list)>
                    <For each=move || ids.get() key=|id| *id children=move |id| chip(&chat, id)/>
                </ul>
            }
            .into_any()
        })
    };
    shown.into_any()
}

fn chip(chat: &Chat, id: FileId) -> AnyView {
    let uploads = use_uploads();
    let locale = use_locale();
    let name = uploads.find(id).map_or_else(|| locale.words_now().files.unnamed.to_owned(), |file| file.name);
    let stage = uploads.find(id).map(|Attachment { stage, .. }| stage);
    let now = Memo::new(move |_| stage.as_ref().map(ArcRwSignal::get));
    let failed = move || now.with(|stage| matches!(stage, Some(Stage::Failed(_))));
    let percent = move || match now.get() {
        Some(Stage::Sending(percent)) => Some(format!("{percent}%")),
        _ => None,
    };
    let detail = move || {
        let words = locale.words();
        match now.get()? {
            Stage::Waiting => Some(words.files.waiting.to_owned()),
            Stage::Sending(100) => Some(words.files.checking.to_owned()),
            Stage::Sending(percent) => Some((words.files.uploading)(percent)),
            Stage::Stored(file) => Some(numbers::bytes(file.size)),
            Stage::Failed(failure) => Some(failure.text(words)),
        }
    };
    let picture = move || match now.get() {
        Some(Stage::Stored(file)) if file.is_picture() => {
            view! { <img src=thumbnail_url(id) alt="" draggable="false"/> }.into_any()
        }
        Some(Stage::Failed(_)) => view! { <Glyph icon=Icon::Alert/> }.into_any(),
        _ => view! { <Glyph icon=Icon::File/> }.into_any(),
    };
    let retry = {
        let name = name.clone();
        move || {
            let can_retry = matches!(now.get(), Some(Stage::Failed(failure)) if failure.can_retry());
            let act = Callback::new(move |()| uploads.retry(id));
            can_retry.then(|| button(Icon::Retry, name.clone(), |words| words.retry, act))
        }
    };
    let remove = {
        let chat = chat.clone();
        Callback::new(move |()| {
            uploads.remove(&chat, id);
            page::focus_composer();
        })
    };
    view! {
        <li class="file" class:failed=failed style=("--sent", percent)>
            <span class="file-picture">{picture}</span>
            <span class="file-text">
                <span class="file-name" dir="auto" title=name.clone()>{name.clone()}</span>
                <span class="file-detail">{detail}</span>
            </span>
            {retry}
            {button(Icon::Close, name, |words| words.remove, remove)}
        </li>
    }
    .into_any()
}

type Label = fn(&str) -> String;

/// A button whose name contains that of the file.
fn button(
    icon: Icon,
    name: String,
    label: fn(&crate::i18n::files::FilesWords) -> Label,
    act: Callback<()>,
) -> AnyView {
    let locale = use_locale();
    let label = Signal::derive(move || label(&locale.words().files)(&name));
    view! {
        <button type="button" class="icon-button" aria-label=label title=label on:click=move |_| act.run(())>
            <Glyph icon/>
        </button>
    }
    .into_any()
}
