//! Generations: the turn that starts one, its checkpoints and its end.

use kaiwa_shared::{
    ConversationId, GenerationId, MessageId, UserId,
    message::{self, Part, Status, Usage},
    stream::Parent,
    time::Millis,
};
use uuid::Uuid;

use crate::{
    Result, Store,
    db::{Tx, execute, fetch_optional},
    entities::{Checkpoint, Finish, Generation, NewTurn, Turn, TurnOutcome},
    natives::write_natives,
    rows::{GenerationRow, generation_columns, stored_count, write_context, write_parts},
    text,
};

/// The generations of a store.
pub struct Generations<'a>(pub(crate) &'a Store);

impl Generations<'_> {
    /// Stores the user's message, the empty reply and the generation in one transaction, and makes the reply the end
    /// of the shown branch. When it returns, the user's message is safe.
    pub async fn start(&self, turn: NewTurn) -> Result<TurnOutcome> {
        let mut tx = self.0.db.begin().await?;
        tx.lock_user(turn.owner.as_uuid()).await?;
        if let Some(earlier) = find_repeated(&mut tx, &turn).await? {
            return Ok(TurnOutcome::Repeated(earlier));
        }
        let place = match turn.conversation_id {
            Some(id) => claim_conversation(&mut tx, &turn, id).await?,
            None => Some(create_conversation(&mut tx, &turn).await?),
        };
        let Some(place) = place else { return Ok(TurnOutcome::NoConversation) };
        let parent = match turn.parent_id {
            Parent::Message(id) => Some(id.as_uuid()),
            Parent::Top => None,
            Parent::ShownEnd => place.active_leaf,
        };
        if let Some(parent) = parent {
            match find_parent(&mut tx, place.conversation_id, parent).await? {
                None => return Ok(TurnOutcome::NoParent),
                Some(Some(running)) => return Ok(TurnOutcome::Busy(running)),
                Some(None) => {}
            }
        }
        insert_turn(&mut tx, &turn, place.conversation_id, parent).await?;
        tx.commit().await?;
        Ok(TurnOutcome::Started(Turn {
            conversation_id: place.conversation_id,
            user_message_id: turn.user_message_id,
            reply_id: turn.reply_id,
            generation_id: turn.generation_id,
            untitled: place.untitled,
        }))
    }

    /// Stores the state of running replies in one transaction. A reply that is no longer streaming is left alone.
    pub async fn checkpoint(&self, states: &[Checkpoint]) -> Result<()> {
        if states.is_empty() {
            return Ok(());
        }
        let mut tx = self.0.db.begin().await?;
        for state in states {
            save_state(&mut tx, state).await?;
        }
        tx.commit().await
    }

    /// Stores the last state of a reply and how it ended. `false` if the reply is gone or had already ended.
    pub async fn finish(&self, end: &Finish) -> Result<bool> {
        let state = &end.checkpoint;
        let mut tx = self.0.db.begin().await?;
        if !save_state(&mut tx, state).await? {
            return Ok(false);
        }
        let usage = |part: fn(&Usage) -> u64| end.usage.as_ref().map(part).map(stored_count);
        execute!(
            tx,
            "UPDATE messages
             SET status = $2, input_tokens = $3, output_tokens = $4, cached_tokens = $5, reasoning_tokens = $6
               , cache_write_tokens = $7, cost_micros = $8, usage_estimated = $9, finish = $10
               , model = COALESCE($11, model)
             WHERE id = $1",
            state.message_id.as_uuid(),
            end.status.as_str(),
            usage(|usage| usage.input_tokens),
            usage(|usage| usage.output_tokens),
            usage(|usage| usage.cached_tokens),
            usage(|usage| usage.reasoning_tokens),
            usage(|usage| usage.cache_write_tokens),
            end.usage.and_then(|usage| usage.cost_micros).map(stored_count),
            end.usage.map(|usage| usage.estimated),
            end.finish.map(message::Finish::as_str),
            end.model.as_deref().map(text::storable),
        )?;
        execute!(
            tx,
            "UPDATE generations SET status = $2, ended_at = $3 WHERE id = $1",
            state.generation_id.as_uuid(),
            end.status.as_str(),
            end.now.0,
        )?;
        tx.commit().await?;
        Ok(true)
    }

    /// A generation of this owner.
    pub async fn find(&self, owner: UserId, id: GenerationId) -> Result<Option<Generation>> {
        let sql = concat!(
            "SELECT ",
            generation_columns!(),
            " FROM generations g JOIN conversations c ON c.id = g.conversation_id
             WHERE g.id = $1 AND c.owner_id = $2"
        );
        let mut reader = self.0.db.reader().await?;
        fetch_optional!(reader, GenerationRow, sql, id.as_uuid(), owner.as_uuid())?
            .map(TryInto::try_into)
            .transpose()
    }

    /// The generation that is running in this owner's conversation, if any (the newest).
    pub async fn running(&self, owner: UserId, conversation: ConversationId) -> Result<Option<Generation>> {
        let sql = concat!(
            "SELECT ",
            generation_columns!(),
            " FROM generations g JOIN conversations c ON c.id = g.conversation_id
             WHERE g.conversation_id = $1 AND c.owner_id = $2 AND g.status = 'streaming'
             ORDER BY g.created_at DESC, g.id DESC
             LIMIT 1"
        );
        let mut reader = self.0.db.reader().await?;
        fetch_optional!(reader, GenerationRow, sql, conversation.as_uuid(), owner.as_uuid())?
            .map(TryInto::try_into)
            .transpose()
    }

    /// Marks everything that a dead process left in `streaming` as `interrupted`; how many. For the start of a server.
    pub async fn interrupt_all(&self, now: Millis) -> Result<u64> {
        let mut tx = self.0.db.begin().await?;
        execute!(tx, "UPDATE messages SET status = 'interrupted' WHERE status = 'streaming'")?;
        let interrupted = execute!(
            tx,
            "UPDATE generations SET status = 'interrupted', ended_at = $1 WHERE status = 'streaming'",
            now.0,
        )?;
        tx.commit().await?;
        Ok(interrupted)
    }
}

