//! The page of a conversation, new or not.

use kaiwa_shared::Code;
use leptos::prelude::*;

use super::not_found::NotFound;
use crate::{
    api::Error,
    browser::page,
    components::{
        artifacts::{artifact_panel, provide_artifacts},
        composer::Composer,
        icon::{Glyph, Icon},
        setup_notes,
        thread::Thread,
    },
    i18n::{t, use_locale},
    state::{
        chat::{Chat, Phase, use_chats},
        models::use_models,
        navigation::use_navigation,
    },
};

/// The conversation that the address names.
#[component]
pub fn ChatPage() -> impl IntoView {
    let chats = use_chats();
    let navigation = use_navigation();
    let chat = RwSignal::new(None::<Chat>);
    Effect::new(move || {
        let opened = chats.open_route(navigation.route());
        // A conversation keeps its page, its focus and its scroll position when it gets an address of its own.
        if chat.with_untracked(|shown| *shown != opened) {
            chat.set(opened);
        }
    });
    move || chat.get().map(|chat| view! { <Conversation chat/> }.into_any())
}

#[derive(Clone, PartialEq)]
enum Shown {
    Greeting,
    Loading,
    Missing,
    Failed(Error),
    Thread,
}

fn what_to_show(chat: &Chat) -> Shown {
    match chat.phase().get() {
        Phase::Failed(error) if error.code() == Some(Code::NotFound) => Shown::Missing,
        Phase::Failed(error) => Shown::Failed(error),
        Phase::Loading => Shown::Loading,
        Phase::Ready if chat.is_blank() && chat.failure().read().is_none() => Shown::Greeting,
        Phase::Ready => Shown::Thread,
    }
}

#[component]
fn Conversation(chat: Chat) -> impl IntoView {
    let shown = {
        let chat = chat.clone();
        Memo::new(move |_| what_to_show(&chat))
    };
    let above = {
        let chat = chat.clone();
        move || match shown.get() {
            Shown::Greeting => greeting(&chat),
            Shown::Loading => view! { <Loading/> }.into_any(),
            Shown::Missing => view! { <NotFound/> }.into_any(),
            Shown::Failed(error) => view! { <LoadFailed chat=chat.clone() error/> }.into_any(),
            Shown::Thread => view! { <Thread chat=chat.clone()/> }.into_any(),
        }
    };
    let below = {
        let chat = chat.clone();
        move || (shown.get() == Shown::Greeting).then(|| view! { <Examples chat=chat.clone()/> }.into_any())
    };
    let marked = chat.is_temporary();
    let missing = Memo::new(move |_| shown.get() == Shown::Missing);
    let artifacts = provide_artifacts(&chat);
    view! {
        <div class="conversation">
            <div class="chat-frame">
                <div class="chat" class:blank=move || shown.get() == Shown::Greeting>
                    {marked.then(|| {
                        view! {
                            <p class="temporary-mark" hidden=move || shown.get() == Shown::Greeting>
                                <Glyph icon=Icon::Temporary/>
                                <strong>{t(|words| words.chat.temporary)}</strong>
                                <span>{t(|words| words.chat.temporary_detail)}</span>
                            </p>
                        }
                        .into_any()
                    })}
                    {above}
                    {move || (!missing.get()).then(|| view! { <div class="composer-frame"><Composer chat=chat.clone()/></div> }.into_any())}
                    {below}
                </div>
            </div>
            {artifact_panel(artifacts)}
        </div>
    }
}

fn greeting(chat: &Chat) -> AnyView {
    if chat.is_temporary() {
        return view! {
            <div class="greeting">
                <h1>
                    <Glyph icon=Icon::Temporary/>
                    {t(|words| words.chat.temporary)}
                </h1>
                <p>{t(|words| words.chat.temporary_detail)}</p>
            </div>
        }
        .into_any();
    }
    view! {
        <div class="greeting">
            <h1>{t(|words| words.chat.greeting)}</h1>
        </div>
    }
    .into_any()
}

/// Example prompts, and how to connect a model if there is only the demo.
#[component]
fn Examples(chat: Chat) -> impl IntoView {
    let models = use_models();
    let locale = use_locale();
    let examples = move || {
        locale
            .words()
            .chat
            .examples
            .map(|example| {
                let draft = chat.draft().clone();
                let take = move |_| {
                    draft.set(example.prompt.into());
                    page::focus_on("#composer");
                };
                view! {
                    <button type="button" class="example" on:click=take>
                        <span class="example-title">{example.title}</span>
                        <span class="example-prompt">{example.prompt}</span>
                    </button>
                }
                .into_any()
            })
            .into_iter()
            .collect_view()
    };
    view! {
        <div class="below-greeting">
            {setup_notes::provider_notes()}
            <div class="examples">{examples}</div>
            {move || models.only_demo().then(setup_notes::connect_note)}
        </div>
    }
}

#[component]
fn Loading() -> impl IntoView {
    view! {
        <div class="thread-frame loading" aria-busy="true">
            <p class="visually-hidden" role="status">{t(|words| words.common.loading)}</p>
        </div>
    }
}

#[component]
fn LoadFailed(chat: Chat, error: Error) -> impl IntoView {
    let chats = use_chats();
    let locale = use_locale();
    view! {
        <div class="placard" role="alert">
            <h1>{t(|words| words.chat.load_failed)}</h1>
            <p>{move || locale.words().error(&error)}</p>
            <button type="button" class="button primary" on:click=move |_| chats.retry_load(&chat)>
                <Glyph icon=Icon::Retry/>
                {t(|words| words.common.try_again)}
            </button>
        </div>
    }
}
