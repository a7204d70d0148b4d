//! `/api/prompts`: saved prompts.

use kaiwa_shared::{
    PromptId,
    prompts::{CreatePrompt, Prompts, UpdatePrompt},
};

use super::{Api, Error, Method, json_of};

impl Api {
    /// All saved prompts, by name.
    pub async fn prompts(self) -> Result<Prompts, Error> {
        self.get("prompts").await
    }

    /// Saves a new prompt.
    pub async fn create_prompt(self, new: &CreatePrompt) -> Result<(), Error> {
        self.command(Method::Post, "prompts".to_owned(), json_of(new)).await
    }

    /// Changes a saved prompt.
    pub async fn update_prompt(self, id: PromptId, change: &UpdatePrompt) -> Result<(), Error> {
        self.command(Method::Patch, format!("prompts/{id}"), json_of(change)).await
    }

    /// Deletes a saved prompt.
    pub async fn delete_prompt(self, id: PromptId) -> Result<(), Error> {
        self.command(Method::Delete, format!("prompts/{id}"), None).await
    }
}
