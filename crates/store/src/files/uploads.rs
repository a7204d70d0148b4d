//! Storing, finding and deleting files.

use kaiwa_shared::{File, FileId, UserId, time::Millis};

use super::{
    DeleteOutcome, FileBlob, Files, Hash, InsertOutcome, NewFile,
    orphans::delete_orphans_of,
    rows::{BlobRow, FileRow, file_columns},
};
use crate::{
    Result, Tx,
    chat::rows::{count, stored_count},
    db::{execute, fetch_all, fetch_one, fetch_optional},
    text,
};

impl Files<'_> {
    /// Stores a file unless the owner's files would be larger than `quota` bytes then. Commit if it is stored.
    #[tracing::instrument(name = "store.files.insert", level = "debug", skip_all)]
    pub async fn insert(&mut self, new: &NewFile, quota: u64) -> Result<InsertOutcome> {
        self.0.0.lock_user(new.owner.as_uuid()).await?;
        if let Some((file, upload_hash)) = self.find_upload(new.owner, new.file.id).await? {
            let is_same = upload_hash == new.upload_hash;
            return Ok(if is_same { InsertOutcome::Repeated(file) } else { InsertOutcome::IdTaken });
        }
        delete_orphans_of(self.0, new.owner, new.now).await?;
        let used = self.usage(new.owner).await?;
        if used.saturating_add(new.file.size) > quota {
            return Ok(InsertOutcome::OverQuota { used });
        }
        insert_file(self.0, new).await?;
        for blob in &new.blobs {
            insert_blob(self.0, new, blob).await?;
        }
        Ok(InsertOutcome::Stored)
    }

    /// A file of this owner, and the hash of what was uploaded.
    #[tracing::instrument(name = "store.files.find_upload", level = "debug", skip_all)]
    pub async fn find_upload(&mut self, owner: UserId, id: FileId) -> Result<Option<(File, Hash)>> {
        #[derive(sqlx::FromRow)]
        struct Row {
            #[sqlx(flatten)]
            file: FileRow,
            upload_hash: Vec<u8>,
        }
        let sql = concat!(
            "SELECT ",
            file_columns!(),
            ", f.upload_hash FROM files f WHERE f.owner_id = $1 AND f.id = $2"
        );
        let row = fetch_optional!(self.0, Row, sql, owner.as_uuid(), id.as_uuid())?;
        row.map(|row| {
            let hash = super::rows::read_hash("upload_hash", id.as_uuid(), &row.upload_hash)?;
            Ok((row.file.into(), hash))
        })
        .transpose()
    }

    /// The total size of this owner's files, in bytes.
    #[tracing::instrument(name = "store.files.usage", level = "debug", skip_all)]
    pub async fn usage(&mut self, owner: UserId) -> Result<u64> {
        let sql = "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM files WHERE owner_id = $1";
        let (used,) = fetch_one!(self.0, (i64,), sql, owner.as_uuid())?;
        Ok(count(used))
    }

    /// A file of this owner with its blobs.
    #[tracing::instrument(name = "store.files.find", level = "debug", skip_all)]
    pub async fn find(&mut self, owner: UserId, id: FileId) -> Result<Option<(File, Vec<FileBlob>)>> {
        let Some((file, _)) = self.find_upload(owner, id).await? else { return Ok(None) };
        let rows = fetch_all!(
            self.0,
            BlobRow,
            "SELECT file_id, role, hash, size AS blob_size, media_type AS blob_media_type
             FROM file_blobs WHERE owner_id = $1 AND file_id = $2",
            owner.as_uuid(),
            id.as_uuid(),
        )?;
        let blobs = rows.into_iter().map(TryInto::try_into).collect::<Result<_>>()?;
        Ok(Some((file, blobs)))
    }

    /// Keeps these files of this owner until then, whether a message uses them or not. Returns them, without those that
    /// do not exist.
    #[tracing::instrument(name = "store.files.keep", level = "debug", skip_all)]
    pub async fn keep(&mut self, owner: UserId, ids: &[FileId], until: Millis) -> Result<Vec<File>> {
        self.0.0.lock_user(owner.as_uuid()).await?;
        let mut files = Vec::new();
        for id in ids {
            let sql = concat!(
                "UPDATE files SET kept_until = CASE WHEN kept_until < $3 THEN $3 ELSE kept_until END
                 WHERE owner_id = $1 AND id = $2
                 RETURNING ",
                file_columns!("files")
            );
            let row = fetch_optional!(self.0, FileRow, sql, owner.as_uuid(), id.as_uuid(), until.0)?;
            files.extend(row.map(File::from));
        }
        Ok(files)
    }

    /// Deletes a file of this owner that no message uses.
    #[tracing::instrument(name = "store.files.delete", level = "debug", skip_all)]
    pub async fn delete(&mut self, owner: UserId, id: FileId) -> Result<DeleteOutcome> {
        self.0.0.lock_user(owner.as_uuid()).await?;
        let row = fetch_optional!(
            self.0,
            (bool,),
            "SELECT EXISTS (SELECT 1 FROM message_files l WHERE l.owner_id = f.owner_id AND l.file_id = f.id)
                 OR EXISTS (SELECT 1 FROM queued_files l WHERE l.owner_id = f.owner_id AND l.file_id = f.id)
             FROM files f WHERE f.owner_id = $1 AND f.id = $2",
            owner.as_uuid(),
            id.as_uuid(),
        )?;
        match row {
            None => return Ok(DeleteOutcome::NoFile),
            Some((true,)) => return Ok(DeleteOutcome::InUse),
            Some((false,)) => {}
        }
        execute!(self.0, "DELETE FROM files WHERE owner_id = $1 AND id = $2", owner.as_uuid(), id.as_uuid())?;
        Ok(DeleteOutcome::Deleted)
    }
}

async fn insert_file(tx: &mut Tx, new: &NewFile) -> Result<()> {
    let NewFile { file, .. } = new;
    execute!(
        tx,
        "INSERT INTO files
             (owner_id, id, name, media_type, size, width, height, upload_hash, kept_until, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        new.owner.as_uuid(),
        file.id.as_uuid(),
        text::storable(&file.name),
        &file.media_type,
        stored_count(file.size),
        file.width.map(i64::from),
        file.height.map(i64::from),
        new.upload_hash.as_slice(),
        new.kept_until.0,
        new.now.0,
    )?;
    Ok(())
}

async fn insert_blob(tx: &mut Tx, new: &NewFile, blob: &FileBlob) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO file_blobs (owner_id, file_id, role, hash, size, media_type)
         VALUES ($1, $2, $3, $4, $5, $6)",
        new.owner.as_uuid(),
        new.file.id.as_uuid(),
        blob.role.as_str(),
        blob.hash.as_slice(),
        stored_count(blob.size),
        &blob.media_type,
    )?;
    Ok(())
}
