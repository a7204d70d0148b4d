//! One message of a conversation.

pub mod actions;
pub mod error_note;
pub mod reasoning;
pub mod text;
pub mod tool_call;

use kaiwa_shared::message::{Author, Part, Status};
use leptos::prelude::*;

use self::{actions::Actions, error_note::ErrorNote, reasoning::Reasoning, text::Prose, tool_call::ToolCall};
use crate::{
    i18n::{t, use_locale},
    state::{
        chat::{Chat, MessageHandle, PartKind, use_chats},
        models::use_models,
    },
};

/// A message: the user's in a quiet bubble, the assistant's as prose.
#[component]
pub fn Message(
    /// The conversation.
    chat: Chat,
    /// The message.
    message: MessageHandle,
) -> impl IntoView {
    let (id, author) = (message.id, message.author);
    let label = label_of(&message);
    let status = message.status.clone();
    let body = match author {
        Author::User => view! { <Said message/> }.into_any(),
        Author::Assistant => view! { <Reply chat message/> }.into_any(),
    };
    let busy = {
        let status = status.clone();
        move || (status.get() == Status::Streaming).then_some("true")
    };
    view! {
        <li
            class="message"
            data-message-id=id.to_string()
            data-author=author_word(author)
            data-status=move || status.get().as_str()
        >
            <article aria-label=label aria-busy=busy>{body}</article>
        </li>
    }
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
    let model = message.model.clone();
    Signal::derive(move || {
        let words = locale.words();
        match (author, model.get()) {
            (Author::User, _) => words.you.to_owned(),
            (Author::Assistant, Some(model)) => (words.assistant_with)(&models.name_of(&model)),
            (Author::Assistant, None) => words.assistant.to_owned(),
        }
    })
}

#[component]
fn Said(message: MessageHandle) -> impl IntoView {
    let parts = message.parts.clone();
    let text = Signal::derive(move || parts.with(|parts| kaiwa_shared::message::text_of(parts)));
    view! {
        <Bubble text/>
        <Actions message model_name=Signal::derive(|| None)/>
    }
}

/// The quiet bubble of what the user says. Its text is shown as it was typed.
#[component]
pub fn Bubble(
    /// What is said.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    view! { <div class="bubble" dir="auto">{text}</div> }
}

#[component]
fn Reply(chat: Chat, message: MessageHandle) -> impl IntoView {
    let models = use_models();
    let kinds = {
        let message = message.clone();
        Memo::new(move |_| message.kinds().into_iter().enumerate().collect::<Vec<_>>())
    };
    let part = {
        let (chat, message) = (chat, message.clone());
        move |(at, kind): (usize, PartKind)| part_view(&chat, &message, at, kind)
    };
    let model = message.model.clone();
    let model_name = Signal::derive(move || model.get().map(|model| models.name_of(&model)));
    let waiting = {
        let message = message.clone();
        Memo::new(move |_| message.is_streaming() && kinds.read().is_empty())
    };
    let streaming = {
        let message = message.clone();
        Memo::new(move |_| message.is_streaming())
    };
    let after = {
        let message = message.clone();
        move || (!streaming.get()).then(|| view! { <Actions message=message.clone() model_name/> }.into_any())
    };
    view! {
        <For each=move || kinds.get() key=|part| *part children=part/>
        {move || waiting.get().then(|| view! { <Waiting/> }.into_any())}
        <Ending message/>
        {after}
    }
}

fn part_view(chat: &Chat, message: &MessageHandle, at: usize, kind: PartKind) -> AnyView {
    let message = message.clone();
    match kind {
        PartKind::Text => view! { <Prose message at/> }.into_any(),
        PartKind::Reasoning => view! { <Reasoning message at/> }.into_any(),
        PartKind::ToolCall => view! { <ToolCall message at/> }.into_any(),
        // Shown with the call that it answers and at the end of the reply.
        PartKind::ToolResult | PartKind::Citation => ().into_any(),
        PartKind::Error => {
            let problem = message.parts.with_untracked(|parts| match parts.get(at) {
                Some(Part::Error { problem }) => Some(problem.clone()),
                _ => None,
            });
            let chats = use_chats();
            let chat = chat.clone();
            let retry = Callback::new(move |()| chats.send_again(&chat, &message));
            problem.map(|problem| view! { <ErrorNote error=problem.into() retry/> }).into_any()
        }
    }
}

/// The reply has not begun.
#[component]
pub fn Waiting() -> impl IntoView {
    view! {
        <p class="waiting">
            <span class="visually-hidden">{t(|words| words.generating)}</span>
            <span aria-hidden="true"></span>
            <span aria-hidden="true"></span>
            <span aria-hidden="true"></span>
        </p>
    }
}

/// Says quietly that the reply did not come to its own end.
#[component]
fn Ending(message: MessageHandle) -> impl IntoView {
    let (stopped, interrupted) = (t(|words| words.stopped), t(|words| words.interrupted));
    let ending = move || match message.status.get() {
        Status::Stopped => Some(stopped),
        Status::Interrupted => Some(interrupted),
        Status::Streaming | Status::Complete | Status::Failed => None,
    };
    move || ending().map(|text| view! { <p class="ending">{text}</p> }.into_any())
}
