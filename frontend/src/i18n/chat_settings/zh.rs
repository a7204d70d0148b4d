//! 简体中文。

use super::ChatSettingsWords;

pub(in crate::i18n) const WORDS: ChatSettingsWords = ChatSettingsWords {
    title: "会话设置",
    title_changed: "会话设置（已修改）",
    reset: "恢复默认",
    system_prompt: "系统提示词",
    system_prompt_hint: "希望模型在这个会话里怎么回答？",
    temperature: "温度",
    temperature_hint: "低则稳定，高则多变",
    default: "默认",
    effort: "思考强度",
    effort_is: |value| format!("思考强度：{value}"),
    context: "上下文长度",
    context_hint: "超出时，先略去较早的消息",
    context_all: "尽量多",
    tokens: |count| format!("{count} token"),
    no_temperature: |model| format!("{model} 不支持调节温度"),
    no_effort: |model| format!("{model} 不会先思考，无需设置"),
    saving: "正在保存…",
    not_saved: "没有保存成功。",
    try_again: "重试",
};
