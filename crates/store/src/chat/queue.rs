//! Messages that are sent when the running reply has ended.

use kaiwa_shared::{
    ClientMessageId, Content, ConversationId, File, MessageId, UserId, conversation::QueuedMessage,
    time::Millis,
};
use sqlx::FromRow;
use uuid::Uuid;

use super::Queued;
use crate::{
    Error, Result, Tx,
    db::{execute, fetch_all, fetch_one, fetch_optional},
    files,
    generations::NewTurn,
    json::Column,
    text,
};

/// Maximum number of queued messages in a conversation.
pub const MAX_QUEUED: i64 = 20;

/// Maximum size of the queued messages of a conversation, in bytes as they are stored. One message always fits. Every
/// page of the conversation lists them.
pub const MAX_QUEUED_BYTES: i64 = 1024 * 1024;

/// The columns of [`QueueRow`].
macro_rules! queue_columns {
    () => {
        "client_message_id, conversation_id, content, model, beside, options, created_at"
    };
}

/// The repository of queued messages.
pub struct Queue<'t>(pub(crate) &'t mut Tx);

impl Queue<'_> {
    /// The queue of this owner's conversation, in order.
    #[tracing::instrument(name = "store.queue.list", level = "debug", skip_all)]
    pub async fn list(&mut self, owner: UserId, conversation: ConversationId) -> Result<Vec<QueuedMessage>> {
        let sql = concat!(
            "SELECT ",
            queue_columns!(),
            " FROM queued_messages WHERE conversation_id = $1 AND owner_id = $2 ORDER BY position"
        );
        let rows = fetch_all!(self.0, QueueRow, sql, conversation.as_uuid(), owner.as_uuid())?;
        let mut messages = Vec::with_capacity(rows.len());
        for row in rows {
            messages.push(read_row(self.0, owner, row).await?.message);
        }
        Ok(messages)
    }

    /// A queued message of this owner's conversation.
    #[tracing::instrument(name = "store.queue.find", level = "debug", skip_all)]
    pub async fn find(
        &mut self,
        owner: UserId,
        conversation: ConversationId,
        id: ClientMessageId,
    ) -> Result<Option<Queued>> {
        let sql = concat!(
            "SELECT ",
            queue_columns!(),
            " FROM queued_messages WHERE conversation_id = $1 AND owner_id = $2 AND client_message_id = $3"
        );
        let row =
            fetch_optional!(self.0, QueueRow, sql, conversation.as_uuid(), owner.as_uuid(), id.as_uuid())?;
        read_optional(self.0, owner, row).await
    }

    /// The first message that is queued behind this reply of this owner.
    #[tracing::instrument(name = "store.queue.next", level = "debug", skip_all)]
    pub async fn next(&mut self, owner: UserId, reply: MessageId) -> Result<Option<Queued>> {
        let sql = concat!(
            "SELECT ",
            queue_columns!(),
            " FROM queued_messages WHERE reply_id = $1 AND owner_id = $2 ORDER BY position LIMIT 1"
        );
        let row = fetch_optional!(self.0, QueueRow, sql, reply.as_uuid(), owner.as_uuid())?;
        read_optional(self.0, owner, row).await
    }

    /// Removes a message from the queue; `true` if it was queued.
    #[tracing::instrument(name = "store.queue.delete", level = "debug", skip_all)]
    pub async fn delete(
        &mut self,
        owner: UserId,
        conversation: ConversationId,
        id: ClientMessageId,
    ) -> Result<bool> {
        self.0.0.lock_user(owner.as_uuid()).await?;
        let taken = take_queued(self.0, owner, conversation, id).await?;
        Ok(taken.is_some())
    }
}

/// A message to be queued.
pub(crate) struct NewQueued<'a> {
    pub(crate) conversation: ConversationId,
    pub(crate) turn: &'a NewTurn,
    /// The reply that it is queued behind.
    pub(crate) behind: MessageId,
    pub(crate) content: &'a Content,
    pub(crate) files: &'a [File],
    pub(crate) model: Option<&'a str>,
    pub(crate) parallel: &'a [String],
}

/// The reply that a message was queued behind; `None` if that reply was deleted.
pub(crate) struct Behind(Option<Uuid>);

#[derive(FromRow)]
struct QueueRow {
    client_message_id: Uuid,
    conversation_id: Uuid,
    content: String,
    model: Option<String>,
    beside: String,
    options: String,
    created_at: i64,
}

impl TryFrom<QueueRow> for Queued {
    type Error = Error;

    fn try_from(row: QueueRow) -> Result<Self> {
        let id = ClientMessageId::from_uuid(row.client_message_id);
        let message = QueuedMessage {
            id,
            conversation_id: ConversationId::from_uuid(row.conversation_id),
            content: column("content", id).read(&row.content)?,
            files: Vec::new(),
            model: row.model,
            options: column("options", id).read(&row.options)?,
            created_at: Millis(row.created_at),
        };
        Ok(Self { message, parallel: column("beside", id).read(&row.beside)? })
    }
}

