//! 简体中文。

use kaiwa_shared::message::Effort;

use super::DetailsWords;

pub(in crate::i18n) const WORDS: DetailsWords = DetailsWords {
    details: "这条回答的详情",
    fact_model: "模型",
    fact_time: "时间",
    fact_input: "输入 token",
    fact_cached: "来自缓存",
    fact_cache_write: "写入缓存",
    fact_output: "输出 token",
    fact_reasoning: "其中思考",
    fact_cost: "费用",
    fact_effort: "思考强度",
    effort: |effort| match effort {
        Effort::Off => "关闭",
        Effort::Low => "低",
        Effort::Medium => "中",
        Effort::High => "高",
    },
    fact_temperature: "温度",
    fact_max_tokens: "最大长度",
    fact_context: "上下文",
    fact_context_limit: "上下文上限",
    estimated: "带 ~ 的是估算值",
    context_use: |used, window, percent| format!("上下文：已用 {used} / {window} token（{percent}%）"),
};
