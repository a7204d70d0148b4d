//! Messages: a tree in each conversation, read branch by branch.

use std::collections::HashMap;

use kaiwa_shared::{ConversationId, MessageId, UserId, message::Message};
use uuid::Uuid;

use crate::{
    Result, Store,
    db::{fetch_all, fetch_optional},
    rows::{MessageRow, message_columns},
};

/// `branch` is the last $5 messages of the branch that ends in $3 in the conversation $1 of the owner $2, or of the
/// part of it above $4, with their heights above its end.
macro_rules! branch_cte {
    () => {
        "WITH RECURSIVE branch (id, parent_id, height) AS (
             SELECT m.id, m.parent_id, 1
             FROM messages m
             WHERE m.conversation_id = $1 AND m.owner_id = $2
               AND EXISTS (
                   SELECT 1 FROM messages l WHERE l.id = $3 AND l.conversation_id = $1 AND l.owner_id = $2
               )
               AND m.id = CASE
                   WHEN $4 IS NULL THEN $3
                   ELSE (SELECT b.parent_id FROM messages b WHERE b.id = $4 AND b.conversation_id = $1)
               END
             UNION ALL
             SELECT m.id, m.parent_id, branch.height + 1
             FROM branch
             JOIN messages m ON m.id = branch.parent_id
             WHERE branch.height < $5
         )"
    };
}

/// Everything that hangs where a message of a branch does, oldest first.
const SIBLINGS: &str = concat!(
    branch_cte!(),
    " SELECT s.id, s.parent_id, s.created_at
      FROM branch
      JOIN messages s ON s.parent_id = branch.parent_id
      UNION ALL
      SELECT s.id, s.parent_id, s.created_at
      FROM branch
      JOIN messages s ON s.conversation_id = $1 AND s.parent_id IS NULL
      WHERE branch.parent_id IS NULL
      ORDER BY 3, 1"
);

/// Id, parent and time of a message.
type SiblingRow = (Uuid, Option<Uuid>, i64);

pub(crate) use branch_cte;

/// The messages of a store.
pub struct Messages<'a>(pub(crate) &'a Store);

/// A piece of a branch.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// The messages, oldest first.
    pub messages: Vec<Message>,
    /// There are older messages above the first one.
    pub has_earlier: bool,
}

impl Messages<'_> {
    /// The last `limit` messages of the branch that ends in `leaf`, or of the part of it above `before`. One
    /// recursive statement that walks up from the leaf and no further than it must; empty if the leaf is not in this
    /// owner's conversation.
    ///
    /// What lies above a message is the same on every branch through it, so the walk for `before` begins there and
    /// not at the leaf: an early page of a long conversation costs what the last one does.
    pub async fn branch(
        &self,
        owner: UserId,
        conversation: ConversationId,
        leaf: MessageId,
        before: Option<MessageId>,
        limit: u32,
    ) -> Result<Branch> {
        let sql = concat!(
            branch_cte!(),
            " SELECT ",
            message_columns!(),
            " FROM branch JOIN messages m ON m.id = branch.id
             ORDER BY branch.height DESC"
        );
        let (conversation, owner, leaf) = (conversation.as_uuid(), owner.as_uuid(), leaf.as_uuid());
        let (before, limit) = (before.map(|id| id.as_uuid()), i64::from(limit.max(1)));
        let mut reader = self.0.db.reader().await?;
        let rows = fetch_all!(reader, MessageRow, sql, conversation, owner, leaf, before, limit)?;
        let mut messages = rows.into_iter().map(Message::try_from).collect::<Result<Vec<_>>>()?;
        let rows = fetch_all!(reader, SiblingRow, SIBLINGS, conversation, owner, leaf, before, limit)?;
        let mut siblings: HashMap<Option<Uuid>, Vec<MessageId>> = HashMap::new();
        for (id, parent, _) in rows {
            siblings.entry(parent).or_default().push(MessageId::from_uuid(id));
        }
        for message in &mut messages {
            let here = siblings.remove(&message.parent_id.map(|id| id.as_uuid())).unwrap_or_default();
            message.siblings = if here.len() > 1 { here } else { Vec::new() };
        }
        let has_earlier = messages.first().is_some_and(|first| first.parent_id.is_some());
        Ok(Branch { messages, has_earlier })
    }

    /// What other models answered at the same time as this reply of this owner's, where several were asked.
    pub async fn beside(&self, owner: UserId, reply: MessageId) -> Result<Vec<Message>> {
        let sql = concat!(
            "SELECT ",
            message_columns!(),
            " FROM messages l
             JOIN messages m ON m.comparison_id = l.comparison_id AND m.id <> l.id
             WHERE l.id = $1 AND l.owner_id = $2
             ORDER BY m.created_at, m.id"
        );
        let mut reader = self.0.db.reader().await?;
        let rows = fetch_all!(reader, MessageRow, sql, reply.as_uuid(), owner.as_uuid())?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// A message of this owner.
    pub async fn find(&self, owner: UserId, id: MessageId) -> Result<Option<Message>> {
        let mut reader = self.0.db.reader().await?;
        let sql =
            concat!("SELECT ", message_columns!(), " FROM messages m WHERE m.id = $1 AND m.owner_id = $2");
        fetch_optional!(reader, MessageRow, sql, id.as_uuid(), owner.as_uuid())?
            .map(TryInto::try_into)
            .transpose()
    }
}
