//! One message of a conversation.

mod actions;
mod edit;
pub mod error_note;
mod facts;
mod reasoning;
mod sources;
mod text;
mod tool_call;

use kaiwa_shared::message::{Author, Finish, Part, Status};
use leptos::prelude::*;

use self::{
    actions::actions, edit::edit_form, error_note::error_note, reasoning::reasoning, sources::sources,
    text::prose, tool_call::tool_call,
};
use super::{
    controls::{seconds_until, small_button},
    files::attached,
    markdown::Typed,
};
use crate::{
    browser::{page, time},
    i18n::{Words, t, use_locale},
    state::{
        chat::{Chat, MessageHandle, PartKind, Retry, files_of, use_chats},
        models::use_models,
        preferences::use_preferences,
    },
};

/// A message: the user's in a bubble, the assistant's as prose.
pub fn message(chat: &Chat, message: &MessageHandle) -> AnyView {
    let status = message.status.clone();
    view! {
        <li
            class="message"
            data-message-id=message.id.to_string()
            data-author=author_word(message.author)
            data-status=move || status.get().as_str()
        >
            {article(chat, message)}
        </li>
    }
    .into_any()
}

/// The content of a message, under its author.
pub fn article(chat: &Chat, message: &MessageHandle) -> AnyView {
    let label = label_of(message);
    let status = message.status.clone();
    let busy = move || (status.get() == Status::Streaming).then_some("true");
    let body = match message.author {
        Author::User => question(chat, message),
        Author::Assistant => reply(chat, message),
    };
    view! { <article aria-label=label aria-busy=busy>{body}</article> }.into_any()
}

const fn author_word(author: Author) -> &'static str {
    match author {
        Author::User => "user",
        Author::Assistant => "assistant",
    }
}

fn label_of(message: &MessageHandle) -> Signal<String> {
    let locale = use_locale();
    let models = use_models();
    let author = message.author;
    let details = message.details.clone();
    Signal::derive(move || {
        let words = locale.words();
        let model = details.with(|details| details.model.as_deref().map(|model| models.name_of(model)));
        match (author, model) {
            (Author::User, _) => words.message.you.to_owned(),
            (Author::Assistant, Some(model)) => (words.message.assistant_with)(&model),
            (Author::Assistant, None) => words.message.assistant.to_owned(),
        }
    })
}

fn question(chat: &Chat, message: &MessageHandle) -> AnyView {
    let (editing, id) = (chat.editing().clone(), message.id);
    let is_editing = Memo::new(move |_| editing.get() == Some(id));
    let (chat, message) = (chat.clone(), message.clone());
    let shown = move || {
        if is_editing.get() {
            return edit_form(&chat, &message);
        }
        let parts = message.parts.clone();
        let files = Memo::new(move |_| parts.with(|parts| files_of(parts)));
        let parts = message.parts.clone();
        let text = Signal::derive(move || parts.with(|parts| kaiwa_shared::message::text_of(parts)));
        view! {
            {attached(files.into())}
            {bubble(text)}
            {actions(&chat, &message)}
        }
        .into_any()
    };
    shown.into_any()
}

/// The bubble of a user's message. Its text is shown as it was typed, with code as code.
pub fn bubble(text: Signal<String>) -> AnyView {
    let locale = use_locale();
    let labels = Signal::derive(move || &locale.words().message.markdown);
    view! { <div class="bubble" hidden=move || text.read().is_empty()><Typed text labels/></div> }.into_any()
}

fn reply(chat: &Chat, message: &MessageHandle) -> AnyView {
    let preferences = use_preferences();
    let streaming = {
        let message = message.clone();
        Memo::new(move |_| message.is_streaming())
    };
    let held_back = Memo::new(move |_| streaming.get() && preferences.whole_answers());
    let kinds = {
        let message = message.clone();
        Memo::new(
            move |before: Option<&Vec<_>>| {
                if held_back.get() { before.cloned().unwrap_or_default() } else { message.kinds() }
            },
        )
    };
    let part = {
        let (chat, message) = (chat.clone(), message.clone());
        move |(at, kind): (usize, PartKind)| part_view(&chat, &message, at, kind)
    };
    let nothing_yet = Memo::new(move |_| streaming.get() && (held_back.get() || kinds.read().is_empty()));
    let after = {
        let (chat, message) = (chat.clone(), message.clone());
        move || {
            (!streaming.get()).then(|| {
                view! {
                    {sources(&message)}
                    {actions(&chat, &message)}
                }
                .into_any()
            })
        }
    };
    view! {
        {left_out(message)}
        <For each=move || kinds.get() key=|part| *part children=part/>
        {move || nothing_yet.get().then(placeholder)}
        {retrying(message)}
        {ending(chat, message, kinds)}
        {after}
    }
    .into_any()
}

