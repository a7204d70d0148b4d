//! Saving running replies.

use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::{Checkpoint, Generations};
use crate::{
    Result,
    chat::{
        rows::{stored_count, write_context, write_parts},
        write_provider_blocks,
    },
    db::Conn,
};

/// Maximum number of checkpoints in one call. Their pages fit into SQLite's cache, and nobody waits long for them.
pub const MAX_CHECKPOINTS: usize = 128;

/// A checkpoint as it is stored.
pub(super) struct State {
    pub(super) generation_id: Uuid,
    pub(super) message_id: Uuid,
    pub(super) parts: String,
    pub(super) provider_blocks: Option<String>,
    pub(super) context: Option<String>,
    pub(super) sequence: i64,
}

impl State {
    pub(super) fn new(checkpoint: &Checkpoint) -> Result<Self> {
        let message = checkpoint.message_id;
        let context = checkpoint.context.as_ref().map(|context| write_context(message, context));
        Ok(Self {
            generation_id: checkpoint.generation_id.as_uuid(),
            message_id: message.as_uuid(),
            parts: write_parts(message, &checkpoint.parts)?,
            provider_blocks: write_provider_blocks(message, &checkpoint.provider_blocks)?,
            context: context.transpose()?,
            sequence: stored_count(checkpoint.sequence),
        })
    }
}

/// Runs a statement of `save` with its binds: each row of `VALUES` and then nothing else.
macro_rules! execute_states {
    ($query:expr, $states:expr, $conn:expr) => {{
        let mut query = $query;
        for state in $states {
            query = query.bind(state.generation_id).bind(state.message_id).bind(&state.parts);
            query = query.bind(&state.provider_blocks).bind(&state.context).bind(state.sequence);
        }
        // The text depends on the number of states, so it is not worth a place in the statement cache.
        query.persistent(false).execute($conn).await.map(drop)
    }};
}

impl Generations<'_> {
    /// Saves the state of at most [`MAX_CHECKPOINTS`] running replies. A reply that was deleted, has ended or has a
    /// later state is left alone.
    #[tracing::instrument(name = "store.generations.checkpoint", level = "debug", skip_all)]
    pub async fn checkpoint(&mut self, checkpoints: &[Checkpoint]) -> Result<()> {
        let states = checkpoints.iter().map(State::new).collect::<Result<Vec<_>>>()?;
        if states.is_empty() {
            return Ok(());
        }
        // Messages come before their generations, here as in a cascading delete, so that the two cannot deadlock.
        self.save(
            &states,
            "UPDATE messages SET parts = new.parts, native = new.native, context = new.context
             FROM new
             WHERE messages.id = new.message_id AND messages.status = 'streaming'
               AND messages.generation_id = new.generation_id
               AND EXISTS (
                   SELECT 1 FROM generations g WHERE g.id = new.generation_id AND g.sequence <= new.sequence
               )",
        )
        .await?;
        self.save(
            &states,
            "UPDATE generations SET sequence = new.sequence
             FROM new
             WHERE generations.id = new.generation_id AND generations.status = 'streaming'
               AND generations.sequence <= new.sequence",
        )
        .await
    }

    /// Runs `update` with the table `new` of these states.
    async fn save(&mut self, states: &[State], update: &str) -> Result<()> {
        let row = |first: usize| {
            let placeholders: Vec<String> = (first..first + 6).map(|number| format!("${number}")).collect();
            format!("({})", placeholders.join(", "))
        };
        let rows: Vec<String> = (1..).step_by(6).take(states.len()).map(row).collect();
        let rows = rows.join(", ");
        // Built from numbers only.
        let sql = format!(
            "WITH new (generation_id, message_id, parts, native, context, sequence) AS (VALUES {rows}) {update}"
        );
        match self.0.conn()? {
            Conn::Sqlite(conn) => execute_states!(sqlx::query(AssertSqlSafe(sql)), states, conn)?,
            Conn::Postgres(conn) => execute_states!(sqlx::query(AssertSqlSafe(sql)), states, conn)?,
        }
        Ok(())
    }
}
