//! Words that several parts of the page share.

pub(super) mod en;
pub(super) mod zh;

/// Words that several parts of the page share.
pub struct CommonWords {
    /// The skip link.
    pub skip_to_content: &'static str,
    /// Closes a dialog without doing anything.
    pub cancel: &'static str,
    /// Closes a notice.
    pub dismiss: &'static str,
    /// Button.
    pub copy: &'static str,
    /// Announced after copying.
    pub copied: &'static str,
    /// Shown when copying failed.
    pub copy_failed: &'static str,
    /// Button.
    pub try_again: &'static str,
    /// Button that saves.
    pub save: &'static str,
    /// Shown while something loads.
    pub loading: &'static str,
    /// Shown in place of a part of the program that could not be loaded.
    pub not_loaded: &'static str,
    /// The same, because the server has a new version of the program.
    pub outdated: &'static str,
    /// Button that reloads the page.
    pub reload: &'static str,
    /// Title and menu item.
    pub settings: &'static str,
    /// Menu item and button.
    pub sign_out: &'static str,
}
