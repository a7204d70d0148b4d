//! What SQLite does for nearly every message, each as one statement.
//!
//! A connection to SQLite is a thread, which is woken for each text of statements and wakes whoever asked for each row
//! and at the end of each statement in it. That is most of what a small write costs. So what begins a turn and what ends
//! it are inserted into views whose triggers do the rest: the views belong to the connection that writes and are not
//! stored. What is rarely to be told is told by an error instead of a row.

use kaiwa_shared::{message, message::Part, stream::Parent};
use sqlx::{Sqlite, SqliteConnection, error::DatabaseError, query::Query, sqlite::SqliteArguments};

use super::{SavedState, sqlite::Pools};
use crate::{
    Result,
    digest::digest_of,
    entities::{Finish, Finished, NewTurn, Queueing, Task, Turn, TurnOutcome},
    generations::{saved, usage_columns},
    rows::{stored_count, write_options, write_parts},
    text,
};

/// Stores a message at the end of the shown branch (`place` 1), at the top (0) or under `parent_id` if that is the end
/// (2), and opens the reply to it; with `is_new`, in a conversation that it makes first. A repeat is not as usual.
macro_rules! starts {
    () => {
        "
    CREATE TEMP VIEW turn_starts
        (owner_id, client_message_id, conversation_id, is_new, message_id, place, parent_id, parts, reply_id
       , generation_id, digest, model, options, now) AS
    SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL;

    CREATE TEMP TRIGGER turn_start INSTEAD OF INSERT ON turn_starts
    BEGIN
        SELECT RAISE(ABORT, 'not as usual')
        WHERE EXISTS (
                SELECT 1 FROM generations k
                WHERE k.owner_id = NEW.owner_id AND k.client_message_id = NEW.client_message_id
            )
            OR EXISTS (
                SELECT 1 FROM queued_messages k
                WHERE k.owner_id = NEW.owner_id AND k.client_message_id = NEW.client_message_id
            )
            OR EXISTS (
                SELECT 1 FROM messages k
                WHERE k.owner_id = NEW.owner_id AND k.client_message_id = NEW.client_message_id
            )
            OR NOT NEW.is_new AND NOT EXISTS (
                SELECT 1
                FROM conversations c
                WHERE c.id = NEW.conversation_id AND c.owner_id = NEW.owner_id
                  AND (
                      NEW.place = 0
                      OR NEW.place = 1 AND c.active_leaf_id IS NULL
                      OR (NEW.place = 1 OR c.active_leaf_id = NEW.parent_id)
                         AND EXISTS (
                             SELECT 1 FROM messages p
                             WHERE p.id = c.active_leaf_id AND p.conversation_id = c.id AND p.status <> 'streaming'
                         )
                         AND NOT EXISTS (SELECT 1 FROM queued_messages q WHERE q.reply_id = c.active_leaf_id)
                  )
            );

        INSERT INTO conversations (id, owner_id, title, title_folded, title_is_own, model, created_at, updated_at)
        SELECT NEW.conversation_id, NEW.owner_id, '', '', FALSE, NEW.model, NEW.now, NEW.now
        WHERE NEW.is_new;

        INSERT INTO messages
            (id, conversation_id, owner_id, parent_id, author, status, parts, client_message_id, shown_child_id
           , created_at)
        SELECT NEW.message_id, c.id, NEW.owner_id, CASE NEW.place WHEN 0 THEN NULL ELSE c.active_leaf_id END
             , 'user', 'complete', NEW.parts, NEW.client_message_id, NEW.reply_id, NEW.now
        FROM conversations c
        WHERE c.id = NEW.conversation_id;

        INSERT INTO messages
            (id, conversation_id, owner_id, parent_id, author, status, parts, model, options, generation_id
           , created_at)
        VALUES
            (NEW.reply_id, NEW.conversation_id, NEW.owner_id, NEW.message_id, 'assistant', 'streaming', '[]', NEW.model
           , NEW.options, NEW.generation_id, NEW.now);

        INSERT INTO generations
            (id, conversation_id, message_id, owner_id, client_message_id, request_digest, status, sequence
           , created_at)
        VALUES
            (NEW.generation_id, NEW.conversation_id, NEW.reply_id, NEW.owner_id, NEW.client_message_id, NEW.digest
           , 'streaming', 0, NEW.now);

        UPDATE messages SET shown_child_id = NEW.message_id
        WHERE id = (SELECT u.parent_id FROM messages u WHERE u.id = NEW.message_id);

        UPDATE conversations SET updated_at = NEW.now, model = NEW.model, active_leaf_id = NEW.reply_id
        WHERE id = NEW.conversation_id;

        SELECT CASE
                   WHEN c.title <> '' THEN RAISE(FAIL, 'stored, first')
                   WHEN u.parent_id IS NOT NULL THEN RAISE(FAIL, 'stored, untitled')
                   ELSE RAISE(FAIL, 'stored, first and untitled')
               END
        FROM conversations c, messages u
        WHERE NOT NEW.is_new AND c.id = NEW.conversation_id AND u.id = NEW.message_id
          AND (c.title = '' OR u.parent_id IS NULL);
    END;
"
    };
}

