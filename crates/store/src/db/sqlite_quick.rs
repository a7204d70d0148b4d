//! What SQLite does for nearly every message, by one request to the connection's thread: waking that thread and being
//! woken by it is what a small write costs there, not its statements.

use kaiwa_shared::{message, message::Part, stream::Parent};
use sqlx::{
    Row as _, Sqlite, SqliteConnection,
    query::Query,
    sqlite::{SqliteArguments, SqliteRow},
};

use super::{SavedState, sqlite::Pools};
use crate::{
    Result,
    digest::digest_of,
    entities::{Finish, Finished, NewTurn, Queueing, Task, Turn},
    generations::{saved, usage_columns},
    rows::{stored_count, write_options, write_parts},
    text,
};

/// Makes the conversation for its first message.
macro_rules! create {
    () => {
        "
    INSERT INTO conversations (id, owner_id, title, title_folded, title_is_own, model, created_at, updated_at)
    SELECT $3, $1, '', '', FALSE, $8, $7, $7
    WHERE NOT EXISTS (SELECT 1 FROM generations k WHERE k.owner_id = $1 AND k.client_message_id = $2)
      AND NOT EXISTS (SELECT 1 FROM queued_messages k WHERE k.owner_id = $1 AND k.client_message_id = $2)
      AND NOT EXISTS (SELECT 1 FROM messages k WHERE k.owner_id = $1 AND k.client_message_id = $2);
"
    };
}

/// Stores a message at the end of the shown branch or at the top, and opens the reply to it. Changes nothing where
/// anything is not as it usually is, a repeat of the request included.
macro_rules! start {
    () => {
        "
    WITH place (id, parent_id) AS MATERIALIZED (
        SELECT c.id, CASE $12 WHEN 0 THEN NULL ELSE c.active_leaf_id END
        FROM conversations c
        WHERE c.id = $3 AND c.owner_id = $1
          AND NOT EXISTS (SELECT 1 FROM generations k WHERE k.owner_id = $1 AND k.client_message_id = $2)
          AND NOT EXISTS (SELECT 1 FROM queued_messages k WHERE k.owner_id = $1 AND k.client_message_id = $2)
          AND NOT EXISTS (SELECT 1 FROM messages k WHERE k.owner_id = $1 AND k.client_message_id = $2)
          AND (
              $12 = 0
              OR $12 = 1 AND c.active_leaf_id IS NULL
              OR ($12 = 1 OR c.active_leaf_id = $13)
                 AND EXISTS (
                     SELECT 1 FROM messages p
                     WHERE p.id = c.active_leaf_id AND p.conversation_id = c.id AND p.status <> 'streaming'
                 )
                 AND NOT EXISTS (SELECT 1 FROM queued_messages q WHERE q.reply_id = c.active_leaf_id)
          )
    )
    INSERT INTO messages
        (id, conversation_id, owner_id, parent_id, author, status, parts, client_message_id, shown_child_id
       , model, options, generation_id, created_at)
    SELECT $4, id, $1, parent_id, 'user', 'complete', $5, $2, $6, NULL, NULL, NULL, $7 FROM place
    UNION ALL
    SELECT $6, id, $1, $4, 'assistant', 'streaming', '[]', NULL, NULL, $8, $9, $10, $7 FROM place;

    INSERT INTO generations
        (id, conversation_id, message_id, owner_id, client_message_id, request_digest, status, sequence, created_at)
    SELECT $10, $3, $6, $1, $2, $11, 'streaming', 0, $7 FROM messages u WHERE u.id = $4;

    UPDATE messages SET shown_child_id = $4 WHERE id = (SELECT u.parent_id FROM messages u WHERE u.id = $4);

    UPDATE conversations SET updated_at = $7, model = $8, active_leaf_id = $6
    WHERE id = $3 AND EXISTS (SELECT 1 FROM messages u WHERE u.id = $4)
    RETURNING title = '';
"
    };
}

/// Stores the end of a reply; gives a row if there was one to end, which says whether a message waits for that.
macro_rules! finish {
    () => {
        "
    UPDATE generations SET sequence = $4, status = $7, ended_at = $17
    WHERE id = $1 AND status = 'streaming' AND sequence <= $4
      AND EXISTS (SELECT 1 FROM messages m WHERE m.id = $2 AND m.status = 'streaming' AND m.generation_id = $1);

    UPDATE messages
    SET parts = $3, native = $5, context = $6, status = $7
      , input_tokens = $8, output_tokens = $9, cached_tokens = $10, reasoning_tokens = $11
      , cache_write_tokens = $12, cost_micros = $13, usage_estimated = $14, finish = $15
      , model = COALESCE($16, model)
    WHERE id = $2 AND status = 'streaming' AND generation_id = $1
      AND EXISTS (SELECT 1 FROM generations g WHERE g.id = $1 AND g.sequence <= $4)
    RETURNING EXISTS (SELECT 1 FROM queued_messages q WHERE q.reply_id = messages.id);
"
    };
}

