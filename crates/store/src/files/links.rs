//! Which messages use which files.

use kaiwa_shared::{ClientMessageId, Content, File, FileId, MessageId, UserId};
use uuid::Uuid;

use super::rows::{FileRow, file_columns};
use crate::{
    Result, Tx,
    db::{execute, fetch_all, fetch_optional},
};

/// The files of a content, which a message begins to use: they are kept for as long as any message uses them. `None` if
/// the owner, who must be locked, does not have one of them.
pub(crate) async fn use_files(tx: &mut Tx, owner: UserId, content: &Content) -> Result<Option<Vec<File>>> {
    let mut files = Vec::new();
    for id in content.files() {
        let sql = concat!(
            "UPDATE files SET kept_until = created_at WHERE owner_id = $1 AND id = $2 RETURNING ",
            file_columns!("files")
        );
        let row = fetch_optional!(tx, FileRow, sql, owner.as_uuid(), id.as_uuid())?;
        let Some(row) = row else { return Ok(None) };
        files.push(row.into());
    }
    Ok(Some(files))
}

/// Notes that a message uses these files and no others.
pub(crate) async fn link_message(
    tx: &mut Tx,
    owner: UserId,
    message: MessageId,
    files: &[File],
) -> Result<()> {
    execute!(tx, "DELETE FROM message_files WHERE message_id = $1", message.as_uuid())?;
    for file in files {
        execute!(
            tx,
            "INSERT INTO message_files (message_id, owner_id, file_id) VALUES ($1, $2, $3)",
            message.as_uuid(),
            owner.as_uuid(),
            file.id.as_uuid(),
        )?;
    }
    Ok(())
}

/// Notes that a message also uses these files of its owner.
pub(crate) async fn add_files(tx: &mut Tx, message: MessageId, files: &[FileId]) -> Result<()> {
    for file in files {
        execute!(
            tx,
            "INSERT INTO message_files (message_id, owner_id, file_id)
             SELECT m.id, f.owner_id, f.id
             FROM messages m JOIN conversations c ON c.id = m.conversation_id
             JOIN files f ON f.owner_id = c.owner_id
             WHERE m.id = $1 AND f.id = $2
             ON CONFLICT DO NOTHING",
            message.as_uuid(),
            file.as_uuid(),
        )?;
        // From now on, it is deleted with its last message.
        execute!(
            tx,
            "UPDATE files SET kept_until = created_at
             WHERE id = $2 AND owner_id = (
                 SELECT c.owner_id FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE m.id = $1
             )",
            message.as_uuid(),
            file.as_uuid(),
        )?;
    }
    Ok(())
}

/// Notes that a queued message uses these files.
pub(crate) async fn link_queued(
    tx: &mut Tx,
    owner: UserId,
    message: ClientMessageId,
    files: &[File],
) -> Result<()> {
    for file in files {
        execute!(
            tx,
            "INSERT INTO queued_files (owner_id, client_message_id, file_id) VALUES ($1, $2, $3)",
            owner.as_uuid(),
            message.as_uuid(),
            file.id.as_uuid(),
        )?;
    }
    Ok(())
}

/// The files that a queued message uses.
pub(crate) async fn files_of_queued(
    tx: &mut Tx,
    owner: UserId,
    message: ClientMessageId,
) -> Result<Vec<File>> {
    let sql = concat!(
        "SELECT ",
        file_columns!(),
        " FROM queued_files q JOIN files f ON f.owner_id = q.owner_id AND f.id = q.file_id
         WHERE q.owner_id = $1 AND q.client_message_id = $2 ORDER BY f.created_at, f.id"
    );
    let rows = fetch_all!(tx, FileRow, sql, owner.as_uuid(), message.as_uuid())?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Notes that a copy of a message uses the same files.
pub(crate) async fn copy_links(tx: &mut Tx, original: Uuid, copy: Uuid) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO message_files (message_id, owner_id, file_id)
         SELECT $2, owner_id, file_id FROM message_files WHERE message_id = $1",
        original,
        copy,
    )?;
    Ok(())
}