async fn read_optional(tx: &mut Tx, owner: UserId, row: Option<QueueRow>) -> Result<Option<Queued>> {
    match row {
        Some(row) => read_row(tx, owner, row).await.map(Some),
        None => Ok(None),
    }
}

/// Reads a row and the files that its content names.
async fn read_row(tx: &mut Tx, owner: UserId, row: QueueRow) -> Result<Queued> {
    let mut queued = Queued::try_from(row)?;
    let message = &mut queued.message;
    if message.content.files().next().is_some() {
        message.files = files::files_of_queued(tx, owner, message.id).await?;
    }
    Ok(queued)
}

const fn column(name: &'static str, id: ClientMessageId) -> Column {
    Column { table: "queued_messages", name, row: id.as_uuid() }
}

/// A queued message of any of this owner's conversations.
pub(crate) async fn find_queued(tx: &mut Tx, owner: UserId, id: ClientMessageId) -> Result<Option<Queued>> {
    let sql = concat!(
        "SELECT ",
        queue_columns!(),
        " FROM queued_messages WHERE owner_id = $1 AND client_message_id = $2"
    );
    let row = fetch_optional!(tx, QueueRow, sql, owner.as_uuid(), id.as_uuid())?;
    read_optional(tx, owner, row).await
}

/// Whether any message is queued behind this reply.
pub(crate) async fn has_queued(tx: &mut Tx, reply: MessageId) -> Result<bool> {
    let sql = "SELECT client_message_id FROM queued_messages WHERE reply_id = $1 LIMIT 1";
    Ok(fetch_optional!(tx, (Uuid,), sql, reply.as_uuid())?.is_some())
}

/// Appends a message to its conversation's queue; `None` if the queue is full.
pub(crate) async fn insert_queued(tx: &mut Tx, new: &NewQueued<'_>) -> Result<Option<QueuedMessage>> {
    let (count, last, bytes) = fetch_one!(
        tx,
        (i64, i64, i64),
        "SELECT COUNT(*), COALESCE(MAX(position), 0), COALESCE(SUM(octet_length(content)), 0)
         FROM queued_messages WHERE conversation_id = $1",
        new.conversation.as_uuid(),
    )?;
    let id = new.turn.client_message_id;
    let content = column("content", id).write(new.content)?;
    let size = i64::try_from(content.len()).unwrap_or(i64::MAX);
    if count >= MAX_QUEUED || (count > 0 && bytes.saturating_add(size) > MAX_QUEUED_BYTES) {
        return Ok(None);
    }
    let message = QueuedMessage {
        id,
        conversation_id: new.conversation,
        content: new.content.clone(),
        files: new.files.to_vec(),
        model: new.model.map(text::storable),
        options: new.turn.options,
        created_at: new.turn.now,
    };
    execute!(
        tx,
        "INSERT INTO queued_messages
             (owner_id, client_message_id, conversation_id, reply_id, position, content, model, beside, options
            , created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        new.turn.owner.as_uuid(),
        id.as_uuid(),
        new.conversation.as_uuid(),
        new.behind.as_uuid(),
        last + 1,
        content,
        message.model.as_deref(),
        column("beside", id).write(new.parallel)?,
        column("options", id).write(&new.turn.options)?,
        new.turn.now.0,
    )?;
    Ok(Some(message))
}

/// Removes a message from the queue; `None` if it is not queued.
pub(crate) async fn take_queued(
    tx: &mut Tx,
    owner: UserId,
    conversation: ConversationId,
    id: ClientMessageId,
) -> Result<Option<Behind>> {
    let row = fetch_optional!(
        tx,
        (Option<Uuid>,),
        "DELETE FROM queued_messages
         WHERE owner_id = $1 AND client_message_id = $2 AND conversation_id = $3
         RETURNING reply_id",
        owner.as_uuid(),
        id.as_uuid(),
        conversation.as_uuid(),
    )?;
    Ok(row.map(|(reply,)| Behind(reply)))
}

/// Moves what is queued behind the same reply as a message that was just sent behind the reply to that message.
pub(crate) async fn requeue_behind(
    tx: &mut Tx,
    conversation: ConversationId,
    Behind(earlier): Behind,
    reply: MessageId,
) -> Result<()> {
    execute!(
        tx,
        "UPDATE queued_messages SET reply_id = $3
         WHERE conversation_id = $1 AND (reply_id = $2 OR reply_id IS NULL AND $2 IS NULL)",
        conversation.as_uuid(),
        earlier,
        reply.as_uuid(),
    )?;
    Ok(())
}
