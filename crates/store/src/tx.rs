//! The unit of work.

use crate::{
    Result,
    accounts::{Hosts, Prompts, Sessions, Users},
    chat::{Conversations, Messages, Queue},
    db::{Conn, DbTx},
    files::Files,
    generations::{Generations, Runners},
};

/// A transaction. Its repositories read and write in it, and its owner commits it once, at the end; dropped without
/// [`Tx::commit`], it leaves no trace.
pub struct Tx(pub(crate) DbTx);

impl Tx {
    /// Makes everything that was written durable. After an error that [may be done](crate::Error::may_be_done), the
    /// transaction may have been committed and only the answer lost.
    pub async fn commit(self) -> Result<()> {
        self.0.commit().await
    }

    /// Accounts.
    pub fn users(&mut self) -> Users<'_> {
        Users(self)
    }

    /// Logins.
    pub fn sessions(&mut self) -> Sessions<'_> {
        Sessions(self)
    }

    /// Confirmed names of the server.
    pub fn hosts(&mut self) -> Hosts<'_> {
        Hosts(self)
    }

    /// Saved prompts.
    pub fn prompts(&mut self) -> Prompts<'_> {
        Prompts(self)
    }

    /// Conversations.
    pub fn conversations(&mut self) -> Conversations<'_> {
        Conversations(self)
    }

    /// Messages.
    pub fn messages(&mut self) -> Messages<'_> {
        Messages(self)
    }

    /// Queued messages.
    pub fn queue(&mut self) -> Queue<'_> {
        Queue(self)
    }

    /// Uploaded files.
    pub fn files(&mut self) -> Files<'_> {
        Files(self)
    }

    /// Generations.
    pub fn generations(&mut self) -> Generations<'_> {
        Generations(self)
    }

    /// Processes that run generations.
    pub fn runners(&mut self) -> Runners<'_> {
        Runners(self)
    }

    pub(crate) fn conn(&mut self) -> sqlx::Result<Conn<'_>> {
        self.0.conn()
    }
}
