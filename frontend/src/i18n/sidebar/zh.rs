//! 简体中文。

use super::SidebarWords;
use crate::state::conversations::Period;

pub(in crate::i18n) const WORDS: SidebarWords = SidebarWords {
    conversations: "会话列表",
    toggle_sidebar: "展开或收起侧栏",
    new_chat: "新会话",
    search: "搜索",
    search_conversations: "搜索会话",
    clear_search: "清空搜索",
    nothing_found: "没有找到相关会话",
    no_conversations: "你的会话会显示在这里",
    list_failed: "会话列表加载失败",
    period,
    actions_for: |title| format!("“{title}”的更多操作"),
    rename: "重命名",
    delete: "删除",
    delete_title: "删除这个会话？",
    delete_detail: |title| format!("“{title}”及其中的全部消息将被永久删除，无法恢复。"),
    deleted: "会话已删除",
    account_menu: |name| format!("账号：{name}"),
};

fn period(period: Period) -> String {
    match period {
        Period::Today => "今天".to_owned(),
        Period::Yesterday => "昨天".to_owned(),
        Period::Week => "7 天内".to_owned(),
        Period::Month => "30 天内".to_owned(),
        Period::Earlier { year, month } => format!("{year} 年 {month} 月"),
    }
}
