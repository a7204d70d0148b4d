//! Words of the sidebar and its list of conversations.

pub(super) mod en;
pub(super) mod zh;

use crate::state::conversations::Period;

/// Words of the sidebar and its list of conversations.
pub struct SidebarWords {
    /// Name of the sidebar.
    pub conversations: &'static str,
    /// Name of the button that shows or hides the sidebar.
    pub toggle_sidebar: &'static str,
    /// The button that starts a conversation; also the title of one that has none.
    pub new_chat: &'static str,
    /// Placeholder of the search.
    pub search: &'static str,
    /// Name of the search.
    pub search_conversations: &'static str,
    /// Name of the button that clears the search.
    pub clear_search: &'static str,
    /// Shown when the search finds nothing.
    pub nothing_found: &'static str,
    /// Shown when there is no conversation yet.
    pub no_conversations: &'static str,
    /// Shown when the list could not be loaded.
    pub list_failed: &'static str,
    /// Heading of a period.
    pub period: fn(Period) -> String,
    /// Name of the menu of a conversation with this title.
    pub actions_for: fn(&str) -> String,
    /// Menu item.
    pub rename: &'static str,
    /// Menu item and button.
    pub delete: &'static str,
    /// Title of the dialog that confirms deleting a conversation.
    pub delete_title: &'static str,
    /// Its text, for the conversation with this title.
    pub delete_detail: fn(&str) -> String,
    /// Announced after deleting.
    pub deleted: &'static str,
    /// Name of the account menu of this user.
    pub account_menu: fn(&str) -> String,
}
