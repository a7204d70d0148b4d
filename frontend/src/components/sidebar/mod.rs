//! The sidebar: starts, finds and opens conversations.

pub mod row;

use kaiwa_shared::ConversationId;
use leptos::{html, prelude::*, task::spawn_local};
use web_sys::{HtmlElement, KeyboardEvent};

use self::row::ConversationRow;
use super::{
    controls::icon_button,
    dialog::Confirm,
    icon::{Glyph, Icon, Mark},
    shell::{FoldButton, use_frame},
    user_menu::UserMenu,
};
use crate::{
    browser::{keyboard::is_composing, page},
    i18n::{t, use_locale},
    routes::Route,
    state::{
        chat::use_chats,
        conversations::{Entry, Period, Phase, Row, use_conversations},
        navigation::use_navigation,
        notices::use_notices,
    },
};

/// How close to its end the list loads more, in pixels.
const NEAR_END: i32 = 600;

/// The sidebar.
#[component]
pub fn Sidebar() -> impl IntoView {
    let frame = use_frame();
    let to_delete = RwSignal::new(None::<Entry>);
    view! {
        <nav class="sidebar" aria-label=t(|words| words.sidebar.conversations)>
            <div class="sidebar-head">
                <a class="brand" href="/"><Mark/><span>"Kaiwa"</span></a>
                <FoldButton frame/>
            </div>
            <div class="sidebar-tools">
                <NewChat/>
                <Search/>
            </div>
            <List to_delete/>
            <div class="sidebar-foot"><UserMenu/></div>
            {move || to_delete.get().map(|entry| view! { <ConfirmDelete entry to_delete/> }.into_any())}
        </nav>
    }
}

#[component]
fn NewChat() -> impl IntoView {
    let chats = use_chats();
    let frame = use_frame();
    let begin = move |_| {
        frame.close_drawer();
        chats.go_to_blank();
        page::focus_composer();
    };
    let temporary = Callback::new(move |()| {
        frame.close_drawer();
        chats.go_to_temporary();
        page::focus_composer();
    });
    view! {
        <div class="side-row">
            <button type="button" class="side-button" on:click=begin>
                <Glyph icon=Icon::Compose/>
                <span>{t(|words| words.sidebar.new_chat)}</span>
            </button>
            {icon_button(Icon::Temporary, "", t(|words| words.chat.temporary), Signal::stored(false), temporary)}
        </div>
    }
}

#[component]
fn Search() -> impl IntoView {
    let conversations = use_conversations();
    let input = NodeRef::<html::Input>::new();
    let clear = move || {
        if let Some(input) = input.get_untracked() {
            input.set_value("");
        }
        conversations.set_search("");
    };
    let on_key = move |event: KeyboardEvent| {
        let filled = input.get_untracked().is_some_and(|input| !input.value().is_empty());
        if event.key() == "Escape" && !is_composing(&event) && filled {
            event.prevent_default();
            clear();
        }
    };
    let searching = conversations.search();
    view! {
        <div class="search" role="search">
            <Glyph icon=Icon::Search/>
            <input
                id="conversation-search"
                class="search-input"
                type="text"
                autocomplete="off"
                spellcheck="false"
                enterkeyhint="search"
                aria-label=t(|words| words.sidebar.search_conversations)
                placeholder=t(|words| words.sidebar.search)
                node_ref=input
                on:input=move |event| conversations.set_search(&event_target_value(&event))
                on:keydown=on_key
            />
            <button
                type="button"
                class="icon-button"
                hidden=move || searching.read().is_empty()
                aria-label=t(|words| words.sidebar.clear_search)
                on:click=move |_| {
                    clear();
                    if let Some(input) = input.get_untracked() {
                        page::focus(&input);
                    }
                }
            >
                <Glyph icon=Icon::Close/>
            </button>
        </div>
    }
}

