//! Starting a turn.

use kaiwa_shared::{
    ClientMessageId, Content, ConversationId, GenerationId, MessageId, UserId,
    conversation::ConversationSettings,
    message::{Author, Finish, Message, Part, Status},
    stream::{Parent, Started},
};
use uuid::Uuid;

use super::{
    Generations, NewTurn, Queueing, Task, Turn, TurnOutcome,
    digest::digest_of,
    insert::{Target, insert_generation, insert_message, insert_replies, update_conversation},
};
use crate::{
    Error, Result, Tx,
    chat::{
        self, NewQueued,
        rows::{
            MessageRow, message_columns, options_column, read_settings, storable_settings, write_options,
            write_parts,
        },
    },
    db::{execute, fetch_all, fetch_one, fetch_optional},
    files,
    json::Column,
    text,
};

impl Generations<'_> {
    /// Stores a turn: the user's message if there is one, the empty replies and their generations. The first reply
    /// becomes the end of the shown branch. Commit if the outcome [is stored](TurnOutcome::is_stored).
    ///
    /// A repeat of the very same turn, after the answer to a commit was lost, returns [`TurnOutcome::Started`] again.
    #[tracing::instrument(name = "store.generations.start", level = "debug", skip_all)]
    pub async fn start(&mut self, turn: &NewTurn) -> Result<TurnOutcome> {
        self.0.0.lock_user(turn.owner.as_uuid()).await?;
        match store(self.0, turn).await {
            Ok(outcome) => Ok(outcome),
            Err(Stop::Refused(outcome)) => Ok(*outcome),
            Err(Stop::Failed(error)) => Err(error),
        }
    }

    /// The turn that this owner's request with this id started, if it did.
    #[tracing::instrument(name = "store.generations.find_turn", level = "debug", skip_all)]
    pub async fn find_turn(&mut self, owner: UserId, id: ClientMessageId) -> Result<Option<Turn>> {
        Ok(find_turn(self.0, owner, id).await?.map(|earlier| earlier.turn))
    }
}

/// Why a turn is not stored.
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

async fn store(tx: &mut Tx, turn: &NewTurn) -> Result<TurnOutcome, Stop> {
    refuse_repeat(tx, turn).await?;
    let target = find_target(tx, turn).await?;
    let mut started = Turn {
        conversation_id: target.conversation,
        user_message_id: turn.reply_id,
        reply_id: turn.reply_id,
        generation_id: turn.generation_id,
        model: turn.model.clone(),
        parallel: turn.parallel.clone(),
        parts: Vec::new(),
        needs_title: target.needs_title,
    };
    let mut is_first_message = false;
    match &turn.task {
        Task::Send { message_id, parent, content } => {
            started.user_message_id = *message_id;
            let parent = match parent {
                Parent::Message(id) => Some(id.as_uuid()),
                Parent::Top => None,
                Parent::ShownEnd => target.active_leaf,
            };
            if let Some(queued) = send(tx, turn, &target, *message_id, parent, content).await? {
                return Ok(queued);
            }
            is_first_message = parent.is_none();
        }
        Task::Regenerate { reply } => {
            started.user_message_id = regenerate(tx, turn, &target, *reply).await?;
        }
        Task::Continue => {
            let reply = continue_reply(tx, turn, &target).await?;
            started.user_message_id = reply.parent_id.unwrap_or(reply.id);
            started.parts = reply.parts;
        }
    }
    Ok(TurnOutcome::Started { turn: started, settings: target.settings, is_first_message })
}

/// Refuses a request that was sent before, whatever became of it.
async fn refuse_repeat(tx: &mut Tx, turn: &NewTurn) -> Result<(), Stop> {
    let (is_started, is_queued, is_stored) = fetch_one!(
        tx,
        (bool, bool, bool),
        "SELECT EXISTS (SELECT 1 FROM generations k WHERE k.owner_id = $1 AND k.client_message_id = $2)
              , EXISTS (SELECT 1 FROM queued_messages k WHERE k.owner_id = $1 AND k.client_message_id = $2)
              , EXISTS (SELECT 1 FROM messages k WHERE k.owner_id = $1 AND k.client_message_id = $2)",
        turn.owner.as_uuid(),
        turn.client_message_id.as_uuid(),
    )?;
    if is_started && let Some(earlier) = find_turn(tx, turn.owner, turn.client_message_id).await? {
        return Err(repeated(tx, turn, earlier).await?.into());
    }
    if is_queued
        && turn.queueing != Queueing::Queued
        && let Some(queued) = chat::find_queued(tx, turn.owner, turn.client_message_id).await?
    {
        let is_same = matches!(&turn.task, Task::Send { content, .. } if *content == queued.message.content);
        let outcome = TurnOutcome::Queued { message: queued.message, ready: None };
        return Err(if is_same { outcome } else { TurnOutcome::IdReused }.into());
    }
    if is_stored { Err(TurnOutcome::IdReused.into()) } else { Ok(()) }
}

