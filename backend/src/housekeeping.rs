//! Deletes leftovers in the background.

use std::{sync::Arc, time::Duration};

use kaiwa_shared::time::Clock;
use kaiwa_store::Store;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::task::AbortOnDropHandle;

use crate::files::{self, Files};

/// How often leftovers are deleted.
const EVERY: Duration = Duration::from_hours(1);

/// Starts the task, which deletes leftovers at once and then regularly.
pub(crate) fn spawn(store: Store, files: Arc<Files>, clock: Arc<dyn Clock>) -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(async move {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = delete_leftovers(&store, &*clock).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "expired sessions could not be deleted; it is tried again in an hour");
            }
            match files::collect(&files, &store, clock.now()).await {
                Ok((0, 0)) => {}
                Ok((files, blobs)) => tracing::info!(files, blobs, "unused files were deleted"),
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "unused files could not be deleted; it is tried again in an hour");
                }
            }
        }
    }))
}

/// Deletes expired sessions. Expired leases go when they are noticed, and everything else with its conversation.
async fn delete_leftovers(store: &Store, clock: &dyn Clock) -> kaiwa_store::Result<()> {
    let mut tx = store.begin().await?;
    let expired = tx.sessions().purge(clock.now()).await?;
    tx.commit().await?;
    if expired > 0 {
        tracing::info!(expired, "expired sessions were deleted");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use kaiwa_files::Folder;
    use kaiwa_shared::{SessionId, UserId, time::Millis};
    use kaiwa_store::accounts::{Admission, NewUser, Session};

    use super::*;
    use crate::{clock::SystemClock, files::Extractor, settings::files::FileLimits};

    fn files(folder: &tempfile::TempDir) -> Arc<Files> {
        let limits = FileLimits { max_bytes: 1, quota_bytes: 1 };
        let folder = Folder::open(folder.path().join("files")).unwrap();
        Arc::new(Files::new(folder, limits, Extractor::new(None)))
    }

    #[tokio::test]
    async fn expired_sessions_are_deleted_and_live_ones_stay() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&format!("file:{}", folder.path().join("app.db").display())).await.unwrap();
        store.migrate().await.unwrap();
        let now = SystemClock.now();
        let user_id = UserId::new();
        let ada = NewUser {
            id: user_id,
            username: "ada".to_owned(),
            email: None,
            password_hash: "x".to_owned(),
            created_at: now,
        };
        let mut tx = store.begin().await.unwrap();
        tx.users().register(ada, Admission::Open).await.unwrap();
        for expires_at in [Millis(1), Millis(now.0 - 1), Millis(now.0 + 60_000)] {
            let session = Session { id: SessionId::new(), user_id, created_at: Millis(0), expires_at };
            tx.sessions().create(&session, "x").await.unwrap();
        }
        tx.commit().await.unwrap();
        let _task = spawn(store.clone(), files(&folder), Arc::new(SystemClock));
        let left = async {
            loop {
                // Deletes and counts all sessions that are left, and rolls that back.
                let mut tx = store.begin().await.unwrap();
                let left = tx.sessions().delete_others(user_id, None).await.unwrap().len();
                drop(tx);
                if left == 1 {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), left).await.expect("the expired sessions to go");
    }
}
