//! 简体中文。

use super::{ChatWords, Example};

pub(in crate::i18n) const WORDS: ChatWords = ChatWords {
    greeting: "今天想聊点什么？",
    examples: [
        Example {
            title: "讲明白", prompt: "用聊天的口吻讲讲 HTTPS 是怎么保护隐私的，不用术语。"
        },
        Example {
            title: "帮我写", prompt: "写一封简短友好的邮件，把周五的会议改到下周一上午。"
        },
        Example {
            title: "做计划", prompt: "安排一个轻松的京都周末，用表格列出上午、下午和晚上。"
        },
        Example {
            title: "写代码", prompt: "用 Rust 逐行读取一个大文件，不要一次性读进内存。"
        },
    ],
    connect_model: "现在是内置的演示模型在回答。要使用真正的模型，请在服务器上设置服务商的 API 密钥（例如 DEEPSEEK_API_KEY）或 LLM_API_URL，然后重启服务器。",
    models_unavailable: "现在连不上任何模型，请稍后再试，或联系管理员。",
    providers_failed: "这些服务商目前没有可用的模型：",
    no_models: "模型列表是空的。",
    asking_providers: "正在向服务商获取模型…",
    unknown_default: |model, instead| {
        format!(
            "没有服务商提供默认模型“{model}”，新会话会先用 {instead}。请改正或删掉 DEFAULT_MODEL，然后重启服务器。"
        )
    },
    server_found: |name, models| {
        format!("这台服务器上的 {name} 正在运行，有 {models} 个模型。要使用它，请在配置里加上这一行：")
    },
    messages: "消息",
    load_failed: "会话加载失败",
    generating: "正在回答",
    answer_complete: "回答完成",
    answer_failed: "回答失败",
    reconnecting: "连接已断开，正在重新连接…",
    jump_to_latest: "回到最新消息",
    temporary: "临时会话",
    temporary_detail: "这个会话不会保存，也不会出现在列表里，关闭或刷新页面后就会消失。",
    choose_answer: "用这条回答继续",
    chosen_answer: "已选定",
    choose_one: "请选择一条回答，再继续聊",
    choose_first: "请先选择一条回答。",
    answers: "多个模型的回答",
};
