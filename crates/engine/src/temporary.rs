//! Temporary conversations: replies of which nothing is stored.
//!
//! Such a reply lives in the hub while it is written and here until a minute after its end, so that a connection that
//! is lost can be made again and a message that is sent twice is answered once.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kaiwa_shared::{
    ClientMessageId, ConversationId, GenerationId, MessageId, UserId,
    message::{Author, MessageOptions},
    stream::{Created, SendMessage, Started, StreamEvent, TemporaryMessage},
};

use crate::{
    Engine, Listener, Offer, SendError,
    hub::Entry,
    job::{History, Job},
    limits::Permit,
    live::{Live, LiveIds},
    run,
    send::started,
};

/// How long a reply can be read again after its end.
const KEPT_FOR: Duration = Duration::from_mins(1);

/// Most replies that are kept, so that no flood of them fills the memory; the oldest go first.
const KEPT_MAX: usize = 256;

/// The temporary replies that can be found.
#[derive(Clone, Default)]
pub(crate) struct Temporaries(Arc<Mutex<VecDeque<Kept>>>);

/// A reply that can be found.
struct Kept {
    live: Arc<Live>,
    /// For the first reply of a request: what tells a repeat of it, and the answer to one.
    request: Option<Request>,
}

#[derive(Clone)]
struct Request {
    id: ClientMessageId,
    content: String,
    created: StreamEvent,
}

impl Temporaries {
    /// The reply of this owner's temporary generation.
    pub(crate) fn find(&self, owner: UserId, id: GenerationId) -> Option<Arc<Live>> {
        let kept = self.lock();
        let mut lives = kept.iter().map(|kept| &kept.live);
        lives.find(|live| live.ids().generation == id && live.ids().owner == owner).cloned()
    }

    /// Keeps replies, the first of which answers `request`, unless this owner made a request of the same id before:
    /// then nothing is kept, and the earlier one is given with its reply.
    fn keep(&self, owner: UserId, request: &Request, lives: &[&Arc<Live>]) -> Option<(Request, Arc<Live>)> {
        let mut kept = self.lock();
        let earlier = kept.iter().find_map(|kept| {
            let earlier = kept.request.as_ref().filter(|earlier| earlier.id == request.id)?;
            (kept.live.ids().owner == owner).then(|| (earlier.clone(), Arc::clone(&kept.live)))
        });
        if earlier.is_some() {
            return earlier;
        }
        for (n, live) in lives.iter().enumerate() {
            kept.push_back(Kept { live: Arc::clone(live), request: (n == 0).then(|| request.clone()) });
        }
        let excess = kept.len().saturating_sub(KEPT_MAX);
        kept.drain(..excess);
        None
    }

    fn forget(&self, id: GenerationId) {
        self.lock().retain(|kept| kept.live.ids().generation != id);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        // A list of handles; each change is complete before the lock is given back.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// Starts the replies to a message of a temporary conversation, in which `said` was said before.
    pub(crate) fn send_temporary(
        &self,
        owner: UserId,
        message: SendMessage,
        mut said: Vec<TemporaryMessage>,
    ) -> Result<Listener, SendError> {
        let offer = match &message.model {
            Some(id) => self.find_offers(std::slice::from_ref(id))?.pop(),
            None => None,
        };
        let offer = offer.unwrap_or_else(|| self.catalog().default_offer());
        let beside = self.find_offers(&message.beside)?;
        let permits = self.limits().try_take(owner, 1 + beside.len());
        let ids = LiveIds {
            generation: GenerationId::new(),
            reply: MessageId::new(),
            user_message: MessageId::new(),
            conversation: ConversationId::new(),
            owner,
            temporary: true,
        };
        let first = self.enter_one(ids);
        let another = || LiveIds { generation: GenerationId::new(), reply: MessageId::new(), ..ids };
        let others: Vec<Entry> = beside.iter().map(|_| self.enter_one(another())).collect();
        let answer = created(&ids, &offer, started(&others, &beside));
        let request = Request { id: message.client_message_id, content: message.content, created: answer };
        let lives = std::iter::once(first.live()).chain(others.iter().map(Entry::live));
        // Where there is no room nothing is kept, but a repeat is still answered.
        let lives: Vec<&Arc<Live>> = lives.filter(|_| permits.is_ok()).collect();
        if let Some((earlier, live)) = self.0.temporaries.keep(owner, &request, &lives) {
            let same = earlier.content == request.content;
            return if same { Ok(Listener::opening(live, &earlier.created)) } else { Err(SendError::Reused) };
        }
        let mut permits = permits?;
        let listener = Listener::live(Arc::clone(first.live()), Some(0));
        said.push(TemporaryMessage { author: Author::User, text: request.content });
        first.live().publish(&request.created);
        self.begin_temporary(first, offer, &said, message.options, permits.pop());
        for (entry, offer) in others.into_iter().zip(beside) {
            entry.live().publish(&created(entry.live().ids(), &offer, Vec::new()));
            self.begin_temporary(entry, offer, &said, message.options, permits.pop());
        }
        Ok(listener)
    }

    fn begin_temporary(
        &self,
        entry: Entry,
        offer: Offer,
        said: &[TemporaryMessage],
        options: MessageOptions,
        permit: Option<Permit>,
    ) {
        let generation = entry.live().ids().generation;
        let history = History::Temporary(said.to_vec());
        let job = Job { offer, options, history, opening: None, untitled: false, permit };
        let (engine, temporaries) = (self.clone(), self.0.temporaries.clone());
        self.0.tasks.spawn(async move {
            run::run(engine, entry, job).await;
            // Not one of the engine's tasks: a shutdown does not wait for it.
            tokio::spawn(async move {
                tokio::time::sleep(KEPT_FOR).await;
                temporaries.forget(generation);
            });
        });
    }
}

fn created(ids: &LiveIds, offer: &Offer, beside: Vec<Started>) -> StreamEvent {
    StreamEvent::Created(Created {
        conversation_id: ids.conversation,
        user_message_id: ids.user_message,
        message_id: ids.reply,
        generation_id: ids.generation,
        model: offer.model.id.clone(),
        beside,
    })
}