/// Stores the end of a reply. That there is none to end is not as usual.
macro_rules! ends {
    () => {
        "
    CREATE TEMP VIEW turn_ends
        (generation_id, message_id, parts, sequence, native, context, status, input_tokens, output_tokens
       , cached_tokens, reasoning_tokens, cache_write_tokens, cost_micros, usage_estimated, finish, model, now) AS
    SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL;

    CREATE TEMP TRIGGER turn_end INSTEAD OF INSERT ON turn_ends
    BEGIN
        SELECT RAISE(ABORT, 'not as usual')
        WHERE NOT EXISTS (
            SELECT 1
            FROM messages m
            JOIN generations g ON g.id = m.generation_id
            WHERE m.id = NEW.message_id AND m.status = 'streaming' AND g.id = NEW.generation_id
              AND g.sequence <= NEW.sequence
        );

        UPDATE messages
        SET parts = NEW.parts, native = NEW.native, context = NEW.context, status = NEW.status
          , input_tokens = NEW.input_tokens, output_tokens = NEW.output_tokens, cached_tokens = NEW.cached_tokens
          , reasoning_tokens = NEW.reasoning_tokens, cache_write_tokens = NEW.cache_write_tokens
          , cost_micros = NEW.cost_micros, usage_estimated = NEW.usage_estimated, finish = NEW.finish
          , model = COALESCE(NEW.model, model)
        WHERE id = NEW.message_id;

        UPDATE generations SET sequence = NEW.sequence, status = NEW.status, ended_at = NEW.now
        WHERE id = NEW.generation_id AND status = 'streaming';

        SELECT RAISE(FAIL, 'stored, and waited for')
        WHERE EXISTS (SELECT 1 FROM queued_messages q WHERE q.reply_id = NEW.message_id);
    END;
"
    };
}

/// Saves how far a reply has come. One that is gone, has ended or is already further is left alone.
macro_rules! states {
    () => {
        "
    CREATE TEMP VIEW reply_states (generation_id, message_id, parts, sequence, native, context) AS
    SELECT NULL, NULL, NULL, NULL, NULL, NULL;

    CREATE TEMP TRIGGER reply_state INSTEAD OF INSERT ON reply_states
    BEGIN
        UPDATE messages SET parts = NEW.parts, native = NEW.native, context = NEW.context
        WHERE id = NEW.message_id AND status = 'streaming' AND generation_id = NEW.generation_id
          AND EXISTS (
              SELECT 1 FROM generations g WHERE g.id = NEW.generation_id AND g.sequence <= NEW.sequence
          );

        UPDATE generations SET sequence = NEW.sequence
        WHERE id = NEW.generation_id AND status = 'streaming' AND sequence <= NEW.sequence;
    END;
"
    };
}

/// The extended code of an error that a trigger raises.
const RAISED: &str = "1811";

/// What the triggers say where something is not as it usually is.
enum Said {
    /// `RAISE(ABORT)`: nothing is stored.
    Unusual,
    /// `RAISE(FAIL)`, as all that follows: what was done before it stays, and is committed where the statement stands
    /// alone. The conversation has no title.
    Untitled,
    /// There is no message before this one.
    First,
    FirstAndUntitled,
    /// A message is to be sent after this reply.
    WaitedFor,
}

