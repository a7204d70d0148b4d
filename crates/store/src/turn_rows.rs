//! The rows that a turn adds and changes.

use kaiwa_shared::{GenerationId, MessageId, message::Part};
use uuid::Uuid;

use crate::{
    Result,
    db::{Tx, execute, together},
    digest::digest_of,
    entities::{NewTurn, Task},
    rows::{write_options, write_parts},
    text,
    turns::Place,
};

/// A message of the user's.
pub(crate) struct Said<'a> {
    pub(crate) message: MessageId,
    pub(crate) parent: Option<Uuid>,
    pub(crate) content: &'a str,
    /// The first reply becomes the end of the shown branch.
    pub(crate) shown: bool,
}

/// Stores what nearly every turn is, with one hand-over to the database: the message, the first reply to it, its
/// generation, and the conversation's change.
pub(crate) async fn insert_said(tx: &mut Tx, turn: &NewTurn, place: &Place, said: &Said<'_>) -> Result<()> {
    let comparison = (!turn.beside.is_empty()).then(|| turn.reply_id.as_uuid());
    together!(
        tx,
        [
            said: "INSERT INTO messages
                 (id, conversation_id, owner_id, parent_id, author, status, parts, client_message_id
                , shown_child_id, created_at)
             VALUES ($1, $2, $3, $4, 'user', 'complete', $5, $6, $7, $8)",
            reply: "INSERT INTO messages
                 (id, conversation_id, owner_id, parent_id, author, status, parts, model, options
                , generation_id, comparison_id, created_at)
             VALUES ($7, $2, $3, $1, 'assistant', 'streaming', '[]', $9, $10, $11, $12, $8)",
            generation: "INSERT INTO generations
                 (id, conversation_id, message_id, owner_id, client_message_id, request_digest, status, sequence
                , created_at)
             VALUES ($11, $2, $7, $3, $6, $13, 'streaming', 0, $8)",
            parent: "UPDATE messages SET shown_child_id = $1 WHERE id = $4",
        ],
        "UPDATE conversations
         SET updated_at = $8, model = $9, active_leaf_id = COALESCE($14, active_leaf_id)
         WHERE id = $2",
        said.message.as_uuid(),
        place.conversation.as_uuid(),
        turn.owner.as_uuid(),
        said.parent,
        write_parts(said.message, &[Part::Text { text: said.content.to_owned() }])?,
        turn.client_message_id.as_uuid(),
        turn.reply_id.as_uuid(),
        turn.now.0,
        text::storable(&turn.model),
        write_options(turn.reply_id, &turn.options)?,
        turn.generation_id.as_uuid(),
        comparison,
        digest_of(turn),
        said.shown.then(|| turn.reply_id.as_uuid()),
    )
}

/// Stores the turn's empty replies and their generations.
pub(crate) async fn insert_replies(tx: &mut Tx, turn: &NewTurn, place: &Place, parent: Uuid) -> Result<()> {
    insert_reply(tx, turn, place, parent, (turn.reply_id, turn.generation_id, turn.model.as_str())).await?;
    insert_replies_beside(tx, turn, place, parent).await
}

/// Stores the turn's empty replies but the first.
pub(crate) async fn insert_replies_beside(
    tx: &mut Tx,
    turn: &NewTurn,
    place: &Place,
    parent: Uuid,
) -> Result<()> {
    for other in &turn.beside {
        let reply = (other.message_id, other.generation_id, other.model.as_str());
        insert_reply(tx, turn, place, parent, reply).await?;
    }
    Ok(())
}

async fn insert_reply(
    tx: &mut Tx,
    turn: &NewTurn,
    place: &Place,
    parent: Uuid,
    (reply, generation, model): (MessageId, GenerationId, &str),
) -> Result<()> {
    let comparison = (!turn.beside.is_empty()).then(|| turn.reply_id.as_uuid());
    execute!(
        tx,
        "INSERT INTO messages
             (id, conversation_id, owner_id, parent_id, author, status, parts, model, options
            , generation_id, comparison_id, created_at)
         VALUES ($1, $2, $3, $4, 'assistant', 'streaming', '[]', $5, $6, $7, $8, $9)",
        reply.as_uuid(),
        place.conversation.as_uuid(),
        turn.owner.as_uuid(),
        parent,
        text::storable(model),
        write_options(reply, &turn.options)?,
        generation.as_uuid(),
        comparison,
        turn.now.0,
    )?;
    insert_generation(tx, turn, place, reply, generation).await
}

/// Stores a generation; the turn's first one carries the client's id.
pub(crate) async fn insert_generation(
    tx: &mut Tx,
    turn: &NewTurn,
    place: &Place,
    reply: MessageId,
    generation: GenerationId,
) -> Result<()> {
    let first = generation == turn.generation_id;
    execute!(
        tx,
        "INSERT INTO generations
             (id, conversation_id, message_id, owner_id, client_message_id, request_digest, status, sequence
            , created_at)
         VALUES ($1, $2, $3, $4, $5, $6, 'streaming', 0, $7)",
        generation.as_uuid(),
        place.conversation.as_uuid(),
        reply.as_uuid(),
        turn.owner.as_uuid(),
        first.then(|| turn.client_message_id.as_uuid()),
        first.then(|| digest_of(turn)),
        turn.now.0,
    )?;
    Ok(())
}

/// Makes the conversation the newest, its next model the turn's, and the end of its shown branch `leaf`, if there is
/// another one.
pub(crate) async fn settle(
    tx: &mut Tx,
    turn: &NewTurn,
    place: &Place,
    leaf: Option<MessageId>,
) -> Result<()> {
    // What only goes on is no choice of a model for the next message.
    let model = (!matches!(turn.task, Task::Continue)).then(|| text::storable(&turn.model));
    execute!(
        tx,
        "UPDATE conversations
         SET updated_at = $2, model = COALESCE($3, model), active_leaf_id = COALESCE($4, active_leaf_id)
         WHERE id = $1",
        place.conversation.as_uuid(),
        turn.now.0,
        model.as_deref(),
        leaf.map(|id| id.as_uuid()),
    )?;
    Ok(())
}
