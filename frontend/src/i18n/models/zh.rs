//! 简体中文。

use super::ModelsWords;

pub(in crate::i18n) const WORDS: ModelsWords = ModelsWords {
    title: "选择模型",
    search: "搜索模型",
    favourites: "收藏",
    recent: "最近使用",
    add_favourite: |name| format!("收藏 {name}"),
    remove_favourite: |name| format!("取消收藏 {name}"),
    sees: "能看图",
    tools: "能用工具",
    reasons: "先思考再回答",
    context: |tokens| format!("上下文 {tokens}"),
    prices: |input, output| format!("输入 {input} · 输出 {output} / 百万 token"),
    free: "免费",
    none_found: "没有找到模型",
    gone: |id| format!("{id} 已经不可用了，请换一个模型。"),
    compare: "同时问其他模型…",
    compare_hint: |max| format!("最多再选 {max} 个模型，一起回答这条消息"),
    compare_done: "选好了",
};
