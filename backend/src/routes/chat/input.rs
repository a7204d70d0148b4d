//! Checks a request for a reply, as far as that is possible without the database.

use kaiwa_shared::{
    Content,
    conversation::MAX_SYSTEM_PROMPT_BYTES,
    files::MAX_FILES,
    message::MessageOptions,
    stream::{CONTENT_MAX_BYTES, MAX_PARALLEL, Parent, SendMessage},
};

use crate::http::ApiError;

/// Checks a request for a reply.
pub(super) fn check(message: &SendMessage) -> Result<(), ApiError> {
    let wanted = [message.regenerate.is_some(), message.continues.is_some(), !message.content.is_empty()];
    match wanted.iter().filter(|wanted| **wanted).count() {
        0 | 1 => {}
        _ => {
            return Err(contradicts(
                "content",
                "Send exactly one of `content`, `regenerate` and `continue`.",
            ));
        }
    }
    if message.regenerate.is_none() && message.continues.is_none() {
        check_content(&message.content)?;
    } else if message.queue {
        return Err(contradicts("queue", "Only a message with `content` can be queued."));
    }
    check_beside(message)?;
    check_temporary(message)?;
    check_new_settings(message)?;
    check_options("options", &message.options)
}

/// Checks the content of a message.
pub(crate) fn check_content(content: &Content) -> Result<(), ApiError> {
    if content.is_blank() {
        return Err(ApiError::invalid("content", "required", "A message needs some text or a file."));
    }
    if content.files().count() > MAX_FILES {
        let detail = format!("A message can have at most {MAX_FILES} files.");
        return Err(ApiError::invalid("content", "too_long", detail));
    }
    if content.size() > CONTENT_MAX_BYTES {
        let kib = CONTENT_MAX_BYTES / 1024;
        return Err(ApiError::invalid(
            "content",
            "too_long",
            format!("A message can have at most {kib} KiB."),
        ));
    }
    if content.text().contains('\0') {
        return Err(ApiError::invalid(
            "content",
            "malformed",
            "A message cannot contain the character U+0000.",
        ));
    }
    Ok(())
}

fn check_beside(message: &SendMessage) -> Result<(), ApiError> {
    if message.parallel.len() > MAX_PARALLEL {
        let detail = format!("At most {MAX_PARALLEL} models can reply in addition to the first.");
        return Err(ApiError::invalid("beside", "too_long", detail));
    }
    if !message.parallel.is_empty() && message.continues.is_some() {
        return Err(contradicts("beside", "Only one model can continue a reply."));
    }
    Ok(())
}

fn check_temporary(message: &SendMessage) -> Result<(), ApiError> {
    if message.temporary.is_none() {
        return Ok(());
    }
    let stored = [
        ("conversation_id", message.conversation_id.is_some()),
        ("parent_id", message.parent_id != Parent::ShownEnd),
        ("regenerate", message.regenerate.is_some()),
        ("continue", message.continues.is_some()),
        ("queue", message.queue),
    ];
    match stored.iter().find(|(_, is_set)| *is_set) {
        Some((field, _)) => Err(contradicts(
            field,
            "A temporary conversation is not stored, so it cannot refer to stored messages.",
        )),
        None => Ok(()),
    }
}

fn check_new_settings(message: &SendMessage) -> Result<(), ApiError> {
    let Some(settings) = &message.settings else { return Ok(()) };
    let stored =
        message.conversation_id.is_some() || message.regenerate.is_some() || message.continues.is_some();
    if stored {
        return Err(contradicts(
            "settings",
            "A stored conversation has its own settings; change them with `PATCH /api/conversations/{id}`.",
        ));
    }
    check_system_prompt("settings.system_prompt", settings.system_prompt.as_deref().unwrap_or_default())?;
    check_options("settings.options", &settings.options)
}

/// Checks a system prompt, which is named `field` in errors.
pub(crate) fn check_system_prompt(field: &str, prompt: &str) -> Result<(), ApiError> {
    if prompt.len() > MAX_SYSTEM_PROMPT_BYTES {
        let kib = MAX_SYSTEM_PROMPT_BYTES / 1024;
        let detail = format!("A system prompt may have at most {kib} KiB.");
        return Err(ApiError::invalid(field, "too_long", detail));
    }
    if prompt.contains('\0') {
        let detail = "A system prompt may not contain the character U+0000.";
        return Err(ApiError::invalid(field, "malformed", detail));
    }
    Ok(())
}

/// Checks options, which are named `field` in errors.
pub(crate) fn check_options(field: &str, options: &MessageOptions) -> Result<(), ApiError> {
    let out_of_range = |option: &str, range: &str| {
        let field = format!("{field}.{option}");
        Err(ApiError::invalid(&field, "out_of_range", format!("`{option}` must be {range}.")))
    };
    if let Some(temperature) = options.temperature
        && !(0.0..=2.0).contains(&temperature)
    {
        return out_of_range("temperature", "from 0 to 2");
    }
    if options.max_tokens == Some(0) {
        return out_of_range("max_tokens", "at least 1");
    }
    if options.context_tokens == Some(0) {
        return out_of_range("context_tokens", "at least 1");
    }
    Ok(())
}

fn contradicts(field: &str, detail: &str) -> ApiError {
    ApiError::invalid(field, "contradicts", detail)
}
