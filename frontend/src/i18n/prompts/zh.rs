//! 简体中文。

use super::PromptsWords;

pub(in crate::i18n) const WORDS: PromptsWords = PromptsWords {
    title: "提示词",
    about: "把常用的文字存在这里，写消息时输入 / 就能插入。每次要改的地方写成 {{主题}}，插入后按 Tab 逐个填写。",
    add: "添加提示词",
    name: "名称",
    text: "内容",
    edit: |name| format!("编辑“{name}”"),
    delete: |name| format!("删除“{name}”"),
    delete_title: "删除这条提示词？",
    delete_detail: |name| format!("“{name}”删除后无法恢复。"),
    saved: "提示词已保存",
    deleted: "提示词已删除",
    save_message: "存为提示词",
};
