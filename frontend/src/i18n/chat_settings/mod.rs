//! Words of a conversation's settings.

pub(super) mod en;
pub(super) mod zh;

/// Words of a conversation's settings.
pub struct ChatSettingsWords {
    /// Name of the panel and of its button.
    pub title: &'static str,
    /// Name of the button when something was changed.
    pub title_changed: &'static str,
    /// Button that restores the defaults.
    pub reset: &'static str,
    /// Field.
    pub system_prompt: &'static str,
    /// Its placeholder.
    pub system_prompt_hint: &'static str,
    /// Setting.
    pub temperature: &'static str,
    /// Explains it.
    pub temperature_hint: &'static str,
    /// The value of a setting that the model decides.
    pub default: &'static str,
    /// Setting.
    pub effort: &'static str,
    /// Name of the effort's button.
    pub effort_is: fn(&str) -> String,
    /// Setting.
    pub context: &'static str,
    /// Explains it.
    pub context_hint: &'static str,
    /// As much as the model takes.
    pub context_all: &'static str,
    /// So many tokens.
    pub tokens: fn(&str) -> String,
    /// This model takes no temperature.
    pub no_temperature: fn(&str) -> String,
    /// This model does not reason.
    pub no_effort: fn(&str) -> String,
    /// The settings are being saved.
    pub saving: &'static str,
    /// They could not be saved.
    pub not_saved: &'static str,
    /// Button.
    pub try_again: &'static str,
}
