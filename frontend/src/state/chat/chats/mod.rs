//! The open conversations and their requests to the server.
//!
//! They live at the root of the application: a reply keeps arriving while the user looks at another page.
//!
//! - `sending` sends messages and starts to follow their replies;
//! - `following` follows generations, through lost connections, to their end, and stops them;
//! - `earlier` loads earlier messages;
//! - `branches` edits, switches, forks and deletes messages;
//! - `queue` queues messages;
//! - `settings` changes the settings of conversations;
//! - `feed` handles changes from elsewhere.

mod branches;
mod earlier;
mod feed;
mod following;
mod queue;
mod sending;
mod settings;

use kaiwa_shared::{
    Content, ConversationId,
    conversation::{QueuedMessage, Transcript},
};
use leptos::{prelude::*, task::spawn_local};

use super::{Chat, Phase};
use crate::{
    api::{Api, Error},
    browser::page,
    i18n::{Locale, use_locale},
    routes::Route,
    state::{
        choices,
        conversations::{Conversations, use_conversations},
        drafts::{self, DraftKey},
        model_lists::{ModelLists, use_model_lists},
        models::{Models, use_models},
        navigation::{Navigation, use_navigation},
        notices::{Notices, use_notices},
        places::{self, Place},
        preferences::{Preferences, use_preferences},
        session::{Session, use_session},
        uploads::{Uploads, use_uploads},
    },
};

/// Maximum number of conversations that stay open; the least recently used one is closed first.
const MAX_OPEN: usize = 12;

/// The open conversations.
#[derive(Clone, Copy)]
pub struct Chats {
    services: StoredValue<Services>,
    blank: RwSignal<Chat>,
    temporary: RwSignal<Chat>,
    open: StoredValue<Vec<Chat>>,
}

/// The contexts that the open conversations use.
#[derive(Clone, Copy)]
struct Services {
    api: Api,
    conversations: Conversations,
    models: Models,
    model_lists: ModelLists,
    navigation: Navigation,
    notices: Notices,
    preferences: Preferences,
    session: Session,
    uploads: Uploads,
    locale: Locale,
}

