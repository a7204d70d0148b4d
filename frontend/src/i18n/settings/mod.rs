//! Words of the settings page.

pub(super) mod en;
pub(super) mod zh;

use crate::state::preferences::Accent;

/// Words of the settings page.
pub struct SettingsWords {
    /// Section.
    pub appearance: &'static str,
    /// Setting.
    pub theme: &'static str,
    /// Follow the system.
    pub theme_system: &'static str,
    /// Option.
    pub theme_light: &'static str,
    /// Option.
    pub theme_dark: &'static str,
    /// Setting.
    pub accent: &'static str,
    /// Option.
    pub accent_name: fn(Accent) -> &'static str,
    /// Setting.
    pub language: &'static str,
    /// Section.
    pub writing: &'static str,
    /// Setting: the key that sends.
    pub send_key: &'static str,
    /// Option.
    pub send_by_enter: &'static str,
    /// Option.
    pub send_by_command_enter: &'static str,
    /// Section.
    pub reading: &'static str,
    /// Setting: when replies are shown.
    pub answers: &'static str,
    /// Option: as they arrive.
    pub answers_live: &'static str,
    /// Option: when they are complete.
    pub answers_whole: &'static str,
    /// Setting: where a sent message goes.
    pub after_sending: &'static str,
    /// Option: to the top of the view.
    pub after_sending_top: &'static str,
    /// Option: the view stays at the end.
    pub after_sending_end: &'static str,
    /// Setting: how reasoning is shown.
    pub thoughts: &'static str,
    /// Option: open while the model is reasoning.
    pub thoughts_auto: &'static str,
    /// Option.
    pub thoughts_open: &'static str,
    /// Option.
    pub thoughts_folded: &'static str,
    /// Section.
    pub account: &'static str,
    /// Label of the account’s name.
    pub signed_in_as: &'static str,
    /// Heading and button.
    pub change_password: &'static str,
    /// Label.
    pub current_password: &'static str,
    /// Label.
    pub new_password: &'static str,
    /// Shown after the password was changed.
    pub password_changed: &'static str,
    /// Section.
    pub about: &'static str,
    /// Label of the program’s version.
    pub version: &'static str,
}
