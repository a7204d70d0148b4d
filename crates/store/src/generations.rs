//! Generations: their checkpoints and their end. What starts one is in `turns`.

use kaiwa_shared::{
    GenerationId, UserId,
    message::{self, Usage},
    time::Millis,
};

use crate::{
    Result, Store,
    db::{Db, SavedState, Tx, execute, fetch_optional},
    entities::{Checkpoint, Finish, Finished, Generation},
    natives::write_natives,
    rows::{GenerationRow, generation_columns, stored_count, write_context, write_parts},
    text,
};

/// How many states are saved in one transaction at most: few enough that their pages fit into SQLite's cache and that
/// nobody else waits long, enough that the disk is seldom waited for.
const SAVED_TOGETHER: usize = 128;

/// The generations of a store.
pub struct Generations<'a>(pub(crate) &'a Store);

impl Generations<'_> {
    /// Stores the state of running replies, 128 in a transaction. A reply that is no longer streaming is left alone. The
    /// states are taken as they are needed, so that few of them are in memory at once.
    pub async fn checkpoint<I>(&self, states: I) -> Result<()>
    where
        I: IntoIterator<Item = Checkpoint, IntoIter: Send>,
    {
        let mut states = states.into_iter().map(|state| saved(&state));
        loop {
            let rows: Vec<SavedState> = states.by_ref().take(SAVED_TOGETHER).collect::<Result<_>>()?;
            if rows.is_empty() {
                return Ok(());
            }
            self.0.db.save_states(rows).await?;
        }
    }

    /// Stores the last state of a reply and how it ended.
    pub async fn finish(&self, end: &Finish) -> Result<Finished> {
        match &self.0.db {
            Db::Sqlite(pools) => self.0.group.finish(pools, end.clone()).await,
            Db::Postgres(_) => {
                let mut tx = self.0.db.begin().await?;
                let stored = store_end(&mut tx, end).await?;
                tx.commit().await?;
                // A message that was queued just now is not seen from inside the transaction.
                Ok(Finished { stored, may_wait: stored })
            }
        }
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

    /// Marks everything that a dead process left in `streaming` as `interrupted`; how many. For the start of a server.
    pub async fn interrupt_all(&self, now: Millis) -> Result<u64> {
        let mut tx = self.0.db.begin().await?;
        execute!(
            tx,
            "UPDATE messages SET status = 'interrupted'
             WHERE status = 'streaming'
               AND id IN (SELECT g.message_id FROM generations g WHERE g.status = 'streaming')",
        )?;
        let interrupted = execute!(
            tx,
            "UPDATE generations SET status = 'interrupted', ended_at = $1 WHERE status = 'streaming'",
            now.0,
        )?;
        tx.commit().await?;
        Ok(interrupted)
    }
}

/// Stores the end of a reply on PostgreSQL; `false` if there is nothing to end. SQLite's way is in `sqlite_quick`.
async fn store_end(tx: &mut Tx, end: &Finish) -> Result<bool> {
    let SavedState { generation_id, message_id, parts, natives, context, sequence } = saved(&end.checkpoint)?;
    let [input, output, cached, reasoning, cache_write] = usage_columns(end.usage.as_ref());
    // The message comes before its generation, here as in a cascading delete, so that the two cannot deadlock.
    let saved = execute!(
        tx,
        "UPDATE messages
         SET parts = $3, native = $5, context = $6, status = $7
           , input_tokens = $8, output_tokens = $9, cached_tokens = $10, reasoning_tokens = $11
           , cache_write_tokens = $12, cost_micros = $13, usage_estimated = $14, finish = $15
           , model = COALESCE($16, model)
         WHERE id = $2 AND status = 'streaming' AND generation_id = $1
           AND EXISTS (SELECT 1 FROM generations g WHERE g.id = $1 AND g.sequence <= $4)",
        generation_id,
        message_id,
        parts,
        sequence,
        natives,
        context,
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
        return Ok(false);
    }
    execute!(
        tx,
        "UPDATE generations SET sequence = $2, status = $3, ended_at = $4 WHERE id = $1",
        generation_id,
        sequence,
        end.status.as_str(),
        end.now.0,
    )?;
    Ok(true)
}

/// What a reply cost in tokens, as it is stored: prompt, reply, cached, reasoning, written to the cache.
pub(crate) fn usage_columns(usage: Option<&Usage>) -> [Option<i64>; 5] {
    let count = |part: fn(&Usage) -> u64| usage.map(part).map(stored_count);
    [
        count(|usage| usage.input_tokens),
        count(|usage| usage.output_tokens),
        count(|usage| usage.cached_tokens),
        count(|usage| usage.reasoning_tokens),
        count(|usage| usage.cache_write_tokens),
    ]
}

/// A state as both engines save it.
pub(crate) fn saved(state: &Checkpoint) -> Result<SavedState> {
    let context = state.context.as_ref().map(|context| write_context(state.message_id, context));
    Ok(SavedState {
        generation_id: state.generation_id.as_uuid(),
        message_id: state.message_id.as_uuid(),
        parts: write_parts(state.message_id, &state.parts)?,
        natives: write_natives(state.message_id, &state.natives)?,
        context: context.transpose()?,
        sequence: stored_count(state.sequence),
    })
}