/// Where a turn goes.
struct Place {
    conversation_id: ConversationId,
    active_leaf: Option<Uuid>,
    untitled: bool,
}

/// What the same owner's same message made, if it was sent before: its first reply, whatever was regenerated since.
async fn find_repeated(tx: &mut Tx, turn: &NewTurn) -> Result<Option<Turn>> {
    let row = fetch_optional!(
        tx,
        (Uuid, Uuid, Uuid, Uuid, String),
        "SELECT g.conversation_id, m.id, g.message_id, g.id, c.title
         FROM messages m
         JOIN messages r ON r.parent_id = m.id
         JOIN generations g ON g.message_id = r.id
         JOIN conversations c ON c.id = g.conversation_id
         WHERE m.owner_id = $1 AND m.client_message_id = $2
         ORDER BY g.created_at, g.id
         LIMIT 1",
        turn.owner.as_uuid(),
        turn.client_message_id.as_uuid(),
    )?;
    Ok(row.map(|(conversation, message, reply, generation, title)| Turn {
        conversation_id: ConversationId::from_uuid(conversation),
        user_message_id: MessageId::from_uuid(message),
        reply_id: MessageId::from_uuid(reply),
        generation_id: GenerationId::from_uuid(generation),
        untitled: title.is_empty(),
    }))
}

/// Makes the conversation the turn's, or `None` if its sender has no such conversation. The update also locks the row
/// on PostgreSQL, so that the shown branch cannot change before the turn is stored.
async fn claim_conversation(tx: &mut Tx, turn: &NewTurn, id: ConversationId) -> Result<Option<Place>> {
    let row = fetch_optional!(
        tx,
        (Option<Uuid>, String),
        "UPDATE conversations SET model = $3, updated_at = $4 WHERE id = $1 AND owner_id = $2
         RETURNING active_leaf_id, title",
        id.as_uuid(),
        turn.owner.as_uuid(),
        text::storable(&turn.model),
        turn.now.0,
    )?;
    Ok(row.map(|(active_leaf, title)| Place { conversation_id: id, active_leaf, untitled: title.is_empty() }))
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
    Ok(Place { conversation_id: turn.new_conversation_id, active_leaf: None, untitled: true })
}

