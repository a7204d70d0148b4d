//! From a request to the replies that are being written.

use std::{sync::Arc, time::Duration};

use kaiwa_shared::{
    ClientMessageId, ConversationId, GenerationId, MessageId, UserId,
    conversation::QueuedMessage,
    feed::{FeedEvent, GenerationEnded},
    message::{Message, MessageOptions, Status},
    stream::{Created, SendMessage, Started, StreamEvent},
};
use kaiwa_store::entities::{NewTurn, Queueing, Task, Turn, TurnOutcome};
use tokio_util::sync::CancellationToken;

use crate::{
    Engine, Listener, Offer, SendError,
    hub::Entry,
    job::{History, Job},
    limits::Permit,
    live::{Live, LiveIds},
    run::{self, Ended},
};

/// What became of a request.
pub enum Sent {
    /// It is being answered, or was: the first event is `created`.
    Stream(Listener),
    /// It waits for the running reply to end.
    Queued(QueuedMessage),
}

/// A request with everything looked up that it names.
pub(crate) struct Order {
    pub(crate) conversation: Option<ConversationId>,
    pub(crate) client_message_id: ClientMessageId,
    pub(crate) task: Task,
    /// The reply that another one is wanted of, or that goes on.
    pub(crate) earlier: Option<Message>,
    /// Who answers.
    pub(crate) offer: Offer,
    /// Who else answers at the same time.
    pub(crate) beside: Vec<Offer>,
    pub(crate) options: MessageOptions,
    pub(crate) queueing: Queueing,
}

/// What became of an order.
pub(crate) enum Placed {
    Stream(Turn, Listener),
    Queued(QueuedMessage),
}

/// The live replies of an order, known to the hub.
struct Entries {
    first: Entry,
    beside: Vec<Entry>,
}

impl Engine {
    /// Stores what a request brings and starts the replies that it asks for.
    ///
    /// When it returns, the user's message is committed. The same `client_message_id` again gives a listener on what
    /// the first one started, whether that still runs or has ended.
    pub async fn send(&self, owner: UserId, mut message: SendMessage) -> Result<Sent, SendError> {
        if self.0.closing.is_cancelled() {
            return Err(SendError::ShuttingDown);
        }
        if let Some(said) = message.temporary.take() {
            return self.send_temporary(owner, message, said).map(Sent::Stream);
        }
        let order = self.order(owner, message).await?;
        Ok(match self.place(owner, order).await? {
            Placed::Stream(_, listener) => Sent::Stream(listener),
            Placed::Queued(message) => Sent::Queued(message),
        })
    }

    /// Looks up what a request names.
    async fn order(&self, owner: UserId, message: SendMessage) -> Result<Order, SendError> {
        let earlier = match message.regenerate.or(message.continues) {
            Some(id) => Some(self.find_reply(owner, id, message.conversation_id).await?),
            None => None,
        };
        let conversation = earlier.as_ref().map(|reply| reply.conversation_id).or(message.conversation_id);
        // A reply goes on in its own words, if its model is still offered.
        let continued = earlier.as_ref().filter(|_| message.continues.is_some());
        let own_model = continued
            .and_then(|reply| reply.model.clone())
            .filter(|model| self.catalog().find(model).is_some());
        let named = message.model.clone().or(own_model);
        let offer = self.choose_model(owner, named, conversation).await?;
        let beside = self.find_offers(&message.beside)?;
        let options = match continued {
            Some(reply) if message.options.is_default() => reply.options,
            _ => message.options,
        };
        let task = match (message.regenerate, message.continues) {
            (Some(reply), _) => Task::Regenerate { reply },
            (None, Some(_)) => Task::Continue,
            (None, None) => Task::Say {
                message_id: MessageId::new(),
                parent: message.parent_id,
                content: message.content,
            },
        };
        let queueing = if message.queue {
            Queueing::MayWait { model: message.model, beside: message.beside }
        } else {
            Queueing::No
        };
        let client_message_id = message.client_message_id;
        Ok(Order { conversation, client_message_id, task, earlier, offer, beside, options, queueing })
    }

    async fn find_reply(
        &self,
        owner: UserId,
        id: MessageId,
        conversation: Option<ConversationId>,
    ) -> Result<Message, SendError> {
        let message = self.0.store.messages().find(owner, id).await?;
        message
            .filter(|message| conversation.is_none_or(|id| id == message.conversation_id))
            .ok_or(SendError::MessageNotFound)
    }

