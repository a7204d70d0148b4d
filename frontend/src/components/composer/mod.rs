//! The composer: the field in which the user writes.

mod attach;
mod draft;
mod field;
mod meter;
mod placeholders;
mod queue;
mod quote;
mod suggestions;

use kaiwa_shared::Content;
use leptos::{html, prelude::*};

use self::{
    attach::{Remark, attach_button, remark},
    draft::keep_draft,
    meter::context_meter,
    queue::queue,
    quote::quote_button,
};
use super::{
    chat_settings::chat_settings,
    effort::effort_chip,
    files::chips,
    icon::{Glyph, Icon},
    model_picker::ModelPicker,
};
use crate::{
    browser::page,
    i18n::{t, use_locale},
    state::{
        chat::{Chat, use_chats},
        notices::use_notices,
        uploads::use_uploads,
    },
};

/// The composer of a conversation.
#[expect(clippy::needless_pass_by_value, reason = "a component owns what it is given")]
#[component]
pub fn Composer(
    /// The conversation.
    chat: Chat,
) -> impl IntoView {
    let chats = use_chats();
    let field = NodeRef::<html::Textarea>::new();
    keep_draft(chat.clone());
    use_uploads().set_target(&chat);
    let remark = remark(&chat);
    let why_not = Memo::new(move |_| remark.read().as_ref().and_then(Remark::obstacle).map(str::to_owned));
    let notices = use_notices();
    let send = {
        let chat = chat.clone();
        Callback::new(move |()| {
            let draft = chat.draft().get_untracked();
            if let Some(why) = why_not.get_untracked() {
                notices.announce(&why);
            } else if !draft.is_blank() && chats.send(&chat, draft) {
                focus(field);
            }
        })
    };
    let stop = stop(&chat, field);
    let became_file = RwSignal::new(false);
    let note = note(&chat, remark, became_file);
    view! {
        {queue(&chat)}
        {quote_button(field)}
        <form
            class="composer"
            class:temporary=chat.is_temporary()
            on:submit=move |event| {
                event.prevent_default();
                send.run(());
            }
            on:pointerdown=move |event| focus_from_frame(&event, field)
        >
            {chips(&chat)}
            <p class="composer-note">{note}</p>
            {field::field(&chat, field, send, stop, became_file)}
            <div class="composer-bar">
                {attach_button(&chat)}
                <ModelPicker chat=chat.clone()/>
                {effort_chip(&chat)}
                {chat_settings(&chat)}
                {context_meter(&chat)}
                {buttons(&chat, why_not, send, stop)}
            </div>
        </form>
    }
}

/// The remark on the files, or what has become of a long pasted text, as long as its file is there.
fn note(
    chat: &Chat,
    remark: Memo<Option<Remark>>,
    became_file: RwSignal<bool>,
) -> impl Fn() -> Option<String> + Send + use<> {
    let locale = use_locale();
    let draft = chat.draft().clone();
    let has_files = Memo::new(move |_| draft.with(|draft| draft.files().next().is_some()));
    Effect::new(move |_| {
        if !has_files.get() {
            became_file.set(false);
        }
    });
    move || {
        let hint =
            || (became_file.get() && has_files.get()).then_some(locale.words().files.paste_became_file);
        match remark.get() {
            Some(Remark::Obstacle(text) | Remark::Hint(text)) => Some(text),
            None => hint().map(str::to_owned),
        }
    }
}

/// Stops the running replies.
fn stop(chat: &Chat, field: NodeRef<html::Textarea>) -> Callback<()> {
    let (chat, chats) = (chat.clone(), use_chats());
    Callback::new(move |()| {
        chats.stop(&chat);
        // The button is about to disappear and must not take the focus with it.
        if !page::is_touch() {
            focus(field);
        }
    })
}

fn focus(field: NodeRef<html::Textarea>) {
    if let Some(field) = field.get_untracked() {
        page::focus(&field);
    }
}

/// The whole composer looks like one field, so a press anywhere focuses the text.
fn focus_from_frame(event: &web_sys::PointerEvent, field: NodeRef<html::Textarea>) {
    if event.target().as_ref() == event.current_target().as_ref() {
        event.prevent_default();
        focus(field);
    }
}

/// The buttons that stop the reply and send. While a reply is being written and the field is empty, there is nothing to
/// send.
fn buttons(chat: &Chat, why_not: Memo<Option<String>>, send: Callback<()>, stop: Callback<()>) -> AnyView {
    let running = {
        let chat = chat.clone();
        Memo::new(move |_| chat.is_running())
    };
    let (run, draft) = (chat.run().clone(), chat.draft().clone());
    let stopping = Memo::new(move |_| run.get().is_stopping());
    let empty = Memo::new(move |_| draft.with(Content::is_blank));
    let can_queue = !chat.is_temporary();
    let (to_send, to_queue) = (t(|words| words.composer.send), t(|words| words.composer.queue_message));
    let disabled = Signal::derive(move || empty.get() || why_not.read().is_some());
    let label = Signal::derive(move || if running.get() { to_queue.get() } else { to_send.get() });
    let to_stop = t(|words| words.composer.stop);
    let shown = move || {
        let stop_button =
            running.get().then(|| round_button(Icon::Stop, "send stop", to_stop, stopping.into(), stop));
        let can_send = !running.get() || (can_queue && !empty.get());
        let send_button = can_send.then(|| round_button(Icon::ArrowUp, "send", label, disabled, send));
        view! {
            {stop_button}
            {send_button}
        }
        .into_any()
    };
    view! { <div class="composer-buttons">{shown}</div> }.into_any()
}

fn round_button(
    icon: Icon,
    class: &'static str,
    label: Signal<&'static str>,
    disabled: Signal<bool>,
    act: Callback<()>,
) -> AnyView {
    view! {
        <button
            type="button"
            class=class
            aria-label=label
            title=label
            disabled=disabled
            on:click=move |_| act.run(())
        >
            <Glyph icon/>
        </button>
    }
    .into_any()
}
