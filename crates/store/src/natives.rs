//! What a request to a model needs of a branch: its messages, the blocks of a provider's own JSON, which are kept beside
//! the parts of a reply and given to nobody but that provider, and how long the branch is.

use kaiwa_shared::{ConversationId, MessageId, UserId, message::Message};
use sqlx::FromRow;

use crate::{
    Result,
    db::{fetch_all, fetch_optional},
    entities::{NativeBlock, Told},
    messages::{Messages, branch_cte},
    rows::{MessageRow, bad_json, message_columns, read_json},
};

#[derive(FromRow)]
struct ToldRow {
    #[sqlx(flatten)]
    message: MessageRow,
    native: Option<String>,
}

impl Messages<'_> {
    /// The last `limit` messages of the branch that ends in `leaf`, or of the part of it above `before`, oldest first,
    /// with their native blocks and without their siblings; empty if the leaf is not in this owner's conversation.
    pub async fn told(
        &self,
        owner: UserId,
        conversation: ConversationId,
        leaf: MessageId,
        before: Option<MessageId>,
        limit: u32,
    ) -> Result<Vec<Told>> {
        let mut reader = self.0.db.reader().await?;
        let rows = fetch_all!(
            reader,
            ToldRow,
            concat!(
                branch_cte!(),
                " SELECT ",
                message_columns!(),
                ", m.native
                 FROM branch JOIN messages m ON m.id = branch.id
                 ORDER BY branch.height DESC"
            ),
            conversation.as_uuid(),
            owner.as_uuid(),
            leaf.as_uuid(),
            before.map(|id| id.as_uuid()),
            i64::from(limit.max(1)),
        )?;
        let told = |ToldRow { message, native }: ToldRow| {
            let message = Message::try_from(message)?;
            let natives = match native {
                Some(json) => read_json("native", message.id.as_uuid(), &json)?,
                None => Vec::new(),
            };
            Ok((message, natives))
        };
        rows.into_iter().map(told).collect()
    }

    /// How many messages the branch that ends in `leaf` has, itself included; 0 if it is not in this owner's
    /// conversation.
    pub async fn height(&self, owner: UserId, conversation: ConversationId, leaf: MessageId) -> Result<u32> {
        let mut reader = self.0.db.reader().await?;
        let row = fetch_optional!(
            reader,
            (i64,),
            "WITH RECURSIVE branch (id, parent_id) AS (
                 SELECT m.id, m.parent_id
                 FROM messages m
                 WHERE m.id = $1 AND m.conversation_id = $2 AND m.owner_id = $3
                 UNION ALL
                 SELECT m.id, m.parent_id
                 FROM branch
                 JOIN messages m ON m.id = branch.parent_id
             )
             SELECT COUNT(*) FROM branch",
            leaf.as_uuid(),
            conversation.as_uuid(),
            owner.as_uuid(),
        )?;
        Ok(row.map_or(0, |(height,)| u32::try_from(height).unwrap_or_default()))
    }
}

/// Native blocks as they are stored; nothing where there are none.
pub(crate) fn write_natives(message: MessageId, natives: &[NativeBlock]) -> Result<Option<String>> {
    if natives.is_empty() {
        return Ok(None);
    }
    serde_json::to_string(natives).map(Some).map_err(|error| bad_json("native", message.as_uuid(), &error))
}
