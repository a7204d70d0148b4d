//! Saving running replies and ending them.

use kaiwa_shared::{
    GenerationId, UserId,
    message::{self, Usage},
};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::{
    Checkpoint, FinishOutcome, Generation, GenerationEnd, Generations,
    rows::{GenerationRow, generation_columns},
};
use crate::{
    Result,
    chat::{
        rows::{stored_count, write_context, write_parts},
        write_provider_blocks,
    },
    db::{Conn, execute, fetch_optional},
    text,
};

/// Maximum number of checkpoints in one call. Their pages fit into SQLite's cache, and nobody waits long for them.
pub const MAX_CHECKPOINTS: usize = 128;

/// A checkpoint as it is stored.
struct State {
    generation_id: Uuid,
    message_id: Uuid,
    parts: String,
    provider_blocks: Option<String>,
    context: Option<String>,
    sequence: i64,
}

impl State {
    fn new(checkpoint: &Checkpoint) -> Result<Self> {
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

    /// Stores the final state of a reply and how it ended.
    #[tracing::instrument(name = "store.generations.finish", level = "debug", skip_all)]
    pub async fn finish(&mut self, end: &GenerationEnd) -> Result<FinishOutcome> {
        let state = State::new(&end.checkpoint)?;
        let [input, output, cached, reasoning, cache_write] = usage_columns(end.usage.as_ref());
        let saved = execute!(
            self.0,
            "UPDATE messages
             SET parts = $3, native = $5, context = $6, status = $7
               , input_tokens = $8, output_tokens = $9, cached_tokens = $10, reasoning_tokens = $11
               , cache_write_tokens = $12, cost_micros = $13, usage_estimated = $14, finish = $15
               , model = COALESCE($16, model)
             WHERE id = $2 AND status = 'streaming' AND generation_id = $1
               AND EXISTS (SELECT 1 FROM generations g WHERE g.id = $1 AND g.sequence <= $4)",
            state.generation_id,
            state.message_id,
            &state.parts,
            state.sequence,
            state.provider_blocks.as_deref(),
            state.context.as_deref(),
            end.status.as_str(),
            input,
            output,
            cached,
            reasoning,
            cache_write,
            end.usage.and_then(|usage| usage.cost_micros).map(stored_count),
            end.usage.map(|usage| usage.estimated),
            end.finish.map(message::Finish::as_str),
            end.model.as_deref().map(text::storable),
        )?;
        if saved == 0 {
            return Ok(FinishOutcome::AlreadyEnded);
        }
        // On PostgreSQL whoever queues a message locks the reply first, so this statement sees every queued message.
        let row = fetch_optional!(
            self.0,
            (bool,),
            "UPDATE generations SET sequence = $2, status = $3, ended_at = $4
             WHERE id = $1
             RETURNING EXISTS (SELECT 1 FROM queued_messages q WHERE q.reply_id = message_id)",
            state.generation_id,
            state.sequence,
            end.status.as_str(),
            end.now.0,
        )?;
        Ok(FinishOutcome::Stored { has_queued: row.is_some_and(|(has_queued,)| has_queued) })
    }

    /// A generation of this owner.
    #[tracing::instrument(name = "store.generations.find", level = "debug", skip_all)]
    pub async fn find(&mut self, owner: UserId, id: GenerationId) -> Result<Option<Generation>> {
        let sql = concat!(
            "SELECT ",
            generation_columns!(),
            " FROM generations g JOIN conversations c ON c.id = g.conversation_id
             WHERE g.id = $1 AND c.owner_id = $2"
        );
        fetch_optional!(self.0, GenerationRow, sql, id.as_uuid(), owner.as_uuid())?
            .map(TryInto::try_into)
            .transpose()
    }
}

/// The tokens of a reply as they are stored: prompt, reply, cached, reasoning, written to the cache.
fn usage_columns(usage: Option<&Usage>) -> [Option<i64>; 5] {
    let count = |part: fn(&Usage) -> u64| usage.map(part).map(stored_count);
    [
        count(|usage| usage.input_tokens),
        count(|usage| usage.output_tokens),
        count(|usage| usage.cached_tokens),
        count(|usage| usage.reasoning_tokens),
        count(|usage| usage.cache_write_tokens),
    ]
}