    /// The named model, or else the conversation's, or else the default.
    pub(crate) async fn choose_model(
        &self,
        owner: UserId,
        named: Option<String>,
        conversation: Option<ConversationId>,
    ) -> Result<Offer, SendError> {
        let named = match (named, conversation) {
            (Some(model), _) => Some(model),
            (None, Some(id)) => {
                let conversation = self.0.store.conversations().find(owner, id).await?;
                conversation.ok_or(SendError::ConversationNotFound)?.model
            }
            (None, None) => None,
        };
        match named {
            None => Ok(self.catalog().default_offer()),
            Some(id) => self.catalog().find(&id).ok_or(SendError::ModelNotFound(id)),
        }
    }

    /// The offers of these ids, in their order.
    pub(crate) fn find_offers(&self, models: &[String]) -> Result<Vec<Offer>, SendError> {
        let find = |id: &String| self.catalog().find(id).ok_or_else(|| SendError::ModelNotFound(id.clone()));
        models.iter().map(find).collect()
    }

    /// Stores an order and starts its replies, in a task of its own: whoever asked may go away at any moment, and a
    /// reply that is stored must be written.
    pub(crate) async fn place(&self, owner: UserId, order: Order) -> Result<Placed, SendError> {
        let engine = self.clone();
        let placing = self.0.tasks.spawn(async move { engine.place_now(owner, order).await });
        match placing.await {
            Ok(placed) => placed,
            Err(failure) if failure.is_panic() => std::panic::resume_unwind(failure.into_panic()),
            Err(_cancelled) => Err(SendError::ShuttingDown),
        }
    }

    async fn place_now(&self, owner: UserId, order: Order) -> Result<Placed, SendError> {
        let (permits, crowd) = match self.limits().try_take(owner, 1 + order.beside.len()) {
            Ok(permits) => (permits, None),
            Err(crowd) => (Vec::new(), Some(crowd)),
        };
        // A live reply is known to the hub before its row is, so that a repeat which finds the row finds the reply.
        let entries = self.enter(owner, &order);
        let turn = self.turn(owner, &order, &entries, crowd.is_none());
        match self.store_turn(turn).await? {
            TurnOutcome::Started { turn, opens } => {
                if order.queueing == Queueing::Waited {
                    self.announce_queue(owner, turn.conversation_id).await;
                }
                let listener = self.begin(owner, &turn, opens, order, entries, permits);
                Ok(Placed::Stream(turn, listener))
            }
            TurnOutcome::Repeated(turn) => {
                let listener = self.repeat(owner, &turn).await?;
                Ok(Placed::Stream(turn, listener))
            }
            TurnOutcome::Queued { message, ready } => {
                self.announce_queue(owner, message.conversation_id).await;
                if let Some(reply) = ready {
                    self.0.tasks.spawn(self.send_next(owner, message.conversation_id, reply));
                }
                Ok(Placed::Queued(message))
            }
            TurnOutcome::Reused => Err(SendError::Reused),
            TurnOutcome::NoConversation => Err(SendError::ConversationNotFound),
            TurnOutcome::NoMessage => Err(SendError::MessageNotFound),
            TurnOutcome::NothingToContinue => Err(SendError::NothingToContinue),
            TurnOutcome::Busy(running) => Err(SendError::Busy(running)),
            TurnOutcome::NoRoom => {
                Err(crowd.unwrap_or(SendError::TooMany { retry_after: Duration::from_secs(1) }))
            }
            TurnOutcome::QueueFull => Err(SendError::QueueFull),
        }
    }

    /// Stores a turn; once more where it may have been stored and only the answer was lost, because a reply that is
    /// stored must be written.
    async fn store_turn(&self, turn: NewTurn) -> kaiwa_store::Result<TurnOutcome> {
        let generations = self.0.store.generations();
        match generations.start(turn.clone()).await {
            Err(error) if error.may_be_done() => generations.start(turn).await,
            outcome => outcome,
        }
    }

