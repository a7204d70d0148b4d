//! Saved prompts.

mod create;
mod delete;
mod list;
mod update;

use kaiwa_shared::{
    Code, UserId,
    feed::FeedEvent,
    problem::FieldError,
    prompts::{MAX_PROMPTS, MAX_TEXT_BYTES, NAME_MAX_CHARS, Prompt},
};
use kaiwa_store::accounts::PromptOutcome;

use super::endpoints::endpoints;
use crate::{http::ApiError, state::AppState};

endpoints![list::list_prompts, create::create_prompt, update::update_prompt, delete::delete_prompt];

/// Announces to the user's open pages that the prompts have changed.
fn publish(state: &AppState, owner: UserId) {
    state.engine.feed().publish(owner, &FeedEvent::PromptsChanged);
}

/// The stored prompt, or why there is none.
fn stored(outcome: PromptOutcome) -> Result<Prompt, ApiError> {
    match outcome {
        PromptOutcome::Stored(prompt) => Ok(prompt),
        PromptOutcome::NameTaken => {
            let detail = "Another prompt has this name. Choose another.";
            Err(ApiError::field(Code::AlreadyExists, "name", "taken", detail))
        }
        PromptOutcome::TooMany => {
            let detail = format!("An account can have at most {MAX_PROMPTS} prompts. Delete one first.");
            Err(ApiError::new(Code::TooManyPrompts, detail))
        }
        PromptOutcome::NoPrompt => Err(ApiError::not_found()),
    }
}

/// Trims a name and checks it with the text, each if given. The error names every invalid field at once.
fn check(name: Option<&str>, text: Option<&str>) -> Result<Option<String>, ApiError> {
    let name = name.map(str::trim);
    let errors: Vec<_> =
        [name.and_then(name_error), text.and_then(text_error)].into_iter().flatten().collect();
    if errors.is_empty() { Ok(name.map(str::to_owned)) } else { Err(ApiError::invalid_fields(errors)) }
}

fn name_error(name: &str) -> Option<FieldError> {
    let error = |code, detail: String| Some(FieldError::new("name", code, detail));
    match name.chars().count() {
        0 => error("required", "A prompt needs a name.".to_owned()),
        count if count > NAME_MAX_CHARS => error(
            "too_long",
            format!("A name can have at most {NAME_MAX_CHARS} characters; this one has {count}."),
        ),
        _ if name.chars().any(char::is_control) => {
            error("malformed", "A name cannot contain control characters or line breaks.".to_owned())
        }
        _ => None,
    }
}

fn text_error(text: &str) -> Option<FieldError> {
    let error = |code, detail: String| Some(FieldError::new("text", code, detail));
    if text.trim().is_empty() {
        return error("required", "A prompt needs a text.".to_owned());
    }
    if text.len() > MAX_TEXT_BYTES {
        return error("too_long", format!("A prompt can have at most {} KiB.", MAX_TEXT_BYTES / 1024));
    }
    if text.contains('\0') {
        return error("malformed", "A prompt may not contain the character U+0000.".to_owned());
    }
    None
}