/// A connection that has begun a transaction, or the pool of the one that writes.
pub(crate) enum On<'c> {
    Tx(&'c mut SqliteConnection),
    Alone(&'c Pools),
}

/// Stores a turn as [`start!`] does; `None` if nothing was stored and it must be looked at more closely.
pub(crate) async fn start(on: On<'_>, turn: &NewTurn) -> Result<Option<Turn>> {
    let Task::Say { message_id, parent, content } = &turn.task else { return Ok(None) };
    if !turn.room || !turn.beside.is_empty() || turn.queueing == Queueing::Waited {
        return Ok(None);
    }
    let (kind, named) = match parent {
        Parent::Top => (0, None),
        Parent::ShownEnd => (1, None),
        // There is no message in a new conversation.
        Parent::Message(_) if turn.conversation_id.is_none() => return Ok(None),
        Parent::Message(id) => (2, Some(id.as_uuid())),
    };
    let conversation = turn.conversation_id.unwrap_or(turn.new_conversation_id);
    let text = match (turn.conversation_id, &on) {
        (Some(_), On::Tx(_)) => start!(),
        (Some(_), On::Alone(_)) => concat!("BEGIN IMMEDIATE;", start!(), "COMMIT;"),
        (None, On::Tx(_)) => concat!(create!(), start!()),
        (None, On::Alone(_)) => concat!("BEGIN IMMEDIATE;", create!(), start!(), "COMMIT;"),
    };
    let query = sqlx::query(text)
        .bind(turn.owner.as_uuid())
        .bind(turn.client_message_id.as_uuid())
        .bind(conversation.as_uuid())
        .bind(message_id.as_uuid())
        .bind(write_parts(*message_id, &[Part::Text { text: content.clone() }])?)
        .bind(turn.reply_id.as_uuid())
        .bind(turn.now.0)
        .bind(text::storable(&turn.model))
        .bind(write_options(turn.reply_id, &turn.options)?)
        .bind(turn.generation_id.as_uuid())
        .bind(digest_of(turn))
        .bind(kind)
        .bind(named);
    let Some(row) = on.run(query).await?.pop() else { return Ok(None) };
    Ok(Some(Turn {
        conversation_id: conversation,
        user_message_id: *message_id,
        reply_id: turn.reply_id,
        generation_id: turn.generation_id,
        model: turn.model.clone(),
        beside: Vec::new(),
        parts: Vec::new(),
        untitled: row.try_get(0)?,
    }))
}

/// Stores the end of a reply.
pub(crate) async fn finish(on: On<'_>, end: &Finish) -> Result<Finished> {
    let SavedState { generation_id, message_id, parts, natives, context, sequence } = saved(&end.checkpoint)?;
    let usage = usage_columns(end.usage.as_ref());
    let text = match on {
        On::Tx(_) => finish!(),
        On::Alone(_) => concat!("BEGIN IMMEDIATE;", finish!(), "COMMIT;"),
    };
    let query = sqlx::query(text)
        .bind(generation_id)
        .bind(message_id)
        .bind(parts)
        .bind(sequence)
        .bind(natives)
        .bind(context)
        .bind(end.status.as_str())
        .bind(usage[0])
        .bind(usage[1])
        .bind(usage[2])
        .bind(usage[3])
        .bind(usage[4])
        .bind(end.usage.and_then(|usage| usage.cost_micros).map(stored_count))
        .bind(end.usage.map(|usage| usage.estimated))
        .bind(end.finish.map(message::Finish::as_str))
        .bind(end.model.as_deref().map(text::storable))
        .bind(end.now.0);
    Ok(match on.run(query).await?.pop() {
        None => Finished::NOTHING,
        Some(row) => Finished { stored: true, may_wait: row.try_get(0)? },
    })
}

impl On<'_> {
    async fn run(self, query: Query<'_, Sqlite, SqliteArguments>) -> Result<Vec<SqliteRow>> {
        match self {
            Self::Tx(conn) => Ok(query.fetch_all(conn).await?),
            Self::Alone(pools) => {
                let mut conn = pools.writer.acquire().await?;
                let rows = query.fetch_all(&mut *conn).await;
                if rows.is_err() {
                    // A transaction may be open that the pool does not know of. It ends with its connection.
                    drop(conn.close().await);
                }
                Ok(rows?)
            }
        }
    }
}
