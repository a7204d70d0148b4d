//! Conversations.

use kaiwa_shared::{
    ConversationId, UserId,
    conversation::{Conversation, Page, TITLE_MAX_CHARS, UpdateConversation},
    time::Millis,
};
use uuid::Uuid;

use crate::{
    Result, Store,
    db::{execute, fetch_all, fetch_optional},
    rows::{ConversationRow, conversation_columns},
    text,
};

/// The conversations of a store.
pub struct Conversations<'a>(pub(crate) &'a Store);

impl Conversations<'_> {
    /// Makes an empty conversation; a title given here counts as its owner's own.
    pub async fn create(
        &self,
        owner: UserId,
        id: ConversationId,
        title: Option<&str>,
        model: Option<&str>,
        now: Millis,
    ) -> Result<Conversation> {
        let title = text::storable(title.unwrap_or_default());
        let model = model.map(text::storable);
        let mut tx = self.0.db.begin().await?;
        execute!(
            tx,
            "INSERT INTO conversations
                 (id, owner_id, title, title_folded, title_is_own, model, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
            id.as_uuid(),
            owner.as_uuid(),
            &title,
            text::fold(&title),
            !title.is_empty(),
            model.as_deref(),
            now.0,
        )?;
        tx.commit().await?;
        Ok(Conversation { id, title, model, active_leaf_id: None, created_at: now, updated_at: now })
    }

    /// A conversation of this owner.
    pub async fn find(&self, owner: UserId, id: ConversationId) -> Result<Option<Conversation>> {
        let mut reader = self.0.db.reader().await?;
        let sql = concat!(
            "SELECT ",
            conversation_columns!(),
            " FROM conversations WHERE id = $1 AND owner_id = $2"
        );
        Ok(fetch_optional!(reader, ConversationRow, sql, id.as_uuid(), owner.as_uuid())?.map(Into::into))
    }

    /// A page of this owner's conversations, newest change first. `query` is searched for literally in the titles,
    /// without regard to case; `after` is the `next` of the page before, and one that cannot be read is as `None`.
    pub async fn list(
        &self,
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
        let mut reader = self.0.db.reader().await?;
        let sql = concat!(
            "SELECT ",
            conversation_columns!(),
            r" FROM conversations
             WHERE owner_id = $1 AND (updated_at, id) < ($2, $3) AND title_folded LIKE $4 ESCAPE '\'
             ORDER BY updated_at DESC, id DESC
             LIMIT $5"
        );
        // One more than asked for says whether there is another page.
        let rows = fetch_all!(
            reader,
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

    /// Changes title (from then on never overwritten by a generated one) or model; gives the new state.
    pub async fn update(
        &self,
        owner: UserId,
        id: ConversationId,
        change: &UpdateConversation,
    ) -> Result<Option<Conversation>> {
        let title = change.title.as_deref().map(text::storable);
        let mut tx = self.0.db.begin().await?;
        let sql = concat!(
            "UPDATE conversations
             SET title = COALESCE($3, title)
               , title_folded = COALESCE($4, title_folded)
               , title_is_own = (title_is_own OR $5)
               , model = COALESCE($6, model)
             WHERE id = $1 AND owner_id = $2
             RETURNING ",
            conversation_columns!()
        );
        let row = fetch_optional!(
            tx,
            ConversationRow,
            sql,
            id.as_uuid(),
            owner.as_uuid(),
            title.as_deref(),
            title.as_deref().map(text::fold),
            title.is_some(),
            change.model.as_deref().map(text::storable),
        )?;
        tx.commit().await?;
        Ok(row.map(Into::into))
    }

    /// Sets a generated title if the conversation has none of its own; `true` if it was set.
    pub async fn set_generated_title(&self, id: ConversationId, title: &str) -> Result<bool> {
        let title = text::storable(title);
        let mut tx = self.0.db.begin().await?;
        let changed = execute!(
            tx,
            "UPDATE conversations SET title = $2, title_folded = $3 WHERE id = $1 AND NOT title_is_own",
            id.as_uuid(),
            &title,
            text::fold(&title),
        )?;
        tx.commit().await?;
        Ok(changed == 1)
    }

    /// Removes a conversation with all its messages and generations; `true` if it was there.
    pub async fn delete(&self, owner: UserId, id: ConversationId) -> Result<bool> {
        let mut tx = self.0.db.begin().await?;
        let removed = execute!(
            tx,
            "DELETE FROM conversations WHERE id = $1 AND owner_id = $2",
            id.as_uuid(),
            owner.as_uuid(),
        )?;
        tx.commit().await?;
        Ok(removed == 1)
    }
}

/// The place in the list after which a page begins: the sort key of the last entry before it.
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
