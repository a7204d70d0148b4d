//! Turns: what a request to write a reply stores before any model is asked.

use kaiwa_shared::{
    ClientMessageId, ConversationId, GenerationId, MessageId, UserId,
    message::{Author, Finish, Message, Part, Status},
    stream::{Parent, Started},
};
use uuid::Uuid;

use crate::{
    Error, Result,
    branches::{point_down, show_through, show_whole_path},
    db::{Db, Tx, execute, fetch_all, fetch_optional},
    digest::digest_of,
    entities::{NewTurn, Queueing, Task, Turn, TurnOutcome},
    generations::Generations,
    queue,
    rows::{MessageRow, message_columns, write_options, write_parts},
    text,
    turn_rows::{Said, insert_generation, insert_replies, insert_replies_beside, insert_said, settle},
};

impl Generations<'_> {
    /// Stores what a turn begins with, all of it in one transaction: the user's message if it brings one, the empty
    /// replies and their generations. The first reply becomes the end of the shown branch. When it returns, the
    /// user's message is safe. The very same turn again, as after an answer of the database that was lost, is stored
    /// once.
    pub async fn start(&self, turn: NewTurn) -> Result<TurnOutcome> {
        match &self.0.db {
            Db::Sqlite(pools) => self.0.group.start(pools, turn).await,
            Db::Postgres(_) => {
                let mut tx = self.0.db.begin().await?;
                tx.lock_user(turn.owner.as_uuid()).await?;
                let stored = store_turn(&mut tx, &turn).await?;
                if stored.keep {
                    tx.commit().await?;
                }
                Ok(stored.outcome)
            }
        }
    }

    /// What this owner's request of this id started, if it did.
    pub async fn sent(&self, owner: UserId, id: ClientMessageId) -> Result<Option<Turn>> {
        let mut tx = self.0.db.begin().await?;
        Ok(find_sent(&mut tx, owner, id).await?.map(|(turn, _)| turn))
    }
}

