//! Saved prompts.

use kaiwa_shared::{
    PromptId, UserId,
    prompts::{CreatePrompt, MAX_PROMPTS, Prompt, UpdatePrompt},
    time::Millis,
};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    Result, Tx,
    db::{execute, fetch_all, fetch_one, fetch_optional},
    text,
};

/// The columns of [`PromptRow`].
macro_rules! prompt_columns {
    () => {
        "id, name, text, created_at, updated_at"
    };
}

/// The repository of saved prompts.
pub struct Prompts<'t>(pub(crate) &'t mut Tx);

/// The outcome of [`Prompts::create`] and [`Prompts::update`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PromptOutcome {
    /// Stored; the prompt as it is now.
    Stored(Prompt),
    /// Another prompt of the account has the name.
    NameTaken,
    /// The account has [`MAX_PROMPTS`] already.
    TooMany,
    /// The owner has no such prompt.
    NoPrompt,
}

impl Prompts<'_> {
    /// All prompts of this owner, by name.
    #[tracing::instrument(name = "store.prompts.list", level = "debug", skip_all)]
    pub async fn list(&mut self, owner: UserId) -> Result<Vec<Prompt>> {
        let sql = concat!("SELECT ", prompt_columns!(), " FROM prompts WHERE owner_id = $1");
        let rows = fetch_all!(self.0, PromptRow, sql, owner.as_uuid())?;
        let mut prompts: Vec<Prompt> = rows.into_iter().map(Into::into).collect();
        // The engines sort texts differently.
        prompts.sort_by_cached_key(|prompt| text::fold(&prompt.name));
        Ok(prompts)
    }

    /// Creates a prompt. Commit if it is stored.
    #[tracing::instrument(name = "store.prompts.create", level = "debug", skip_all)]
    pub async fn create(
        &mut self,
        owner: UserId,
        id: PromptId,
        new: &CreatePrompt,
        now: Millis,
    ) -> Result<PromptOutcome> {
        self.0.0.lock_user(owner.as_uuid()).await?;
        let name = text::storable(&new.name);
        if self.is_taken(owner, id, &name).await? {
            return Ok(PromptOutcome::NameTaken);
        }
        let sql = "SELECT COUNT(*) FROM prompts WHERE owner_id = $1";
        let (count,) = fetch_one!(self.0, (i64,), sql, owner.as_uuid())?;
        if usize::try_from(count).is_ok_and(|count| count >= MAX_PROMPTS) {
            return Ok(PromptOutcome::TooMany);
        }
        let sql = concat!(
            "INSERT INTO prompts (id, owner_id, name, name_key, text, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $6)
             RETURNING ",
            prompt_columns!()
        );
        let row = fetch_one!(
            self.0,
            PromptRow,
            sql,
            id.as_uuid(),
            owner.as_uuid(),
            &name,
            text::fold(&name),
            text::storable(&new.text),
            now.0,
        )?;
        Ok(PromptOutcome::Stored(row.into()))
    }

    /// Changes a prompt of this owner. Commit if it is stored.
    #[tracing::instrument(name = "store.prompts.update", level = "debug", skip_all)]
    pub async fn update(
        &mut self,
        owner: UserId,
        id: PromptId,
        change: &UpdatePrompt,
        now: Millis,
    ) -> Result<PromptOutcome> {
        self.0.0.lock_user(owner.as_uuid()).await?;
        let name = change.name.as_deref().map(text::storable);
        if let Some(name) = &name
            && self.is_taken(owner, id, name).await?
        {
            return Ok(PromptOutcome::NameTaken);
        }
        let sql = concat!(
            "UPDATE prompts
             SET name = COALESCE($3, name)
               , name_key = COALESCE($4, name_key)
               , text = COALESCE($5, text)
               , updated_at = $6
             WHERE id = $1 AND owner_id = $2
             RETURNING ",
            prompt_columns!()
        );
        let row = fetch_optional!(
            self.0,
            PromptRow,
            sql,
            id.as_uuid(),
            owner.as_uuid(),
            name.as_deref(),
            name.as_deref().map(text::fold),
            change.text.as_deref().map(text::storable),
            now.0,
        )?;
        Ok(row.map_or(PromptOutcome::NoPrompt, |row| PromptOutcome::Stored(row.into())))
    }

    /// Deletes a prompt of this owner; `true` if it existed.
    #[tracing::instrument(name = "store.prompts.delete", level = "debug", skip_all)]
    pub async fn delete(&mut self, owner: UserId, id: PromptId) -> Result<bool> {
        let removed = execute!(
            self.0,
            "DELETE FROM prompts WHERE id = $1 AND owner_id = $2",
            id.as_uuid(),
            owner.as_uuid(),
        )?;
        Ok(removed == 1)
    }

    /// Whether a prompt other than this one has the name.
    async fn is_taken(&mut self, owner: UserId, id: PromptId, name: &str) -> Result<bool> {
        let sql = "SELECT created_at FROM prompts WHERE owner_id = $1 AND name_key = $2 AND id <> $3";
        let other = fetch_optional!(self.0, (i64,), sql, owner.as_uuid(), text::fold(name), id.as_uuid())?;
        Ok(other.is_some())
    }
}

#[derive(FromRow)]
struct PromptRow {
    id: Uuid,
    name: String,
    text: String,
    created_at: i64,
    updated_at: i64,
}

impl From<PromptRow> for Prompt {
    fn from(row: PromptRow) -> Self {
        Self {
            id: PromptId::from_uuid(row.id),
            name: row.name,
            text: row.text,
            created_at: Millis(row.created_at),
            updated_at: Millis(row.updated_at),
        }
    }
}