    fn enter(&self, owner: UserId, order: &Order) -> Entries {
        let conversation = order.conversation.unwrap_or_else(ConversationId::new);
        let user_message = match (&order.task, &order.earlier) {
            (Task::Say { message_id, .. }, _) => *message_id,
            (_, Some(earlier)) => earlier.parent_id.unwrap_or(earlier.id),
            (_, None) => MessageId::new(),
        };
        let continued = order.earlier.as_ref().filter(|_| matches!(order.task, Task::Continue));
        let enter = |reply: MessageId| {
            let generation = GenerationId::new();
            self.enter_one(LiveIds { generation, reply, user_message, conversation, owner, temporary: false })
        };
        Entries {
            first: enter(continued.map_or_else(MessageId::new, |reply| reply.id)),
            beside: order.beside.iter().map(|_| enter(MessageId::new())).collect(),
        }
    }

    /// Makes a live reply known to the hub.
    pub(crate) fn enter_one(&self, ids: LiveIds) -> Entry {
        self.0.hub.insert(Arc::new(Live::new(ids, self.0.deadline.clone())))
    }

    fn turn(&self, owner: UserId, order: &Order, entries: &Entries, room: bool) -> NewTurn {
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
            beside: started(&entries.beside, &order.beside),
            options: order.options,
            queueing: order.queueing.clone(),
            room,
            now: self.0.clock.now(),
        }
    }

    /// Starts the replies of a stored turn; gives a listener on the first.
    fn begin(
        &self,
        owner: UserId,
        turn: &Turn,
        opens: bool,
        order: Order,
        entries: Entries,
        mut permits: Vec<Permit>,
    ) -> Listener {
        let announced = self.announce_start(owner, turn);
        let created = created(turn);
        entries.first.live().publish(&created);
        // What is continued may have its snapshot before anybody reads, and `created` is then no longer in the log.
        let listener = Listener::opening(Arc::clone(entries.first.live()), &created);
        let (history, opening) = match order.task {
            Task::Continue => (History::Continued(turn.parts.clone()), None),
            Task::Say { content, .. } if opens => (History::Branch, Some(content)),
            Task::Say { .. } | Task::Regenerate { .. } => (History::Branch, None),
        };
        let options = order.options;
        let permit = permits.pop();
        let job = Job { offer: order.offer, options, history, opening, untitled: turn.untitled, permit };
        self.0.tasks.spawn(self.clone().write(entries.first, job, announced.clone()));
        for ((entry, offer), other) in entries.beside.into_iter().zip(order.beside).zip(&turn.beside) {
            entry.live().publish(&created_beside(turn, other));
            let (history, permit) = (History::Branch, permits.pop());
            let job = Job { offer, options, history, opening: None, untitled: false, permit };
            self.0.tasks.spawn(self.clone().write(entry, job, announced.clone()));
        }
        listener
    }

    /// Writes a reply to its end, tells every page, and sends what waited for it.
    async fn write(self, entry: Entry, job: Job, announced: CancellationToken) {
        let ids = *entry.live().ids();
        let untitled = job.untitled;
        let Ended { status, may_wait } = run::run(self.clone(), entry, job).await;
        announced.cancelled().await;
        if untitled {
            Box::pin(self.announce_conversation(ids.owner, ids.conversation)).await;
        }
        let ended = FeedEvent::GenerationEnded(GenerationEnded {
            conversation_id: ids.conversation,
            message_id: ids.reply,
            generation_id: ids.generation,
            status,
        });
        self.announce(ids.owner, &ended);
        if status == Status::Complete && may_wait {
            self.send_next(ids.owner, ids.conversation, ids.reply).await;
        }
    }

    /// A listener on what an earlier request of the same id started.
    async fn repeat(&self, owner: UserId, turn: &Turn) -> Result<Listener, SendError> {
        if let Some(live) = self.0.hub.find(owner, turn.generation_id) {
            return Ok(Listener::opening(live, &created(turn)));
        }
        match self.0.store.generations().find(owner, turn.generation_id).await? {
            Some(generation) => Ok(self.ended(owner, &generation, 0, vec![(1, created(turn))]).await?),
            // Deleted between the two statements.
            None => Err(SendError::ConversationNotFound),
        }
    }
}

/// What live replies and their models are called together.
pub(crate) fn started(entries: &[Entry], offers: &[Offer]) -> Vec<Started> {
    let name = |(entry, offer): (&Entry, &Offer)| {
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
        beside: turn.beside.clone(),
    })
}

fn created_beside(turn: &Turn, other: &Started) -> StreamEvent {
    StreamEvent::Created(Created {
        conversation_id: turn.conversation_id,
        user_message_id: turn.user_message_id,
        message_id: other.message_id,
        generation_id: other.generation_id,
        model: other.model.clone(),
        beside: Vec::new(),
    })
}
