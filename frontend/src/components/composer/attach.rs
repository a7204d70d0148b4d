//! Adding files to the message, and what models read of them.

use kaiwa_shared::{File, model::Model};
use leptos::{html, prelude::*};

use crate::{
    browser::files,
    components::{
        controls::icon_button,
        files::{cannot_read, only_text},
        icon::Icon,
    },
    i18n::{Words, t, use_locale},
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

/// What the user must know about the files before the message is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Remark {
    /// The message cannot be sent: an upload is not finished, or a chosen model cannot read a file.
    Obstacle(String),
    /// A chosen model gets less than the file has.
    Hint(String),
}

impl Remark {
    /// Why the message cannot be sent, if it cannot.
    pub(super) fn obstacle(&self) -> Option<&str> {
        if let Self::Obstacle(text) = self { Some(text) } else { None }
    }
}

/// The remark on the files of the message.
pub(super) fn remark(chat: &Chat) -> Memo<Option<Remark>> {
    let (uploads, models, chats) = (use_uploads(), use_models(), use_chats());
    let locale = use_locale();
    let chat = chat.clone();
    Memo::new(move |_| {
        let draft = chat.draft().get();
        let words = locale.words();
        if let Some(obstacle) = uploads.obstacle(&draft) {
            return Some(Remark::Obstacle(obstacle.text(words).to_owned()));
        }
        let files = uploads.files_of(&draft);
        if files.is_empty() {
            return None;
        }
        let ids = [chats.model_of(&chat)].into_iter().chain(chat.compared().get().into_iter().map(Some));
        let chosen: Vec<_> = ids.filter_map(|id| models.find(id.as_deref())).collect();
        let of_each = |say: fn(&Model, &[File], &Words) -> Option<String>| {
            chosen.iter().find_map(|model| say(model, &files, words))
        };
        of_each(cannot_read).map(Remark::Obstacle).or_else(|| of_each(only_text).map(Remark::Hint))
    })
}
