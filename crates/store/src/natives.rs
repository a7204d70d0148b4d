//! What a request to a model needs of a branch beyond its messages: blocks of a provider's own JSON, which are kept
//! beside the parts of a reply and given to nobody but that provider, and how long the branch is.

use kaiwa_shared::{ConversationId, MessageId, UserId};
use uuid::Uuid;

use crate::{
    Result,
    db::{fetch_all, fetch_optional},
    entities::NativeBlock,
    messages::Messages,
    rows::{bad_json, read_json},
};

impl Messages<'_> {
    /// The native blocks of the last `limit` messages of the branch that ends in `leaf`, of those messages that have
    /// any; empty if the leaf is not in this owner's conversation.
    pub async fn natives(
        &self,
        owner: UserId,
        conversation: ConversationId,
        leaf: MessageId,
        limit: u32,
    ) -> Result<Vec<(MessageId, Vec<NativeBlock>)>> {
        let mut reader = self.0.db.reader().await?;
        let rows = fetch_all!(
            reader,
            (Uuid, String),
            "WITH RECURSIVE branch (id, parent_id, height) AS (
                 SELECT m.id, m.parent_id, 1
                 FROM messages m
                 WHERE m.id = $1 AND m.conversation_id = $2 AND m.owner_id = $3
                 UNION ALL
                 SELECT m.id, m.parent_id, branch.height + 1
                 FROM branch
                 JOIN messages m ON m.id = branch.parent_id
                 WHERE branch.height < $4
             )
             SELECT m.id, m.native
             FROM branch JOIN messages m ON m.id = branch.id
             WHERE m.native IS NOT NULL",
            leaf.as_uuid(),
            conversation.as_uuid(),
            owner.as_uuid(),
            i64::from(limit.max(1)),
        )?;
        rows.into_iter()
            .map(|(id, json)| Ok((MessageId::from_uuid(id), read_json("native", id, &json)?)))
            .collect()
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
