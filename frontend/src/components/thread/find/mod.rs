//! Finding text in a conversation, also where it is not on the page.
//!
//! - `text` reads messages as they are shown;
//! - `index` finds a query in them;
//! - `highlight` finds the places in the page and colours them.

mod highlight;
mod index;
mod text;

use std::time::Duration;

use leptos::{html, prelude::*, task::spawn_local};
use web_sys::KeyboardEvent;

pub(super) use self::text::fold;
use self::{
    highlight::{colour, ranges, uncover},
    index::{Index, Match},
};
use super::scroller::Scroller;
use crate::{
    browser::{keyboard::is_composing, page, time},
    components::{
        controls::icon_button,
        icon::{Glyph, Icon},
    },
    i18n::{t, use_locale},
    state::chat::Chat,
};

/// How many messages are read before the page gets a turn.
const PORTION: usize = 200;

/// The search of one conversation.
#[derive(Clone, Copy)]
struct Search {
    chat: StoredValue<Chat>,
    scroller: Scroller,
    index: StoredValue<Index>,
    /// What is searched for, folded.
    query: RwSignal<String>,
    found: RwSignal<Vec<Match>>,
    /// Which occurrence is shown.
    at: RwSignal<Option<usize>>,
}

impl Search {
    fn new(chat: &Chat, scroller: Scroller) -> Self {
        Self {
            chat: StoredValue::new(chat.clone()),
            scroller,
            index: StoredValue::new(Index::default()),
            query: RwSignal::new(String::new()),
            found: RwSignal::new(Vec::new()),
            at: RwSignal::new(None),
        }
    }

    /// Reads the whole conversation, and searches what it has so far.
    fn read(self, chat: Chat) {
        spawn_local(async move {
            self.scroller.chats().load_back_to(&chat, None).await;
            loop {
                let messages = chat.messages();
                let read = |index: &mut Index| index.read(&messages.read_untracked(), PORTION);
                let Some(is_complete) = self.index.try_update_value(read) else { return };
                if is_complete {
                    break;
                }
                time::sleep(Duration::ZERO).await;
            }
            self.search();
        });
    }

    /// Searches for the query, and shows the occurrence that is nearest to the view.
    fn search(self) {
        let Some(chat) = self.chat.try_get_value() else { return };
        let messages = chat.messages().get_untracked();
        // The last message may have grown since.
        self.index.update_value(|index| {
            index.forget_last();
            index.read(&messages, PORTION);
        });
        let query = self.query.get_untracked();
        let found = self.index.with_value(|index| index.find(&query));
        let from = self.scroller.current();
        let at = self.index.with_value(|index| index.nearest(&found, from));
        self.found.set(found);
        self.at.set(at);
        self.reveal();
    }

    fn step(self, forward: bool) {
        let count = self.found.read_untracked().len();
        if let Some(at) = self.at.get_untracked().filter(|_| count > 0) {
            let next = if forward { at + 1 } else { at + count - 1 };
            self.at.set(Some(next % count));
            self.reveal();
        }
    }

    /// Brings the current occurrence into the view.
    fn reveal(self) {
        let current = self.current();
        if let Some(Match { message, nth, .. }) = current {
            let query = self.query.get_untracked();
            self.scroller.show_part(message, move |row| {
                let range = ranges(row, &query).into_iter().nth(nth)?;
                uncover(&range, row);
                Some(range.get_bounding_client_rect())
            });
        }
        self.colour();
    }

    fn current(self) -> Option<Match> {
        let at = self.at.get_untracked()?;
        self.found.read_untracked().get(at).copied()
    }

    /// Colours every occurrence on the page.
    fn colour(self) {
        let (query, current) = (self.query.get_untracked(), self.current());
        let (mut all, mut shown) = (Vec::new(), Vec::new());
        if !query.is_empty() {
            for (id, row) in self.scroller.rows().elements() {
                for (nth, range) in ranges(&row, &query).into_iter().enumerate() {
                    let is_current = current.is_some_and(|one| one.message == id && one.nth == nth);
                    if is_current { &mut shown } else { &mut all }.push(range);
                }
            }
        }
        colour("found", &all);
        colour("found-current", &shown);
    }
}

/// The search bar. It is open while it is mounted.
pub(crate) fn find_bar(chat: &Chat, scroller: Scroller, on_close: Callback<()>) -> AnyView {
    let field = NodeRef::<html::Input>::new();
    let search = Search::new(chat, scroller);
    search.read(chat.clone());
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            page::focus(&field);
        }
    });
    // Rows that come into the view are coloured, too.
    Effect::new(move |_| {
        scroller.rows().track();
        request_animation_frame(move || {
            if !search.query.is_disposed() {
                search.colour();
            }
        });
    });
    on_cleanup(|| {
        colour("found", &[]);
        colour("found-current", &[]);
    });
    let on_key = move |event: KeyboardEvent| {
        if is_composing(&event) {
            return;
        }
        match event.key().as_str() {
            "Enter" => search.step(!event.shift_key()),
            "Escape" => on_close.run(()),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let nothing = Signal::derive(move || search.found.read().is_empty());
    let (previous, next) = (t(|words| words.thread.previous), t(|words| words.thread.next));
    let step = move |forward| Callback::new(move |()| search.step(forward));
    view! {
        <div class="find" role="search" aria-label=t(|words| words.thread.find) on:keydown=on_key>
            <Glyph icon=Icon::Search/>
            <input
                type="text"
                class="find-field"
                dir="auto"
                enterkeyhint="search"
                autocomplete="off"
                aria-label=t(|words| words.thread.find)
                placeholder=t(|words| words.thread.find)
                node_ref=field
                on:input=move |event| {
                    search.query.set(fold(&event_target_value(&event)));
                    search.search();
                }
            />
            {position(search.query, search.at, search.found)}
            {icon_button(Icon::ChevronUp, "", previous, nothing, step(false))}
            {icon_button(Icon::ChevronDown, "", next, nothing, step(true))}
            {icon_button(Icon::Close, "", t(|words| words.thread.close), Signal::stored(false), on_close)}
        </div>
    }
    .into_any()
}

/// "3 of 12".
fn position(query: RwSignal<String>, at: RwSignal<Option<usize>>, found: RwSignal<Vec<Match>>) -> AnyView {
    let locale = use_locale();
    let text = move || {
        let words = &locale.words().thread;
        match (query.read().is_empty(), at.get()) {
            (true, _) => String::new(),
            (false, Some(at)) => (words.position)(at + 1, found.read().len()),
            (false, None) => words.nothing.to_owned(),
        }
    };
    view! { <span class="find-position" role="status">{text}</span> }.into_any()
}
