//! 简体中文。

use super::ThreadWords;

pub(in crate::i18n) const WORDS: ThreadWords = ThreadWords {
    not_printed: "这里缺少会话中更早的消息。要打印完整会话，请在页面上按 Ctrl+P 或 ⌘P。",
    outline: "我的提问",
    filter: "筛选提问",
    first: "回到第一条消息",
    no_question: "没有符合的提问。",
    partial: |shown, all| format!("共 {all} 个提问，这里列出 {shown} 个。输入文字可以找到其他提问。"),
    only_files: "文件",
    not_here: "这条消息已经不在会话里，或者在另一个分支上。",
    find: "在会话中查找",
    previous: "上一处",
    next: "下一处",
    close: "关闭",
    nothing: "没有找到",
    position: |at, count| format!("第 {at} 处，共 {count} 处"),
};
