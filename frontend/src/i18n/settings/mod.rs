//! Words of the settings page.

pub(super) mod en;
pub(super) mod zh;

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
