//! Several requests' writes in one transaction, for SQLite.
//!
//! What a small write costs is the commit, for which the disk is waited for, one commit after the other. Writes that come
//! while one is on its way are stored together by the next. PostgreSQL does the same by itself.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sqlx::SqliteConnection;
use tokio::sync::oneshot;

use crate::{
    Error, Result,
    db::{
        Tx,
        sqlite::{self, Pools},
        sqlite_quick::{self as quick, On},
    },
    entities::{Finish, Finished, NewTurn, TurnOutcome},
    turns::{Stored, store_turn},
};

/// Most writes of one transaction: they all wait for the last of them.
const MOST: usize = 64;

/// The writes that wait for the next transaction.
#[derive(Clone, Default)]
pub(crate) struct Group(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    waiting: Vec<Write>,
    /// A task stores what waits.
    is_led: bool,
}

enum Write {
    Start(Box<NewTurn>, oneshot::Sender<Result<TurnOutcome>>),
    Finish(Box<Finish>, oneshot::Sender<Result<Finished>>),
}

/// What became of a write.
enum Done {
    Start(TurnOutcome),
    Finish(Finished),
}

impl Group {
    /// Stores what a turn begins with.
    pub(crate) async fn start(&self, pools: &Pools, turn: NewTurn) -> Result<TurnOutcome> {
        let (done, outcome) = oneshot::channel();
        self.add(pools, Write::Start(Box::new(turn), done));
        outcome.await.unwrap_or_else(|_gone| Err(abandoned()))
    }

    /// Stores the end of a reply.
    pub(crate) async fn finish(&self, pools: &Pools, end: Finish) -> Result<Finished> {
        let (done, outcome) = oneshot::channel();
        self.add(pools, Write::Finish(Box::new(end), done));
        outcome.await.unwrap_or_else(|_gone| Err(abandoned()))
    }

    /// A task of its own writes: a request that is given up must not take others' writes with it.
    fn add(&self, pools: &Pools, write: Write) {
        let mut state = self.lock();
        state.waiting.push(write);
        if !state.is_led {
            state.is_led = true;
            let leader = Leader { group: self.clone(), is_done: false };
            tokio::spawn(lead(leader, pools.clone()));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Each change is complete before the lock is given back.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to store what waits. Should its task be thrown away, whoever waits hears of it.
struct Leader {
    group: Group,
    /// Nothing waited any more, so that the next write gets another leader.
    is_done: bool,
}

impl Leader {
    /// What is to be stored next; nothing ends the task.
    fn take(&mut self) -> Vec<Write> {
        let mut state = self.group.lock();
        let count = state.waiting.len().min(MOST);
        self.is_done = count == 0;
        state.is_led = !self.is_done;
        state.waiting.drain(..count).collect()
    }
}

impl Drop for Leader {
    fn drop(&mut self) {
        if !self.is_done {
            *self.group.lock() = State::default();
        }
    }
}

async fn lead(mut leader: Leader, pools: Pools) {
    loop {
        let writes = leader.take();
        if writes.is_empty() {
            return;
        }
        store(&pools, writes).await;
    }
}

/// Stores writes together or, where one of them must leave no trace, each alone.
async fn store(pools: &Pools, mut writes: Vec<Write>) {
    if writes.len() > 1 {
        match store_together(pools, &writes).await {
            Ok(Some(all)) => {
                return writes.into_iter().zip(all).for_each(|(write, done)| write.answer(Ok(done)));
            }
            Ok(None) => {}
            Err(error) => {
                tracing::debug!(error = &error as &dyn std::error::Error, "writes are stored one by one");
            }
        }
    }
    for write in writes.drain(..) {
        let done = store_alone(pools, &write).await;
        write.answer(done);
    }
}

/// `None` if one of them needs a transaction of its own, and so none of them is stored.
async fn store_together(pools: &Pools, writes: &[Write]) -> Result<Option<Vec<Done>>> {
    let mut tx = sqlite::begin(pools).await?;
    let mut all = Vec::with_capacity(writes.len());
    for write in writes {
        let Some(done) = write.store(&mut tx).await? else { return Ok(None) };
        all.push(done);
    }
    tx.commit().await?;
    Ok(Some(all))
}

async fn store_alone(pools: &Pools, write: &Write) -> Result<Done> {
    let turn = match write {
        Write::Finish(end, _) => return quick::finish(On::Alone(pools), end).await.map(Done::Finish),
        Write::Start(turn, _) => turn,
    };
    if let Some(outcome) = quick::start(On::Alone(pools), turn).await? {
        return Ok(Done::Start(outcome));
    }
    let mut tx = Tx::Sqlite(sqlite::begin(pools).await?);
    let Stored { outcome, keep } = store_turn(&mut tx, turn).await?;
    if keep {
        tx.commit().await?;
    }
    Ok(Done::Start(outcome))
}

impl Write {
    /// What became of it in a transaction of several; `None` if it needs one of its own.
    async fn store(&self, tx: &mut SqliteConnection) -> Result<Option<Done>> {
        match self {
            Self::Finish(end, _) => Ok(Some(Done::Finish(quick::finish(On::Tx(tx), end).await?))),
            Self::Start(turn, _) => Ok(quick::start(On::Tx(tx), turn).await?.map(Done::Start)),
        }
    }

    fn answer(self, result: Result<Done>) {
        // Whoever has given up waiting does not need the answer.
        match (self, result) {
            (Self::Start(_, done), Ok(Done::Start(outcome))) => drop(done.send(Ok(outcome))),
            (Self::Finish(_, done), Ok(Done::Finish(stored))) => drop(done.send(Ok(stored))),
            (Self::Start(_, done), Err(error)) => drop(done.send(Err(error))),
            (Self::Finish(_, done), Err(error)) => drop(done.send(Err(error))),
            (Self::Start(..), Ok(Done::Finish(_))) | (Self::Finish(..), Ok(Done::Start(_))) => {}
        }
    }
}

fn abandoned() -> Error {
    Error::Unavailable(sqlx::Error::WorkerCrashed)
}
