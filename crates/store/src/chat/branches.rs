//! Branches of a conversation: which one is shown, and deleting or editing its messages.
//!
//! The shown branch ends at `conversations.active_leaf_id`. Each message stores in `shown_child_id` which of its children
//! was shown last, so that a branch that is shown again is shown as far down as before. A message without one, or with
//! one that was deleted, leads to its newest child.

use kaiwa_shared::{
    Content, ConversationId, File, GenerationId, MessageId, UserId,
    conversation::{Conversation, Subtree},
    message::{Message, Part, Status},
};
use uuid::Uuid;

use super::{
    Conversations, Deleted, EditOutcome, Messages,
    rows::{ConversationRow, MessageRow, conversation_columns, message_columns, write_parts},
};
use crate::{
    Result, Tx,
    db::{execute, fetch_all, fetch_optional},
    files::{link_message, use_files},
};

impl Conversations<'_> {
    /// Shows the branch through a message, as far down as it was last shown; `None` if there is no such message in
    /// this owner's conversation.
    #[tracing::instrument(name = "store.conversations.show", level = "debug", skip_all)]
    pub async fn show(
        &mut self,
        owner: UserId,
        id: ConversationId,
        message: MessageId,
    ) -> Result<Option<Conversation>> {
        self.0.0.lock_user(owner.as_uuid()).await?;
        let found = fetch_optional!(
            self.0,
            (Uuid,),
            "SELECT id FROM messages WHERE id = $1 AND conversation_id = $2 AND owner_id = $3",
            message.as_uuid(),
            id.as_uuid(),
            owner.as_uuid(),
        )?;
        if found.is_none() {
            return Ok(None);
        }
        show_through(self.0, id, message).await?;
        let shown = find_conversation(self.0, id).await?;
        Ok(shown)
    }
}

impl Messages<'_> {
    /// Counts what deleting a message of this owner would delete; `None` if there is no such message.
    #[tracing::instrument(name = "store.messages.subtree", level = "debug", skip_all)]
    pub async fn subtree(&mut self, owner: UserId, id: MessageId) -> Result<Option<Subtree>> {
        let row = fetch_optional!(self.0, (i64, i64), SUBTREE, id.as_uuid(), owner.as_uuid())?;
        Ok(row.and_then(read_subtree))
    }

    /// Deletes a message of this owner with everything below it; `None` if there is no such message. If the shown
    /// branch led through it, the branch of its newest sibling is shown, or else the branch ends at its parent.
    #[tracing::instrument(name = "store.messages.delete", level = "debug", skip_all)]
    pub async fn delete(&mut self, owner: UserId, id: MessageId) -> Result<Option<Deleted>> {
        self.0.0.lock_user(owner.as_uuid()).await?;
        let row = fetch_optional!(self.0, (i64, i64), SUBTREE, id.as_uuid(), owner.as_uuid())?;
        let position = fetch_optional!(
            self.0,
            (Uuid, Option<Uuid>),
            "SELECT conversation_id, parent_id FROM messages WHERE id = $1 AND owner_id = $2",
            id.as_uuid(),
            owner.as_uuid(),
        )?;
        let (Some(subtree), Some((conversation, parent))) = (row.and_then(read_subtree), position) else {
            return Ok(None);
        };
        let conversation = ConversationId::from_uuid(conversation);
        let stopped = delete_subtree(self.0, conversation, id).await?;
        if subtree.hidden < subtree.messages {
            show_sibling(self.0, conversation, parent).await?;
        }
        let conversation = find_conversation(self.0, conversation).await?;
        Ok(conversation.map(|conversation| Deleted { conversation, subtree, stopped }))
    }

    /// Replaces what a message of this owner says, and its files if there are any in `content`; reasoning, tool calls and
    /// citations stay.
    #[tracing::instrument(name = "store.messages.edit", level = "debug", skip_all)]
    pub async fn edit(&mut self, owner: UserId, id: MessageId, content: &Content) -> Result<EditOutcome> {
        self.0.0.lock_user(owner.as_uuid()).await?;
        let sql =
            concat!("SELECT ", message_columns!(), " FROM messages m WHERE m.id = $1 AND m.owner_id = $2");
        let row = fetch_optional!(self.0, MessageRow, sql, id.as_uuid(), owner.as_uuid())?;
        let Some(row) = row else { return Ok(EditOutcome::NoMessage) };
        let message = Message::try_from(row)?;
        if let Some(running) = message.generation_id.filter(|_| message.status == Status::Streaming) {
            return Ok(EditOutcome::Busy(running));
        }
        let Some(files) = use_files(self.0, owner, content).await? else { return Ok(EditOutcome::NoFile) };
        if !files.is_empty() {
            link_message(self.0, owner, id, &files).await?;
        }
        execute!(
            self.0,
            // The provider blocks belong to the old text.
            "UPDATE messages SET parts = $2, native = NULL WHERE id = $1",
            id.as_uuid(),
            write_parts(id, &with_content(message.parts, content, &files))?,
        )?;
        Ok(EditOutcome::Edited(message.conversation_id))
    }
}

