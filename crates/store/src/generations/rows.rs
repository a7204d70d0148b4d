//! Rows of generations.

use kaiwa_shared::{ConversationId, GenerationId, MessageId};
use sqlx::FromRow;
use uuid::Uuid;

use super::Generation;
use crate::{
    Error, Result,
    chat::rows::{count, read_status},
};

/// The columns of [`GenerationRow`], of a table that is called `g`.
macro_rules! generation_columns {
    () => {
        "g.id, g.conversation_id, g.message_id, g.status, g.sequence"
    };
}

pub(super) use generation_columns;

#[derive(FromRow)]
pub(super) struct GenerationRow {
    id: Uuid,
    conversation_id: Uuid,
    message_id: Uuid,
    status: String,
    sequence: i64,
}

impl TryFrom<GenerationRow> for Generation {
    type Error = Error;

    fn try_from(row: GenerationRow) -> Result<Self> {
        Ok(Self {
            id: GenerationId::from_uuid(row.id),
            conversation_id: ConversationId::from_uuid(row.conversation_id),
            message_id: MessageId::from_uuid(row.message_id),
            status: read_status("generations", row.id, &row.status)?,
            sequence: count(row.sequence),
        })
    }
}
