//! A new conversation from a branch of another one.

use kaiwa_shared::{ConversationId, MessageId, UserId, conversation::Conversation, time::Millis};
use uuid::Uuid;

use crate::{
    Result,
    conversations::Conversations,
    db::{Tx, execute, fetch_all, fetch_optional},
    rows::{ConversationRow, conversation_columns, copied_columns},
};

impl Conversations<'_> {
    /// Makes the conversation `new` with a copy of this owner's branch down to `message`, its title and its model, in
    /// one transaction; `None` if there is no such message. A reply that is being written is copied as it is stored,
    /// marked as interrupted: nobody writes the copy.
    pub async fn fork(
        &self,
        owner: UserId,
        id: ConversationId,
        message: MessageId,
        new: ConversationId,
        now: Millis,
    ) -> Result<Option<Conversation>> {
        let mut tx = self.0.db.begin().await?;
        tx.lock_user(owner.as_uuid()).await?;
        let path = fetch_all!(
            tx,
            (Uuid, i64),
            "WITH RECURSIVE path (id, parent_id, height) AS (
                 SELECT m.id, m.parent_id, CAST(1 AS BIGINT)
                 FROM messages m
                 WHERE m.id = $1 AND m.conversation_id = $2 AND m.owner_id = $3
                 UNION ALL
                 SELECT m.id, m.parent_id, path.height + 1 FROM path JOIN messages m ON m.id = path.parent_id
             )
             SELECT id, height FROM path ORDER BY height DESC",
            message.as_uuid(),
            id.as_uuid(),
            owner.as_uuid(),
        )?;
        if path.is_empty() {
            return Ok(None);
        }
        copy_conversation(&mut tx, id, new, now).await?;
        let mut parent = None;
        for (original, _) in path {
            let copy = MessageId::new().as_uuid();
            copy_message(&mut tx, original, copy, new, parent).await?;
            parent = Some(copy);
        }
        let sql = concat!(
            "UPDATE conversations SET active_leaf_id = $2 WHERE id = $1 RETURNING ",
            conversation_columns!()
        );
        let conversation = fetch_optional!(tx, ConversationRow, sql, new.as_uuid(), parent)?;
        tx.commit().await?;
        Ok(conversation.map(Into::into))
    }
}

async fn copy_conversation(
    tx: &mut Tx,
    original: ConversationId,
    copy: ConversationId,
    now: Millis,
) -> Result<()> {
    execute!(
        tx,
        "INSERT INTO conversations
             (id, owner_id, title, title_folded, title_is_own, model, created_at, updated_at)
         SELECT $2, owner_id, title, title_folded, title_is_own, model, $3, $3 FROM conversations WHERE id = $1",
        original.as_uuid(),
        copy.as_uuid(),
        now.0,
    )?;
    Ok(())
}

/// Copies a message without its text leaving the database. What belongs to the original alone (its generation, the
/// client's id, what was compared with it) stays behind.
async fn copy_message(
    tx: &mut Tx,
    original: Uuid,
    copy: Uuid,
    conversation: ConversationId,
    parent: Option<Uuid>,
) -> Result<()> {
    let sql = concat!(
        "INSERT INTO messages (id, conversation_id, parent_id, status, ",
        copied_columns!(),
        ") SELECT $2, $3, $4, CASE status WHEN 'streaming' THEN 'interrupted' ELSE status END, ",
        copied_columns!(),
        " FROM messages WHERE id = $1"
    );
    execute!(tx, sql, original, copy, conversation.as_uuid(), parent)?;
    Ok(())
}
