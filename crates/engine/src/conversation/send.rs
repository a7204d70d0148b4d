//! Sending a message: from a request to running replies.

use std::{sync::Arc, time::Duration};

use kaiwa_bus::Permit;
use kaiwa_shared::{
    ClientMessageId, ConversationId, GenerationId, MessageId, UserId,
    conversation::{ConversationSettings, QueuedMessage},
    feed::{FeedEvent, GenerationEnded},
    message::{Message, MessageOptions, Status},
    stream::{Created, NewTitle, SendMessage, Started, StreamEvent},
};
use kaiwa_store::generations::{NewTurn, Queueing, Task, Turn, TurnOutcome};
use tokio_util::sync::CancellationToken;

use super::Conversations;
use crate::{
    Listener, Offer, SendError,
    generation::{
        hub::HubEntry,
        job::{History, Job},
        live::LiveIds,
    },
};

/// The outcome of [`Conversations::send`].
pub enum Sent {
    /// The message is being answered, or was: the first event is `created`.
    Stream(Listener),
    /// The message is queued behind the running reply.
    Queued(QueuedMessage),
}

/// A request with everything looked up that it names.
pub(super) struct Order {
    pub(super) conversation: Option<ConversationId>,
    pub(super) client_message_id: ClientMessageId,
    pub(super) task: Task,
    /// The reply to regenerate or to continue.
    pub(super) earlier: Option<Message>,
    pub(super) offer: Offer,
    /// The offers for parallel replies.
    pub(super) parallel: Vec<Offer>,
    /// Settings of the conversation, if it is new.
    pub(super) settings: ConversationSettings,
    pub(super) options: MessageOptions,
    pub(super) queueing: Queueing,
}

/// The outcome of an order.
pub(super) enum Accepted {
    Started(Turn, Listener),
    Queued(QueuedMessage),
}

/// The live replies of an order.
struct Entries {
    first: HubEntry,
    parallel: Vec<HubEntry>,
}

/// A turn that was just stored.
struct StartedTurn {
    turn: Turn,
    settings: ConversationSettings,
    is_first_message: bool,
}

impl Conversations {
    /// Stores a request and starts its replies.
    ///
    /// When it returns, the user's message is committed. A repeat with the same `client_message_id` returns a listener on
    /// what the first request started, whether that is still running or has ended.
    pub async fn send(&self, owner: UserId, mut message: SendMessage) -> Result<Sent, SendError> {
        if self.generations.closing().is_cancelled() {
            return Err(SendError::ShuttingDown);
        }
        if let Some(messages) = message.temporary.take() {
            return self.send_temporary(owner, message, messages).await.map(Sent::Stream);
        }
        let order = self.order(owner, message).await?;
        self.check_files(owner, &order).await?;
        Ok(match self.accept(owner, order).await? {
            Accepted::Started(_, listener) => Sent::Stream(listener),
            Accepted::Queued(message) => Sent::Queued(message),
        })
    }

    /// Looks up what a request names.
    async fn order(&self, owner: UserId, message: SendMessage) -> Result<Order, SendError> {
        let earlier = match message.regenerate.or(message.continues) {
            Some(id) => Some(self.find_reply(owner, id, message.conversation_id).await?),
            None => None,
        };
        let conversation = earlier.as_ref().map(|reply| reply.conversation_id).or(message.conversation_id);
        // A reply is continued by the model that wrote it, if that is still offered.
        let continued = earlier.as_ref().filter(|_| message.continues.is_some());
        let own_model = continued
            .and_then(|reply| reply.model.clone())
            .filter(|model| self.services.catalog.find(model).is_some());
        let named = message.model.clone().or(own_model);
        let offer = self.choose_model(owner, named, conversation).await?;
        let parallel = self.find_offers(&message.parallel)?;
        let options = match continued {
            Some(reply) if message.options.is_default() => reply.options,
            _ => message.options,
        };
        let task = match (message.regenerate, message.continues) {
            (Some(reply), _) => Task::Regenerate { reply },
            (None, Some(_)) => Task::Continue,
            (None, None) => Task::Send {
                message_id: MessageId::new(),
                parent: message.parent_id,
                content: message.content,
            },
        };
        let queueing = if message.queue {
            Queueing::WhenBusy { model: message.model, parallel: message.parallel }
        } else {
            Queueing::Never
        };
        let client_message_id = message.client_message_id;
        let settings = message.settings.unwrap_or_default();
        Ok(Order {
            conversation,
            client_message_id,
            task,
            earlier,
            offer,
            parallel,
            settings,
            options,
            queueing,
        })
    }

