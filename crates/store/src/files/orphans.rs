//! Files that no message uses, and blobs that no file uses.

use std::collections::HashSet;

use kaiwa_shared::{UserId, time::Millis};
use uuid::Uuid;

use super::{Files, Hash, rows::read_hash};
use crate::{
    Result, Tx,
    db::{execute, fetch_all},
};

/// The maximum number of accounts whose orphans are named at once.
const OWNERS: i64 = 500;

/// The files whose time has passed and that no message uses.
macro_rules! orphans {
    () => {
        "FROM files
         WHERE kept_until < $1
           AND NOT EXISTS (
               SELECT 1 FROM message_files l WHERE l.owner_id = files.owner_id AND l.file_id = files.id
           )
           AND NOT EXISTS (
               SELECT 1 FROM queued_files l WHERE l.owner_id = files.owner_id AND l.file_id = files.id
           )"
    };
}

impl Files<'_> {
    /// Accounts that have files that no message uses and whose time has passed.
    #[tracing::instrument(name = "store.files.owners_of_orphans", level = "debug", skip_all)]
    pub async fn owners_of_orphans(&mut self, now: Millis) -> Result<Vec<UserId>> {
        let sql = concat!("SELECT DISTINCT owner_id ", orphans!(), " LIMIT $2");
        let rows = fetch_all!(self.0, (Uuid,), sql, now.0, OWNERS)?;
        Ok(rows.into_iter().map(|(owner,)| UserId::from_uuid(owner)).collect())
    }

    /// Deletes the files of this owner that no message uses and whose time has passed; returns their number.
    #[tracing::instrument(name = "store.files.delete_orphans", level = "debug", skip_all)]
    pub async fn delete_orphans(&mut self, owner: UserId, now: Millis) -> Result<u64> {
        self.0.0.lock_user(owner.as_uuid()).await?;
        delete_orphans_of(self.0, owner, now).await
    }

    /// The blobs that files use, of those whose hash begins with this byte.
    #[tracing::instrument(name = "store.files.used_blobs", level = "debug", skip_all)]
    pub async fn used_blobs(&mut self, first_byte: u8) -> Result<HashSet<Hash>> {
        let end = first_byte.checked_add(1).map_or_else(|| vec![u8::MAX; 33], |next| vec![next]);
        let rows = fetch_all!(
            self.0,
            (Uuid, Vec<u8>),
            "SELECT file_id, hash FROM file_blobs WHERE hash >= $1 AND hash < $2",
            vec![first_byte],
            end,
        )?;
        rows.into_iter().map(|(file, hash)| read_hash("hash", file, &hash)).collect()
    }
}

/// Deletes the orphans of an account that is locked.
pub(super) async fn delete_orphans_of(tx: &mut Tx, owner: UserId, now: Millis) -> Result<u64> {
    let sql = concat!("DELETE ", orphans!(), " AND owner_id = $2");
    execute!(tx, sql, now.0, owner.as_uuid())
}
