//! English.

use super::SettingsWords;
use crate::state::preferences::Accent;

pub(in crate::i18n) const WORDS: SettingsWords = SettingsWords {
    appearance: "Appearance",
    theme: "Theme",
    theme_system: "System",
    theme_light: "Light",
    theme_dark: "Dark",
    accent: "Color",
    accent_name: |accent| match accent {
        Accent::Teal => "Teal",
        Accent::Blue => "Blue",
        Accent::Violet => "Violet",
        Accent::Pink => "Pink",
        Accent::Orange => "Orange",
    },
    language: "Language",
    writing: "Writing",
    send_key: "Send with",
    send_by_enter: "Enter",
    send_by_command_enter: "Ctrl/⌘ + Enter",
    reading: "Reading",
    answers: "Answers",
    answers_live: "As they are written",
    answers_whole: "When complete",
    after_sending: "After sending",
    after_sending_top: "Question at the top",
    after_sending_end: "Stay at the end",
    thoughts: "Thoughts",
    thoughts_auto: "Open while thinking",
    thoughts_open: "Open",
    thoughts_folded: "Collapsed",
    account: "Account",
    signed_in_as: "Signed in as",
    change_password: "Change password",
    current_password: "Current password",
    new_password: "New password",
    password_changed: "Password changed. Your other devices have been signed out.",
    about: "About",
    version: "Version",
};