/// `None` if the conversation has no such message, else the generation that is still writing it.
async fn find_parent(
    tx: &mut Tx,
    conversation: ConversationId,
    id: Uuid,
) -> Result<Option<Option<GenerationId>>> {
    let row = fetch_optional!(
        tx,
        (String, Option<Uuid>),
        "SELECT status, generation_id FROM messages WHERE id = $1 AND conversation_id = $2",
        id,
        conversation.as_uuid(),
    )?;
    Ok(row.map(|(status, generation)| {
        generation.filter(|_| status == Status::Streaming.as_str()).map(GenerationId::from_uuid)
    }))
}

async fn insert_turn(
    tx: &mut Tx,
    turn: &NewTurn,
    conversation: ConversationId,
    parent: Option<Uuid>,
) -> Result<()> {
    let content = write_parts(turn.user_message_id, &[Part::Text { text: turn.content.clone() }])?;
    execute!(
        tx,
        "INSERT INTO messages
             (id, conversation_id, owner_id, parent_id, author, status, parts, client_message_id, created_at)
         VALUES ($1, $2, $3, $4, 'user', 'complete', $5, $6, $7)",
        turn.user_message_id.as_uuid(),
        conversation.as_uuid(),
        turn.owner.as_uuid(),
        parent,
        content,
        turn.client_message_id.as_uuid(),
        turn.now.0,
    )?;
    execute!(
        tx,
        "INSERT INTO messages
             (id, conversation_id, owner_id, parent_id, author, status, parts, model, generation_id, created_at)
         VALUES ($1, $2, $3, $4, 'assistant', 'streaming', '[]', $5, $6, $7)",
        turn.reply_id.as_uuid(),
        conversation.as_uuid(),
        turn.owner.as_uuid(),
        turn.user_message_id.as_uuid(),
        text::storable(&turn.model),
        turn.generation_id.as_uuid(),
        turn.now.0,
    )?;
    execute!(
        tx,
        "INSERT INTO generations (id, conversation_id, message_id, status, sequence, created_at)
         VALUES ($1, $2, $3, 'streaming', 0, $4)",
        turn.generation_id.as_uuid(),
        conversation.as_uuid(),
        turn.reply_id.as_uuid(),
        turn.now.0,
    )?;
    execute!(
        tx,
        "UPDATE conversations SET active_leaf_id = $2 WHERE id = $1",
        conversation.as_uuid(),
        turn.reply_id.as_uuid(),
    )?;
    Ok(())
}

/// Stores the parts of a reply that is still streaming; `false` if it is gone, has ended or is already further.
///
/// The message comes before its generation, here as in a cascading delete, so that the two cannot deadlock.
async fn save_state(tx: &mut Tx, state: &Checkpoint) -> Result<bool> {
    let saved = execute!(
        tx,
        "UPDATE messages SET parts = $3, native = $5, context = $6
         WHERE id = $2 AND status = 'streaming' AND generation_id = $1
           AND EXISTS (SELECT 1 FROM generations g WHERE g.id = $1 AND g.sequence <= $4)",
        state.generation_id.as_uuid(),
        state.message_id.as_uuid(),
        write_parts(state.message_id, &state.parts)?,
        stored_count(state.sequence),
        write_natives(state.message_id, &state.natives)?,
        state.context.as_ref().map(|context| write_context(state.message_id, context)).transpose()?,
    )?;
    if saved == 0 {
        return Ok(false);
    }
    execute!(
        tx,
        "UPDATE generations SET sequence = $2 WHERE id = $1",
        state.generation_id.as_uuid(),
        stored_count(state.sequence),
    )?;
    Ok(true)
}
