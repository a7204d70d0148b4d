//! Branches of a conversation: which one is shown, and what goes when a message goes.
//!
//! `conversations.active_leaf_id` is where the shown branch ends. Each message above remembers in `shown_child_id` which
//! of its alternatives was shown last, so that a branch that is shown again is shown as far down as before. A message
//! that remembers none, or one that is gone, leads to its newest child.

use kaiwa_shared::{
    ConversationId, GenerationId, MessageId, UserId,
    conversation::{Conversation, Subtree},
    message::{Message, Part, Status},
};
use uuid::Uuid;

use crate::{
    Result,
    conversations::Conversations,
    db::{Tx, execute, fetch_all, fetch_optional},
    entities::{Deleted, EditOutcome},
    messages::Messages,
    rows::{ConversationRow, MessageRow, conversation_columns, message_columns, write_parts},
};

impl Conversations<'_> {
    /// Shows the branch through a message, as far down as it was last shown; `None` if this owner's conversation has
    /// no such message.
    pub async fn show(
        &self,
        owner: UserId,
        id: ConversationId,
        message: MessageId,
    ) -> Result<Option<Conversation>> {
        let mut tx = self.0.db.begin().await?;
        tx.lock_user(owner.as_uuid()).await?;
        let found = fetch_optional!(
            tx,
            (Uuid,),
            "SELECT id FROM messages WHERE id = $1 AND conversation_id = $2 AND owner_id = $3",
            message.as_uuid(),
            id.as_uuid(),
            owner.as_uuid(),
        )?;
        if found.is_none() {
            return Ok(None);
        }
        show_through(&mut tx, id, message).await?;
        let shown = find_conversation(&mut tx, id).await?;
        tx.commit().await?;
        Ok(shown)
    }
}

impl Messages<'_> {
    /// What goes when a message of this owner goes; `None` if there is no such message.
    pub async fn subtree(&self, owner: UserId, id: MessageId) -> Result<Option<Subtree>> {
        let mut reader = self.0.db.reader().await?;
        let row = fetch_optional!(reader, (i64, i64), SUBTREE, id.as_uuid(), owner.as_uuid())?;
        Ok(row.and_then(read_subtree))
    }

    /// Removes a message of this owner with everything below it. The shown branch, if it led through the message,
    /// moves to the newest message beside it, or ends with the one above it. `None` if there is no such message.
    pub async fn delete(&self, owner: UserId, id: MessageId) -> Result<Option<Deleted>> {
        let mut tx = self.0.db.begin().await?;
        tx.lock_user(owner.as_uuid()).await?;
        let row = fetch_optional!(tx, (i64, i64), SUBTREE, id.as_uuid(), owner.as_uuid())?;
        let place = fetch_optional!(
            tx,
            (Uuid, Option<Uuid>),
            "SELECT conversation_id, parent_id FROM messages WHERE id = $1 AND owner_id = $2",
            id.as_uuid(),
            owner.as_uuid(),
        )?;
        let (Some(subtree), Some((conversation, parent))) = (row.and_then(read_subtree), place) else {
            return Ok(None);
        };
        let conversation = ConversationId::from_uuid(conversation);
        let stopped = remove_subtree(&mut tx, conversation, id).await?;
        if subtree.hidden < subtree.messages {
            show_beside(&mut tx, conversation, parent).await?;
        }
        let conversation = find_conversation(&mut tx, conversation).await?;
        tx.commit().await?;
        Ok(conversation.map(|conversation| Deleted { conversation, subtree, stopped }))
    }

    /// Replaces the text of a message of this owner and leaves everything else as it is.
    pub async fn edit(&self, owner: UserId, id: MessageId, text: &str) -> Result<EditOutcome> {
        let mut tx = self.0.db.begin().await?;
        tx.lock_user(owner.as_uuid()).await?;
        let sql =
            concat!("SELECT ", message_columns!(), " FROM messages m WHERE m.id = $1 AND m.owner_id = $2");
        let row = fetch_optional!(tx, MessageRow, sql, id.as_uuid(), owner.as_uuid())?;
        let Some(row) = row else { return Ok(EditOutcome::NoMessage) };
        let message = Message::try_from(row)?;
        if let Some(running) = message.generation_id.filter(|_| message.status == Status::Streaming) {
            return Ok(EditOutcome::Busy(running));
        }
        execute!(
            tx,
            // What its provider wants back unchanged is no longer what was said.
            "UPDATE messages SET parts = $2, native = NULL WHERE id = $1",
            id.as_uuid(),
            write_parts(id, &with_text(message.parts, text))?,
        )?;
        tx.commit().await?;
        Ok(EditOutcome::Edited(message.conversation_id))
    }
}

/// `parts` with this text in the place of all that was said; thoughts, calls and sources stay.
fn with_text(parts: Vec<Part>, text: &str) -> Vec<Part> {
    let new = Part::Text { text: text.to_owned() };
    let place = parts.iter().position(|part| matches!(part, Part::Text { .. }));
    let mut parts: Vec<Part> = parts.into_iter().filter(|part| !matches!(part, Part::Text { .. })).collect();
    parts.insert(place.unwrap_or(parts.len()), new);
    parts
}

/// `below` is the message $1 of the owner $2 with everything under it, `shown` the shown branch from its end up.
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

/// Removes a message with everything below it in one statement, so that no parent is ever missed; gives what was
/// still being written.
async fn remove_subtree(
    tx: &mut Tx,
    conversation: ConversationId,
    id: MessageId,
) -> Result<Vec<GenerationId>> {
    let removed = fetch_all!(
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
    let streaming = removed.into_iter().filter(|(status, _)| status == Status::Streaming.as_str());
    Ok(streaming.filter_map(|(_, generation)| generation.map(GenerationId::from_uuid)).collect())
}

/// Shows what remains where a shown message was taken out: the newest alternative, or the message above.
async fn show_beside(tx: &mut Tx, conversation: ConversationId, parent: Option<Uuid>) -> Result<()> {
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
    let beside = fetch_optional!(tx, (Uuid,), sql, conversation.as_uuid(), parent)?;
    match beside {
        Some((beside,)) => show_through(tx, conversation, MessageId::from_uuid(beside)).await,
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

/// Makes every message above this one remember the way down to it.
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

/// Makes one message remember which of its alternatives is shown.
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