/// Provides the open conversations. All other contexts must have been provided before.
pub fn provide_chats(api: Api) -> Chats {
    let services = Services {
        api,
        conversations: use_conversations(),
        models: use_models(),
        model_lists: use_model_lists(),
        navigation: use_navigation(),
        notices: use_notices(),
        preferences: use_preferences(),
        session: use_session(),
        uploads: use_uploads(),
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

    /// Opens the conversation of a page and fetches its messages; `None` for a page that shows none.
    pub fn open_route(self, route: Route) -> Option<Chat> {
        match route {
            Route::Home => Some(self.blank.get()),
            Route::Temporary => Some(self.temporary.get()),
            Route::Conversation(id) => Some(self.open(id)),
            Route::Settings | Route::Auth | Route::NotFound => None,
        }
    }

    fn open(self, id: ConversationId) -> Chat {
        let chat = self.known(id).unwrap_or_else(|| {
            let chat = Chat::of(id);
            chat.begin_draft(self.stored_draft(Some(id)));
            chat.set_place(places::read(id));
            chat
        });
        if let Some(message) = page::fragment() {
            chat.set_place(Some(Place { message, offset: 0.0 }));
        }
        // A conversation that was open before may have changed elsewhere in the meantime.
        if !chat.is_running_untracked() {
            self.load(chat.clone());
        }
        self.open.update_value(|open| {
            open.retain(|other| *other != chat);
            open.push(chat.clone());
            if open.len() > MAX_OPEN
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

    fn draft_key(self, conversation: Option<ConversationId>) -> Option<DraftKey> {
        let user = untrack(|| self.services().session.user())?.id;
        Some(DraftKey { user, conversation })
    }

    fn stored_draft(self, conversation: Option<ConversationId>) -> Content {
        let (content, files) = self.draft_key(conversation).map(drafts::read).unwrap_or_default();
        self.services().uploads.learn(files);
        content
    }

    /// Starts over: closes the conversations of another account and loads the drafts of this one.
    pub fn reset(self) {
        self.open.update_value(|open| open.drain(..).for_each(|chat| chat.close()));
        self.begin_blank();
        self.restore_new_settings();
        self.begin_temporary();
    }

    fn begin_blank(self) {
        let blank = Chat::blank();
        blank.model().set(untrack(|| self.services().preferences.model()));
        blank.begin_draft(self.stored_draft(None));
        self.blank.set(blank);
    }

    fn begin_temporary(self) {
        self.temporary.with_untracked(Chat::close);
        let temporary = Chat::temporary();
        temporary.model().set(untrack(|| self.services().preferences.model()));
        self.temporary.set(temporary);
    }

    /// Goes to a new conversation.
    pub fn go_to_blank(self) {
        // One that is being sent will have its own address in a moment.
        if self.blank.with_untracked(Chat::is_running_untracked) {
            self.begin_blank();
        }
        self.services().navigation.go(Route::Home);
    }

    /// Goes to a temporary conversation. The previous one is lost.
    pub fn go_to_temporary(self) {
        if !untrack(|| self.temporary.with(Chat::is_blank)) {
            self.begin_temporary();
        }
        self.services().navigation.go(Route::Temporary);
    }

    /// Closes a deleted conversation; if it is shown, the page goes to a new one.
    pub fn forget(self, id: ConversationId) {
        if let Some(key) = self.draft_key(Some(id)) {
            drafts::remove(key);
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

    /// Saves the draft.
    pub fn save_draft(self, chat: &Chat) {
        let is_kept = !chat.is_closed() && !chat.is_temporary();
        if let Some(key) = self.draft_key(chat.id().get_untracked()).filter(|_| is_kept) {
            let uploads = self.services().uploads;
            let content = uploads.without_unsent(&chat.unsent());
            if chat.note_saved(&content) {
                let files = untrack(|| uploads.files_of(&content));
                drafts::save(key, content, files);
            }
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

    /// Sets the model of the next message.
    pub fn set_model(self, chat: &Chat, model: String) {
        self.services().preferences.set_model(model.clone());
        self.services().model_lists.note_use(&model);
        // A model cannot answer in parallel to itself.
        chat.compared().update(|compared| compared.retain(|other| *other != model));
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

    /// Loads the messages, and follows a reply that is being written.
    pub fn load(self, chat: Chat) {
        spawn_local(async move {
            self.fetch(&chat).await;
        });
    }

    async fn fetch(self, chat: &Chat) {
        let Some(id) = chat.id().get_untracked() else { return };
        while chat.start_fetch() {
            let mut answer = self.services().api.transcript(id, None, None).await;
            if let Ok(transcript) = &mut answer {
                self.reach_place(chat, transcript).await;
            }
            if !chat.end_fetch() {
                return;
            }
            match answer {
                Ok(transcript) => self.show(chat, transcript),
                // Messages that are already on the page stay.
                Err(_) if *chat.phase().read_untracked() == Phase::Ready => {}
                Err(error) => chat.phase().set(Phase::Failed(error)),
            }
            if !chat.needs_refetch() {
                return;
            }
        }
    }

    fn show(self, chat: &Chat, transcript: Transcript) {
        let conversations = self.services().conversations;
        conversations.note(transcript.conversation.clone());
        conversations.note_settings(transcript.conversation.id, transcript.settings.clone());
        self.learn_queued(&transcript.queued);
        let begun = chat.show(transcript);
        if let Some(question) = untrack(|| chat.undecided()).filter(|question| choices::is_made(*question)) {
            chat.decided().set(Some(question));
        }
        for (reply, generation) in begun {
            self.follow(chat, reply, generation);
        }
    }

    /// Remembers the files of queued messages, which can come back into the composer.
    fn learn_queued(self, queued: &[QueuedMessage]) {
        self.services().uploads.learn(queued.iter().flat_map(|message| message.files.clone()));
    }

    /// Retries a failed load.
    pub fn retry_load(self, chat: &Chat) {
        chat.phase().set(Phase::Loading);
        self.load(chat.clone());
    }
}