/// Why nothing is stored.
enum Stop {
    Refused(Box<TurnOutcome>),
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<TurnOutcome> for Stop {
    fn from(outcome: TurnOutcome) -> Self {
        Self::Refused(Box::new(outcome))
    }
}

/// Where a turn goes.
pub(crate) struct Place {
    pub(crate) conversation: ConversationId,
    pub(crate) active_leaf: Option<Uuid>,
    untitled: bool,
}

/// What became of a turn in a transaction.
pub(crate) struct Stored {
    pub(crate) outcome: TurnOutcome,
    /// It must be committed; otherwise nothing of it may be.
    pub(crate) keep: bool,
}

/// Stores a turn in a transaction that its owner's other turns wait for.
pub(crate) async fn store_turn(tx: &mut Tx, turn: &NewTurn) -> Result<Stored> {
    match store(tx, turn).await {
        Ok(outcome) => Ok(Stored { outcome, keep: true }),
        Err(Stop::Refused(outcome)) => Ok(Stored { outcome: *outcome, keep: false }),
        Err(Stop::Failed(error)) => Err(error),
    }
}

async fn store(tx: &mut Tx, turn: &NewTurn) -> Result<TurnOutcome, Stop> {
    let place = find_place(tx, turn).await?;
    let mut started = Turn {
        conversation_id: place.conversation,
        user_message_id: turn.reply_id,
        reply_id: turn.reply_id,
        generation_id: turn.generation_id,
        model: turn.model.clone(),
        beside: turn.beside.clone(),
        parts: Vec::new(),
        untitled: place.untitled,
    };
    let mut opens = false;
    match &turn.task {
        Task::Say { message_id, parent, content } => {
            started.user_message_id = *message_id;
            let parent = match parent {
                Parent::Message(id) => Some(id.as_uuid()),
                Parent::Top => None,
                Parent::ShownEnd => place.active_leaf,
            };
            if let Some(queued) = say(tx, turn, &place, *message_id, parent, content).await? {
                return Ok(queued);
            }
            opens = parent.is_none();
        }
        Task::Regenerate { reply } => {
            started.user_message_id = regenerate(tx, turn, &place, *reply).await?;
        }
        Task::Continue => {
            let reply = go_on(tx, turn, &place).await?;
            started.user_message_id = reply.parent_id.unwrap_or(reply.id);
            started.parts = reply.parts;
        }
    }
    Ok(TurnOutcome::Started { turn: started, opens })
}

/// Whether a request of this id has started something, waits, or has said something: three columns, given the owner as
/// $1 and the id as $2.
macro_rules! known_columns {
    () => {
        "EXISTS (SELECT 1 FROM generations k WHERE k.owner_id = $1 AND k.client_message_id = $2)
       , EXISTS (SELECT 1 FROM queued_messages k WHERE k.owner_id = $1 AND k.client_message_id = $2)
       , EXISTS (SELECT 1 FROM messages k WHERE k.owner_id = $1 AND k.client_message_id = $2)"
    };
}

/// Those columns.
type Known = (bool, bool, bool);

/// The conversation of a request that was not sent before.
async fn find_place(tx: &mut Tx, turn: &NewTurn) -> Result<Place, Stop> {
    let claimed = match turn.conversation_id {
        Some(id) => claim_conversation(tx, turn, id).await?,
        None => None,
    };
    let (place, known) = match claimed {
        Some((place, known)) => (Some(place), known),
        None => (None, find_known(tx, turn).await?),
    };
    refuse_repeat(tx, turn, known).await?;
    match (place, turn.conversation_id) {
        (Some(place), _) => Ok(place),
        (None, Some(_)) => Err(TurnOutcome::NoConversation.into()),
        (None, None) => Ok(create_conversation(tx, turn).await?),
    }
}

async fn find_known(tx: &mut Tx, turn: &NewTurn) -> Result<Known> {
    let sql = concat!("SELECT ", known_columns!());
    let known = fetch_optional!(tx, Known, sql, turn.owner.as_uuid(), turn.client_message_id.as_uuid())?;
    Ok(known.unwrap_or_default())
}

/// Stops where the same request was sent before, whatever became of it.
async fn refuse_repeat(tx: &mut Tx, turn: &NewTurn, (started, waits, said): Known) -> Result<(), Stop> {
    if started && let Some((mut earlier, digest)) = find_sent(tx, turn.owner, turn.client_message_id).await? {
        if matches!(turn.task, Task::Continue) {
            // A reply goes on alone, whatever was asked beside it at first.
            earlier.beside.clear();
        }
        if earlier.generation_id == turn.generation_id {
            // It was stored, and whoever stored it never heard of that.
            earlier.parts = said_so_far(tx, earlier.reply_id).await?;
            return Err(TurnOutcome::Started { turn: earlier, opens: false }.into());
        }
        let same = digest.is_none_or(|digest| digest == digest_of(turn));
        let outcome = if same { TurnOutcome::Repeated(earlier) } else { TurnOutcome::Reused };
        return Err(outcome.into());
    }
    if waits
        && turn.queueing != Queueing::Waited
        && let Some(waiting) = queue::find(tx, turn.owner, turn.client_message_id).await?
    {
        let same = matches!(&turn.task, Task::Say { content, .. } if *content == waiting.message.content);
        let queued = TurnOutcome::Queued { message: waiting.message, ready: None };
        let outcome = if same { queued } else { TurnOutcome::Reused };
        return Err(outcome.into());
    }
    if said { Err(TurnOutcome::Reused.into()) } else { Ok(()) }
}

/// What a reply says, errors left out.
async fn said_so_far(tx: &mut Tx, reply: MessageId) -> Result<Vec<Part>> {
    let sql = concat!("SELECT ", message_columns!(), " FROM messages m WHERE m.id = $1");
    let Some(row) = fetch_optional!(tx, MessageRow, sql, reply.as_uuid())? else { return Ok(Vec::new()) };
    let mut parts = Message::try_from(row)?.parts;
    parts.retain(|part| !part.is_error());
    Ok(parts)
}

/// What the same owner's request of the same id started, and its digest.
async fn find_sent(
    tx: &mut Tx,
    owner: UserId,
    id: ClientMessageId,
) -> Result<Option<(Turn, Option<Vec<u8>>)>> {
    type Row = (Uuid, Uuid, Uuid, Option<Vec<u8>>, Option<Uuid>, Option<String>, Option<Uuid>, String);
    let row = fetch_optional!(
        tx,
        Row,
        "SELECT g.conversation_id, r.id, g.id, g.request_digest, r.parent_id, r.model, r.comparison_id
              , c.title
         FROM generations g
         JOIN messages r ON r.id = g.message_id
         JOIN conversations c ON c.id = g.conversation_id
         WHERE g.owner_id = $1 AND g.client_message_id = $2",
        owner.as_uuid(),
        id.as_uuid(),
    )?;
    let Some((conversation, reply, generation, digest, parent, model, comparison, title)) = row else {
        return Ok(None);
    };
    let beside = match comparison {
        Some(comparison) => find_beside(tx, comparison, reply).await?,
        None => Vec::new(),
    };
    let sent = Turn {
        conversation_id: ConversationId::from_uuid(conversation),
        user_message_id: MessageId::from_uuid(parent.unwrap_or(reply)),
        reply_id: MessageId::from_uuid(reply),
        generation_id: GenerationId::from_uuid(generation),
        model: model.unwrap_or_default(),
        beside,
        parts: Vec::new(),
        untitled: title.is_empty(),
    };
    Ok(Some((sent, digest)))
}

async fn find_beside(tx: &mut Tx, comparison: Uuid, reply: Uuid) -> Result<Vec<Started>> {
    let rows = fetch_all!(
        tx,
        (Uuid, Uuid, Option<String>),
        "SELECT id, generation_id, model FROM messages
         WHERE comparison_id = $1 AND id <> $2 AND generation_id IS NOT NULL
         ORDER BY id",
        comparison,
        reply,
    )?;
    let started = rows.into_iter().map(|(message, generation, model)| Started {
        message_id: MessageId::from_uuid(message),
        generation_id: GenerationId::from_uuid(generation),
        model: model.unwrap_or_default(),
    });
    Ok(started.collect())
}

/// The conversation of the turn and what is known of the request, or `None` if its sender has no such conversation. A
/// write that changes nothing: it locks the row on PostgreSQL, so that the conversation cannot go before the turn is
/// stored.
async fn claim_conversation(
    tx: &mut Tx,
    turn: &NewTurn,
    id: ConversationId,
) -> Result<Option<(Place, Known)>> {
    let row = fetch_optional!(
        tx,
        (Option<Uuid>, String, bool, bool, bool),
        concat!(
            "UPDATE conversations SET updated_at = updated_at WHERE id = $3 AND owner_id = $1
             RETURNING active_leaf_id, title, ",
            known_columns!()
        ),
        turn.owner.as_uuid(),
        turn.client_message_id.as_uuid(),
        id.as_uuid(),
    )?;
    Ok(row.map(|(active_leaf, title, started, waits, said)| {
        (Place { conversation: id, active_leaf, untitled: title.is_empty() }, (started, waits, said))
    }))
}

async fn create_conversation(tx: &mut Tx, turn: &NewTurn) -> Result<Place> {
    execute!(
        tx,
        "INSERT INTO conversations
             (id, owner_id, title, title_folded, title_is_own, model, created_at, updated_at)
         VALUES ($1, $2, '', '', $3, $4, $5, $5)",
        turn.new_conversation_id.as_uuid(),
        turn.owner.as_uuid(),
        false,
        text::storable(&turn.model),
        turn.now.0,
    )?;
    Ok(Place { conversation: turn.new_conversation_id, active_leaf: None, untitled: true })
}

/// Stores a message of the user's and the replies to it; gives the outcome instead if it has to wait.
async fn say(
    tx: &mut Tx,
    turn: &NewTurn,
    place: &Place,
    message: MessageId,
    parent: Option<Uuid>,
    content: &str,
) -> Result<Option<TurnOutcome>, Stop> {
    if let Some(parent) = parent
        && let Some(queued) = check_parent(tx, turn, place, parent, content).await?
    {
        return Ok(Some(queued));
    }
    refuse_crowd(turn)?;
    let waited_for = match turn.queueing {
        Queueing::Waited => {
            let left = queue::take(tx, turn.owner, place.conversation, turn.client_message_id).await?;
            Some(left.ok_or(TurnOutcome::NoMessage)?)
        }
        Queueing::No | Queueing::MayWait { .. } => None,
    };
    let at_the_end = place.active_leaf == parent;
    let shown = at_the_end || turn.queueing != Queueing::Waited;
    insert_said(tx, turn, place, &Said { message, parent, content, shown }).await?;
    insert_replies_beside(tx, turn, place, message.as_uuid()).await?;
    if let Some(waited_for) = waited_for {
        queue::follow(tx, place.conversation, waited_for, turn.reply_id).await?;
    }
    if let Some(parent) = parent
        && !at_the_end
        && turn.queueing != Queueing::Waited
    {
        show_whole_path(tx, parent).await?;
    }
    Ok(None)
}

/// Refuses a parent that is not there or is still being written; where the message may wait, queues it.
async fn check_parent(
    tx: &mut Tx,
    turn: &NewTurn,
    place: &Place,
    parent: Uuid,
    content: &str,
) -> Result<Option<TurnOutcome>, Stop> {
    let sql = match turn.queueing {
        // A write that changes nothing: on PostgreSQL it waits for an end that is just being stored, so that no
        // message is queued for a reply that has ended without anybody noticing.
        Queueing::MayWait { .. } => {
            "UPDATE messages SET status = status WHERE id = $1 AND conversation_id = $2
             RETURNING status, generation_id"
        }
        Queueing::No | Queueing::Waited => {
            "SELECT status, generation_id FROM messages WHERE id = $1 AND conversation_id = $2"
        }
    };
    let row = fetch_optional!(tx, (String, Option<Uuid>), sql, parent, place.conversation.as_uuid())?;
    let Some((status, generation)) = row else { return Err(TurnOutcome::NoMessage.into()) };
    let running = generation.filter(|_| status == Status::Streaming.as_str()).map(GenerationId::from_uuid);
    let Queueing::MayWait { model, beside } = &turn.queueing else {
        return running.map_or(Ok(None), |running| Err(TurnOutcome::Busy(running).into()));
    };
    let reply = MessageId::from_uuid(parent);
    // What already waits for this reply is about to be sent, and goes first.
    let others_first = status == Status::Complete.as_str() && queue::has_waiting(tx, reply).await?;
    if running.is_none() && !others_first {
        return Ok(None);
    }
    let waiting = queue::New { place, turn, reply, content, model: model.as_deref(), beside };
    let message = queue::insert(tx, &waiting).await?.ok_or(TurnOutcome::QueueFull)?;
    Ok(Some(TurnOutcome::Queued { message, ready: running.is_none().then_some(reply) }))
}

/// Stores empty replies beside an existing one; gives the message that they answer.
async fn regenerate(tx: &mut Tx, turn: &NewTurn, place: &Place, reply: MessageId) -> Result<MessageId, Stop> {
    let row = fetch_optional!(
        tx,
        (Option<Uuid>,),
        "SELECT parent_id FROM messages WHERE id = $1 AND conversation_id = $2 AND author = 'assistant'",
        reply.as_uuid(),
        place.conversation.as_uuid(),
    )?;
    let parent = row.and_then(|(parent,)| parent).ok_or(TurnOutcome::NoMessage)?;
    let answering = fetch_optional!(
        tx,
        (Uuid,),
        "SELECT generation_id FROM messages
         WHERE parent_id = $1 AND status = 'streaming' AND generation_id IS NOT NULL
         ORDER BY id LIMIT 1",
        parent,
    )?;
    if let Some((running,)) = answering {
        return Err(TurnOutcome::Busy(GenerationId::from_uuid(running)).into());
    }
    refuse_running_below(tx, place, reply).await?;
    refuse_crowd(turn)?;
    insert_replies(tx, turn, place, parent).await?;
    point_down(tx, parent, turn.reply_id.as_uuid()).await?;
    if place.active_leaf != Some(reply.as_uuid()) {
        show_whole_path(tx, parent).await?;
    }
    settle(tx, turn, place, Some(turn.reply_id)).await?;
    Ok(MessageId::from_uuid(parent))
}

/// Opens a reply that had ended for more; gives it as it stands, errors left out.
async fn go_on(tx: &mut Tx, turn: &NewTurn, place: &Place) -> Result<Message, Stop> {
    let sql =
        concat!("SELECT ", message_columns!(), " FROM messages m WHERE m.id = $1 AND m.conversation_id = $2");
    let row = fetch_optional!(tx, MessageRow, sql, turn.reply_id.as_uuid(), place.conversation.as_uuid())?;
    let mut reply = Message::try_from(row.ok_or(TurnOutcome::NoMessage)?)?;
    if let Some(running) = reply.generation_id.filter(|_| reply.status == Status::Streaming) {
        return Err(TurnOutcome::Busy(running).into());
    }
    if !can_go_on(&reply) {
        return Err(TurnOutcome::NothingToContinue.into());
    }
    refuse_running_below(tx, place, reply.id).await?;
    refuse_crowd(turn)?;
    reply.parts.retain(|part| !part.is_error());
    execute!(
        tx,
        "UPDATE messages
         SET status = 'streaming', finish = NULL, parts = $2, generation_id = $3, model = $4, options = $5
         WHERE id = $1",
        reply.id.as_uuid(),
        write_parts(reply.id, &reply.parts)?,
        turn.generation_id.as_uuid(),
        text::storable(&turn.model),
        write_options(reply.id, &turn.options)?,
    )?;
    insert_generation(tx, turn, place, turn.reply_id, turn.generation_id).await?;
    settle(tx, turn, place, None).await?;
    if place.active_leaf != Some(reply.id.as_uuid()) {
        show_through(tx, place.conversation, reply.id).await?;
    }
    Ok(reply)
}

/// Refuses what would start now where there is no room for more replies.
fn refuse_crowd(turn: &NewTurn) -> Result<(), Stop> {
    if turn.room { Ok(()) } else { Err(TurnOutcome::NoRoom.into()) }
}

/// Whether a model may go on with this message.
fn can_go_on(message: &Message) -> bool {
    message.author == Author::Assistant
        && match message.status {
            Status::Stopped | Status::Interrupted => true,
            Status::Failed => !message.text().is_empty(),
            Status::Complete => message.finish == Some(Finish::Length),
            Status::Streaming => false,
        }
}

/// Refuses where something below this message is still being written. Walks up from what runs, which is little, and
/// not down from the message, below which much may lie.
async fn refuse_running_below(tx: &mut Tx, place: &Place, message: MessageId) -> Result<(), Stop> {
    let running = fetch_optional!(
        tx,
        (Uuid,),
        "WITH RECURSIVE above (id, generation_id) AS (
             SELECT m.parent_id, g.id
             FROM generations g
             JOIN messages m ON m.id = g.message_id
             WHERE g.conversation_id = $1 AND g.status = 'streaming'
             UNION ALL
             SELECT m.parent_id, above.generation_id
             FROM above
             JOIN messages m ON m.id = above.id
         )
         SELECT generation_id FROM above WHERE id = $2 LIMIT 1",
        place.conversation.as_uuid(),
        message.as_uuid(),
    )?;
    running.map_or(Ok(()), |(id,)| Err(TurnOutcome::Busy(GenerationId::from_uuid(id)).into()))
}
