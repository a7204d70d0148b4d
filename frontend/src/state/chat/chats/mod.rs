//! The open conversations, and everything that they ask of the server.
//!
//! They live at the root of the application: a reply goes on arriving while its reader looks at another page.
//!
//! - `sending` brings what is said to the server and begins to listen;
//! - `listening` follows generations, through lost connections, to their end, and stops them;
//! - `branches` changes, switches, forks and deletes what was said;
//! - `waiting` looks after the messages that wait for a reply to end;
//! - `news` takes what happened elsewhere.

mod branches;
mod listening;
mod news;
mod sending;
mod waiting;

use kaiwa_shared::{ConversationId, conversation::Transcript};
use leptos::{prelude::*, task::spawn_local};

use super::{Chat, Phase};
use crate::{
    api::{Api, Error},
    i18n::{Locale, use_locale},
    routes::Route,
    state::{
        conversations::{Conversations, use_conversations},
        drafts::{self, Place},
        models::{Models, use_models},
        navigation::{Navigation, use_navigation},
        notices::{Notices, use_notices},
        preferences::{Preferences, use_preferences},
        session::{Session, use_session},
    },
};

/// How many conversations stay open; the one that was left longest ago goes first.
const MOST: usize = 12;

/// The open conversations.
#[derive(Clone, Copy)]
pub struct Chats {
    services: StoredValue<Services>,
    blank: RwSignal<Chat>,
    temporary: RwSignal<Chat>,
    open: StoredValue<Vec<Chat>>,
}

/// What the open conversations need of the others.
#[derive(Clone, Copy)]
struct Services {
    api: Api,
    conversations: Conversations,
    models: Models,
    navigation: Navigation,
    notices: Notices,
    preferences: Preferences,
    session: Session,
    locale: Locale,
}

/// Provides the open conversations. Everything else must have been provided before.
pub fn provide_chats(api: Api) -> Chats {
    let services = Services {
        api,
        conversations: use_conversations(),
        models: use_models(),
        navigation: use_navigation(),
        notices: use_notices(),
        preferences: use_preferences(),
        session: use_session(),
        locale: use_locale(),
    };
    let chats = Chats {
        services: StoredValue::new(services),
        blank: RwSignal::new(Chat::blank()),
        temporary: RwSignal::new(Chat::temporary()),
        open: StoredValue::new(Vec::new()),
    };
    provide_context(chats);
    chats
}

/// The open conversations.
pub fn use_chats() -> Chats {
    expect_context()
}

impl Chats {
    fn services(self) -> Services {
        self.services.get_value()
    }

    fn fail(self, error: &Error) {
        self.services().notices.fail(self.services().locale.words_now().error(error));
    }

    /// The conversation of a page; `None` for a page that shows none.
    pub fn of_route(self, route: Route) -> Option<Chat> {
        match route {
            Route::Home => Some(self.blank.get()),
            Route::Temporary => Some(self.temporary.get()),
            Route::Conversation(id) => Some(self.open(id)),
            Route::Settings | Route::Auth | Route::NotFound => None,
        }
    }

    fn open(self, id: ConversationId) -> Chat {
        let mut known = self.known(id);
        if let Some(chat) = &known
            && !chat.is_running_untracked()
        {
            // It may have gone on elsewhere since it was left.
            self.load(chat.clone());
        }
        let chat = known.take().unwrap_or_else(|| {
            let chat = Chat::of(id);
            chat.draft().set(self.place(Some(id)).map(drafts::read).unwrap_or_default());
            self.load(chat.clone());
            chat
        });
        self.open.update_value(|open| {
            open.retain(|other| *other != chat);
            open.push(chat.clone());
            if open.len() > MOST
                && let Some(at) = open.iter().position(|chat| !chat.is_running_untracked())
            {
                open.remove(at).close();
            }
        });
        chat
    }

    fn known(self, id: ConversationId) -> Option<Chat> {
        self.open.with_value(|open| open.iter().find(|chat| chat.id().get_untracked() == Some(id)).cloned())
    }

    fn place(self, conversation: Option<ConversationId>) -> Option<Place> {
        let user = untrack(|| self.services().session.user())?.id;
        Some(Place { user, conversation })
    }

    /// Begins afresh: forgets what another account had open and reads what this one had typed.
    pub fn reset(self) {
        self.open.update_value(|open| open.drain(..).for_each(|chat| chat.close()));
        self.begin_blank();
        self.begin_temporary();
    }

    fn begin_blank(self) {
        let blank = Chat::blank();
        blank.model().set(untrack(|| self.services().preferences.model()));
        blank.draft().set(self.place(None).map(drafts::read).unwrap_or_default());
        self.blank.set(blank);
    }