impl Said {
    /// What an error of the database says; `None` if no trigger raised it. One that met a failure of the commit has the
    /// trigger's words and another code.
    fn of(error: &dyn DatabaseError) -> Option<Self> {
        if error.code().as_deref() != Some(RAISED) {
            return None;
        }
        match error.message() {
            "not as usual" => Some(Self::Unusual),
            "stored, untitled" => Some(Self::Untitled),
            "stored, first" => Some(Self::First),
            "stored, first and untitled" => Some(Self::FirstAndUntitled),
            "stored, and waited for" => Some(Self::WaitedFor),
            _ => None,
        }
    }
}

/// Made with each connection that writes.
pub(crate) const VIEWS: &str = concat!(starts!(), ends!(), states!());

/// A connection that has begun a transaction, or the pool of the one that writes.
pub(crate) enum On<'c> {
    Tx(&'c mut SqliteConnection),
    Alone(&'c Pools),
}

/// Stores a turn; `None` if nothing was stored and it must be looked at more closely.
pub(crate) async fn start(on: On<'_>, turn: &NewTurn) -> Result<Option<TurnOutcome>> {
    let Task::Say { message_id, parent, content } = &turn.task else { return Ok(None) };
    if !turn.room || !turn.beside.is_empty() || turn.queueing == Queueing::Waited {
        return Ok(None);
    }
    let (place, named) = match parent {
        Parent::Top => (0, None),
        Parent::ShownEnd => (1, None),
        // There is no message in a new conversation.
        Parent::Message(_) if turn.conversation_id.is_none() => return Ok(None),
        Parent::Message(id) => (2, Some(id.as_uuid())),
    };
    let conversation = turn.conversation_id.unwrap_or(turn.new_conversation_id);
    let query = sqlx::query(
        "INSERT INTO turn_starts VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(turn.owner.as_uuid())
    .bind(turn.client_message_id.as_uuid())
    .bind(conversation.as_uuid())
    .bind(turn.conversation_id.is_none())
    .bind(message_id.as_uuid())
    .bind(place)
    .bind(named)
    .bind(write_parts(*message_id, &[Part::Text { text: content.clone() }])?)
    .bind(turn.reply_id.as_uuid())
    .bind(turn.generation_id.as_uuid())
    .bind(digest_of(turn))
    .bind(text::storable(&turn.model))
    .bind(write_options(turn.reply_id, &turn.options)?)
    .bind(turn.now.0);
    let is_new = turn.conversation_id.is_none();
    let (untitled, opens) = match on.run(query).await? {
        None => (is_new, is_new),
        Some(Said::Untitled) => (true, false),
        Some(Said::First) => (false, true),
        Some(Said::FirstAndUntitled) => (true, true),
        Some(Said::Unusual | Said::WaitedFor) => return Ok(None),
    };
    let turn = Turn {
        conversation_id: conversation,
        user_message_id: *message_id,
        reply_id: turn.reply_id,
        generation_id: turn.generation_id,
        model: turn.model.clone(),
        beside: Vec::new(),
        parts: Vec::new(),
        untitled,
    };
    Ok(Some(TurnOutcome::Started { turn, opens }))
}

/// Stores the end of a reply.
pub(crate) async fn finish(on: On<'_>, end: &Finish) -> Result<Finished> {
    let SavedState { generation_id, message_id, parts, natives, context, sequence } = saved(&end.checkpoint)?;
    let usage = usage_columns(end.usage.as_ref());
    let query = sqlx::query(
        "INSERT INTO turn_ends
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
    )
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
    Ok(match on.run(query).await? {
        None => Finished { stored: true, may_wait: false },
        Some(Said::WaitedFor) => Finished { stored: true, may_wait: true },
        Some(_) => Finished::NOTHING,
    })
}

impl On<'_> {
    /// What the triggers say of a statement; `None` if everything is as usual.
    async fn run(self, query: Query<'_, Sqlite, SqliteArguments>) -> Result<Option<Said>> {
        let result = match self {
            Self::Tx(conn) => query.execute(conn).await.map(drop),
            Self::Alone(pools) => pools.writer.execute(query).await,
        };
        match result {
            Ok(()) => Ok(None),
            Err(sqlx::Error::Database(error)) => match Said::of(error.as_ref()) {
                Some(said) => Ok(Some(said)),
                None => Err(sqlx::Error::Database(error).into()),
            },
            Err(error) => Err(error.into()),
        }
    }
}
