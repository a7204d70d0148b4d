//! 简体中文。

use super::MessageWords;
use crate::components::markdown::MarkdownLabels;
use crate::i18n::duration::chinese as duration;

pub(in crate::i18n) const WORDS: MessageWords = MessageWords {
    you: "你",
    assistant: "助手",
    assistant_with: |model| format!("助手，{model}"),
    answer_with: |model| format!("用 {model} 回答"),
    stopped: "你停止了这条回答",
    interrupted: "回答中断了，已收到的内容已保留",
    too_long: "回答已达到长度上限",
    declined: "模型拒绝回答",
    continue_: "继续",
    retrying: |seconds, model| match (model, seconds) {
        (Some(model), _) => format!("服务商繁忙，接下来改用 {model}"),
        (None, 0) => "服务商繁忙，正在重试".to_owned(),
        (None, _) => format!("服务商繁忙，{}后重试", duration(seconds)),
    },
    left_out: |count| format!("最早的 {count} 条消息超出了模型的上下文长度，没有发给模型"),
    thinking: |seconds| {
        if seconds == 0 {
            "正在思考…".to_owned()
        } else {
            format!("正在思考… {}", duration(seconds))
        }
    },
    thought_for: |seconds| format!("思考了 {}", duration(seconds)),
    thought: "思考过程",
    copy_thoughts: "复制思考过程",
    tool_running: "运行中",
    tool_done: "已完成",
    tool_failed: "失败",
    tool_cancelled: "已取消",
    tool_not_run: "未运行",
    tool_arguments: "参数",
    tool_output: "结果",
    sources: "来源",
    read_aloud: "朗读",
    stop_reading: "停止朗读",
    copy_link: "复制链接",
    more_actions: "更多操作",
    regenerate: "重新回答",
    same_model: "重新回答",
    other_models: "换一个模型",
    edit: "编辑",
    edit_message: "编辑消息",
    save_and_send: "保存并重新发送",
    fork: "从这里另开新会话",
    delete_message_title: "删除这条消息？",
    delete_message_detail: |messages, hidden| {
        let all = if messages > 1 {
            format!("这条消息和它下面的 {} 条消息将被永久删除，无法恢复。", messages - 1)
        } else {
            "这条消息将被永久删除，无法恢复。".to_owned()
        };
        if hidden > 0 { format!("{all}其中 {hidden} 条在当前没有显示的分支里。") } else { all }
    },
    message_deleted: "消息已删除",
    previous_version: "上一个版本",
    next_version: "下一个版本",
    version_of: |number, count| format!("第 {number} 个版本，共 {count} 个"),
    later_elsewhere: |count| format!("后面还有 {count} 条消息，在另一个版本里。"),
    markdown: MarkdownLabels {
        copy: "复制",
        copied: "已复制",
        wrap: "自动换行",
        download: "下载",
        preview: "预览",
        expand: "放大",
        diagram: "图表",
        diagram_refused: "这张图画不出来，下面是它的代码",
        preview_error: "出错了：",
        preview_blocked: "预览不能联网，已拦截：",
        preview_left: "预览想跳到别的页面，已关闭",
        show_image: "显示图片",
        image_failed: "图片加载失败，点击重试",
        show_all: "展开全部",
        show_less: "收起",
        code: "代码",
        table: "表格",
        image: "图片",
        footnote: "脚注",
        back: "回到正文",
        done: "已完成",
        open: "未完成",
        details: "详情",
        note: "说明",
        tip: "小提示",
        important: "重要",
        warning: "注意",
        caution: "警告",
    },
};
