//! 简体中文。

use super::ComposerWords;

pub(in crate::i18n) const WORDS: ComposerWords = ComposerWords {
    message: "消息",
    message_placeholder: "有什么想问的？",
    send: "发送",
    stop: "停止",
    model_picker: |name| format!("模型：{name}"),
    demo: "演示",
    quote: "引用",
    suggestions: "候选",
    queue_message: "等这条回答结束后发送",
    queued: "已排队",
    queue_edit: "放回输入框",
    queue_remove: "移除",
    queue_send: "立即发送",
};
