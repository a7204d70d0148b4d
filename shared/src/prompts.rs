//! Saved prompts: texts that a user inserts into messages by name.

use serde::{Deserialize, Serialize};

use crate::{PromptId, time::Millis};

/// Maximum number of prompts of one account.
pub const MAX_PROMPTS: usize = 200;

/// Maximum length of a name, in characters.
pub const NAME_MAX_CHARS: usize = 64;

/// Maximum size of a text, in bytes.
pub const MAX_TEXT_BYTES: usize = 16 * 1024;

/// A saved prompt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Prompt {
    /// Its id.
    pub id: PromptId,
    /// Its name, unique in the account ignoring case.
    pub name: String,
    /// What is inserted. `{{…}}` in it is a placeholder that the user fills in.
    pub text: String,
    /// When it was created.
    pub created_at: Millis,
    /// When it was last changed.
    pub updated_at: Millis,
}

/// The response to `GET /api/prompts`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Prompts {
    /// All prompts of the account, by name.
    pub prompts: Vec<Prompt>,
}

/// Body of `POST /api/prompts`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreatePrompt {
    /// The name, 1 to 64 characters.
    pub name: String,
    /// The text, at most 16 KiB.
    pub text: String,
}

/// Body of `PATCH /api/prompts/{id}`; an absent field stays as it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdatePrompt {
    /// The new name, 1 to 64 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The new text, at most 16 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}