    async fn find_reply(
        &self,
        owner: UserId,
        id: MessageId,
        conversation: Option<ConversationId>,
    ) -> Result<Message, SendError> {
        let message = self.services.store.read().await?.messages().find(owner, id).await?;
        message
            .filter(|message| conversation.is_none_or(|id| id == message.conversation_id))
            .ok_or(SendError::MessageNotFound)
    }

    /// The named model, or else the conversation's, or else the default.
    pub(super) async fn choose_model(
        &self,
        owner: UserId,
        named: Option<String>,
        conversation: Option<ConversationId>,
    ) -> Result<Offer, SendError> {
        let named = match (named, conversation) {
            (Some(model), _) => Some(model),
            (None, Some(id)) => {
                let found = self.services.store.read().await?.conversations().find(owner, id).await?;
                found.ok_or(SendError::ConversationNotFound)?.model
            }
            (None, None) => None,
        };
        named.map_or_else(|| Ok(self.services.catalog.default_offer()), |id| self.find_offer(&id))
    }

    /// The offer with this id.
    pub(super) fn find_offer(&self, model: &str) -> Result<Offer, SendError> {
        self.services.catalog.find(model).ok_or_else(|| SendError::ModelNotFound(model.to_owned()))
    }

    /// The offers with these ids, in order.
    pub(super) fn find_offers(&self, models: &[String]) -> Result<Vec<Offer>, SendError> {
        models.iter().map(|model| self.find_offer(model)).collect()
    }

    /// Stores an order and starts its replies. Runs in a task of its own: the caller may go away at any moment, and a
    /// reply that is stored must be written.
    pub(super) async fn accept(&self, owner: UserId, order: Order) -> Result<Accepted, SendError> {
        let conversations = self.clone();
        let accepting = self.generations.spawn(async move { conversations.accept_now(owner, order).await });
        match accepting.await {
            Ok(accepted) => accepted,
            Err(failure) if failure.is_panic() => std::panic::resume_unwind(failure.into_panic()),
            Err(_cancelled) => Err(SendError::ShuttingDown),
        }
    }