/// The outcome for a request with the id of an earlier turn.
async fn repeated(tx: &mut Tx, turn: &NewTurn, earlier: EarlierTurn) -> Result<TurnOutcome> {
    let EarlierTurn { turn: mut stored, title, settings, digest } = earlier;
    stored.needs_title |= turn.task.first_words().is_some_and(|words| words == title);
    if matches!(turn.task, Task::Continue) {
        // A reply is continued alone, even if it had parallel replies.
        stored.parallel.clear();
    }
    if stored.generation_id == turn.generation_id {
        // It was committed, and only the answer was lost.
        stored.parts = parts_without_errors(tx, stored.reply_id).await?;
        return Ok(TurnOutcome::Started { turn: stored, settings, is_first_message: false });
    }
    let is_same = digest.is_none_or(|digest| digest == digest_of(turn));
    Ok(if is_same { TurnOutcome::Repeated(stored) } else { TurnOutcome::IdReused })
}

async fn parts_without_errors(tx: &mut Tx, reply: MessageId) -> Result<Vec<Part>> {
    let sql = concat!("SELECT ", message_columns!(), " FROM messages m WHERE m.id = $1");
    let Some(row) = fetch_optional!(tx, MessageRow, sql, reply.as_uuid())? else { return Ok(Vec::new()) };
    let mut parts = Message::try_from(row)?.parts;
    parts.retain(|part| !part.is_error());
    Ok(parts)
}

/// A turn that was stored by an earlier request.
struct EarlierTurn {
    turn: Turn,
    /// The title of its conversation.
    title: String,
    settings: ConversationSettings,
    /// `None` for a turn of an old version.
    digest: Option<Vec<u8>>,
}

async fn find_turn(tx: &mut Tx, owner: UserId, id: ClientMessageId) -> Result<Option<EarlierTurn>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        conversation_id: Uuid,
        reply_id: Uuid,
        generation_id: Uuid,
        parent_id: Option<Uuid>,
        comparison_id: Option<Uuid>,
        request_digest: Option<Vec<u8>>,
        model: Option<String>,
        title: String,
        system_prompt: Option<String>,
        options: Option<String>,
    }
    let row = fetch_optional!(
        tx,
        Row,
        "SELECT g.conversation_id, r.id AS reply_id, g.id AS generation_id, r.parent_id, r.comparison_id
              , g.request_digest, r.model, c.title, c.system_prompt, c.options
         FROM generations g
         JOIN messages r ON r.id = g.message_id
         JOIN conversations c ON c.id = g.conversation_id
         WHERE g.owner_id = $1 AND g.client_message_id = $2",
        owner.as_uuid(),
        id.as_uuid(),
    )?;
    let Some(row) = row else { return Ok(None) };
    let parallel = match row.comparison_id {
        Some(comparison) => find_parallel(tx, comparison, row.reply_id).await?,
        None => Vec::new(),
    };
    let conversation_id = ConversationId::from_uuid(row.conversation_id);
    let turn = Turn {
        conversation_id,
        user_message_id: MessageId::from_uuid(row.parent_id.unwrap_or(row.reply_id)),
        reply_id: MessageId::from_uuid(row.reply_id),
        generation_id: GenerationId::from_uuid(row.generation_id),
        model: row.model.unwrap_or_default(),
        parallel,
        parts: Vec::new(),
        needs_title: row.title.is_empty(),
    };
    let settings = read_settings(conversation_id, row.system_prompt, row.options.as_deref())?;
    Ok(Some(EarlierTurn { turn, title: row.title, settings, digest: row.request_digest }))
}

