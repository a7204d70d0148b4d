//! Generations: their checkpoints and their end. What starts one is in `turns`.

use kaiwa_shared::{
    GenerationId, UserId,
    message::{self, Usage},
    time::Millis,
};

use crate::{
    Result, Store,
    db::{Tx, execute, fetch_optional},
    entities::{Checkpoint, Finish, Generation},
    natives::write_natives,
    rows::{GenerationRow, generation_columns, stored_count, write_context, write_parts},
    text,
};

/// The generations of a store.
pub struct Generations<'a>(pub(crate) &'a Store);

impl Generations<'_> {
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
