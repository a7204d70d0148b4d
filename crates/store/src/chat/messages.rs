//! Messages: a tree in each conversation, read branch by branch.

use std::collections::HashMap;

use kaiwa_shared::{ConversationId, MessageId, UserId, message::Message};
use uuid::Uuid;

use super::{
    Branch,
    rows::{MessageRow, message_columns},
};
use crate::{
    Result, Tx,
    db::{fetch_all, fetch_optional},
};

/// `branch`: the last $5 messages of the branch that ends in $3, or of the part of it above $4, in the conversation $1
/// of the owner $2, with their heights above the end.
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

/// The siblings of each message of a branch and the message itself, oldest first.
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

/// The repository of messages.
pub struct Messages<'t>(pub(crate) &'t mut Tx);

impl Messages<'_> {
    /// The last `limit` messages of the branch that ends in `leaf`, or of the part of it above `before`; empty if the
    /// leaf is not in this owner's conversation.
    ///
    /// The messages above `before` are the same on every branch through it, so the walk starts there and not at the
    /// leaf: an early page of a long conversation costs as much as the last one.
    #[tracing::instrument(name = "store.messages.branch", level = "debug", skip_all)]
    pub async fn branch(
        &mut self,
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
        let rows = fetch_all!(self.0, MessageRow, sql, conversation, owner, leaf, before, limit)?;
        let mut messages = rows.into_iter().map(Message::try_from).collect::<Result<Vec<_>>>()?;
        let rows = fetch_all!(self.0, SiblingRow, SIBLINGS, conversation, owner, leaf, before, limit)?;
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

    /// The replies of other models that were asked at the same time as this reply of this owner.
    #[tracing::instrument(name = "store.messages.parallel_replies", level = "debug", skip_all)]
    pub async fn parallel_replies(&mut self, owner: UserId, reply: MessageId) -> Result<Vec<Message>> {
        let sql = concat!(
            "SELECT ",
            message_columns!(),
            " FROM messages l
             JOIN messages m ON m.comparison_id = l.comparison_id AND m.id <> l.id
             WHERE l.id = $1 AND l.owner_id = $2
             ORDER BY m.created_at, m.id"
        );
        let rows = fetch_all!(self.0, MessageRow, sql, reply.as_uuid(), owner.as_uuid())?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// A message of this owner.
    #[tracing::instrument(name = "store.messages.find", level = "debug", skip_all)]
    pub async fn find(&mut self, owner: UserId, id: MessageId) -> Result<Option<Message>> {
        let sql =
            concat!("SELECT ", message_columns!(), " FROM messages m WHERE m.id = $1 AND m.owner_id = $2");
        fetch_optional!(self.0, MessageRow, sql, id.as_uuid(), owner.as_uuid())?
            .map(TryInto::try_into)
            .transpose()
    }
}
