//! The open conversations, and everything that they ask of the server.
//!
//! They live at the root of the application: a reply goes on arriving while its reader looks at another page.

use kaiwa_shared::{
    Code, ConversationId, GenerationId, conversation::Transcript, message::Status, stream::StreamEvent,
};
use leptos::{prelude::*, task::spawn_local};

use super::{Attempt, Chat, MessageHandle, Phase, Run, backoff, outage::Outage};
use crate::{
    api::{Api, Error, stream::EventStream},
    browser::time,
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

    /// The conversation of a page; `None` for a page that shows none.
    pub fn of_route(self, route: Route) -> Option<Chat> {
        match route {
            Route::Home => Some(self.blank.get()),
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

    /// Fetches again the conversation that a page shows.
    pub fn refresh(self, route: Route) {
        if let Route::Conversation(id) = route
            && let Some(chat) = self.known(id)
        {
            self.load(chat);
        }
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
    }

    fn begin_blank(self) {
        let blank = Chat::blank();
        blank.model().set(untrack(|| self.services().preferences.model()));
        blank.draft().set(self.place(None).map(drafts::read).unwrap_or_default());
        self.blank.set(blank);
    }

    /// Goes to a conversation that has not begun.
    pub fn go_to_blank(self) {
        // One that is on its way to the server will have an address of its own in a moment.
        if self.blank.with_untracked(Chat::is_running_untracked) {
            self.begin_blank();
        }
        self.services().navigation.go(Route::Home);
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
        if let Some(place) = self.place(chat.id().get_untracked()).filter(|_| !chat.is_closed()) {
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

    /// Chooses the model of the next message.
    pub fn set_model(self, chat: &Chat, model: String) {
        self.services().preferences.set_model(model.clone());
        let Some(id) = chat.id().get_untracked() else {
            chat.model().set(Some(model));
            return;
        };
        spawn_local(async move {
            if let Err(error) = self.services().conversations.set_model(id, model).await {
                self.services().notices.fail(self.services().locale.words_now().error(&error));
            }
        });
    }

    /// Fetches the messages, and attaches to a reply that is being written.
    pub fn load(self, chat: Chat) {
        spawn_local(async move {
            let Some(id) = chat.id().get_untracked() else { return };
            let answer = self.services().api.transcript(id, None).await;
            if chat.is_closed() || chat.is_running_untracked() {
                return;
            }
            match answer {
                Ok(transcript) => self.show(&chat, transcript),
                // What is already on the page stays there.
                Err(_) if *chat.phase().read_untracked() == Phase::Ready => {}
                Err(error) => chat.phase().set(Phase::Failed(error)),
            }
        });
    }

    fn show(self, chat: &Chat, transcript: Transcript) {
        self.services().conversations.note(transcript.conversation.clone());
        if let Some((reply, generation)) = chat.show(transcript) {
            let chat = chat.clone();
            spawn_local(async move {
                if let Some(stream) = self.reattach(&chat, generation, None, 0).await {
                    self.follow(&chat, &reply, generation, stream).await;
                }
            });
        }
    }

    /// Tries again to fetch messages that did not arrive.
    pub fn retry_load(self, chat: &Chat) {
        chat.phase().set(Phase::Loading);
        self.load(chat.clone());
    }

    /// Fetches older messages; `before_change` runs just before they are put in front.
    pub fn load_earlier(self, chat: Chat, before_change: impl FnOnce() + 'static) {
        let first = chat.messages().read_untracked().first().map(|message| message.id);
        let (Some(id), Some(first)) = (chat.id().get_untracked(), first) else { return };
        if !chat.has_earlier().get_untracked() || chat.loading_earlier().get_untracked() {
            return;
        }
        chat.loading_earlier().set(true);
        spawn_local(async move {
            let answer = self.services().api.transcript(id, Some(first)).await;
            chat.loading_earlier().set(false);
            match answer {
                Ok(transcript) => {
                    before_change();
                    chat.prepend(transcript);
                }
                Err(error) => self.services().notices.fail(self.services().locale.words_now().error(&error)),
            }
        });
    }

    /// Sends what is said at the end of the conversation.
    pub fn send(self, chat: &Chat, content: String) {
        if !chat.is_running_untracked() {
            let attempt = chat.say(content, untrack(|| self.model_of(chat)));
            self.deliver(chat.clone(), attempt);
        }
    }

    /// Sends again what `reply` was to answer.
    pub fn send_again(self, chat: &Chat, reply: &MessageHandle) {
        if !chat.is_running_untracked()
            && let Some(attempt) = chat.say_again(reply, untrack(|| self.model_of(chat)))
        {
            self.deliver(chat.clone(), attempt);
        }
    }

    /// Sends once more what could not be sent.
    pub fn send_failed(self, chat: &Chat) {
        if !chat.is_running_untracked()
            && let Some(attempt) = chat.try_again(untrack(|| self.model_of(chat)))
        {
            self.deliver(chat.clone(), attempt);
        }
    }

    fn deliver(self, chat: Chat, attempt: Attempt) {
        self.save_draft(&chat);
        self.services().notices.announce(self.services().locale.words_now().generating);
        spawn_local(async move {
            match self.start(&chat, &attempt).await {
                Ok((reply, generation, stream)) => self.follow(&chat, &reply, generation, stream).await,
                Err(error) => {
                    chat.refused(error);
                    self.save_draft(&chat);
                }
            }
        });
    }

    async fn start(
        self,
        chat: &Chat,
        attempt: &Attempt,
    ) -> Result<(MessageHandle, GenerationId, EventStream), Error> {
        let mut stream = self.services().api.send(&attempt.request(chat.id().get_untracked())).await?;
        loop {
            let Some((_, event)) = stream.next().await? else { return Err(Error::Network) };
            let StreamEvent::Created { conversation_id, user_message_id, message_id, generation_id, .. } =
                event
            else {
                continue;
            };
            let (reply, stop) = chat.accepted(user_message_id, message_id, generation_id, time::now());
            if reply.model.read_untracked().is_none() {
                reply.model.set(untrack(|| self.services().models.default_id()));
            }
            self.adopt(chat, conversation_id, attempt);
            if stop {
                self.stop(chat);
            }
            return Ok((reply, generation_id, stream));
        }
    }

    /// A conversation that had no id has one now, and an address.
    fn adopt(self, chat: &Chat, id: ConversationId, attempt: &Attempt) {
        if chat.id().get_untracked().is_none() {
            if let Some(place) = self.place(None) {
                drafts::save(place, "");
            }
            if let Some(model) = &attempt.model {
                self.services().conversations.entry(id).model.set(Some(model.clone()));
            }
            chat.id().set(Some(id));
            self.open.update_value(|open| open.push(chat.clone()));
            if self.blank.with_untracked(|blank| blank == chat) {
                let shown = self.services().navigation.route_untracked() == Route::Home;
                self.begin_blank();
                if shown {
                    self.services().navigation.replace(Route::Conversation(id));
                }
            }
        }
        self.services().conversations.touch(id);
        self.save_draft(chat);
    }

    async fn follow(
        self,
        chat: &Chat,
        reply: &MessageHandle,
        generation: GenerationId,
        mut stream: EventStream,
    ) {
        let mut last = None;
        loop {
            while let Ok(Some((number, event))) = stream.next().await {
                if chat.is_closed() {
                    return;
                }
                last = number.or(last);
                self.receive(chat, reply, &event);
                if let StreamEvent::End { status, .. } = event {
                    self.end(chat, status);
                    return;
                }
            }
            drop(stream);
            let Some(again) = self.reattach(chat, generation, last, 1).await else { return };
            stream = again;
        }
    }

    fn receive(self, chat: &Chat, reply: &MessageHandle, event: &StreamEvent) {
        if let (StreamEvent::Title { title }, Some(id)) = (event, chat.id().get_untracked()) {
            self.services().conversations.set_title(id, title.clone());
        }
        reply.apply(event);
    }

    fn end(self, chat: &Chat, status: Status) {
        chat.finished();
        let words = self.services().locale.words_now();
        self.services().notices.announce(match status {
            Status::Complete | Status::Streaming => words.answer_complete,
            Status::Stopped => words.stopped,
            Status::Interrupted => words.interrupted,
            Status::Failed => words.answer_failed,
        });
    }

    /// Connects to a running generation, however long it takes. `None` when there is nothing to listen to any more.
    async fn reattach(
        self,
        chat: &Chat,
        generation: GenerationId,
        last: Option<u64>,
        mut tries: u32,
    ) -> Option<EventStream> {
        let _outage = Outage::begin(chat);
        loop {
            if tries > 0 {
                time::sleep(backoff::pause(tries - 1)).await;
            }
            if chat.is_closed() {
                return None;
            }
            match self.services().api.attach(generation, last).await {
                Ok(stream) => return Some(stream),
                Err(error) if error.is_transient() => tries += 1,
                // The generation is over and forgotten; its message is stored.
                Err(error) => {
                    self.settle(chat, error).await;
                    return None;
                }
            }
        }
    }

    async fn settle(self, chat: &Chat, error: Error) {
        chat.finished();
        let Some(id) = chat.id().get_untracked() else { return };
        match self.services().api.transcript(id, None).await {
            Ok(mut transcript) => {
                // Asking again for what was just refused would never end.
                transcript.running = None;
                chat.show(transcript);
            }
            Err(_) if error.code() == Some(Code::NotSignedIn) => {}
            Err(error) => chat.failure().set(Some(error)),
        }
    }

    /// Stops the reply that is being written.
    pub fn stop(self, chat: &Chat) {
        match chat.run().get_untracked() {
            Run::Idle | Run::Live { stopping: true, .. } => {}
            Run::Starting { .. } => chat.run().set(Run::Starting { stop: true }),
            Run::Live { generation, .. } => {
                chat.run().set(Run::Live { generation, stopping: true });
                let chat = chat.clone();
                spawn_local(async move {
                    if let Err(error) = self.services().api.stop(generation).await {
                        if chat.is_running_untracked() {
                            chat.run().set(Run::Live { generation, stopping: false });
                        }
                        self.services().notices.fail(self.services().locale.words_now().error(&error));
                    }
                });
            }
        }
    }
}