async fn find_parallel(tx: &mut Tx, comparison: Uuid, reply: Uuid) -> Result<Vec<Started>> {
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

/// The conversation of a turn, created if the turn names none.
async fn find_target(tx: &mut Tx, turn: &NewTurn) -> Result<Target, Stop> {
    let Some(id) = turn.conversation_id else { return Ok(create_conversation(tx, turn).await?) };
    // A write that changes nothing: it locks the row on PostgreSQL, so that the conversation cannot be deleted before
    // the turn is stored.
    let row = fetch_optional!(
        tx,
        (Option<Uuid>, String, Option<String>, Option<String>),
        "UPDATE conversations SET updated_at = updated_at WHERE id = $1 AND owner_id = $2
         RETURNING active_leaf_id, title, system_prompt, options",
        id.as_uuid(),
        turn.owner.as_uuid(),
    )?;
    let Some((active_leaf, title, system_prompt, options)) = row else {
        return Err(TurnOutcome::NoConversation.into());
    };
    let settings = read_settings(id, system_prompt, options.as_deref())?;
    Ok(Target { conversation: id, is_new: false, active_leaf, needs_title: title.is_empty(), settings })
}

/// Creates a conversation that ends with the turn's reply, which is inserted next.
async fn create_conversation(tx: &mut Tx, turn: &NewTurn) -> Result<Target> {
    let title = turn.task.first_words().unwrap_or_default();
    let title = text::storable(&title);
    let id = turn.new_conversation_id;
    let settings = storable_settings(&turn.settings);
    execute!(
        tx,
        "INSERT INTO conversations
             (id, owner_id, title, title_folded, title_is_own, model, active_leaf_id, system_prompt, options
            , created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)",
        id.as_uuid(),
        turn.owner.as_uuid(),
        &title,
        text::fold(&title),
        false,
        text::storable(&turn.model),
        turn.reply_id.as_uuid(),
        settings.system_prompt.as_deref(),
        write_options(options_column(id), &settings.options)?,
        turn.now.0,
    )?;
    Ok(Target { conversation: id, is_new: true, active_leaf: None, needs_title: true, settings })
}

/// Stores a message of the user and its replies, or returns the outcome of queueing it.
async fn send(
    tx: &mut Tx,
    turn: &NewTurn,
    target: &Target,
    message: MessageId,
    parent: Option<Uuid>,
    content: &Content,
) -> Result<Option<TurnOutcome>, Stop> {
    if let Some(parent) = parent
        && let Some(queued) = check_parent(tx, turn, target, parent, content).await?
    {
        return Ok(Some(queued));
    }
    check_capacity(turn)?;
    let was_queued = turn.queueing == Queueing::Queued;
    let behind = if was_queued {
        let taken = chat::take_queued(tx, turn.owner, target.conversation, turn.client_message_id).await?;
        Some(taken.ok_or(TurnOutcome::NoMessage)?)
    } else {
        None
    };
    let is_at_end = target.active_leaf == parent;
    if !insert_message(tx, turn, target, message, parent, content).await? {
        return Err(TurnOutcome::NoFile.into());
    }
    insert_replies(tx, turn, target, message.as_uuid()).await?;
    update_conversation(tx, turn, target, (is_at_end || !was_queued).then_some(turn.reply_id)).await?;
    if let Some(behind) = behind {
        chat::requeue_behind(tx, target.conversation, behind, turn.reply_id).await?;
    }
    if let Some(parent) = parent
        && !is_at_end
        && !was_queued
    {
        chat::show_whole_path(tx, parent).await?;
    }
    Ok(None)
}

/// Refuses a parent that does not exist or is still being written; queues the message where that is allowed.
async fn check_parent(
    tx: &mut Tx,
    turn: &NewTurn,
    target: &Target,
    parent: Uuid,
    content: &Content,
) -> Result<Option<TurnOutcome>, Stop> {
    let sql = match turn.queueing {
        // A write that changes nothing: on PostgreSQL it waits for an end that is being stored, so that no message is
        // queued behind a reply that has ended unnoticed.
        Queueing::WhenBusy { .. } => {
            "UPDATE messages SET status = status WHERE id = $1 AND conversation_id = $2
             RETURNING status, generation_id"
        }
        Queueing::Never | Queueing::Queued => {
            "SELECT status, generation_id FROM messages WHERE id = $1 AND conversation_id = $2"
        }
    };
    let row = fetch_optional!(tx, (String, Option<Uuid>), sql, parent, target.conversation.as_uuid())?;
    let Some((status, generation)) = row else { return Err(TurnOutcome::NoMessage.into()) };
    let running = generation.filter(|_| status == Status::Streaming.as_str()).map(GenerationId::from_uuid);
    let Queueing::WhenBusy { model, parallel } = &turn.queueing else {
        return running.map_or(Ok(None), |running| Err(TurnOutcome::Busy(running).into()));
    };
    let behind = MessageId::from_uuid(parent);
    // A message that is already queued behind this reply is about to be sent, and goes first.
    let others_first = status == Status::Complete.as_str() && chat::has_queued(tx, behind).await?;
    if running.is_none() && !others_first {
        return Ok(None);
    }
    let files = files::use_files(tx, turn.owner, content).await?.ok_or(TurnOutcome::NoFile)?;
    let new = NewQueued {
        conversation: target.conversation,
        turn,
        behind,
        content,
        files: &files,
        model: model.as_deref(),
        parallel,
    };
    let message = chat::insert_queued(tx, &new).await?.ok_or(TurnOutcome::QueueFull)?;
    files::link_queued(tx, turn.owner, message.id, &files).await?;
    Ok(Some(TurnOutcome::Queued { message, ready: running.is_none().then_some(behind) }))
}

/// Stores siblings of a reply; returns the message that they answer.
async fn regenerate(
    tx: &mut Tx,
    turn: &NewTurn,
    target: &Target,
    reply: MessageId,
) -> Result<MessageId, Stop> {
    let row = fetch_optional!(
        tx,
        (Option<Uuid>,),
        "SELECT parent_id FROM messages WHERE id = $1 AND conversation_id = $2 AND author = 'assistant'",
        reply.as_uuid(),
        target.conversation.as_uuid(),
    )?;
    let parent = row.and_then(|(parent,)| parent).ok_or(TurnOutcome::NoMessage)?;
    let running = fetch_optional!(
        tx,
        (Uuid,),
        "SELECT generation_id FROM messages
         WHERE parent_id = $1 AND status = 'streaming' AND generation_id IS NOT NULL
         ORDER BY id LIMIT 1",
        parent,
    )?;
    if let Some((running,)) = running {
        return Err(TurnOutcome::Busy(GenerationId::from_uuid(running)).into());
    }
    refuse_running_below(tx, target, reply).await?;
    check_capacity(turn)?;
    insert_replies(tx, turn, target, parent).await?;
    chat::point_down(tx, parent, turn.reply_id.as_uuid()).await?;
    if target.active_leaf != Some(reply.as_uuid()) {
        chat::show_whole_path(tx, parent).await?;
    }
    update_conversation(tx, turn, target, Some(turn.reply_id)).await?;
    Ok(MessageId::from_uuid(parent))
}

/// Reopens a reply that has ended; returns it without its errors.
async fn continue_reply(tx: &mut Tx, turn: &NewTurn, target: &Target) -> Result<Message, Stop> {
    let sql =
        concat!("SELECT ", message_columns!(), " FROM messages m WHERE m.id = $1 AND m.conversation_id = $2");
    let row = fetch_optional!(tx, MessageRow, sql, turn.reply_id.as_uuid(), target.conversation.as_uuid())?;
    let mut reply = Message::try_from(row.ok_or(TurnOutcome::NoMessage)?)?;
    if let Some(running) = reply.generation_id.filter(|_| reply.status == Status::Streaming) {
        return Err(TurnOutcome::Busy(running).into());
    }
    if !can_continue(&reply) {
        return Err(TurnOutcome::NothingToContinue.into());
    }
    refuse_running_below(tx, target, reply.id).await?;
    check_capacity(turn)?;
    reply.parts.retain(|part| !part.is_error());
    let options = Column::of_message("options", reply.id.as_uuid());
    execute!(
        tx,
        "UPDATE messages
         SET status = 'streaming', finish = NULL, parts = $2, generation_id = $3, model = $4, options = $5
         WHERE id = $1",
        reply.id.as_uuid(),
        write_parts(reply.id, &reply.parts)?,
        turn.generation_id.as_uuid(),
        text::storable(&turn.model),
        write_options(options, &target.options(turn))?,
    )?;
    insert_generation(tx, turn, target, turn.reply_id, turn.generation_id).await?;
    update_conversation(tx, turn, target, None).await?;
    if target.active_leaf != Some(reply.id.as_uuid()) {
        chat::show_through(tx, target.conversation, reply.id).await?;
    }
    Ok(reply)
}

fn check_capacity(turn: &NewTurn) -> Result<(), Stop> {
    if turn.has_capacity { Ok(()) } else { Err(TurnOutcome::OverLimit.into()) }
}

fn can_continue(message: &Message) -> bool {
    message.author == Author::Assistant
        && match message.status {
            Status::Stopped | Status::Interrupted => true,
            Status::Failed => !message.text().is_empty(),
            Status::Complete => message.finish == Some(Finish::Length),
            Status::Streaming => false,
        }
}

/// Refuses if a reply below this message is running. Walks up from the running replies, which are few, rather than
/// down from the message.
async fn refuse_running_below(tx: &mut Tx, target: &Target, message: MessageId) -> Result<(), Stop> {
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
        target.conversation.as_uuid(),
        message.as_uuid(),
    )?;
    running.map_or(Ok(()), |(id,)| Err(TurnOutcome::Busy(GenerationId::from_uuid(id)).into()))
}
