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
/// of the owner $2, with their heights above the end; fewer if they are larger than $6 bytes together, but at least one.
/// The sizes are known without reading the contents.
macro_rules! branch_cte {
    () => {
        "WITH RECURSIVE walked (id, parent_id, height) AS (
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
             SELECT m.id, m.parent_id, walked.height + 1
             FROM walked
             JOIN messages m ON m.id = walked.parent_id
             WHERE walked.height < $5
         ), sized (id, parent_id, height, bytes) AS (
             SELECT w.id, w.parent_id, w.height
                  , SUM(octet_length(m.parts) + COALESCE(octet_length(m.native), 0)) OVER (ORDER BY w.height)
             FROM walked w
             JOIN messages m ON m.id = w.id
         ), branch (id, parent_id, height) AS (
             SELECT id, parent_id, height FROM sized WHERE bytes <= $6 OR height = 1
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

/// The maximum size of a page of messages. A page has at least one message, however large.
#[derive(Clone, Copy, Debug)]
pub struct PageLimit {
    /// The number of messages.
    pub messages: u32,
    /// Bytes of their contents as they are stored.
    pub bytes: u64,
}

impl PageLimit {
    pub(super) fn count(self) -> i64 {
        i64::from(self.messages.max(1))
    }

    pub(super) fn bytes(self) -> i64 {
        i64::try_from(self.bytes).unwrap_or(i64::MAX)
    }
}

impl From<u32> for PageLimit {
    fn from(messages: u32) -> Self {
        Self { messages, bytes: u64::MAX }
    }
}

/// The repository of messages.
pub struct Messages<'t>(pub(crate) &'t mut Tx);

impl Messages<'_> {
    /// The last messages of the branch that ends in `leaf`, or of the part of it above `before`, as many as `limit`
    /// allows; empty if the leaf is not in this owner's conversation.
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
        limit: impl Into<PageLimit>,
    ) -> Result<Branch> {
        let limit = limit.into();
        let sql = concat!(
            branch_cte!(),
            " SELECT ",
            message_columns!(),
            " FROM branch JOIN messages m ON m.id = branch.id
             ORDER BY branch.height DESC"
        );
        let (conversation, owner, leaf) = (conversation.as_uuid(), owner.as_uuid(), leaf.as_uuid());
        let (before, count, bytes) = (before.map(|id| id.as_uuid()), limit.count(), limit.bytes());
        let rows = fetch_all!(self.0, MessageRow, sql, conversation, owner, leaf, before, count, bytes)?;
        let mut messages = rows.into_iter().map(Message::try_from).collect::<Result<Vec<_>>>()?;
        let rows = fetch_all!(self.0, SiblingRow, SIBLINGS, conversation, owner, leaf, before, count, bytes)?;
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

    /// The replies of other models that were asked at the same time as this reply of this owner, the first ones that are
    /// not larger than `bytes` together.
    #[tracing::instrument(name = "store.messages.parallel_replies", level = "debug", skip_all)]
    pub async fn parallel_replies(
        &mut self,
        owner: UserId,
        reply: MessageId,
        bytes: u64,
    ) -> Result<Vec<Message>> {
        let sql = concat!(
            "WITH others (id, bytes) AS (
                 SELECT m.id, SUM(octet_length(m.parts)) OVER (ORDER BY m.created_at, m.id)
                 FROM messages l
                 JOIN messages m ON m.comparison_id = l.comparison_id AND m.id <> l.id
                 WHERE l.id = $1 AND l.owner_id = $2
             )
             SELECT ",
            message_columns!(),
            " FROM others
             JOIN messages m ON m.id = others.id
             WHERE others.bytes <= $3
             ORDER BY m.created_at, m.id"
        );
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        let rows = fetch_all!(self.0, MessageRow, sql, reply.as_uuid(), owner.as_uuid(), bytes)?;
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