    fn begin_temporary(self) {
        self.temporary.with_untracked(Chat::close);
        let temporary = Chat::temporary();
        temporary.model().set(untrack(|| self.services().preferences.model()));
        self.temporary.set(temporary);
    }

    /// Goes to a conversation that has not begun.
    pub fn go_to_blank(self) {
        // One that is on its way to the server will have an address of its own in a moment.
        if self.blank.with_untracked(Chat::is_running_untracked) {
            self.begin_blank();
        }
        self.services().navigation.go(Route::Home);
    }

    /// Goes to a conversation of which nothing is stored. The one before it is forgotten.
    pub fn go_to_temporary(self) {
        if !untrack(|| self.temporary.with(Chat::is_blank)) {
            self.begin_temporary();
        }
        self.services().navigation.go(Route::Temporary);
    }

    /// Forgets a deleted conversation; if it is shown, a blank one takes its place.
    pub fn forget(self, id: ConversationId) {
        if let Some(place) = self.place(Some(id)) {
            drafts::save(place, "");
        }
        self.open.update_value(|open| {
            if let Some(at) = open.iter().position(|chat| chat.id().get_untracked() == Some(id)) {
                open.remove(at).close();
            }
        });
        if self.services().navigation.route_untracked() == Route::Conversation(id) {
            self.services().navigation.replace(Route::Home);
        }
    }

    /// Keeps what is typed.
    pub fn save_draft(self, chat: &Chat) {
        let is_kept = !chat.is_closed() && !chat.is_temporary();
        if let Some(place) = self.place(chat.id().get_untracked()).filter(|_| is_kept) {
            drafts::save(place, &chat.unsent());
        }
    }

    /// The model of the next message, as its id; `None` means the default.
    pub fn model_of(self, chat: &Chat) -> Option<String> {
        match chat.id().get() {
            Some(id) => self.services().conversations.entry(id).model.get(),
            None => chat.model().get(),
        }
    }

    fn model_now(self, chat: &Chat) -> Option<String> {
        untrack(|| self.model_of(chat))
    }

    /// Chooses the model of the next message.
    pub fn set_model(self, chat: &Chat, model: String) {
        self.services().preferences.set_model(model.clone());
        let Some(id) = chat.id().get_untracked() else {
            chat.model().set(Some(model));
            return;
        };
        spawn_local(async move {
            if let Err(error) = self.services().conversations.set_model(id, model).await {
                self.fail(&error);
            }
        });
    }

    /// Fetches the messages, and attaches to a reply that is being written.
    pub fn load(self, chat: Chat) {
        spawn_local(async move {
            self.fetch(&chat).await;
        });
    }

    async fn fetch(self, chat: &Chat) {
        let Some(id) = chat.id().get_untracked() else { return };
        while chat.begins_loading() {
            let answer = self.services().api.transcript(id, None).await;
            if !chat.has_loaded() {
                return;
            }
            match answer {
                Ok(transcript) => self.show(chat, transcript),
                // What is already on the page stays there.
                Err(_) if *chat.phase().read_untracked() == Phase::Ready => {}
                Err(error) => chat.phase().set(Phase::Failed(error)),
            }
            if !chat.is_outdated() {
                return;
            }
        }
    }

    fn show(self, chat: &Chat, transcript: Transcript) {
        self.services().conversations.note(transcript.conversation.clone());
        for (reply, generation) in chat.show(transcript) {
            self.attach(chat, reply, generation);
        }
    }

    /// Tries again to fetch messages that did not arrive.
    pub fn retry_load(self, chat: &Chat) {
        chat.phase().set(Phase::Loading);
        self.load(chat.clone());
    }

    /// Fetches older messages; they are put in front when `ready` says so, and it runs just before that.
    pub fn load_earlier(self, chat: Chat, ready: impl AsyncFnOnce() + 'static) {
        let first = chat.messages().read_untracked().first().map(|message| message.id);
        let (Some(id), Some(first)) = (chat.id().get_untracked(), first) else { return };
        if !chat.has_earlier().get_untracked() || chat.loading_earlier().get_untracked() {
            return;
        }
        chat.loading_earlier().set(true);
        spawn_local(async move {
            let answer = self.services().api.transcript(id, Some(first)).await;
            match answer {
                Ok(transcript) => {
                    ready().await;
                    // Another branch may be shown by now.
                    if chat.messages().read_untracked().first().map(|message| message.id) == Some(first) {
                        chat.prepend(transcript);
                    }
                }
                Err(error) => self.fail(&error),
            }
            chat.loading_earlier().set(false);
        });
    }
}
