//! Conversations and their queues.

mod create;
mod delete;
mod fork;
mod get;
mod list;
mod messages;
mod send_queued;
mod show;
mod unqueue;
mod update;

use kaiwa_engine::SendError;
use kaiwa_shared::{
    UserId,
    conversation::{ConversationDetails, TITLE_MAX_CHARS},
    feed::{ConversationChanged, FeedEvent},
    message::MessageOptions,
    problem::FieldError,
};

use super::{
    chat::{check_options, check_system_prompt},
    endpoints::endpoints,
};
use crate::{http::ApiError, state::AppState};

endpoints![
    list::list_conversations,
    create::create_conversation,
    get::get_conversation,
    update::update_conversation,
    delete::delete_conversation,
    messages::list_messages,
    show::show_message,
    fork::fork_conversation,
    send_queued::send_queued_message,
    unqueue::delete_queued_message,
];

/// Announces a conversation with its settings to the user's open pages.
fn publish(state: &AppState, owner: UserId, details: &ConversationDetails) {
    let ConversationDetails { conversation, settings } = details.clone();
    let event = FeedEvent::Conversation(ConversationChanged { conversation, settings: Some(settings) });
    state.engine.feed().publish(owner, &event);
}

/// Trims and checks a title.
fn parse_title(title: &str) -> Result<String, ApiError> {
    let title = title.trim();
    let problem = |code: &str, detail: String| {
        Err(ApiError::invalid_fields(vec![FieldError::new("title", code, detail)]))
    };
    match title.chars().count() {
        0 => problem("required", "A title needs at least one character.".to_owned()),
        count if count > TITLE_MAX_CHARS => problem(
            "too_long",
            format!("A title can have at most {TITLE_MAX_CHARS} characters; this one has {count}."),
        ),
        _ if title.chars().any(char::is_control) => {
            problem("malformed", "A title cannot contain control characters or line breaks.".to_owned())
        }
        _ => Ok(title.to_owned()),
    }
}

/// Refuses a model that is not offered.
fn check_model(state: &AppState, model: &str) -> Result<(), ApiError> {
    match state.engine.catalog().find(model) {
        Some(_) => Ok(()),
        None => Err(SendError::ModelNotFound(model.to_owned()).into()),
    }
}

/// Checks a conversation's settings.
fn check_settings(system_prompt: Option<&str>, options: Option<&MessageOptions>) -> Result<(), ApiError> {
    check_system_prompt("system_prompt", system_prompt.unwrap_or_default())?;
    options.map_or(Ok(()), |options| check_options("options", options))
}

/// Checks the size of a page, at most `max`, and applies the default.
fn parse_limit(limit: Option<u32>, max: u32) -> Result<u32, ApiError> {
    match limit.unwrap_or(50) {
        limit if (1..=max).contains(&limit) => Ok(limit),
        other => Err(ApiError::invalid(
            "limit",
            "out_of_range",
            format!("`limit` must be from 1 to {max}, not {other}."),
        )),
    }
}
