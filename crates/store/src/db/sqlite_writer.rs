//! The one SQLite connection that writes, and the batches of transactions that share a commit.
//!
//! A commit waits for the disk, which takes longer than everything else in a small transaction. Transactions that
//! queue up meanwhile are committed together: each after the first runs in its own savepoint, and the last one commits
//! for all of them. PostgreSQL does the same by itself.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use sqlx::{Connection, Executor, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::{
    runtime::Handle,
    sync::{Mutex, OwnedMutexGuard, oneshot},
    time::timeout,
};

/// How long a transaction waits for its turn.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// Maximum batch size; every transaction in a batch waits for the whole batch.
const MAX_BATCH: usize = 64;

/// Hands the write connection to one transaction at a time, in the order of their requests. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Writer(Arc<Shared>);

struct Shared {
    options: SqliteConnectOptions,
    /// Empty until the first transaction, and again after a failure.
    slot: Arc<Mutex<Option<Batch>>>,
    /// Transactions that wait for their turn.
    queued: AtomicUsize,
    is_closed: AtomicBool,
}

type Slot = OwnedMutexGuard<Option<Batch>>;

/// The connection and what its open transaction holds. Dropping it closes the connection, which rolls back.
struct Batch {
    conn: SqliteConnection,
    /// Finished transactions, which wait for the commit. Between two turns, SQLite's transaction is open if there are
    /// any.
    waiting: Vec<oneshot::Sender<()>>,
}

/// A transaction. Dropped without [`WriteTx::commit`], it is rolled back.
pub(crate) struct WriteTx {
    writer: Writer,
    /// `None` once the transaction has ended.
    turn: Option<Turn>,
}

/// The exclusive use of the connection by one transaction.
struct Turn {
    slot: Slot,
    batch: Batch,
}

impl Writer {
    pub(crate) fn new(options: SqliteConnectOptions) -> Self {
        Self(Arc::new(Shared {
            options,
            slot: Arc::default(),
            queued: AtomicUsize::new(0),
            is_closed: AtomicBool::new(false),
        }))
    }

    /// The options of the connection.
    pub(crate) fn options(&self) -> &SqliteConnectOptions {
        &self.0.options
    }

    /// Begins a transaction that holds the write lock from its first statement on. Upgrading a read transaction
    /// later fails at once when somebody else writes, whatever the busy timeout.
    pub(crate) async fn begin(&self) -> sqlx::Result<WriteTx> {
        let mut slot = {
            let _queued = Queued::new(&self.0.queued);
            timeout(ACQUIRE_TIMEOUT, self.lock()).await.map_err(|_elapsed| sqlx::Error::PoolTimedOut)?
        };
        if self.0.is_closed.load(Ordering::Acquire) {
            return Err(sqlx::Error::PoolClosed);
        }
        // Out of its slot until its state is known again, so that a future dropped halfway closes the connection.
        let mut batch = match slot.take() {
            Some(batch) => batch,
            None => Batch::connect(&self.0.options).await?,
        };
        batch.begin().await?;
        Ok(WriteTx { writer: self.clone(), turn: Some(Turn { slot, batch }) })
    }

    /// Waits for running transactions and closes the connection.
    pub(crate) async fn close(&self) {
        self.0.is_closed.store(true, Ordering::Release);
        let Some(mut batch) = self.lock().await.take() else { return };
        if batch.waiting.is_empty() || batch.commit().await.is_ok() {
            let _closed_anyway = batch.conn.close().await;
        }
    }

    async fn lock(&self) -> Slot {
        Arc::clone(&self.0.slot).lock_owned().await
    }

    /// Ends a transaction and commits it, alone or with the transactions that are queued behind it.
    async fn commit(self, Turn { mut slot, mut batch }: Turn) -> sqlx::Result<()> {
        let is_last = self.0.queued.load(Ordering::Acquire) == 0 || batch.waiting.len() + 1 >= MAX_BATCH;
        if is_last {
            batch.commit().await?;
            *slot = Some(batch);
            return Ok(());
        }
        let (sender, committed) = oneshot::channel();
        batch.waiting.push(sender);
        *slot = Some(batch);
        drop(slot);
        self.wait_for_commit(committed).await
    }

    /// Waits until a later transaction has committed for this one. If all queued transactions are cancelled, this one gets
    /// the connection back and commits.
    async fn wait_for_commit(self, mut committed: oneshot::Receiver<()>) -> sqlx::Result<()> {
        tokio::select! {
            biased;
            result = &mut committed => return result.map_err(|_lost| sqlx::Error::WorkerCrashed),
            mut slot = self.lock() => {
                if let Some(mut batch) = slot.take() {
                    if !batch.waiting.is_empty() {
                        batch.commit().await?;
                    }
                    *slot = Some(batch);
                }
            }
        }
        committed.await.map_err(|_lost| sqlx::Error::WorkerCrashed)
    }
}

impl Batch {
    async fn connect(options: &SqliteConnectOptions) -> sqlx::Result<Self> {
        let conn = SqliteConnection::connect_with(options).await?;
        Ok(Self { conn, waiting: Vec::new() })
    }

    async fn begin(&mut self) -> sqlx::Result<()> {
        self.run(if self.waiting.is_empty() { "BEGIN IMMEDIATE" } else { "SAVEPOINT unit" }).await
    }

    async fn commit(&mut self) -> sqlx::Result<()> {
        self.run("COMMIT").await?;
        for transaction in self.waiting.drain(..) {
            // A caller that is gone does not need the answer.
            let _caller_is_gone = transaction.send(());
        }
        Ok(())
    }

    /// Rolls back the current transaction, but not those before it, which still wait for the commit.
    async fn roll_back(&mut self) -> sqlx::Result<()> {
        // Savepoints of one name nest; this means the innermost, which is the current transaction's.
        self.run(if self.waiting.is_empty() { "ROLLBACK" } else { "ROLLBACK TO unit" }).await
    }

    async fn run(&mut self, statement: &'static str) -> sqlx::Result<()> {
        self.conn.execute(sqlx::query(statement)).await.map(drop)
    }
}

impl WriteTx {
    /// The connection, for statements of this transaction.
    pub(crate) fn conn(&mut self) -> sqlx::Result<&mut SqliteConnection> {
        self.turn.as_mut().map(|turn| &mut turn.batch.conn).ok_or(sqlx::Error::WorkerCrashed)
    }

    /// Commits the transaction, in a separate task: a cancelled request must not affect other transactions of its batch.
    pub(crate) async fn commit(mut self) -> sqlx::Result<()> {
        let Some(turn) = self.turn.take() else { return Err(sqlx::Error::WorkerCrashed) };
        let committing = tokio::spawn(self.writer.clone().commit(turn));
        committing.await.map_err(|_stopped| sqlx::Error::WorkerCrashed)?
    }
}

impl Drop for WriteTx {
    fn drop(&mut self) {
        let Some(Turn { mut slot, mut batch }) = self.turn.take() else { return };
        // Without a runtime the connection is closed, which rolls back as well.
        let Ok(runtime) = Handle::try_current() else { return };
        runtime.spawn(async move {
            if batch.roll_back().await.is_ok() {
                *slot = Some(batch);
            }
        });
    }
}

/// Counts a transaction that waits for its turn.
struct Queued<'a>(&'a AtomicUsize);

impl<'a> Queued<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::AcqRel);
        Self(count)
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
