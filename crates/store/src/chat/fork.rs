//! A new conversation from a branch of another one.

use kaiwa_shared::{ConversationId, MessageId, UserId, conversation::Conversation, time::Millis};
use uuid::Uuid;

use super::{
    Conversations,
    rows::{ConversationRow, conversation_columns, copied_columns},
};
use crate::{
    Result, Tx,
    db::{execute, fetch_all, fetch_optional},
    files::copy_links,
};

impl Conversations<'_> {
    /// Creates the conversation `new` with the title, the model and the settings of another one and a copy of this
    /// owner's branch down to `message`; `None` if there is no such message. A reply that is still being written is
    /// copied as it is stored and marked as interrupted.
    #[tracing::instrument(name = "store.conversations.fork", level = "debug", skip_all)]
    pub async fn fork(
        &mut self,
        owner: UserId,
        id: ConversationId,
        message: MessageId,
        new: ConversationId,
        now: Millis,
    ) -> Result<Option<Conversation>> {
        self.0.0.lock_user(owner.as_uuid()).await?;
        let path = fetch_all!(
            self.0,
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
        copy_conversation(self.0, id, new, now).await?;
        let mut parent = None;
        for (original, _) in path {
            let copy = MessageId::new().as_uuid();
            copy_message(self.0, original, copy, new, parent).await?;
            parent = Some(copy);
        }
        let sql = concat!(
            "UPDATE conversations SET active_leaf_id = $2 WHERE id = $1 RETURNING ",
            conversation_columns!()
        );
        let conversation = fetch_optional!(self.0, ConversationRow, sql, new.as_uuid(), parent)?;
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
             (id, owner_id, title, title_folded, title_is_own, model, system_prompt, options, created_at, updated_at)
         SELECT $2, owner_id, title, title_folded, title_is_own, model, system_prompt, options, $3, $3
         FROM conversations WHERE id = $1",
        original.as_uuid(),
        copy.as_uuid(),
        now.0,
    )?;
    Ok(())
}

/// Copies a message inside the database. What belongs to the original alone (its generation, the client's id, its
/// parallel replies) is left out.
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
    copy_links(tx, original, copy).await
}