fn part_view(chat: &Chat, message: &MessageHandle, at: usize, kind: PartKind) -> AnyView {
    match kind {
        PartKind::Text => prose(message, at),
        PartKind::Reasoning => reasoning(message, at),
        PartKind::ToolCall => tool_call(message, at),
        PartKind::Error => {
            let problem = message.parts.with_untracked(|parts| match parts.get(at) {
                Some(Part::Error { problem }) => Some(problem.clone()),
                _ => None,
            });
            let is_new = message.status.get_untracked() == Status::Streaming;
            let since = if is_new { time::now() } else { message.created_at };
            let chats = use_chats();
            let (about, chat, message) = (chat.clone(), chat.clone(), message.clone());
            let retry = Callback::new(move |model| {
                chats.regenerate(&chat, &message, model);
                page::focus_composer();
            });
            problem.map(|problem| error_note(&about, problem.into(), since, retry)).into_any()
        }
    }
}

/// The reply has not begun.
pub fn placeholder() -> AnyView {
    view! {
        <p class="waiting">
            <span class="visually-hidden">{t(|words| words.chat.generating)}</span>
            <span aria-hidden="true"></span>
            <span aria-hidden="true"></span>
            <span aria-hidden="true"></span>
        </p>
    }
    .into_any()
}

/// Shows that the request is retried, and when.
fn retrying(message: &MessageHandle) -> AnyView {
    let models = use_models();
    let locale = use_locale();
    let details = message.details.clone();
    let retry = Memo::new(move |_| details.with(|details| details.retrying.clone()));
    let note = move || {
        retry.get().map(|Retry { at, model }| {
            let left = seconds_until(at);
            let model = Signal::derive(move || model.as_deref().map(|id| models.name_of(id)));
            let text = move || (locale.words().message.retrying)(left.get(), model.get().as_deref());
            view! { <p class="ending">{text}</p> }.into_any()
        })
    };
    note.into_any()
}

/// Shows that the model did not get the whole conversation. The style sheet hides it on all but the last reply.
fn left_out(message: &MessageHandle) -> AnyView {
    let locale = use_locale();
    let details = message.details.clone();
    let count = Memo::new(move |_| {
        details.with(|details| details.context.map_or(0, |context| context.dropped_messages))
    });
    let note = move || {
        (count.get() > 0).then(|| {
            view! { <p class="left-out">{move || (locale.words().message.left_out)(count.get())}</p> }
                .into_any()
        })
    };
    note.into_any()
}

/// Why the reply was cut short. A reply that failed or has no words says why in its last part.
fn why_it_ended(words: &Words, status: Status, finish: Option<Finish>) -> Option<&'static str> {
    match (status, finish) {
        (Status::Stopped, _) => Some(words.message.stopped),
        (Status::Interrupted, _) => Some(words.message.interrupted),
        (Status::Complete, Some(Finish::Length)) => Some(words.message.too_long),
        (Status::Complete, Some(Finish::Refusal)) => Some(words.message.declined),
        (Status::Streaming | Status::Complete | Status::Failed, _) => None,
    }
}

/// Shows that the reply was cut short, and offers to continue it if possible.
fn ending(chat: &Chat, message: &MessageHandle, kinds: Memo<Vec<(usize, PartKind)>>) -> AnyView {
    let locale = use_locale();
    let chats = use_chats();
    let (details, status, run) = (message.details.clone(), message.status.clone(), chat.run().clone());
    let why = Memo::new(move |_| {
        let status = status.get();
        // Shown immediately, before the server confirms it.
        let stopping = status == Status::Streaming && run.get().is_stopping();
        let status = if stopping { Status::Stopped } else { status };
        // The error is already shown.
        let is_told = kinds.with(|kinds| matches!(kinds.last(), Some((_, PartKind::Error))));
        let finish = details.with(|details| details.finish);
        why_it_ended(locale.words(), status, finish).filter(|_| !is_told)
    });
    let continues = {
        let (chat, message) = (chat.clone(), message.clone());
        Memo::new(move |_| {
            !chat.is_temporary()
                && !chat.is_running()
                && message.can_continue()
                && chat.messages().read().last().is_some_and(|last| last.id == message.id)
        })
    };
    let (chat, message) = (chat.clone(), message.clone());
    let line = move || {
        (why.get().is_some() || continues.get()).then(|| {
            let (chat, message) = (chat.clone(), message.clone());
            let on_continue = Callback::new(move |()| {
                chats.continue_reply(&chat, &message);
                page::focus_composer();
            });
            let button =
                continues.get().then(|| small_button("", t(|words| words.message.continue_), on_continue));
            view! { <div class="ending"><p>{why.get()}</p>{button}</div> }.into_any()
        })
    };
    line.into_any()
}
