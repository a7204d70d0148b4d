//! The messages of a conversation.

mod columns;
mod find;
mod follow;
mod gestures;
mod jump;
mod outline;
mod rows;
mod scroller;
mod tools;
mod whole;

use leptos::{html, prelude::*};
use web_sys::Element;

use self::{columns::columns, tools::tools};
pub(crate) use self::{find::find_bar, outline::outline, scroller::Scroller};
use super::{
    dialog::Confirm,
    files::attached,
    icon::{Glyph, Icon},
    message::{bubble, error_note::error_note, placeholder},
};
use crate::{
    browser::{page, time},
    i18n::{t, use_locale},
    state::{
        chat::{Chat, Deletion, Earlier, use_chats},
        feed::use_feed,
        notices::use_notices,
        uploads::use_uploads,
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
    let messages = {
        let chat = chat.clone();
        move || {
            let mut messages = chat.messages().get();
            // With parallel replies, the last message is shown among them.
            if !chat.parallel().read().is_empty() {
                messages.pop();
            }
            messages
        }
    };
    let mount = move |list: Element, (): ()| scroller.mount(list, messages.clone());
    let (earlier, loading) = (chat.earlier().clone(), chat.earlier().clone());
    let (notices, locale) = (use_notices(), use_locale());
    scroller.follow_address(move || notices.fail(locale.words_now().thread.not_here.to_owned()));
    scroller.prepare_to_print();
    scroller.complete_selection();
    let is_complete = Memo::new(move |_| earlier.get() == Earlier::None);
    view! {
        <div class="thread-frame">
            <p class="print-note" hidden=move || is_complete.get()>{t(|words| words.thread.not_printed)}</p>
            <div
                class="thread"
                role="log"
                aria-live="off"
                aria-label=t(|words| words.chat.messages)
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
                <ol class="messages" class:fresh=scroller.fresh() node_ref=list use:mount>
                    {columns(&chat)}
                    {outgoing(&chat)}
                    {failure(&chat)}
                </ol>
            </div>
            <p class="thread-note" hidden=move || loading.get() != Earlier::Loading>{t(|words| words.common.loading)}</p>
            {reconnecting(&chat)}
            {dialog(&chat)}
            {jump_button(&chat, scroller)}
        </div>
        {tools(&chat, scroller)}
    }
}

/// The message that is being sent, with a placeholder for the reply. A reply that is being continued is already there.
fn outgoing(chat: &Chat) -> AnyView {
    let uploads = use_uploads();
    let outgoing = chat.outgoing().clone();
    let shown = move || {
        let request = outgoing.get().filter(|request| request.continues.is_none())?;
        let sent = (!request.content.is_empty()).then(|| {
            view! {
                <li class="message" data-author="user" data-status="sending">
                    <article aria-label=t(|words| words.message.you)>
                        {attached(Signal::stored(untrack(|| uploads.files_of(&request.content))))}
                        {bubble(Signal::stored(request.content.text()))}
                        <div class="actions"></div>
                    </article>
                </li>
            }
            .into_any()
        });
        Some(
            view! {
                {sent}
                <li class="message" data-author="assistant" data-status="streaming">
                    <article aria-label=t(|words| words.message.assistant) aria-busy="true">{placeholder()}</article>
                </li>
            }
            .into_any(),
        )
    };
    shown.into_any()
}

/// Why the last message was not sent. Its text is back in the composer.
fn failure(chat: &Chat) -> AnyView {
    let chats = use_chats();
    let chat = chat.clone();
    let shown = move || {
        let error = chat.failure().get()?;
        let about = chat.clone();
        let chat = chat.clone();
        let retry = Callback::new(move |model| {
            chats.send_failed(&chat, model);
            page::focus_composer();
        });
        Some(view! { <li class="message">{error_note(&about, error, time::now(), retry)}</li> }.into_any())
    };
    shown.into_any()
}

fn reconnecting(chat: &Chat) -> AnyView {
    let feed = use_feed();
    let reconnecting = chat.reconnecting().clone();
    let shown = move || {
        (reconnecting.get() || feed.is_lost())
            .then(|| view! { <span>{t(|words| words.chat.reconnecting)}</span> }.into_any())
    };
    view! { <div class="connection" role="status">{shown}</div> }.into_any()
}

/// Confirms deleting a message, and says what is deleted with it.
fn dialog(chat: &Chat) -> AnyView {
    let chats = use_chats();
    let locale = use_locale();
    let chat = chat.clone();
    let shown = move || {
        chat.deletion().get().map(|(id, subtree): Deletion| {
            let deletion = chat.deletion().clone();
            let chat = chat.clone();
            let detail =
                move || (locale.words().message.delete_message_detail)(subtree.messages, subtree.hidden);
            view! {
                <Confirm
                    title=Signal::derive(move || locale.words().message.delete_message_title.to_owned())
                    detail=Signal::derive(detail)
                    confirm=t(|words| words.sidebar.delete)
                    on_confirm=Callback::new(move |()| chats.delete(&chat, id))
                    on_close=Callback::new(move |()| deletion.set(None))
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
                    aria-label=t(|words| words.chat.jump_to_latest)
                    title=t(|words| words.chat.jump_to_latest)
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