#[component]
fn List(to_delete: RwSignal<Option<Entry>>) -> impl IntoView {
    let conversations = use_conversations();
    let list = NodeRef::<html::Div>::new();
    let renaming = RwSignal::new(None::<ConversationId>);
    let fill = move || {
        // The list may be gone by the next frame.
        if list.try_get_untracked().flatten().is_some_and(|list| is_near_end(&list)) {
            conversations.load_more();
        }
    };
    // A tall window may show a whole page without scrolling.
    Effect::new(move |_| {
        if conversations.phase() == Phase::Ready {
            request_animation_frame(fill);
        }
    });
    let rows = Memo::new_with_compare(move |_| conversations.rows(), |_, _| true);
    let row = move |row: Row| match row {
        Row::Heading(period) => view! { <Heading period/> }.into_any(),
        Row::Conversation(entry) => view! { <ConversationRow entry to_delete renaming/> }.into_any(),
    };
    view! {
        <div class="conversations" node_ref=list on:scroll=move |_| fill()>
            <ul>
                <For each=move || rows.get() key=Row::key children=row/>
            </ul>
            <ListNote/>
        </div>
    }
}

fn is_near_end(list: &HtmlElement) -> bool {
    list.scroll_height() - list.scroll_top() - list.client_height() < NEAR_END
}

#[component]
fn Heading(period: Period) -> impl IntoView {
    let locale = use_locale();
    view! { <li class="period">{move || (locale.words().sidebar.period)(period)}</li> }
}

/// Shown in an empty list.
#[component]
fn ListNote() -> impl IntoView {
    let conversations = use_conversations();
    let locale = use_locale();
    let search = conversations.search();
    move || {
        let words = locale.words();
        let text = match conversations.phase() {
            Phase::Failed => {
                return view! {
                    <div class="list-note">
                        <p>{words.sidebar.list_failed}</p>
                        <button type="button" class="link-button" on:click=move |_| conversations.load()>
                            {words.common.try_again}
                        </button>
                    </div>
                }
                .into_any();
            }
            Phase::Ready if conversations.is_empty() => {
                if search.read().is_empty() {
                    words.sidebar.no_conversations
                } else {
                    words.sidebar.nothing_found
                }
            }
            Phase::Loading | Phase::Ready | Phase::LoadingMore => return ().into_any(),
        };
        view! { <p class="list-note">{text}</p> }.into_any()
    }
}

/// The link of the conversation below this one, or else above it.
fn neighbour_of(id: ConversationId) -> Option<HtmlElement> {
    let row = format!(".row[data-conversation-id=\"{id}\"]");
    page::find(&format!("{row} ~ .row .row-link"))
        .or_else(|| page::find_all(&*document().body()?, &format!(".row:has(~ {row}) .row-link")).pop())
}

#[component]
fn ConfirmDelete(entry: Entry, to_delete: RwSignal<Option<Entry>>) -> impl IntoView {
    let conversations = use_conversations();
    let chats = use_chats();
    let navigation = use_navigation();
    let notices = use_notices();
    let locale = use_locale();
    let id = entry.id;
    let delete = move |()| {
        let neighbour = neighbour_of(id);
        let is_shown = navigation.route_untracked() == Route::Conversation(id);
        spawn_local(async move {
            match conversations.delete(id).await {
                Ok(()) => {
                    chats.forget(id);
                    if is_shown {
                        page::focus_composer();
                    } else if let Some(link) = neighbour {
                        page::focus(&link);
                    }
                    notices.announce(locale.words_now().sidebar.deleted);
                }
                Err(error) => notices.fail(locale.words_now().error(&error)),
            }
        });
    };
    let title = entry.title;
    let detail = move || {
        let title = title.get();
        let words = locale.words();
        (words.sidebar.delete_detail)(if title.is_empty() { words.sidebar.new_chat } else { &title })
    };
    view! {
        <Confirm
            title=Signal::derive(move || locale.words().sidebar.delete_title.to_owned())
            detail=Signal::derive(detail)
            confirm=t(|words| words.sidebar.delete)
            on_confirm=Callback::new(delete)
            on_close=Callback::new(move |()| to_delete.set(None))
        />
    }
}
