//! Messages that wait for a running reply to end.

use kaiwa_shared::{
    ClientMessageId, ConversationId, MessageId, UserId, conversation::QueuedMessage, message::MessageOptions,
    time::Millis,
};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    Error, Result, Store,
    db::{Tx, execute, fetch_all, fetch_optional},
    entities::{NewTurn, Waiting},
    text,
    turns::Place,
};

/// Most messages that wait in one conversation.
pub const QUEUE_MAX: i64 = 20;

/// The columns of [`QueueRow`].
macro_rules! queue_columns {
    () => {
        "client_message_id, conversation_id, content, model, beside, options, created_at"
    };
}

/// The messages of a store that wait.
pub struct Queue<'a>(pub(crate) &'a Store);

impl Queue<'_> {
    /// What waits in this owner's conversation, in order.
    pub async fn list(&self, owner: UserId, conversation: ConversationId) -> Result<Vec<QueuedMessage>> {
        let sql = concat!(
            "SELECT ",
            queue_columns!(),
            " FROM queued_messages WHERE conversation_id = $1 AND owner_id = $2 ORDER BY position"
        );
        let mut reader = self.0.db.reader().await?;
        let rows = fetch_all!(reader, QueueRow, sql, conversation.as_uuid(), owner.as_uuid())?;
        rows.into_iter().map(|row| Waiting::try_from(row).map(|waiting| waiting.message)).collect()
    }

    /// A message that waits in this owner's conversation.
    pub async fn find(
        &self,
        owner: UserId,
        conversation: ConversationId,
        id: ClientMessageId,
    ) -> Result<Option<Waiting>> {
        let sql = concat!(
            "SELECT ",
            queue_columns!(),
            " FROM queued_messages WHERE conversation_id = $1 AND owner_id = $2 AND client_message_id = $3"
        );
        let mut reader = self.0.db.reader().await?;
        fetch_optional!(reader, QueueRow, sql, conversation.as_uuid(), owner.as_uuid(), id.as_uuid())?
            .map(TryInto::try_into)
            .transpose()
    }

    /// The first message that waits for this reply of this owner's.
    pub async fn next(&self, owner: UserId, reply: MessageId) -> Result<Option<Waiting>> {
        let sql = concat!(
            "SELECT ",
            queue_columns!(),
            " FROM queued_messages WHERE reply_id = $1 AND owner_id = $2 ORDER BY position LIMIT 1"
        );
        let mut reader = self.0.db.reader().await?;
        fetch_optional!(reader, QueueRow, sql, reply.as_uuid(), owner.as_uuid())?
            .map(TryInto::try_into)
            .transpose()
    }

    /// Removes a message that waits; `true` if it was there.
    pub async fn delete(
        &self,
        owner: UserId,
        conversation: ConversationId,
        id: ClientMessageId,
    ) -> Result<bool> {
        let mut tx = self.0.db.begin().await?;
        tx.lock_user(owner.as_uuid()).await?;
        let left = take(&mut tx, owner, conversation, id).await?;
        tx.commit().await?;
        Ok(left.is_some())
    }
}

/// A message to be kept.
pub(crate) struct New<'a> {
    pub(crate) place: &'a Place,
    pub(crate) turn: &'a NewTurn,
    pub(crate) reply: MessageId,
    pub(crate) content: &'a str,
    pub(crate) model: Option<&'a str>,
    pub(crate) beside: &'a [String],
}

/// The reply for which a message waited; `None` if that reply is gone.
pub(crate) struct WaitedFor(Option<Uuid>);

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

impl TryFrom<QueueRow> for Waiting {
    type Error = Error;

    fn try_from(row: QueueRow) -> Result<Self> {
        let id = row.client_message_id;
        let beside = serde_json::from_str(&row.beside).map_err(|error| bad_json("beside", id, &error))?;
        let options: MessageOptions =
            serde_json::from_str(&row.options).map_err(|error| bad_json("options", id, &error))?;
        let message = QueuedMessage {
            id: ClientMessageId::from_uuid(id),
            conversation_id: ConversationId::from_uuid(row.conversation_id),
            content: row.content,
            model: row.model,
            options,
            created_at: Millis(row.created_at),
        };
        Ok(Self { message, beside })
    }
}

/// A message that waits in any of this owner's conversations.
pub(crate) async fn find(tx: &mut Tx, owner: UserId, id: ClientMessageId) -> Result<Option<Waiting>> {
    let sql = concat!(
        "SELECT ",
        queue_columns!(),
        " FROM queued_messages WHERE owner_id = $1 AND client_message_id = $2"
    );
    fetch_optional!(tx, QueueRow, sql, owner.as_uuid(), id.as_uuid())?.map(TryInto::try_into).transpose()
}

/// Whether anything waits for this reply.
pub(crate) async fn has_waiting(tx: &mut Tx, reply: MessageId) -> Result<bool> {
    let sql = "SELECT client_message_id FROM queued_messages WHERE reply_id = $1 LIMIT 1";
    Ok(fetch_optional!(tx, (Uuid,), sql, reply.as_uuid())?.is_some())
}

/// Puts a message at the end of its conversation's queue; `None` if that is full.
pub(crate) async fn insert(tx: &mut Tx, new: &New<'_>) -> Result<Option<QueuedMessage>> {
    let conversation = new.place.conversation;
    let row = fetch_optional!(
        tx,
        (i64, i64),
        "SELECT COUNT(*), COALESCE(MAX(position), 0) FROM queued_messages WHERE conversation_id = $1",
        conversation.as_uuid(),
    )?;
    let (count, last) = row.unwrap_or_default();
    if count >= QUEUE_MAX {
        return Ok(None);
    }
    let id = new.turn.client_message_id;
    let message = QueuedMessage {
        id,
        conversation_id: conversation,
        content: new.content.to_owned(),
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
        conversation.as_uuid(),
        new.reply.as_uuid(),
        last + 1,
        new.content,
        message.model.as_deref(),
        to_json("beside", id, &new.beside)?,
        to_json("options", id, &new.turn.options)?,
        new.turn.now.0,
    )?;
    Ok(Some(message))
}

/// Takes a message out of the queue; `None` if it is not there.
pub(crate) async fn take(
    tx: &mut Tx,
    owner: UserId,
    conversation: ConversationId,
    id: ClientMessageId,
) -> Result<Option<WaitedFor>> {
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
    Ok(row.map(|(reply,)| WaitedFor(reply)))
}

/// Makes what waited for the same reply as a message that is sent now wait for that message's reply.
pub(crate) async fn follow(
    tx: &mut Tx,
    conversation: ConversationId,
    waited_for: WaitedFor,
    reply: MessageId,
) -> Result<()> {
    execute!(
        tx,
        "UPDATE queued_messages SET reply_id = $3
         WHERE conversation_id = $1 AND (reply_id = $2 OR reply_id IS NULL AND $2 IS NULL)",
        conversation.as_uuid(),
        waited_for.0,
        reply.as_uuid(),
    )?;
    Ok(())
}

fn to_json<T: serde::Serialize>(column: &'static str, row: ClientMessageId, value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| bad_json(column, row.as_uuid(), &error))
}

fn bad_json(column: &'static str, row: Uuid, error: &serde_json::Error) -> Error {
    Error::Inconsistent {
        table: "queued_messages",
        column,
        row: row.to_string(),
        detail: format!("{:?} error at line {}, column {}", error.classify(), error.line(), error.column()),
    }
}
