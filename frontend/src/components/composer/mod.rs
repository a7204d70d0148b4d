//! Where the reader writes.

mod draft;

use leptos::{html, prelude::*};
use web_sys::{HtmlTextAreaElement, KeyboardEvent};

use self::draft::keep_draft;
use super::{
    icon::{Glyph, Icon},
    model_picker::ModelPicker,
};
use crate::{
    browser::{
        keyboard::{is_composing, press_of},
        page,
    },
    i18n::t,
    state::{
        chat::{Chat, use_chats},
        preferences::use_preferences,
    },
};

/// The composer of a conversation.
#[component]
pub fn Composer(
    /// The conversation.
    chat: Chat,
) -> impl IntoView {
    let chats = use_chats();
    let field = NodeRef::<html::Textarea>::new();
    keep_draft(chat.clone());
    show_draft(&chat, field);
    let send = {
        let chat = chat.clone();
        Callback::new(move |()| {
            let text = chat.draft().get_untracked();
            if !text.trim().is_empty() && !chat.is_running_untracked() {
                chat.draft().set(String::new());
                chats.send(&chat, text);
                if let Some(field) = field.get_untracked() {
                    page::focus(&field);
                }
            }
        })
    };
    let stop = {
        let chat = chat.clone();
        Callback::new(move |()| chats.stop(&chat))
    };
    let on_key = {
        let chat = chat.clone();
        let preferences = use_preferences();
        move |event: KeyboardEvent| {
            if is_composing(&event) {
                return;
            }
            match event.key().as_str() {
                "Enter" if preferences.send_key().sends(press_of(&event)) => {
                    event.prevent_default();
                    send.run(());
                }
                "Escape" if chat.is_running_untracked() && !press_of(&event).shift => {
                    event.prevent_default();
                    stop.run(());
                }
                _ => {}
            }
        }
    };
    let draft = chat.draft().clone();
    view! {
        <form
            class="composer"
            on:submit=move |event| {
                event.prevent_default();
                send.run(());
            }
            on:pointerdown=move |event| focus_from_frame(&event, field)
        >
            <textarea
                id="composer"
                class="composer-field"
                rows="1"
                dir="auto"
                aria-label=t(|words| words.message)
                placeholder=t(|words| words.message_placeholder)
                node_ref=field
                on:input=move |event| draft.set(event_target_value(&event))
                on:keydown=on_key
            ></textarea>
            <div class="composer-bar">
                <ModelPicker chat=chat.clone()/>
                <SendButton chat send stop/>
            </div>
        </form>
    }
}

/// The whole composer looks like one field, so a press beside the text belongs to the text.
fn focus_from_frame(event: &web_sys::PointerEvent, field: NodeRef<html::Textarea>) {
    if event.target().as_ref() == event.current_target().as_ref()
        && let Some(field) = field.get_untracked()
    {
        event.prevent_default();
        page::focus(&field);
    }
}

/// Shows what the draft holds. The field itself is the truth while the reader types; the draft changes it only when
/// a message leaves or comes back.
fn show_draft(chat: &Chat, field: NodeRef<html::Textarea>) {
    let draft = chat.draft().clone();
    Effect::new(move |before: Option<bool>| {
        let Some(field) = field.get() else { return false };
        draft.with(|text| {
            if field.value() != *text {
                field.set_value(text);
            }
        });
        fit(&field);
        if before != Some(true) && !page::is_touch() {
            page::focus(&field);
        }
        true
    });
}

/// Makes the field as high as its text; the style sheet says where it ends.
fn fit(field: &HtmlTextAreaElement) {
    let style = web_sys::HtmlElement::style(field);
    _ = style.set_property("height", "auto");
    _ = style.set_property("height", &format!("{}px", field.scroll_height()));
}

/// Sends, or stops the reply that is being written. One button, so that the focus stays on it.
#[component]
fn SendButton(chat: Chat, send: Callback<()>, stop: Callback<()>) -> impl IntoView {
    let running = {
        let chat = chat.clone();
        Memo::new(move |_| chat.is_running())
    };
    let run = chat.run().clone();
    let draft = chat.draft().clone();
    let idle = Memo::new(move |_| {
        if running.get() { run.get().is_stopping() } else { draft.with(|text| text.trim().is_empty()) }
    });
    let (to_send, to_stop) = (t(|words| words.send), t(|words| words.stop));
    let label = Signal::derive(move || if running.get() { to_stop.get() } else { to_send.get() });
    let press = move |_| if running.get_untracked() { stop.run(()) } else { send.run(()) };
    view! {
        <button
            type="button"
            class="send"
            class:stop=running
            aria-label=label
            title=label
            disabled=idle
            on:click=press
        >
            {move || {
                let icon = if running.get() { Icon::Stop } else { Icon::ArrowUp };
                view! { <Glyph icon/> }
            }}
        </button>
    }
}
