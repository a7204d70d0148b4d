//! The history of a branch: what a request to a model needs of it.

use kaiwa_shared::{ConversationId, MessageId, UserId, message::Message};
use sqlx::FromRow;

use super::{
    HistoryMessage, Messages, PageLimit, ProviderBlock,
    messages::branch_cte,
    rows::{MessageRow, message_columns},
};
use crate::{Error, Result, db::fetch_all, json::Column};

#[derive(FromRow)]
struct HistoryRow {
    #[sqlx(flatten)]
    message: MessageRow,
    native: Option<String>,
    depth: i64,
}

impl TryFrom<HistoryRow> for HistoryMessage {
    type Error = Error;

    fn try_from(row: HistoryRow) -> Result<Self> {
        let message = Message::try_from(row.message)?;
        let column = Column::of_message("native", message.id.as_uuid());
        let provider_blocks = row.native.map(|json| column.read(&json)).transpose()?.unwrap_or_default();
        Ok(Self { message, provider_blocks, depth: u32::try_from(row.depth).unwrap_or_default() })
    }
}

impl Messages<'_> {
    /// The last messages of the branch that ends in `leaf`, or of the part of it above `before`, oldest first, as many as
    /// `limit` allows; empty if the leaf is not in this owner's conversation.
    #[tracing::instrument(name = "store.messages.history", level = "debug", skip_all)]
    pub async fn history(
        &mut self,
        owner: UserId,
        conversation: ConversationId,
        leaf: MessageId,
        before: Option<MessageId>,
        limit: impl Into<PageLimit>,
    ) -> Result<Vec<HistoryMessage>> {
        let limit = limit.into();
        let rows = fetch_all!(
            self.0,
            HistoryRow,
            concat!(
                branch_cte!(),
                " SELECT ",
                message_columns!(),
                ", m.native, m.depth
                 FROM branch JOIN messages m ON m.id = branch.id
                 ORDER BY branch.height DESC"
            ),
            conversation.as_uuid(),
            owner.as_uuid(),
            leaf.as_uuid(),
            before.map(|id| id.as_uuid()),
            limit.count(),
            limit.bytes(),
        )?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}

/// Provider blocks as they are stored: `NULL` if there are none.
pub(crate) fn write_provider_blocks(message: MessageId, blocks: &[ProviderBlock]) -> Result<Option<String>> {
    let column = Column::of_message("native", message.as_uuid());
    (!blocks.is_empty()).then(|| column.write(blocks)).transpose()
}
