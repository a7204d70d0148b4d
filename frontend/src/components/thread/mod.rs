//! The messages of a conversation, and the place in them that the reader sees.

mod follow;
mod scroller;

use leptos::{html, prelude::*};

use self::scroller::Scroller;
use super::{
    icon::{Glyph, Icon},
    message::{Bubble, Message, Waiting, error_note::ErrorNote},
};
use crate::{
    i18n::t,
    state::chat::{Chat, MessageHandle, use_chats},
};

/// The messages of a conversation.
#[component]
pub fn Thread(
    /// The conversation.
    chat: Chat,
) -> impl IntoView {
    let window = NodeRef::<html::Div>::new();
    let list = NodeRef::<html::Ol>::new();
    let scroller = Scroller::new(&chat, window, list);
    let messages = chat.messages().clone();
    let row = {
        let chat = chat.clone();
        move |message: MessageHandle| view! { <Message chat=chat.clone() message/> }.into_any()
    };
    let outgoing = chat.outgoing().clone();
    let loading = chat.loading_earlier().clone();
    view! {
        <div class="thread-frame">
            <div
                class="thread"
                role="log"
                aria-live="off"
                aria-label=t(|words| words.messages)
                tabindex="0"
                node_ref=window
                on:scroll=move |_| scroller.on_scroll()
                on:wheel=move |event| scroller.on_wheel(&event)
                on:touchstart=move |event| scroller.on_touch_start(&event)
                on:touchmove=move |event| scroller.on_touch_move(&event)
                on:pointerdown=move |event| scroller.on_pointer_down(&event)
                on:keydown=move |event| scroller.on_key(&event)
            >
                <ol class="messages" class:fresh=scroller.fresh() node_ref=list>
                    <For each=move || messages.get() key=|message| message.id children=row/>
                    {move || {
                        outgoing.get().map(|attempt| view! { <Outgoing text=attempt.content/> }.into_any())
                    }}
                    <Failure chat=chat.clone()/>
                </ol>
            </div>
            <p class="thread-note" hidden=move || !loading.get()>{t(|words| words.loading)}</p>
            <Reconnecting chat=chat.clone()/>
            <JumpButton chat scroller/>
        </div>
    }
}

/// What was said and has not reached the server yet, with the place where the reply will stand.
#[component]
fn Outgoing(text: String) -> impl IntoView {
    view! {
        <li class="message" data-author="user" data-status="sending">
            <article aria-label=t(|words| words.you)>
                <Bubble text/>
                <div class="actions"></div>
            </article>
        </li>
        <li class="message" data-author="assistant" data-status="streaming">
            <article aria-label=t(|words| words.assistant) aria-busy="true"><Waiting/></article>
        </li>
    }
}

/// Why the last message was not sent. It stands in the composer again.
#[component]
fn Failure(chat: Chat) -> impl IntoView {
    let chats = use_chats();
    move || {
        let error = chat.failure().get()?;
        let chat = chat.clone();
        let retry = Callback::new(move |()| chats.send_failed(&chat));
        Some(view! { <li class="message"><ErrorNote error retry/></li> }.into_any())
    }
}

#[component]
fn Reconnecting(chat: Chat) -> impl IntoView {
    let reconnecting = chat.reconnecting().clone();
    view! {
        <div class="connection" role="status">
            {move || reconnecting.get().then(|| view! { <span>{t(|words| words.reconnecting)}</span> }.into_any())}
        </div>
    }
}

#[component]
fn JumpButton(chat: Chat, scroller: Scroller) -> impl IntoView {
    let running = Memo::new(move |_| chat.is_running());
    move || {
        scroller.is_away().then(|| {
            view! {
                <button
                    type="button"
                    class="jump"
                    class:active=running
                    aria-label=t(|words| words.jump_to_latest)
                    title=t(|words| words.jump_to_latest)
                    on:click=move |_| scroller.jump()
                >
                    <Glyph icon=Icon::ArrowDown/>
                </button>
            }
            .into_any()
        })
    }
}
