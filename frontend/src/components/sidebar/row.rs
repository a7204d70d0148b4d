//! One conversation of the sidebar.

use kaiwa_shared::{ConversationId, conversation::TITLE_MAX_CHARS};
use leptos::{html, prelude::*, task::spawn_local};
use web_sys::KeyboardEvent;

use crate::{
    browser::{keyboard::is_composing, page},
    components::{
        icon::{Glyph, Icon},
        menu::{Menu, MenuItem},
        shell::use_frame,
    },
    i18n::{t, use_locale},
    routes::Route,
    state::{
        conversations::{Entry, use_conversations},
        navigation::use_navigation,
        notices::use_notices,
    },
};

/// A conversation: a link and a menu to rename or delete it.
#[component]
pub fn ConversationRow(
    /// The conversation.
    entry: Entry,
    /// Set to the conversation that the user wants to delete.
    to_delete: RwSignal<Option<Entry>>,
    /// The conversation that is being renamed.
    renaming: RwSignal<Option<ConversationId>>,
) -> impl IntoView {
    let navigation = use_navigation();
    let id = entry.id;
    let is_current = Memo::new(move |_| navigation.route() == Route::Conversation(id));
    let is_renaming = Memo::new(move |_| renaming.get() == Some(id));
    view! {
        <li class="row" class:current=is_current data-conversation-id=id.to_string()>
            {move || {
                if is_renaming.get() {
                    view! { <RenameField entry=entry.clone() renaming/> }.into_any()
                } else {
                    view! { <Link entry=entry.clone() is_current to_delete renaming/> }.into_any()
                }
            }}
        </li>
    }
}

#[component]
fn Link(
    entry: Entry,
    is_current: Memo<bool>,
    to_delete: RwSignal<Option<Entry>>,
    renaming: RwSignal<Option<ConversationId>>,
) -> impl IntoView {
    let locale = use_locale();
    let frame = use_frame();
    let id = entry.id;
    let signal = entry.title.clone();
    let title = Signal::derive(move || {
        let title = signal.get();
        if title.is_empty() { locale.words().sidebar.new_chat.to_owned() } else { title }
    });
    let label = Signal::derive(move || (locale.words().sidebar.actions_for)(&title.get()));
    let rename = Callback::new(move |()| renaming.set(Some(id)));
    let delete = Callback::new(move |()| to_delete.set(Some(entry.clone())));
    view! {
        <a
            class="row-link"
            href=Route::Conversation(id).to_string()
            aria-current=move || is_current.get().then_some("page")
            title=title
            dir="auto"
            on:click=move |_| frame.close_drawer()
            on:dblclick=move |_| rename.run(())
        >
            {title}
        </a>
        <Menu label class="icon-button more row-menu" trigger=view! { <Glyph icon=Icon::More/> }.into_any()>
            <MenuItem on_choose=rename>
                <Glyph icon=Icon::Pencil/>
                {t(|words| words.sidebar.rename)}
            </MenuItem>
            <MenuItem on_choose=delete danger=true>
                <Glyph icon=Icon::Trash/>
                {t(|words| words.sidebar.delete)}
            </MenuItem>
        </Menu>
    }
}

#[component]
fn RenameField(entry: Entry, renaming: RwSignal<Option<ConversationId>>) -> impl IntoView {
    let conversations = use_conversations();
    let notices = use_notices();
    let locale = use_locale();
    let field = NodeRef::<html::Input>::new();
    let id = entry.id;
    let before = StoredValue::new(entry.title.get_untracked());
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            // The closing menu returns the focus to its button first.
            request_animation_frame(move || {
                page::focus(&field);
                field.select();
            });
        }
    });
    let leave = move |keep: bool| {
        // Leaving by a key also blurs the field, which would leave again.
        if renaming.get_untracked() != Some(id) {
            return;
        }
        let title = field.get_untracked().map(|field| field.value().trim().to_owned()).unwrap_or_default();
        renaming.set(None);
        if !keep || title.is_empty() || before.with_value(|before| *before == title) {
            return;
        }
        spawn_local(async move {
            if let Err(error) = conversations.rename(id, title).await {
                notices.fail(locale.words_now().error(&error));
            }
        });
    };
    let on_key = move |event: KeyboardEvent| {
        if is_composing(&event) {
            return;
        }
        let key = event.key();
        if key == "Enter" || key == "Escape" {
            event.prevent_default();
            event.stop_propagation();
            leave(key == "Enter");
            request_animation_frame(move || {
                page::focus_on(&format!("[data-conversation-id=\"{id}\"] .row-link"));
            });
        }
    };
    view! {
        <input
            class="rename"
            type="text"
            dir="auto"
            maxlength=TITLE_MAX_CHARS.to_string()
            aria-label=t(|words| words.sidebar.rename)
            value=before.get_value()
            node_ref=field
            on:keydown=on_key
            on:blur=move |_| leave(true)
        />
    }
}
