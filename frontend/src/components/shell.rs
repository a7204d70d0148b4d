//! The frame of every signed-in page: the sidebar and the page.

use leptos::{ev, prelude::*};

use super::{
    icon::{Glyph, Icon},
    sidebar::Sidebar,
};
use crate::{
    browser::{
        keyboard::{Shortcut, is_composing, press_of},
        page,
    },
    i18n::t,
    routes::Route,
    state::{
        chat::use_chats,
        conversations::use_conversations,
        navigation::{Navigation, use_navigation},
        preferences::{Preferences, use_preferences},
    },
};

/// How far a finger moves to close the drawer, in pixels.
const SWIPE: i32 = 48;

/// Whether the sidebar is visible: collapsible on wide windows, a drawer on narrow ones.
#[derive(Clone, Copy)]
pub struct Frame {
    preferences: Preferences,
    navigation: Navigation,
    drawer: RwSignal<bool>,
}

/// Whether the sidebar is visible.
pub fn use_frame() -> Frame {
    expect_context()
}

impl Frame {
    /// Shows or hides the sidebar.
    pub fn toggle(self) {
        if page::is_narrow() {
            self.set_drawer(!self.drawer.get_untracked());
        } else {
            let folded = untrack(|| self.preferences.sidebar_folded());
            self.preferences.set_sidebar_folded(!folded);
            let target = if folded { ".sidebar .fold-button" } else { ".topbar .fold-button" };
            request_animation_frame(move || page::focus_on(target));
        }
    }

    /// Makes the sidebar visible.
    pub fn reveal(self) {
        if page::is_narrow() {
            self.set_drawer(true);
        } else {
            self.preferences.set_sidebar_folded(false);
        }
    }

    /// Closes the drawer, if there is one.
    pub fn close_drawer(self) {
        if self.drawer.get_untracked() {
            self.set_drawer(false);
        }
    }

    fn set_drawer(self, open: bool) {
        self.drawer.set(open);
        if open {
            self.navigation.cover();
        } else {
            self.navigation.uncover();
        }
        // The focus goes into the drawer, and later back to the button that opened it.
        let target = if open { ".sidebar .fold-button" } else { ".topbar .fold-button" };
        request_animation_frame(move || page::focus_on(target));
    }
}

/// The frame with the page in it.
#[component]
pub fn Shell(
    /// The page.
    children: Children,
) -> impl IntoView {
    let preferences = use_preferences();
    let navigation = use_navigation();
    let frame = Frame { preferences, navigation, drawer: RwSignal::new(false) };
    provide_context(frame);
    listen_to_shortcuts(frame);
    Effect::new(move |_| {
        navigation.route();
        if frame.drawer.get_untracked() {
            frame.drawer.set(false);
            request_animation_frame(|| {
                if page::is_focus_lost() {
                    page::focus_on(".topbar .fold-button");
                }
            });
        }
    });
    let on_key = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Escape" && !event.default_prevented() && !is_composing(&event) {
            frame.close_drawer();
        }
    };
    let touched = StoredValue::new((0, 0));
    let on_touch_end = move |event: web_sys::TouchEvent| {
        let ((from_x, from_y), (x, y)) = (touched.get_value(), place_of(&event));
        // The drawer is at the side where the lines begin.
        let away = if page::is_right_to_left() { x - from_x } else { from_x - x };
        if away > SWIPE && away > 2 * (y - from_y).abs() {
            frame.close_drawer();
        }
    };
    view! {
        <div
            class="shell"
            class:folded=move || preferences.sidebar_folded()
            class:drawer-open=frame.drawer
            on:keydown=on_key
            on:touchstart=move |event| touched.set_value(place_of(&event))
            on:touchend=on_touch_end
        >
            <a class="skip-link" href="#content">{t(|words| words.common.skip_to_content)}</a>
            <Sidebar/>
            <div class="scrim" on:click=move |_| frame.close_drawer()></div>
            <div class="page" inert=frame.drawer>
                <Topbar frame/>
                <main id="content" class="content" tabindex="-1">{children()}</main>
            </div>
        </div>
    }
}

/// Where the finger is or was.
fn place_of(event: &web_sys::TouchEvent) -> (i32, i32) {
    let touch = event.changed_touches().item(0);
    touch.map_or((0, 0), |touch| (touch.client_x(), touch.client_y()))
}

#[component]
fn Topbar(frame: Frame) -> impl IntoView {
    let navigation = use_navigation();
    let conversations = use_conversations();
    let settings = t(|words| words.common.settings);
    let temporary = t(|words| words.chat.temporary);
    let title = move || match navigation.route() {
        // Empty until it is loaded, and if there is no such conversation.
        Route::Conversation(id) => conversations.entry(id).title.get(),
        Route::Temporary => temporary.get().to_owned(),
        Route::Settings => settings.get().to_owned(),
        _ => String::new(),
    };
    let title = Signal::derive(title);
    Effect::new(move |_| {
        let title = title.get();
        document().set_title(&if title.is_empty() {
            "Kaiwa".to_owned()
        } else {
            format!("{title} · Kaiwa")
        });
    });
    // The other pages have their own headings.
    let has_heading =
        Memo::new(move |_| matches!(navigation.route(), Route::Conversation(_)) && !title.read().is_empty());
    let heading = move || {
        if has_heading.get() {
            view! { <h1 class="topbar-title" dir="auto">{title}</h1> }.into_any()
        } else {
            ().into_any()
        }
    };
    view! {
        <header class="topbar">
            <div class="topbar-tools">
                <FoldButton frame/>
                <NewChatButton/>
            </div>
            {heading}
        </header>
    }
}

/// The button that shows or hides the sidebar.
#[component]
pub fn FoldButton(
    /// The frame.
    frame: Frame,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="icon-button fold-button"
            aria-label=t(|words| words.sidebar.toggle_sidebar)
            title=t(|words| words.sidebar.toggle_sidebar)
            on:click=move |_| frame.toggle()
        >
            <Glyph icon=Icon::Panel/>
        </button>
    }
}

#[component]
fn NewChatButton() -> impl IntoView {
    let chats = use_chats();
    view! {
        <button
            type="button"
            class="icon-button new-chat-small"
            aria-label=t(|words| words.sidebar.new_chat)
            title=t(|words| words.sidebar.new_chat)
            on:click=move |_| chats.go_to_blank()
        >
            <Glyph icon=Icon::Compose/>
        </button>
    }
}

fn listen_to_shortcuts(frame: Frame) {
    let chats = use_chats();
    let handle = window_event_listener(ev::keydown, move |event| {
        if is_composing(&event) {
            return;
        }
        let Some(shortcut) = Shortcut::of(&event.key(), press_of(&event)) else { return };
        event.prevent_default();
        match shortcut {
            Shortcut::NewChat => {
                chats.go_to_blank();
                focus_composer();
            }
            Shortcut::Temporary => {
                chats.go_to_temporary();
                focus_composer();
            }
            Shortcut::Sidebar => frame.toggle(),
            Shortcut::Search => {
                frame.reveal();
                request_animation_frame(|| page::focus_on("#conversation-search"));
            }
            Shortcut::Models => page::press(".composer .picker"),
            Shortcut::Composer => focus_composer(),
        }
    });
    on_cleanup(move || handle.remove());
}

fn focus_composer() {
    request_animation_frame(|| page::focus_on("#composer"));
}
