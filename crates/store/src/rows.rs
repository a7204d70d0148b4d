//! Rows as both drivers read them, and what they mean.

use kaiwa_shared::{
    ConversationId, GenerationId, MessageId, SessionId, UserId,
    auth::{Role, User},
    conversation::Conversation,
    message::{Author, ContextUse, Finish, Message, MessageOptions, Part, Status, Usage},
    time::Millis,
};
use serde::de::DeserializeOwned;
use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    Error, Result,
    entities::{Generation, Session, UserSecret},
};

/// The columns of [`UserRow`], of a table that is called `u`.
macro_rules! user_columns {
    () => {
        "u.id, u.username, u.email, u.role, u.created_at"
    };
}

/// The columns of [`ConversationRow`].
macro_rules! conversation_columns {
    () => {
        "id, title, model, active_leaf_id, created_at, updated_at"
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

/// The columns of a message that a copy of it has alike.
macro_rules! copied_columns {
    () => {
        "owner_id, author, parts, native, model, options, finish, context, input_tokens, output_tokens, \
         cached_tokens, reasoning_tokens, cache_write_tokens, cost_micros, usage_estimated, created_at"
    };
}

/// The columns of [`GenerationRow`], of a table that is called `g`.
macro_rules! generation_columns {
    () => {
        "g.id, g.conversation_id, g.message_id, g.status, g.sequence"
    };
}

pub(crate) use {conversation_columns, copied_columns, generation_columns, message_columns, user_columns};

#[derive(FromRow)]
pub(crate) struct UserRow {
    id: Uuid,
    username: String,
    email: Option<String>,
    role: String,
    created_at: i64,
}

#[derive(FromRow)]
pub(crate) struct UserSecretRow {
    #[sqlx(flatten)]
    user: UserRow,
    password_hash: String,
}

#[derive(FromRow)]
pub(crate) struct SessionRow {
    #[sqlx(flatten)]
    user: UserRow,
    session_id: Uuid,
    session_created_at: i64,
    session_expires_at: i64,
}

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

#[derive(FromRow)]
pub(crate) struct GenerationRow {
    id: Uuid,
    conversation_id: Uuid,
    message_id: Uuid,
    status: String,
    sequence: i64,
}

impl TryFrom<UserRow> for User {
    type Error = Error;

    fn try_from(row: UserRow) -> Result<Self> {
        let role = match row.role.as_str() {
            "admin" => Role::Admin,
            "user" => Role::User,
            _ => return Err(unknown("users", "role", row.id, &row.role)),
        };
        Ok(Self {
            id: UserId::from_uuid(row.id),
            username: row.username,
            email: row.email,
            role,
            created_at: Millis(row.created_at),
        })
    }
}

impl TryFrom<UserSecretRow> for UserSecret {
    type Error = Error;

    fn try_from(row: UserSecretRow) -> Result<Self> {
        Ok(Self { user: row.user.try_into()?, password_hash: row.password_hash })
    }
}

impl TryFrom<SessionRow> for (Session, User) {
    type Error = Error;

    fn try_from(row: SessionRow) -> Result<Self> {
        let user = User::try_from(row.user)?;
        let session = Session {
            id: SessionId::from_uuid(row.session_id),
            user_id: user.id,
            created_at: Millis(row.session_created_at),
            expires_at: Millis(row.session_expires_at),
        };
        Ok((session, user))
    }
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
        let context = row.context.map(|json| read_json("context", row.id, &json)).transpose()?;
        Ok(Self {
            id: MessageId::from_uuid(row.id),
            conversation_id: ConversationId::from_uuid(row.conversation_id),
            parent_id: row.parent_id.map(MessageId::from_uuid),
            author,
            status: status("messages", row.id, &row.status)?,
            parts: read_json("parts", row.id, &row.parts)?,
            model: row.model,
            generation_id: row.generation_id.map(GenerationId::from_uuid),
            usage,
            finish: row.finish.map(|finish| finish_of(row.id, &finish)).transpose()?,
            options: row
                .options
                .map(|json| read_json("options", row.id, &json))
                .transpose()?
                .unwrap_or_default(),
            context,
            siblings: Vec::new(),
            created_at: Millis(row.created_at),
        })
    }
}

impl TryFrom<GenerationRow> for Generation {
    type Error = Error;

    fn try_from(row: GenerationRow) -> Result<Self> {
        Ok(Self {
            id: GenerationId::from_uuid(row.id),
            conversation_id: ConversationId::from_uuid(row.conversation_id),
            message_id: MessageId::from_uuid(row.message_id),
            status: status("generations", row.id, &row.status)?,
            sequence: count(row.sequence),
        })
    }
}

/// A role as it is stored.
pub(crate) const fn role_str(role: Role) -> &'static str {
    match role {
        Role::Admin => "admin",
        Role::User => "user",
    }
}

/// The parts of a message as they are stored.
pub(crate) fn write_parts(message: MessageId, parts: &[Part]) -> Result<String> {
    serde_json::to_string(parts).map_err(|error| bad_json("parts", message.as_uuid(), &error))
}

/// What was asked of a model, as it is stored; nothing for the usual.
pub(crate) fn write_options(message: MessageId, options: &MessageOptions) -> Result<Option<String>> {
    if options.is_default() {
        return Ok(None);
    }
    serde_json::to_string(options).map(Some).map_err(|error| bad_json("options", message.as_uuid(), &error))
}

/// A count as the engines hold it; both have signed integers only.
pub(crate) fn stored_count(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// How much of the window was filled, as it is stored.
pub(crate) fn write_context(message: MessageId, context: &ContextUse) -> Result<String> {
    serde_json::to_string(context).map_err(|error| bad_json("context", message.as_uuid(), &error))
}

/// What a column of a message holds as JSON.
pub(crate) fn read_json<T: DeserializeOwned>(column: &'static str, message: Uuid, json: &str) -> Result<T> {
    serde_json::from_str(json).map_err(|error| bad_json(column, message, &error))
}

/// Says where the JSON is wrong but not what it holds, which is somebody's conversation.
pub(crate) fn bad_json(column: &'static str, message: Uuid, error: &serde_json::Error) -> Error {
    Error::Inconsistent {
        table: "messages",
        column,
        row: message.to_string(),
        detail: format!("{:?} error at line {}, column {}", error.classify(), error.line(), error.column()),
    }
}

fn status(table: &'static str, row: Uuid, text: &str) -> Result<Status> {
    const ALL: [Status; 5] =
        [Status::Streaming, Status::Complete, Status::Stopped, Status::Interrupted, Status::Failed];
    ALL.into_iter().find(|status| status.as_str() == text).ok_or_else(|| unknown(table, "status", row, text))
}

fn finish_of(row: Uuid, text: &str) -> Result<Finish> {
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

fn unknown(table: &'static str, column: &'static str, row: Uuid, text: &str) -> Error {
    Error::Inconsistent { table, column, row: row.to_string(), detail: format!("unknown value {text:?}") }
}

fn count(stored: i64) -> u64 {
    u64::try_from(stored).unwrap_or_default()
}