/// Replaces all text in `parts`, and all files if there are new ones, by `content`, at the position of the first of them.
fn with_content(parts: Vec<Part>, content: &Content, files: &[File]) -> Vec<Part> {
    let is_replaced = |part: &Part| {
        matches!(part, Part::Text { .. }) || (matches!(part, Part::File(_)) && !files.is_empty())
    };
    let position = parts.iter().position(is_replaced);
    let mut parts: Vec<Part> = parts.into_iter().filter(|part| !is_replaced(part)).collect();
    let position = position.unwrap_or(parts.len()).min(parts.len());
    parts.splice(position..position, content.to_message_parts(files));
    parts
}

/// `below`: the message $1 of the owner $2 and everything below it; `shown`: the shown branch from its end up.
const SUBTREE: &str = "
    WITH RECURSIVE below (id) AS (
        SELECT m.id FROM messages m WHERE m.id = $1 AND m.owner_id = $2
        UNION ALL
        SELECT m.id FROM below JOIN messages m ON m.parent_id = below.id
    )
    , shown (id, parent_id) AS (
        SELECT l.id, l.parent_id
        FROM messages m
        JOIN conversations c ON c.id = m.conversation_id
        JOIN messages l ON l.id = c.active_leaf_id
        WHERE m.id = $1 AND m.owner_id = $2
        UNION ALL
        SELECT m.id, m.parent_id FROM shown JOIN messages m ON m.id = shown.parent_id
    )
    SELECT COUNT(*), COALESCE(SUM(CASE WHEN id IN (SELECT id FROM shown) THEN 0 ELSE 1 END), 0) FROM below";

/// `None` for a message that is not there.
fn read_subtree((messages, hidden): (i64, i64)) -> Option<Subtree> {
    let count = |number: i64| u64::try_from(number).unwrap_or_default();
    (messages > 0).then(|| Subtree { messages: count(messages), hidden: count(hidden) })
}

/// Deletes a message with everything below it in one statement, so that no foreign key breaks in between; returns the
/// generations that were writing it.
async fn delete_subtree(
    tx: &mut Tx,
    conversation: ConversationId,
    id: MessageId,
) -> Result<Vec<GenerationId>> {
    let deleted = fetch_all!(
        tx,
        (String, Option<Uuid>),
        "WITH RECURSIVE below (id) AS (
             SELECT m.id FROM messages m WHERE m.id = $1 AND m.conversation_id = $2
             UNION ALL
             SELECT m.id FROM below JOIN messages m ON m.parent_id = below.id
         )
         DELETE FROM messages WHERE id IN (SELECT id FROM below)
         RETURNING status, generation_id",
        id.as_uuid(),
        conversation.as_uuid(),
    )?;
    let streaming = deleted.into_iter().filter(|(status, _)| status == Status::Streaming.as_str());
    Ok(streaming.filter_map(|(_, generation)| generation.map(GenerationId::from_uuid)).collect())
}

