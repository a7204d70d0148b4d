//! Ending a reply.

use kaiwa_shared::{
    GenerationId, UserId,
    message::{self, Usage},
    time::Millis,
};

use super::{
    FinishOutcome, Generation, GenerationEnd, Generations,
    checkpoint::State,
    rows::{GenerationRow, generation_columns},
};
use crate::{
    Result,
    chat::rows::stored_count,
    db::{execute, fetch_optional},
    files::add_files,
    text,
};

impl Generations<'_> {
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
        add_files(self.0, end.checkpoint.message_id, &end.files).await?;
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

    /// Marks a running reply as interrupted that nobody writes any more.
    #[tracing::instrument(name = "store.generations.interrupt", level = "debug", skip_all)]
    pub async fn interrupt(&mut self, id: GenerationId, now: Millis) -> Result<()> {
        execute!(
            self.0,
            "UPDATE messages SET status = 'interrupted'
             WHERE status = 'streaming' AND generation_id = $1
               AND id = (SELECT g.message_id FROM generations g WHERE g.id = $1)",
            id.as_uuid(),
        )?;
        execute!(
            self.0,
            "UPDATE generations SET status = 'interrupted', ended_at = $2
             WHERE id = $1 AND status = 'streaming'",
            id.as_uuid(),
            now.0,
        )?;
        Ok(())
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
