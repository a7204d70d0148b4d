//! Conversations.

use kaiwa_shared::{
    ConversationId, UserId,
    conversation::{
        Conversation, ConversationDetails, CreateConversation, Page, TITLE_MAX_CHARS, UpdateConversation,
    },
    time::Millis,
};
use uuid::Uuid;

use super::rows::{
    ConversationRow, DetailsRow, conversation_columns, details_columns, options_column, write_options,
};
use crate::{
    Result, Tx,
    db::{execute, fetch_all, fetch_one, fetch_optional},
    text,
};

/// The repository of conversations.
pub struct Conversations<'t>(pub(crate) &'t mut Tx);

impl Conversations<'_> {
    /// Creates an empty conversation. A title that is given here is never overwritten by a generated one.
    #[tracing::instrument(name = "store.conversations.create", level = "debug", skip_all)]
    pub async fn create(
        &mut self,
        owner: UserId,
        id: ConversationId,
        new: &CreateConversation,
        now: Millis,
    ) -> Result<ConversationDetails> {
        let title = text::storable(new.title.as_deref().unwrap_or_default());
        let sql = concat!(
            "INSERT INTO conversations
                 (id, owner_id, title, title_folded, title_is_own, model, system_prompt, options
                , created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
             RETURNING ",
            details_columns!()
        );
        let row = fetch_one!(
            self.0,
            DetailsRow,
            sql,
            id.as_uuid(),
            owner.as_uuid(),
            &title,
            text::fold(&title),
            !title.is_empty(),
            new.model.as_deref().map(text::storable),
            new.system_prompt.as_deref().map(text::storable).filter(|prompt| !prompt.is_empty()),
            write_options(options_column(id), &new.options)?,
            now.0,
        )?;
        row.try_into()
    }

    /// A conversation of this owner.
    #[tracing::instrument(name = "store.conversations.find", level = "debug", skip_all)]
    pub async fn find(&mut self, owner: UserId, id: ConversationId) -> Result<Option<Conversation>> {
        let sql = concat!(
            "SELECT ",
            conversation_columns!(),
            " FROM conversations WHERE id = $1 AND owner_id = $2"
        );
        Ok(fetch_optional!(self.0, ConversationRow, sql, id.as_uuid(), owner.as_uuid())?.map(Into::into))
    }

    /// A page of this owner's conversations, latest change first. `query` matches titles literally and without regard
    /// to case; `after` is the `next` of the page before, and an unreadable one counts as `None`.
    #[tracing::instrument(name = "store.conversations.list", level = "debug", skip_all)]
    pub async fn list(
        &mut self,
        owner: UserId,
        query: Option<&str>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Conversation>> {
        let query = query.unwrap_or_default();
        if query.chars().count() > TITLE_MAX_CHARS {
            return Ok(Page { items: Vec::new(), next: None });
        }
        let limit = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
        let after = after.and_then(Cursor::parse).unwrap_or(Cursor::FIRST);
        let sql = concat!(
            "SELECT ",
            conversation_columns!(),
            r" FROM conversations
             WHERE owner_id = $1 AND (updated_at, id) < ($2, $3) AND title_folded LIKE $4 ESCAPE '\'
             ORDER BY updated_at DESC, id DESC
             LIMIT $5"
        );
        // One row more than the limit shows whether there is another page.
        let rows = fetch_all!(
            self.0,
            ConversationRow,
            sql,
            owner.as_uuid(),
            after.updated_at,
            after.id,
            text::containing(query),
            i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1),
        )?;
        let more = rows.len() > limit;
        let items: Vec<Conversation> = rows.into_iter().take(limit).map(Into::into).collect();
        let next = items.last().filter(|_| more).map(|last| Cursor::of(last).to_string());
        Ok(Page { items, next })
    }

    /// A conversation of this owner with its settings.
    #[tracing::instrument(name = "store.conversations.find_details", level = "debug", skip_all)]
    pub async fn find_details(
        &mut self,
        owner: UserId,
        id: ConversationId,
    ) -> Result<Option<ConversationDetails>> {
        let sql =
            concat!("SELECT ", details_columns!(), " FROM conversations WHERE id = $1 AND owner_id = $2");
        fetch_optional!(self.0, DetailsRow, sql, id.as_uuid(), owner.as_uuid())?
            .map(TryInto::try_into)
            .transpose()
    }

    /// Changes a conversation of this owner and returns its new state. A title that is set here is never overwritten
    /// by a generated one.
    #[tracing::instrument(name = "store.conversations.update", level = "debug", skip_all)]
    pub async fn update(
        &mut self,
        owner: UserId,
        id: ConversationId,
        change: &UpdateConversation,
    ) -> Result<Option<ConversationDetails>> {
        let title = change.title.as_deref().map(text::storable);
        let prompt = change.system_prompt.as_deref().map(text::storable);
        let options =
            change.options.map(|options| write_options(options_column(id), &options)).transpose()?;
        let sql = concat!(
            "UPDATE conversations
             SET title = COALESCE($3, title)
               , title_folded = COALESCE($4, title_folded)
               , title_is_own = (title_is_own OR $5)
               , model = COALESCE($6, model)
               , system_prompt = CASE WHEN $7 THEN NULLIF($8, '') ELSE system_prompt END
               , options = CASE WHEN $9 THEN $10 ELSE options END
             WHERE id = $1 AND owner_id = $2
             RETURNING ",
            details_columns!()
        );
        fetch_optional!(
            self.0,
            DetailsRow,
            sql,
            id.as_uuid(),
            owner.as_uuid(),
            title.as_deref(),
            title.as_deref().map(text::fold),
            title.is_some(),
            change.model.as_deref().map(text::storable),
            prompt.is_some(),
            prompt.as_deref(),
            options.is_some(),
            options.flatten(),
        )?
        .map(TryInto::try_into)
        .transpose()
    }

    /// Sets a generated title if the conversation has none of its own; `true` if it was set.
    #[tracing::instrument(name = "store.conversations.set_generated_title", level = "debug", skip_all)]
    pub async fn set_generated_title(&mut self, id: ConversationId, title: &str) -> Result<bool> {
        let title = text::storable(title);
        let changed = execute!(
            self.0,
            "UPDATE conversations SET title = $2, title_folded = $3 WHERE id = $1 AND NOT title_is_own",
            id.as_uuid(),
            &title,
            text::fold(&title),
        )?;
        Ok(changed == 1)
    }

    /// Deletes a conversation of this owner with its messages and generations; `true` if it existed.
    #[tracing::instrument(name = "store.conversations.delete", level = "debug", skip_all)]
    pub async fn delete(&mut self, owner: UserId, id: ConversationId) -> Result<bool> {
        let removed = execute!(
            self.0,
            "DELETE FROM conversations WHERE id = $1 AND owner_id = $2",
            id.as_uuid(),
            owner.as_uuid(),
        )?;
        Ok(removed == 1)
    }
}

/// Where a page of the list begins: the sort key of the last entry before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cursor {
    updated_at: i64,
    id: Uuid,
}

impl Cursor {
    /// Before everything.
    const FIRST: Self = Self { updated_at: i64::MAX, id: Uuid::max() };

    fn of(conversation: &Conversation) -> Self {
        Self { updated_at: conversation.updated_at.0, id: conversation.id.as_uuid() }
    }

    fn parse(text: &str) -> Option<Self> {
        let (updated_at, id) = text.split_once('.')?;
        Some(Self { updated_at: updated_at.parse().ok()?, id: Uuid::try_parse(id).ok()? })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.updated_at, self.id.simple())
    }
}
