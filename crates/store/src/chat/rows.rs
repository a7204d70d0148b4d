//! Rows of conversations and messages.

use kaiwa_shared::{
    ConversationId, GenerationId, MessageId,
    conversation::{Conversation, ConversationDetails, ConversationSettings},
    message::{Author, ContextUse, Finish, Message, MessageOptions, Part, Status, Usage},
    time::Millis,
};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    Error, Result,
    json::{Column, unknown},
    text,
};

/// The columns of [`ConversationRow`].
macro_rules! conversation_columns {
    () => {
        "id, title, model, active_leaf_id, created_at, updated_at"
    };
}

/// The columns of [`DetailsRow`].
macro_rules! details_columns {
    () => {
        "id, title, model, active_leaf_id, created_at, updated_at, system_prompt, options"
    };
}

/// The columns of [`MessageRow`], of a table that is called `m`.
macro_rules! message_columns {
    () => {
        "m.id, m.conversation_id, m.parent_id, m.author, m.status, m.parts, m.model, m.generation_id, \
         m.options, m.input_tokens, m.output_tokens, m.cached_tokens, m.reasoning_tokens, m.cache_write_tokens, \
         m.cost_micros, m.usage_estimated, m.finish, m.context, m.created_at"
    };
}

/// The columns that a copy of a message shares with the original.
macro_rules! copied_columns {
    () => {
        "owner_id, depth, author, parts, native, model, options, finish, context, input_tokens, output_tokens, \
         cached_tokens, reasoning_tokens, cache_write_tokens, cost_micros, usage_estimated, created_at"
    };
}

pub(crate) use {conversation_columns, copied_columns, details_columns, message_columns};

#[derive(FromRow)]
pub(crate) struct ConversationRow {
    id: Uuid,
    title: String,
    model: Option<String>,
    active_leaf_id: Option<Uuid>,
    created_at: i64,
    updated_at: i64,
}

#[derive(FromRow)]
pub(crate) struct DetailsRow {
    #[sqlx(flatten)]
    conversation: ConversationRow,
    system_prompt: Option<String>,
    options: Option<String>,
}

#[derive(FromRow)]
pub(crate) struct MessageRow {
    id: Uuid,
    conversation_id: Uuid,
    parent_id: Option<Uuid>,
    author: String,
    status: String,
    parts: String,
    model: Option<String>,
    generation_id: Option<Uuid>,
    options: Option<String>,
    input_tokens: Option<i64>,
    output_tokens: Option<i64>,
    cached_tokens: Option<i64>,
    reasoning_tokens: Option<i64>,
    cache_write_tokens: Option<i64>,
    cost_micros: Option<i64>,
    usage_estimated: Option<bool>,
    finish: Option<String>,
    context: Option<String>,
    created_at: i64,
}

impl From<ConversationRow> for Conversation {
    fn from(row: ConversationRow) -> Self {
        Self {
            id: ConversationId::from_uuid(row.id),
            title: row.title,
            model: row.model,
            active_leaf_id: row.active_leaf_id.map(MessageId::from_uuid),
            created_at: Millis(row.created_at),
            updated_at: Millis(row.updated_at),
        }
    }
}

impl TryFrom<DetailsRow> for ConversationDetails {
    type Error = Error;

    fn try_from(row: DetailsRow) -> Result<Self> {
        let conversation = Conversation::from(row.conversation);
        let settings = read_settings(conversation.id, row.system_prompt, row.options.as_deref())?;
        Ok(Self { conversation, settings })
    }
}

impl TryFrom<MessageRow> for Message {
    type Error = Error;

