//! What can be done with a message.

use kaiwa_shared::{MessageId, message::Author, model::Model};
use leptos::{prelude::*, task::spawn_local};

use super::facts::details;
use crate::{
    browser::page,
    components::{
        controls::{copy_button, icon_button},
        icon::{Glyph, Icon},
        menu::{Menu, MenuItem},
    },
    i18n::{t, use_locale},
    state::{
        chat::{Chat, MessageHandle, has_text, use_chats},
        models::use_models,
    },
};

/// The actions under a message.
pub(super) fn actions(chat: &Chat, message: &MessageHandle) -> AnyView {
    let busy = {
        let chat = chat.clone();
        Signal::derive(move || chat.is_running())
    };
    let is_reply = message.author == Author::Assistant;
    let versions = versions(chat, message, busy);
    let copy = copy(message);
    let change = if is_reply { regenerate(chat, message, busy) } else { edit(chat, message, busy) };
    let more = (!chat.is_temporary()).then(|| more(chat, message, busy));
    let about = is_reply.then(|| details(message));
    view! {
        <div class="actions">
            {versions}
            {copy}
            {change}
            {more}
            {about}
        </div>
    }
    .into_any()
}

fn copy(message: &MessageHandle) -> AnyView {
    let parts = message.parts.clone();
    let worth_it = Memo::new(move |_| parts.with(|parts| has_text(parts)));
    let message = message.clone();
    let text = Callback::new(move |()| message.text());
    let button = move || worth_it.get().then(|| copy_button(t(|words| words.copy), text));
    button.into_any()
}

fn edit(chat: &Chat, message: &MessageHandle, busy: Signal<bool>) -> AnyView {
    let (editing, id) = (chat.editing().clone(), message.id);
    let begin = Callback::new(move |()| editing.set(Some(id)));
    icon_button(Icon::Pencil, "edit", t(|words| words.edit), busy, begin)
}

/// Another answer: of the chosen model, or of another one.
fn regenerate(chat: &Chat, message: &MessageHandle, busy: Signal<bool>) -> AnyView {
    let chats = use_chats();
    let models = use_models();
    let label = t(|words| words.regenerate);
    let label = Signal::derive(move || label.get().to_owned());
    let again = {
        let (chat, message) = (chat.clone(), message.clone());
        Callback::new(move |model: Option<String>| chats.regenerate(&chat, &message, model))
    };
    let chosen = {
        let chat = chat.clone();
        Signal::derive(move || models.find(chats.model_of(&chat).as_deref()))
    };
    let items = move || {
        let chosen = chosen.get().unwrap_or_default();
        let others: Vec<_> = models.all().into_iter().filter(|model| model.id != chosen.id).collect();
        let heading = (!others.is_empty())
            .then(|| view! { <p class="menu-heading">{t(|words| words.other_models)}</p> }.into_any());
        let row = move |model: Model| {
            let id = model.id;
            let choose = Callback::new(move |()| again.run(Some(id.clone())));
            view! { <MenuItem on_choose=choose><span class="menu-text">{model.name}</span></MenuItem> }
                .into_any()
        };
        view! {
            <MenuItem on_choose=Callback::new(move |()| again.run(None))>
                <Glyph icon=Icon::Retry/>
                <span class="menu-text">{t(|words| words.same_model)}</span>
                <span class="menu-detail">{chosen.name}</span>
            </MenuItem>
            {heading}
            {others.into_iter().map(row).collect_view()}
        }
        .into_any()
    };
    let trigger = view! { <Glyph icon=Icon::Retry/> }.into_any();
    view! { <Menu label class="icon-button" trigger disabled=busy>{items()}</Menu> }.into_any()
}

/// What is seldom wanted: a conversation of its own from here, and deleting.
fn more(chat: &Chat, message: &MessageHandle, busy: Signal<bool>) -> AnyView {
    let chats = use_chats();
    let id = message.id;
    let fork = {
        let chat = chat.clone();
        Callback::new(move |()| chats.fork(&chat, id))
    };
    let delete = {
        let chat = chat.clone();
        Callback::new(move |()| chats.ask_to_delete(&chat, id))
    };
    let label = t(|words| words.more_actions);
    let label = Signal::derive(move || label.get().to_owned());
    let trigger = view! { <Glyph icon=Icon::More/> }.into_any();
    view! {
        <Menu label class="icon-button" trigger disabled=busy>
            <MenuItem on_choose=fork>
                <Glyph icon=Icon::Branch/>
                {t(|words| words.fork)}
            </MenuItem>
            <MenuItem on_choose=delete danger=true>
                <Glyph icon=Icon::Trash/>
                {t(|words| words.delete)}
            </MenuItem>
        </Menu>
    }
    .into_any()
}

/// `‹ 2/3 ›`: the messages that hang where this one does.
fn versions(chat: &Chat, message: &MessageHandle, busy: Signal<bool>) -> AnyView {
    let (details, id) = (message.details.clone(), message.id);
    let siblings = Memo::new(move |_| details.with(|details| details.siblings.clone()));
    let chat = chat.clone();
    let shown = move || {
        let siblings = siblings.get();
        let at = siblings.iter().position(|sibling| *sibling == id)?;
        (siblings.len() > 1).then(|| arrows(&chat, &siblings, at, busy))
    };
    shown.into_any()
}

fn arrows(chat: &Chat, siblings: &[MessageId], at: usize, busy: Signal<bool>) -> AnyView {
    let locale = use_locale();
    let count = siblings.len();
    let arrow = |icon, class: &'static str, label, target: Option<MessageId>| {
        let chat = chat.clone();
        let go = Callback::new(move |()| {
            if let Some(target) = target {
                switch(chat.clone(), target, class);
            }
        });
        icon_button(icon, class, label, Signal::derive(move || target.is_none() || busy.get()), go)
    };
    let before = at.checked_sub(1).and_then(|at| siblings.get(at)).copied();
    let after = siblings.get(at + 1).copied();
    let previous = arrow(Icon::ChevronLeft, "previous", t(|words| words.previous_version), before);
    let next = arrow(Icon::ChevronRight, "next", t(|words| words.next_version), after);
    view! {
        <span class="versions">
            {previous}
            <span class="version">
                <span aria-hidden="true">{format!("{}/{count}", at + 1)}</span>
                <span class="visually-hidden">{move || (locale.words().version_of)(at + 1, count)}</span>
            </span>
            {next}
        </span>
    }
    .into_any()
}

/// Shows another version; the focus goes along, because the button that had it is gone.
fn switch(chat: Chat, target: MessageId, class: &'static str) {
    let chats = use_chats();
    spawn_local(async move {
        if chats.show_branch(&chat, target).await {
            request_animation_frame(move || {
                let versions = format!("[data-message-id=\"{target}\"] .versions");
                page::focus_on(&format!("{versions} .{class}:enabled, {versions} :enabled"));
            });
        }
    });
}