    async fn accept_now(&self, owner: UserId, order: Order) -> Result<Accepted, SendError> {
        let count = 1 + order.parallel.len();
        let (permits, over_limit) = match self.generations.gate().try_take(owner, count).await {
            Ok(permits) => (permits, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        // The live replies are in the hub before their rows are stored, so a repeat that finds the rows finds them.
        let entries = self.enter(owner, &order);
        let new = self.new_turn(owner, &order, &entries, over_limit.is_none());
        match self.store_turn(&new).await? {
            TurnOutcome::Started { turn, settings, is_first_message } => {
                if order.queueing == Queueing::Queued {
                    self.announce_queue(owner, turn.conversation_id).await;
                }
                let started = StartedTurn { turn: turn.clone(), settings, is_first_message };
                let listener = self.begin(owner, started, order, entries, permits);
                Ok(Accepted::Started(turn, listener))
            }
            TurnOutcome::Repeated(turn) => {
                let listener = self.repeat(owner, &turn).await?;
                Ok(Accepted::Started(turn, listener))
            }
            TurnOutcome::Queued { message, ready } => {
                self.announce_queue(owner, message.conversation_id).await;
                if let Some(reply) = ready {
                    self.generations.spawn(self.send_next(owner, message.conversation_id, reply));
                }
                Ok(Accepted::Queued(message))
            }
            TurnOutcome::IdReused => Err(SendError::IdReused),
            TurnOutcome::NoConversation => Err(SendError::ConversationNotFound),
            TurnOutcome::NoMessage => Err(SendError::MessageNotFound),
            TurnOutcome::NothingToContinue => Err(SendError::NothingToContinue),
            TurnOutcome::Busy(running) => Err(SendError::Busy(running)),
            TurnOutcome::OverLimit => {
                Err(over_limit.unwrap_or(SendError::OverLimit { retry_after: Duration::from_secs(1) }))
            }
            TurnOutcome::QueueFull => Err(SendError::QueueFull),
            TurnOutcome::NoFile => Err(SendError::FileNotFound),
        }
    }

    /// Stores a turn. Retries once if it may have been stored and only the answer was lost, because a reply that is
    /// stored must be written.
    async fn store_turn(&self, turn: &NewTurn) -> kaiwa_store::Result<TurnOutcome> {
        match self.try_store_turn(turn).await {
            Err(error) if error.may_be_done() => self.try_store_turn(turn).await,
            outcome => outcome,
        }
    }

    async fn try_store_turn(&self, turn: &NewTurn) -> kaiwa_store::Result<TurnOutcome> {
        let mut tx = self.services.store.begin().await?;
        let outcome = tx.generations().start(turn).await?;
        if outcome.is_stored() {
            tx.commit().await?;
        }
        Ok(outcome)
    }

    fn enter(&self, owner: UserId, order: &Order) -> Entries {
        let conversation = order.conversation.unwrap_or_else(ConversationId::new);
        let user_message = match (&order.task, &order.earlier) {
            (Task::Send { message_id, .. }, _) => *message_id,
            (_, Some(earlier)) => earlier.parent_id.unwrap_or(earlier.id),
            (_, None) => MessageId::new(),
        };
        let continued = order.earlier.as_ref().filter(|_| matches!(order.task, Task::Continue));
        let enter = |reply: MessageId| {
            let generation = GenerationId::new();
            let ids = LiveIds { generation, reply, user_message, conversation, owner, temporary: false };
            self.generations.enter(ids)
        };
        Entries {
            first: enter(continued.map_or_else(MessageId::new, |reply| reply.id)),
            parallel: order.parallel.iter().map(|_| enter(MessageId::new())).collect(),
        }
    }

    fn new_turn(&self, owner: UserId, order: &Order, entries: &Entries, has_capacity: bool) -> NewTurn {
        let ids = entries.first.live().ids();
        NewTurn {
            owner,
            conversation_id: order.conversation,
            new_conversation_id: ids.conversation,
            client_message_id: order.client_message_id,
            task: order.task.clone(),
            reply_id: ids.reply,
            generation_id: ids.generation,
            model: order.offer.model.id.clone(),
            parallel: started(&entries.parallel, &order.parallel),
            settings: order.settings.clone(),
            options: order.options,
            queueing: order.queueing.clone(),
            has_capacity,
            runner: self.services.runner,
            now: self.services.clock.now(),
        }
    }

    /// Starts the replies of a stored turn; returns a listener on the first.
    fn begin(
        &self,
        owner: UserId,
        started: StartedTurn,
        order: Order,
        entries: Entries,
        mut permits: Vec<Permit>,
    ) -> Listener {
        let StartedTurn { turn, settings, is_first_message } = started;
        let announced = self.announce_start(owner, &turn);
        let created = created(&turn);
        entries.first.live().publish(&created);
        if let Some(title) = order.task.first_words().filter(|_| turn.needs_title) {
            entries.first.live().publish(&StreamEvent::Title(NewTitle { title }));
        }
        // A continued reply may publish its snapshot before anybody reads, which removes `created` from the log.
        let listener = Listener::created(Arc::clone(entries.first.live()), &created);
        let (history, first_message) = match order.task {
            Task::Continue => (History::Continued(turn.parts.clone()), None),
            Task::Send { content, .. } if is_first_message && content.files().next().is_none() => {
                (History::Branch, Some(content.text()))
            }
            Task::Send { .. } | Task::Regenerate { .. } => (History::Branch, None),
        };
        let options = order.options.or(settings.options);
        let job = |offer: Offer, history: History, permit: Option<Permit>| Job {
            offer,
            options,
            system_prompt: settings.system_prompt.clone(),
            history,
            first_message: None,
            needs_title: false,
            permit,
        };
        let first =
            Job { first_message, needs_title: turn.needs_title, ..job(order.offer, history, permits.pop()) };
        self.generations.spawn(self.clone().write(entries.first, first, announced.clone()));
        for ((entry, offer), other) in entries.parallel.into_iter().zip(order.parallel).zip(&turn.parallel) {
            entry.live().publish(&created_parallel(&turn, other));
            let job = job(offer, History::Branch, permits.pop());
            self.generations.spawn(self.clone().write(entry, job, announced.clone()));
        }
        listener
    }

    /// Writes a reply to its end, reports that to every open page, and sends the message that is queued behind it.
    async fn write(self, entry: HubEntry, mut job: Job, announced: CancellationToken) {
        let live = Arc::clone(entry.live());
        let ids = *live.ids();
        let ended = self.generations.run(entry, &mut job).await;
        announced.cancelled().await;
        let event = GenerationEnded {
            conversation_id: ids.conversation,
            message_id: ids.reply,
            generation_id: ids.generation,
            status: ended.status,
        };
        self.feed.publish(ids.owner, &FeedEvent::GenerationEnded(event));
        let has_next = ended.status == Status::Complete && ended.may_have_queued;
        if has_next {
            // The title of the first reply may take a while.
            self.generations.spawn(self.send_next(ids.owner, ids.conversation, ids.reply));
        }
        if job.needs_title && Box::pin(self.generations.set_title(&live, &job, &ended)).await {
            Box::pin(self.announce_conversation(ids.owner, ids.conversation)).await;
        }
    }

    /// A listener on what an earlier request with the same id started.
    async fn repeat(&self, owner: UserId, turn: &Turn) -> Result<Listener, SendError> {
        if let Some(live) = self.generations.hub().find(owner, turn.generation_id) {
            return Ok(Listener::created(live, &created(turn)));
        }
        let found = self.services.store.read().await?.generations().find(owner, turn.generation_id).await?;
        match found {
            Some(generation) => {
                Ok(self.generations.replay(owner, &generation, 0, vec![(1, created(turn))]).await?)
            }
            // It was deleted in the meantime.
            None => Err(SendError::ConversationNotFound),
        }
    }
}

/// The ids and models of parallel replies.
pub(super) fn started(entries: &[HubEntry], offers: &[Offer]) -> Vec<Started> {
    let name = |(entry, offer): (&HubEntry, &Offer)| {
        let ids = entry.live().ids();
        Started { message_id: ids.reply, generation_id: ids.generation, model: offer.model.id.clone() }
    };
    entries.iter().zip(offers).map(name).collect()
}

fn created(turn: &Turn) -> StreamEvent {
    StreamEvent::Created(Created {
        conversation_id: turn.conversation_id,
        user_message_id: turn.user_message_id,
        message_id: turn.reply_id,
        generation_id: turn.generation_id,
        model: turn.model.clone(),
        parallel: turn.parallel.clone(),
    })
}

fn created_parallel(turn: &Turn, other: &Started) -> StreamEvent {
    StreamEvent::Created(Created {
        conversation_id: turn.conversation_id,
        user_message_id: turn.user_message_id,
        message_id: other.message_id,
        generation_id: other.generation_id,
        model: other.model.clone(),
        parallel: Vec::new(),
    })
}
