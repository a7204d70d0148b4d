//! The outline of a conversation: the questions asked, to jump to one of them.

mod entries;

use kaiwa_shared::MessageId;
use leptos::{html, prelude::*, task::spawn_local};

use self::entries::{Entry, entries, question_at, shown};
use super::scroller::Scroller;
use crate::{
    browser::page,
    components::{
        controls::icon_button,
        icon::{Glyph, Icon},
    },
    i18n::{t, use_locale},
    state::chat::Chat,
};

/// Outlines with more questions can be filtered.
const FILTERED: usize = 8;

/// The outline, as a panel at the edge or, in narrow windows, a sheet. It is open while it is mounted.
/// `on_close` gets the message to go to, if any.
pub(crate) fn outline(chat: &Chat, scroller: Scroller, on_close: Callback<Option<MessageId>>) -> AnyView {
    let dialog = NodeRef::<html::Dialog>::new();
    let all = RwSignal::new(None::<Vec<Entry>>);
    let filter = RwSignal::new(String::new());
    let current = question_at(&chat.messages().read_untracked(), scroller.current());
    let target = StoredValue::new(None);
    Effect::new(move |_| {
        if let Some(dialog) = dialog.get() {
            // Fails only if the dialog is already open.
            _ = dialog.show_modal();
        }
    });
    let loaded = chat.clone();
    spawn_local(async move {
        scroller.chats().load_back_to(&loaded, None).await;
        if all.try_set(Some(entries(&loaded.messages().read_untracked()))).is_none() {
            request_animation_frame(|| page::reveal(".outline-entry[aria-current]"));
        }
    });
    let leave = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    let go = Callback::new(move |id: MessageId| {
        target.set_value(Some(id));
        leave();
    });
    let to_first = Callback::new(move |()| {
        scroller.go_to_first();
        leave();
    });
    let press_outside = move |event: web_sys::MouseEvent| {
        // The content fills the dialog, so a press on the dialog element itself is on the backdrop.
        if event.target().as_ref() == event.current_target().as_ref() {
            leave();
        }
    };
    let never = Signal::stored(false);
    let close = t(|words| words.thread.close);
    view! {
        <dialog
            class="outline"
            aria-labelledby="outline-title"
            node_ref=dialog
            on:close=move |_| on_close.run(target.get_value())
            on:click=press_outside
        >
            <div class="outline-body">
                <header class="outline-head">
                    <h2 id="outline-title">{t(|words| words.thread.outline)}</h2>
                    {icon_button(Icon::ToTop, "", t(|words| words.thread.first), never, to_first)}
                    {icon_button(Icon::Close, "", close, never, Callback::new(move |()| leave()))}
                </header>
                {filter_field(all, filter)}
                {list(all, filter, current, go)}
            </div>
        </dialog>
    }
    .into_any()
}

fn filter_field(all: RwSignal<Option<Vec<Entry>>>, filter: RwSignal<String>) -> AnyView {
    let is_needed = Memo::new(move |_| all.read().as_ref().is_some_and(|all| all.len() > FILTERED));
    let field = move || {
        is_needed.get().then(|| {
            view! {
                <label class="outline-filter">
                    <Glyph icon=Icon::Search/>
                    <input
                        type="search"
                        dir="auto"
                        aria-label=t(|words| words.thread.filter)
                        placeholder=t(|words| words.thread.filter)
                        on:input=move |event| filter.set(event_target_value(&event))
                    />
                </label>
            }
            .into_any()
        })
    };
    field.into_any()
}

fn list(
    all: RwSignal<Option<Vec<Entry>>>,
    filter: RwSignal<String>,
    current: Option<MessageId>,
    go: Callback<MessageId>,
) -> AnyView {
    let locale = use_locale();
    let content = move || {
        let all = all.read();
        let Some(all) = all.as_ref() else {
            return view! { <p class="outline-note" role="status">{t(|words| words.common.loading)}</p> }
                .into_any();
        };
        let listed = shown(all, &filter.read(), current);
        let words = &locale.words().thread;
        let note = if listed.entries.is_empty() {
            Some(words.no_question.to_owned())
        } else if listed.is_partial {
            Some((words.partial)(listed.entries.len(), listed.found))
        } else {
            None
        };
        let row = |entry: &Entry| {
            let id = entry.id;
            let text = if entry.text.is_empty() { words.only_files.to_owned() } else { entry.text.clone() };
            view! {
                <li>
                    <button
                        type="button"
                        class="outline-entry"
                        aria-current=(listed.current == Some(id)).then_some("true")
                        on:click=move |_| go.run(id)
                    >
                        <span dir="auto">{text}</span>
                    </button>
                </li>
            }
        };
        view! {
            <ol class="outline-list">{listed.entries.iter().map(row).collect_view()}</ol>
            {note.map(|note| view! { <p class="outline-note" role="status">{note}</p> })}
        }
        .into_any()
    };
    content.into_any()
}
