//! An engine over a store of its own and providers that follow a script.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream};
use kaiwa_bus::{Bus, LocalBus};
use kaiwa_engine::{Catalog, Choices, Engine, Files, Limits, Listener, Offer, Options, PictureStore, Sent};
use kaiwa_files::Folder;
use kaiwa_llm::{Error, Event, EventStream, Provider, Request, Role, abilities::Listed};
use kaiwa_shared::{
    ClientMessageId, ConversationId, MessageId, Parts, RunnerId, UserId,
    message::{Finish, Message, Status},
    model::{Abilities, Model},
    sse::Decoder,
    stream::{Created, SendMessage, StreamEnd, StreamEvent},
    time::{Clock, Millis},
};
use kaiwa_store::{
    Store,
    accounts::{Admission, NewUser, Registration},
};
use tempfile::TempDir;
use tokio::sync::Semaphore;

/// What a provider does with one request.
pub(crate) enum Act {
    /// It says this and closes the stream.
    Say(Vec<Result<Event, Error>>),
    /// It says this and then nothing more.
    SayAndHang(Vec<Result<Event, Error>>),
}

/// Says that this is the whole reply.
pub(crate) fn whole(said: impl IntoIterator<Item = Event>) -> Act {
    let said = said.into_iter().chain([Event::Finish(Finish::Stop)]);
    Act::Say(said.map(Ok).collect())
}

pub(crate) fn text(text: &str) -> Event {
    Event::Text(text.to_owned())
}

/// A provider that follows a script. A request for a title is refused, unless it waits for one.
#[derive(Default)]
pub(crate) struct Scripted {
    title: Option<Arc<Semaphore>>,
    acts: Mutex<VecDeque<Act>>,
    requests: Mutex<Vec<Request>>,
    prefills: bool,
    open: Arc<AtomicUsize>,
}

impl Scripted {
    pub(crate) fn new(acts: impl IntoIterator<Item = Act>) -> Arc<Self> {
        Arc::new(Self { acts: Mutex::new(acts.into_iter().collect()), ..Self::default() })
    }

    /// One that answers a request for a title with "A greeting" once it gets a permit for that.
    pub(crate) fn titling(acts: impl IntoIterator<Item = Act>) -> (Arc<Self>, Arc<Semaphore>) {
        let permits = Arc::new(Semaphore::new(0));
        let (acts, title) = (Mutex::new(acts.into_iter().collect()), Some(Arc::clone(&permits)));
        (Arc::new(Self { title, acts, ..Self::default() }), permits)
    }

    /// One that goes on with its own words.
    pub(crate) fn prefilling(acts: impl IntoIterator<Item = Act>) -> Arc<Self> {
        Arc::new(Self { acts: Mutex::new(acts.into_iter().collect()), prefills: true, ..Self::default() })
    }

    /// What it was asked, titles aside.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// How many of its replies are being read.
    pub(crate) fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }
}

/// Counts a stream that is being read.
struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Provider for Scripted {
    fn stream(&self, request: Request) -> BoxFuture<'static, Result<EventStream, Error>> {
        if request.messages.first().is_some_and(|message| message.role == Role::System) {
            if let Some(permits) = self.title.clone() {
                return async move {
                    permits.acquire().await.unwrap().forget();
                    Ok(stream::iter([Ok(text("A greeting"))]).boxed())
                }
                .boxed();
            }
            let error = Error::new(kaiwa_llm::ErrorKind::Unavailable, "no titles today");
            return futures_util::future::ready(Err(error)).boxed();
        }
        self.requests.lock().unwrap().push(request);
        let act = self.acts.lock().unwrap().pop_front().expect("a request that the script knows of");
        self.open.fetch_add(1, Ordering::SeqCst);
        let open = Open(Arc::clone(&self.open));
        let keep = move |item| {
            let _kept = &open;
            item
        };
        let answer: Result<EventStream, Error> = match act {
            Act::Say(said) => Ok(stream::iter(said).map(keep).boxed()),
            Act::SayAndHang(said) => Ok(stream::iter(said).chain(stream::pending()).map(keep).boxed()),
        };
        futures_util::future::ready(answer).boxed()
    }

    fn models(&self) -> BoxFuture<'static, Result<Vec<Listed>, Error>> {
        futures_util::future::ready(Ok(Vec::new())).boxed()
    }

    fn prefills(&self, _model: &str) -> bool {
        self.prefills
    }
}

/// A model `<slug>/model` of a scripted provider.
pub(crate) fn offer(slug: &str, provider: &Arc<Scripted>) -> Offer {
    offer_with(slug, provider, Abilities::default())
}

pub(crate) fn offer_with(slug: &str, provider: &Arc<Scripted>, abilities: Abilities) -> Offer {
    Offer {
        model: Model { id: format!("{slug}/model"), name: slug.to_owned(), abilities, ..Model::default() },
        slug: slug.to_owned(),
        provider_model: "model".to_owned(),
        provider: Arc::clone(provider) as Arc<dyn Provider>,
    }
}

pub(crate) fn options() -> Options {
    Options { context_tokens: 10_000, stream: true, limits: Limits::default(), auto_continue: false }
}

struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> Millis {
        Millis(1_795_000_000_000)
    }
}

/// An engine with one user.
pub(crate) struct Scene {
    bus: Arc<dyn Bus>,
    catalog: Catalog,
    options: Options,
    pub(crate) engine: Engine,
    pub(crate) owner: UserId,
    pub(crate) store: Store,
    _folder: TempDir,
}

/// A reply that was read to its end.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) conversation: Option<ConversationId>,
    pub(crate) reply: Option<MessageId>,
    pub(crate) events: Vec<StreamEvent>,
    pub(crate) parts: Parts,
    pub(crate) end: Option<(Status, Option<Finish>)>,
    /// The bytes as they were sent.
    pub(crate) wire: String,
}

impl Read {
    pub(crate) fn text(&self) -> String {
        kaiwa_shared::message::text_of(&self.parts)
    }
}

impl Scene {
    pub(crate) async fn new(offers: Vec<Offer>, options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&format!("file:{}", folder.path().join("app.db").display())).await.unwrap();
        store.migrate().await.unwrap();
        let ada = NewUser {
            id: UserId::new(),
            username: "ada".to_owned(),
            email: None,
            password_hash: String::new(),
            created_at: Millis(0),
        };
        let mut tx = store.begin().await.unwrap();
        let registration = tx.users().register(ada, Admission::Open).await.unwrap();
        tx.commit().await.unwrap();
        let Registration::Created(user) = registration else { panic!("ada cannot register") };
        let fallback = offers.first().unwrap().clone();
        let catalog = Catalog::new(Choices { offers, ..Choices::default() }, fallback);
        let bus: Arc<dyn Bus> = Arc::new(LocalBus::new());
        let engine = new_engine(&store, &catalog, &bus, &options).await;
        Self { bus, catalog, options, engine, owner: user.id, store, _folder: folder }
    }

    /// The engine of another process on the same store and bus.
    pub(crate) async fn another_engine(&self) -> Engine {
        new_engine(&self.store, &self.catalog, &self.bus, &self.options).await
    }

    /// Sends a request and gives the open stream.
    pub(crate) async fn send(&self, message: SendMessage) -> Listener {
        match self.engine.conversations().send(self.owner, message).await.unwrap() {
            Sent::Stream(listener) => listener,
            Sent::Queued(_) => panic!("it was queued"),
        }
    }

    /// Says something to a model and reads the reply to its end.
    pub(crate) async fn say(&self, conversation: Option<ConversationId>, slug: &str, content: &str) -> Read {
        read(self.send(saying(conversation, slug, content)).await).await
    }

    /// Continues a reply and reads it to its end.
    pub(crate) async fn continue_reply(&self, reply: &Read) -> Read {
        read(self.send(going_on(reply)).await).await
    }

    pub(crate) async fn stored(&self, id: MessageId) -> Message {
        self.store.read().await.unwrap().messages().find(self.owner, id).await.unwrap().unwrap()
    }
}

/// Stores no pictures.
struct NoPictures;

impl PictureStore for NoPictures {
    fn store(&self, _: UserId, _: String, _: Bytes) -> BoxFuture<'_, Option<kaiwa_shared::File>> {
        std::future::ready(None).boxed()
    }
}

async fn new_engine(store: &Store, catalog: &Catalog, bus: &Arc<dyn Bus>, options: &Options) -> Engine {
    let blobs = Arc::new(Folder::open(store.file().unwrap().with_file_name("files")).unwrap());
    let files = Files { blobs, pictures: Arc::new(NoPictures) };
    let (catalog, clock, bus) = (catalog.clone(), Arc::new(Stopped), Arc::clone(bus));
    Engine::new(store.clone(), files, catalog, clock, RunnerId::new(), bus, options.clone()).await
}

/// Asks for more of a reply.
pub(crate) fn going_on(reply: &Read) -> SendMessage {
    let mut message = SendMessage::new(ClientMessageId::new());
    message.conversation_id = reply.conversation;
    message.continues = reply.reply;
    message
}

pub(crate) fn saying(conversation: Option<ConversationId>, slug: &str, content: &str) -> SendMessage {
    let mut message = SendMessage::new(ClientMessageId::new());
    message.conversation_id = conversation;
    message.model = Some(format!("{slug}/model"));
    message.content = content.into();
    message
}

/// Reads a stream to its end.
pub(crate) async fn read(mut listener: Listener) -> Read {
    let mut read = Read::default();
    let mut decoder = Decoder::new();
    while let Some(bytes) = listener.next().await {
        read.wire.push_str(std::str::from_utf8(&bytes).unwrap());
        let mut frames = Vec::new();
        decoder.push(&bytes, &mut frames);
        for frame in frames {
            let event: StreamEvent = frame.read().unwrap();
            read.parts.apply(&event);
            match &event {
                StreamEvent::Created(Created { conversation_id, message_id, .. }) => {
                    (read.conversation, read.reply) = (Some(*conversation_id), Some(*message_id));
                }
                StreamEvent::End(StreamEnd { status, finish }) => read.end = Some((*status, *finish)),
                _ => {}
            }
            read.events.push(event);
        }
    }
    read
}
