//! English.

use super::SidebarWords;
use crate::state::conversations::Period;

pub(in crate::i18n) const WORDS: SidebarWords = SidebarWords {
    conversations: "Conversations",
    toggle_sidebar: "Toggle sidebar",
    new_chat: "New chat",
    search: "Search",
    search_conversations: "Search conversations",
    clear_search: "Clear search",
    nothing_found: "No matching conversations.",
    no_conversations: "Your conversations will appear here.",
    list_failed: "Couldn’t load your conversations.",
    period,
    actions_for: |title| format!("Actions for “{title}”"),
    rename: "Rename",
    delete: "Delete",
    delete_title: "Delete this conversation?",
    delete_detail: |title| format!("“{title}” and all its messages will be deleted permanently."),
    deleted: "Conversation deleted",
    account_menu: |name| format!("Account: {name}"),
};

fn period(period: Period) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    match period {
        Period::Today => "Today".to_owned(),
        Period::Yesterday => "Yesterday".to_owned(),
        Period::Week => "Previous 7 days".to_owned(),
        Period::Month => "Previous 30 days".to_owned(),
        Period::Earlier { year, month } => {
            let name = MONTHS.get(usize::from(month).saturating_sub(1)).copied().unwrap_or_default();
            format!("{name} {year}")
        }
    }
}
