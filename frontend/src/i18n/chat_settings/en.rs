//! English.

use super::ChatSettingsWords;

pub(in crate::i18n) const WORDS: ChatSettingsWords = ChatSettingsWords {
    title: "Chat settings",
    title_changed: "Chat settings (changed)",
    reset: "Reset",
    system_prompt: "System prompt",
    system_prompt_hint: "How should the model answer in this chat?",
    temperature: "Temperature",
    temperature_hint: "Low is predictable, high is inventive.",
    default: "Default",
    effort: "Thinking",
    effort_is: |value| format!("Thinking: {value}"),
    context: "Context size",
    context_hint: "Older messages are left out first.",
    context_all: "As much as fits",
    tokens: |count| format!("{count} tokens"),
    no_temperature: |model| format!("{model} does not take a temperature."),
    no_effort: |model| format!("{model} does not think before it answers."),
    saving: "Saving…",
    not_saved: "Not saved.",
    try_again: "Try again",
};
