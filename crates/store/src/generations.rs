//! Generations: the turn that starts one, its checkpoints and its end.

use kaiwa_shared::{ConversationId, GenerationId, UserId, time::Millis};

use crate::{Result, Store, entities::{Checkpoint, Finish, Generation, NewTurn, TurnOutcome}};

/// The generations of a store.
pub struct Generations<'a>(pub(crate) &'a Store);

impl Generations<'_> {
    /// Stores the user's message, the empty reply and the generation in one transaction, and makes the reply the end
    /// of the shown branch. When it returns, the user's message is safe.
    pub async fn start(&self, turn: NewTurn) -> Result<TurnOutcome> { todo!() }

    /// Stores the state of running replies in one transaction. A reply that is no longer streaming is left alone.
    pub async fn checkpoint(&self, states: &[Checkpoint]) -> Result<()> { todo!() }

    /// Stores the last state of a reply and how it ended. `false` if the reply is gone or had already ended.
    pub async fn finish(&self, end: &Finish) -> Result<bool> { todo!() }

    /// A generation of this owner.
    pub async fn find(&self, owner: UserId, id: GenerationId) -> Result<Option<Generation>> { todo!() }

    /// The generation that is running in this owner's conversation, if any (the newest).
    pub async fn running(&self, owner: UserId, conversation: ConversationId) -> Result<Option<Generation>> { todo!() }

    /// Marks everything that a dead process left in `streaming` as `interrupted`; how many. For the start of a server.
    pub async fn interrupt_all(&self, now: Millis) -> Result<u64> { todo!() }
}