/// Shows the newest remaining child of `parent`, or ends the branch at `parent` if none remains.
async fn show_sibling(tx: &mut Tx, conversation: ConversationId, parent: Option<Uuid>) -> Result<()> {
    let sql = match parent {
        Some(_) => {
            "SELECT id FROM messages WHERE conversation_id = $1 AND parent_id = $2
             ORDER BY created_at DESC, id DESC LIMIT 1"
        }
        None => {
            "SELECT id FROM messages WHERE conversation_id = $1 AND parent_id IS NULL AND $2 IS NULL
             ORDER BY created_at DESC, id DESC LIMIT 1"
        }
    };
    let sibling = fetch_optional!(tx, (Uuid,), sql, conversation.as_uuid(), parent)?;
    match sibling {
        Some((sibling,)) => show_through(tx, conversation, MessageId::from_uuid(sibling)).await,
        None => set_leaf(tx, conversation, parent).await,
    }
}

/// Shows the branch through a message, as far down as it was last shown.
pub(crate) async fn show_through(
    tx: &mut Tx,
    conversation: ConversationId,
    message: MessageId,
) -> Result<()> {
    show_whole_path(tx, message.as_uuid()).await?;
    let leaf = fetch_optional!(
        tx,
        (Uuid,),
        "WITH RECURSIVE down (id, depth) AS (
             SELECT m.id, 0 FROM messages m WHERE m.id = $1
             UNION ALL
             SELECT COALESCE(
                        (SELECT c.id FROM messages c WHERE c.id = m.shown_child_id AND c.parent_id = m.id)
                      , (SELECT c.id FROM messages c WHERE c.parent_id = m.id
                         ORDER BY c.created_at DESC, c.id DESC LIMIT 1)
                    )
                  , down.depth + 1
             FROM down
             JOIN messages m ON m.id = down.id
         )
         SELECT id FROM down WHERE id IS NOT NULL ORDER BY depth DESC LIMIT 1",
        message.as_uuid(),
    )?;
    set_leaf(tx, conversation, leaf.map(|(id,)| id)).await
}

/// Points `shown_child_id` of every message above this one towards it.
pub(crate) async fn show_whole_path(tx: &mut Tx, message: Uuid) -> Result<()> {
    execute!(
        tx,
        "WITH RECURSIVE path (id, child) AS (
             SELECT m.parent_id, m.id FROM messages m WHERE m.id = $1
             UNION ALL
             SELECT m.parent_id, m.id FROM path JOIN messages m ON m.id = path.id
         )
         UPDATE messages SET shown_child_id = path.child
         FROM path
         WHERE messages.id = path.id
           AND (messages.shown_child_id IS NULL OR messages.shown_child_id <> path.child)",
        message,
    )?;
    Ok(())
}

/// Sets which child of a message is shown.
pub(crate) async fn point_down(tx: &mut Tx, parent: Uuid, child: Uuid) -> Result<()> {
    execute!(tx, "UPDATE messages SET shown_child_id = $2 WHERE id = $1", parent, child)?;
    Ok(())
}

async fn set_leaf(tx: &mut Tx, conversation: ConversationId, leaf: Option<Uuid>) -> Result<()> {
    execute!(tx, "UPDATE conversations SET active_leaf_id = $2 WHERE id = $1", conversation.as_uuid(), leaf)?;
    Ok(())
}

async fn find_conversation(tx: &mut Tx, id: ConversationId) -> Result<Option<Conversation>> {
    let sql = concat!("SELECT ", conversation_columns!(), " FROM conversations WHERE id = $1");
    Ok(fetch_optional!(tx, ConversationRow, sql, id.as_uuid())?.map(Into::into))
}