    fn try_from(row: MessageRow) -> Result<Self> {
        let author = match row.author.as_str() {
            "user" => Author::User,
            "assistant" => Author::Assistant,
            _ => return Err(unknown("messages", "author", row.id, &row.author)),
        };
        let usage = row.input_tokens.zip(row.output_tokens).map(|(input, output)| Usage {
            input_tokens: count(input),
            output_tokens: count(output),
            cached_tokens: row.cached_tokens.map(count).unwrap_or_default(),
            reasoning_tokens: row.reasoning_tokens.map(count).unwrap_or_default(),
            cache_write_tokens: row.cache_write_tokens.map(count).unwrap_or_default(),
            cost_micros: row.cost_micros.map(count),
            estimated: row.usage_estimated.unwrap_or_default(),
        });
        let context =
            row.context.map(|json| Column::of_message("context", row.id).read(&json)).transpose()?;
        Ok(Self {
            id: MessageId::from_uuid(row.id),
            conversation_id: ConversationId::from_uuid(row.conversation_id),
            parent_id: row.parent_id.map(MessageId::from_uuid),
            author,
            status: read_status("messages", row.id, &row.status)?,
            parts: Column::of_message("parts", row.id).read(&row.parts)?,
            model: row.model,
            generation_id: row.generation_id.map(GenerationId::from_uuid),
            usage,
            finish: row.finish.map(|finish| read_finish(row.id, &finish)).transpose()?,
            options: read_options(Column::of_message("options", row.id), row.options.as_deref())?,
            context,
            siblings: Vec::new(),
            created_at: Millis(row.created_at),
        })
    }
}

/// The settings of a conversation from their columns.
pub(crate) fn read_settings(
    conversation: ConversationId,
    system_prompt: Option<String>,
    options: Option<&str>,
) -> Result<ConversationSettings> {
    let options = read_options(options_column(conversation), options)?;
    Ok(ConversationSettings { system_prompt, options })
}

/// Settings as they are stored: without an empty system prompt.
pub(crate) fn storable_settings(settings: &ConversationSettings) -> ConversationSettings {
    let system_prompt = settings.system_prompt.as_deref().map(text::storable);
    ConversationSettings { system_prompt: system_prompt.filter(|prompt| !prompt.is_empty()), ..*settings }
}

/// The column of a conversation's options.
pub(crate) const fn options_column(conversation: ConversationId) -> Column {
    Column { table: "conversations", name: "options", row: conversation.as_uuid() }
}

/// The parts of a message as they are stored.
pub(crate) fn write_parts(message: MessageId, parts: &[Part]) -> Result<String> {
    Column::of_message("parts", message.as_uuid()).write(parts)
}

/// Options as they are stored: `NULL` for the defaults.
pub(crate) fn write_options(column: Column, options: &MessageOptions) -> Result<Option<String>> {
    (!options.is_default()).then(|| column.write(options)).transpose()
}

/// Options from their column.
pub(crate) fn read_options(column: Column, json: Option<&str>) -> Result<MessageOptions> {
    json.map_or(Ok(MessageOptions::default()), |json| column.read(json))
}

/// Context use as it is stored.
pub(crate) fn write_context(message: MessageId, context: &ContextUse) -> Result<String> {
    Column::of_message("context", message.as_uuid()).write(context)
}

/// A count as both engines store it, in a signed integer.
pub(crate) fn stored_count(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A count from its column.
pub(crate) fn count(stored: i64) -> u64 {
    u64::try_from(stored).unwrap_or_default()
}

pub(crate) fn read_status(table: &'static str, row: Uuid, text: &str) -> Result<Status> {
    const ALL: [Status; 5] =
        [Status::Streaming, Status::Complete, Status::Stopped, Status::Interrupted, Status::Failed];
    ALL.into_iter().find(|status| status.as_str() == text).ok_or_else(|| unknown(table, "status", row, text))
}

fn read_finish(row: Uuid, text: &str) -> Result<Finish> {
    const ALL: [Finish; 6] = [
        Finish::Stop,
        Finish::Length,
        Finish::ToolCalls,
        Finish::ContentFilter,
        Finish::Refusal,
        Finish::Other,
    ];
    ALL.into_iter()
        .find(|finish| finish.as_str() == text)
        .ok_or_else(|| unknown("messages", "finish", row, text))
}
