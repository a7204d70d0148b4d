//! The messages of a conversation, and the place in them that the reader sees.

mod columns;
mod follow;
mod scroller;

use leptos::{html, prelude::*};

use self::{columns::columns, scroller::Scroller};
use super::{
    dialog::Confirm,
    icon::{Glyph, Icon},
    message::{bubble, error_note::error_note, message, waiting},
};
use crate::{
    browser::{page, time},
    i18n::{t, use_locale},
    state::{
        chat::{Chat, Doomed, MessageHandle, use_chats},
        feed::use_feed,
    },
};

/// The messages of a conversation.
#[expect(clippy::needless_pass_by_value, reason = "a component owns what it is given")]
#[component]
pub fn Thread(
    /// The conversation.
    chat: Chat,
) -> impl IntoView {
    let window = NodeRef::<html::Div>::new();
    let list = NodeRef::<html::Ol>::new();
    let scroller = Scroller::new(&chat, window, list);
    let rows = {
        let chat = chat.clone();
        move || {
            let mut messages = chat.messages().get();
            // The last one stands among the answers side by side, where there are several.
            if !chat.beside().read().is_empty() {
                messages.pop();
            }
            messages
        }
    };
    let row = {
        let chat = chat.clone();
        move |handle: MessageHandle| message(&chat, &handle)
    };
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
                on:click=move |event| scroller.on_click(&event)
                on:scroll=move |_| scroller.on_scroll()
                on:wheel=move |event| scroller.on_wheel(&event)
                on:touchstart=move |event| scroller.on_touch_start(&event)
                on:touchmove=move |event| scroller.on_touch_move(&event)
                on:pointerdown=move |event| scroller.on_pointer_down(&event)
                on:keydown=move |event| scroller.on_key(&event)
            >
                <ol class="messages" class:fresh=scroller.fresh() node_ref=list>
                    <For each=rows key=|message| message.id children=row/>
                    {columns(&chat)}
                    {outgoing(&chat)}
                    {failure(&chat)}
                </ol>
            </div>
            <p class="thread-note" hidden=move || !loading.get()>{t(|words| words.loading)}</p>
            {reconnecting(&chat)}
            {dialog(&chat)}
            {jump_button(&chat, scroller)}
        </div>
    }
}

/// What was said and has not reached the server yet, with the place where the reply will stand. A reply that is to go
/// on has its place already.
fn outgoing(chat: &Chat) -> AnyView {
    let outgoing = chat.outgoing().clone();
    let shown = move || {
        let wanted = outgoing.get().filter(|wanted| wanted.continues.is_none())?;
        let said = (!wanted.content.is_empty()).then(|| {
            view! {
                <li class="message" data-author="user" data-status="sending">
                    <article aria-label=t(|words| words.you)>
                        {bubble(Signal::stored(wanted.content))}
                        <div class="actions"></div>
                    </article>
                </li>
            }
            .into_any()
        });
        Some(
            view! {
                {said}
                <li class="message" data-author="assistant" data-status="streaming">
                    <article aria-label=t(|words| words.assistant) aria-busy="true">{waiting()}</article>
                </li>
            }
            .into_any(),
        )
    };
    shown.into_any()
}

/// Why the last message was not sent. It stands in the composer again.
fn failure(chat: &Chat) -> AnyView {
    let chats = use_chats();
    let chat = chat.clone();
    let shown = move || {
        let error = chat.failure().get()?;
        let chat = chat.clone();
        let retry = Callback::new(move |()| {
            chats.send_failed(&chat);
            page::focus_composer();
        });
        Some(view! { <li class="message">{error_note(error, time::now(), retry)}</li> }.into_any())
    };
    shown.into_any()
}

fn reconnecting(chat: &Chat) -> AnyView {
    let feed = use_feed();
    let reconnecting = chat.reconnecting().clone();
    let shown = move || {
        (reconnecting.get() || feed.is_lost())
            .then(|| view! { <span>{t(|words| words.reconnecting)}</span> }.into_any())
    };
    view! { <div class="connection" role="status">{shown}</div> }.into_any()
}

/// Asks before a message is deleted, and says what goes with it.
fn dialog(chat: &Chat) -> AnyView {
    let chats = use_chats();
    let locale = use_locale();
    let chat = chat.clone();
    let shown = move || {
        chat.doomed().get().map(|(id, subtree): Doomed| {
            let doomed = chat.doomed().clone();
            let chat = chat.clone();
            let detail = move || (locale.words().delete_message_detail)(subtree.messages, subtree.hidden);
            view! {
                <Confirm
                    title=Signal::derive(move || locale.words().delete_message_title.to_owned())
                    detail=Signal::derive(detail)
                    confirm=t(|words| words.delete)
                    on_confirm=Callback::new(move |()| chats.delete(&chat, id))
                    on_close=Callback::new(move |()| doomed.set(None))
                />
            }
            .into_any()
        })
    };
    shown.into_any()
}

fn jump_button(chat: &Chat, scroller: Scroller) -> AnyView {
    let chat = chat.clone();
    let running = Memo::new(move |_| chat.is_running());
    let shown = move || {
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
    };
    shown.into_any()
}
