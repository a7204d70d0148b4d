//! Adding files to the message, and why it cannot be sent with them.

use leptos::{html, prelude::*};

use crate::{
    browser::files,
    components::{controls::icon_button, icon::Icon},
    i18n::{t, use_locale},
    state::{
        chat::{Chat, use_chats},
        models::use_models,
        uploads::use_uploads,
    },
};

/// The button that opens the system's file dialog; on phones that includes the camera.
pub(super) fn attach_button(chat: &Chat) -> AnyView {
    let uploads = use_uploads();
    let input = NodeRef::<html::Input>::new();
    let choose = Callback::new(move |()| {
        if let Some(input) = input.get_untracked() {
            input.click();
        }
    });
    let chat = chat.clone();
    let chosen = move |_| {
        if let Some(input) = input.get_untracked() {
            uploads.add(&chat, files::list(input.files()));
            // Choosing the same file again is a change then.
            input.set_value("");
        }
    };
    view! {
        <input type="file" multiple hidden node_ref=input on:change=chosen/>
        {icon_button(Icon::Paperclip, "", t(|words| words.files.add), Signal::stored(false), choose)}
    }
    .into_any()
}

/// Why the message cannot be sent with its files: an upload is not finished, or a chosen model cannot see.
pub(super) fn obstacle(chat: &Chat) -> Memo<Option<String>> {
    let (uploads, models, chats) = (use_uploads(), use_models(), use_chats());
    let locale = use_locale();
    let chat = chat.clone();
    Memo::new(move |_| {
        let draft = chat.draft().get();
        let words = locale.words();
        if let Some(obstacle) = uploads.obstacle(&draft) {
            return Some(obstacle.text(words).to_owned());
        }
        if !uploads.files_of(&draft).iter().any(kaiwa_shared::File::is_picture) {
            return None;
        }
        let chosen = [chats.model_of(&chat)].into_iter().chain(chat.compared().get().into_iter().map(Some));
        let blind = chosen
            .filter_map(|id| models.find(id.as_deref()))
            .find(|model| model.abilities.vision == Some(false))?;
        Some((words.files.cannot_see)(&blind.name))
    })
}
