//! The buttons that help to find one's way, and what they open.

use std::sync::Arc;

use kaiwa_shared::MessageId;
use leptos::{ev, prelude::*};

use super::scroller::Scroller;
use crate::{
    browser::{
        keyboard::{Press, is_composing, press_of},
        page,
    },
    components::{controls::icon_button, icon::Icon, on_demand::on_demand},
    i18n::t,
    pieces::{Panels, use_panels},
    state::chat::Chat,
};

/// What is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Nothing,
    Outline,
    Find,
}

/// The buttons for the outline and the search.
pub(super) fn tools(chat: &Chat, scroller: Scroller) -> AnyView {
    let open = RwSignal::new(Open::Nothing);
    let panels = use_panels();
    listen_to_shortcuts(open, scroller);
    let never = Signal::stored(false);
    let show = move |what| Callback::new(move |()| open.set(what));
    let (find, outline) = (t(|words| words.thread.find), t(|words| words.thread.outline));
    let chat = chat.clone();
    let shown = move || match open.get() {
        Open::Nothing => ().into_any(),
        Open::Outline => {
            let on_close = Callback::new(move |target: Option<MessageId>| {
                open.set(Open::Nothing);
                match target {
                    Some(id) => scroller.go_to(id, || {}),
                    None => request_animation_frame(|| page::focus_on(".outline-button")),
                }
            });
            let (chat, leave) = (chat.clone(), Callback::new(move |()| on_close.run(None)));
            let show = Arc::new(move |panels: &Panels| (panels.outline)(&chat, scroller, on_close));
            on_demand(panels, Some(leave), show)
        }
        Open::Find => {
            let on_close = Callback::new(move |()| {
                open.set(Open::Nothing);
                request_animation_frame(|| page::focus_on(".thread"));
            });
            let chat = chat.clone();
            let show = Arc::new(move |panels: &Panels| (panels.find)(&chat, scroller, on_close));
            on_demand(panels, Some(on_close), show)
        }
    };
    view! {
        <div
            class="thread-tools"
            on:pointerenter=move |_| panels.load()
            on:focusin=move |_| panels.load()
        >
            {icon_button(Icon::Search, "find-button", find, never, show(Open::Find))}
            {icon_button(Icon::Outline, "outline-button", outline, never, show(Open::Outline))}
        </div>
        {shown}
    }
    .into_any()
}

/// Ctrl+F opens our search if the browser could not find everything; once that is open, the keys are the browser's again.
/// Ctrl+P loads and shows the whole conversation before it prints.
fn listen_to_shortcuts(open: RwSignal<Open>, scroller: Scroller) {
    let handle = window_event_listener(ev::keydown, move |event| {
        let is_command = press_of(&event) == Press { command: true, ..Press::default() };
        if !is_command || is_composing(&event) || scroller.has_everything() {
            return;
        }
        match event.key().as_str() {
            "f" | "F" if open.get_untracked() != Open::Find => {
                event.prevent_default();
                open.set(Open::Find);
            }
            "p" | "P" => {
                event.prevent_default();
                scroller.print();
            }
            _ => {}
        }
    });
    on_cleanup(move || handle.remove());
}
