//! 简体中文。

use kaiwa_shared::{Code, message::Effort};

use super::words::{Example, Words};
use crate::{components::markdown::MarkdownLabels, state::conversations::Period};

pub(super) static WORDS: Words = Words {
    skip_to_content: "跳到正文",
    conversations: "会话列表",
    toggle_sidebar: "展开或收起侧栏",
    new_chat: "新会话",
    search: "搜索",
    search_conversations: "搜索会话",
    clear_search: "清空搜索",
    nothing_found: "没有找到相关会话",
    no_conversations: "聊过的内容会出现在这里",
    list_failed: "会话列表加载失败",
    period,
    actions_for: |title| format!("“{title}”的更多操作"),
    rename: "重命名",
    delete: "删除",
    delete_title: "删除这个会话？",
    delete_detail: |title| format!("“{title}”及其中的全部消息将被永久删除，无法恢复。"),
    deleted: "会话已删除",
    cancel: "取消",
    dismiss: "关闭",
    account_menu: |name| format!("账号：{name}"),

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
    connect_model: "目前只有内置的演示模型在回答。要接入真正的模型，请在服务器上设置服务商的密钥（例如 DEEPSEEK_API_KEY）或 LLM_API_URL，然后重新启动。",
    server_found: |name, models| {
        format!("服务器上的 {name} 可用，提供 {models} 个模型。要使用它，请在配置中加入：")
    },
    messages: "消息",
    loading: "正在加载…",
    load_failed: "会话加载失败",
    you: "你",
    assistant: "助手",
    assistant_with: |model| format!("助手，{model}"),
    generating: "正在回答",
    answer_complete: "回答完毕",
    answer_failed: "回答失败",
    stopped: "你停止了这条回答",
    interrupted: "回答中断了，已收到的内容都在上面",
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
    copy: "复制",
    copied: "已复制",
    copy_failed: "复制没有成功，请手动选中文字复制。",
    try_again: "重试",
    reconnecting: "连接断开，正在重连…",
    jump_to_latest: "回到最新消息",
    too_long: "这条回答达到了长度上限",
    filtered: "服务商的内容过滤中止了这条回答",
    declined: "模型拒绝回答",
    go_on: "继续",
    retrying: |seconds, model| match (model, seconds) {
        (Some(model), _) => format!("服务商繁忙，接下来改问 {model}"),
        (None, 0) => "服务商繁忙，正在重试".to_owned(),
        (None, _) => format!("服务商繁忙，{}后重试", duration(seconds)),
    },
    left_out: |count| format!("最早的 {count} 条消息超出了模型的上下文，没有发送给模型"),

    more_actions: "更多操作",
    regenerate: "重新回答",
    same_model: "重新回答",
    other_models: "换一个模型",
    edit: "编辑",
    edit_message: "编辑消息",
    save: "保存",
    save_and_send: "保存并重新发送",
    fork: "从这里分出新会话",
    delete_message_title: "删除这条消息？",
    delete_message_detail: |messages, hidden| {
        let all = if messages > 1 {
            format!("它和下面的 {} 条消息将被永久删除，无法恢复。", messages - 1)
        } else {
            "这条消息将被永久删除，无法恢复。".to_owned()
        };
        if hidden > 0 { format!("{all}其中 {hidden} 条在没有显示的分支上。") } else { all }
    },
    message_deleted: "消息已删除",
    previous_version: "上一个版本",
    next_version: "下一个版本",
    version_of: |number, count| format!("第 {number} 个版本，共 {count} 个"),
    choose_answer: "从这条回答继续",
    chosen_answer: "已选定",
    answers: "多个模型的回答",

    details: "这条回答的详情",
    fact_model: "模型",
    fact_time: "时间",
    fact_input: "输入 token",
    fact_cached: "来自缓存",
    fact_cache_write: "写入缓存",
    fact_output: "输出 token",
    fact_reasoning: "用于思考",
    fact_cost: "费用",
    fact_effort: "思考强度",
    effort: |effort| match effort {
        Effort::Off => "关闭",
        Effort::Low => "低",
        Effort::Medium => "中",
        Effort::High => "高",
    },
    fact_temperature: "温度",
    fact_max_tokens: "回答上限",
    fact_context: "上下文",
    estimated: "带 ~ 的数字是估算值",
    context_use: |used, window, percent| format!("上下文：已用 {used} / {window} token（{percent}%）"),
    markdown: MarkdownLabels {
        copy: "复制",
        copied: "已复制",
        code: "代码",
        table: "表格",
        image: "图片",
        footnote: "脚注",
        back: "回到正文",
        done: "已完成",
        open: "未完成",
    },

    message: "消息",
    message_placeholder: "有什么想问的？",
    send: "发送",
    stop: "停止",
    model_picker: |name| format!("模型：{name}"),
    demo: "演示",
    compare: "同时询问…",
    compare_hint: |most| format!("最多再选 {most} 个模型，同时回答同一条消息"),
    queue_message: "排队，等这条回答完再发送",
    queued: "等待这条回答结束",
    queue_edit: "放回输入框",
    queue_remove: "移除",
    queue_send: "立即发送",
    temporary: "临时会话",
    temporary_detail: "这个会话不会保存，也不会出现在列表里。关闭或刷新页面后就没有了。",

    sign_in_title: "欢迎回来",
    sign_up_title: "创建账号",
    first_run_title: "欢迎使用 Kaiwa",
    first_run_detail: "先创建第一个账号，它将是这台服务器的管理员。",
    login: "用户名或邮箱",
    username: "用户名",
    password: "密码",
    password_hint: "至少 8 个字符。几个词连在一起，好记又难猜。",
    show_password: "显示密码",
    hide_password: "隐藏密码",
    sign_in: "登录",
    sign_up: "注册",
    sign_out: "退出登录",
    no_account: "还没有账号？",
    have_account: "已有账号？",
    registration_closed: "这台服务器没有开放注册，请联系管理员开通账号。",

    settings: "设置",
    appearance: "外观",
    theme: "主题",
    theme_system: "跟随系统",
    theme_light: "浅色",
    theme_dark: "深色",
    language: "语言",
    writing: "输入",
    send_key: "发送消息",
    send_by_enter: "Enter",
    send_by_command_enter: "Ctrl/⌘ + Enter",
    reading: "阅读",
    thoughts: "思考过程",
    thoughts_auto: "思考时展开",
    thoughts_open: "展开",
    thoughts_folded: "收起",
    account: "账号",
    signed_in_as: "当前账号",
    change_password: "修改密码",
    current_password: "当前密码",
    new_password: "新密码",
    password_changed: "密码已修改，其他设备上的登录已失效。",
    about: "关于",
    version: "版本",

    not_found_title: "这里什么也没有",
    not_found_detail: "页面不存在，或者不属于你。",
    back_to_start: "开始新会话",
    unreachable_title: "Kaiwa 没有回应",
    network: "连不上服务器，请检查网络后重试。",
    unexpected: |status| format!("服务器前面的代理返回了无法识别的内容（HTTP {status}）。"),
    problem,
    wait: |seconds| format!("请在 {}后重试。", duration(seconds)),
    field,
};

fn duration(seconds: u64) -> String {
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} 秒"),
        (minutes, 0) => format!("{minutes} 分钟"),
        (minutes, seconds) => format!("{minutes} 分 {seconds} 秒"),
    }
}

fn period(period: Period) -> String {
    match period {
        Period::Today => "今天".to_owned(),
        Period::Yesterday => "昨天".to_owned(),
        Period::Week => "7 天内".to_owned(),
        Period::Month => "30 天内".to_owned(),
        Period::Earlier { year, month } => format!("{year} 年 {month} 月"),
    }
}

const fn problem(code: Code) -> &'static str {
    match code {
        Code::BadRequest => "服务器没能读懂这个请求，请刷新页面后重试。",
        Code::Invalid => "填写的内容有误，请检查后再试。",
        Code::NotSignedIn => "登录已失效，请重新登录。",
        Code::WrongCredentials => "用户名或密码不正确。",
        Code::Forbidden => "你没有权限这样做。",
        Code::CrossSite => "请求似乎来自其他网站，请刷新页面后重试。",
        Code::NotFound => "内容不存在，或者不属于你。",
        Code::MethodNotAllowed => "这台服务器不支持该操作。",
        Code::AlreadyExists => "这个名字已被使用，请换一个。",
        Code::Conflict => "内容刚刚发生了变化，请刷新页面后重试。",
        Code::RegistrationClosed => "这台服务器没有开放注册，请联系管理员开通账号。",
        Code::TooLarge => "内容太大，请精简后再发送。",
        Code::UnsupportedMediaType => "不支持这种类型的内容。",
        Code::TooManyRequests => "操作太频繁了。",
        Code::TooManyGenerations => "同时生成的回复太多了。请先停止一个，或稍后再试。",
        Code::NothingToContinue => "这条消息没有可以继续的内容。",
        Code::RequestTimeout => "请求迟迟没有送达服务器，请重试。",
        Code::ModelNotFound => "这个模型已不可用，请在下方换一个。",
        Code::ProviderAuth => "模型服务商拒绝了密钥，请管理员检查配置。",
        Code::ProviderRateLimit => "模型服务商正在限流。",
        Code::ProviderQuota => "模型服务商的额度已用完，请管理员充值。",
        Code::ContextLength => "会话太长，超出了模型的上下文。请开始新会话，或换一个上下文更长的模型。",
        Code::ContentFilter => "服务商的内容审核拦截了这条回答，换个说法再试试。",
        Code::ProviderRejected => "模型服务商没有接受这个请求。",
        Code::ProviderUnavailable => "模型服务暂时不可用，请稍后重试。",
        Code::ProviderTimeout => "模型迟迟没有回应，请重试。",
        Code::ProviderUnreachable => "连不上模型服务商，请检查地址和服务器的网络。",
        Code::ProviderProtocol => "模型服务商返回了无法识别的内容。",
        Code::ProviderCutOff => "模型服务商在回答中途断开了连接。",
        Code::Interrupted => "回答途中服务器停止了运行。",
        Code::Unavailable => "服务的一部分暂时不可用，请稍后重试。",
        Code::Internal => "服务器出错了，请重试。若一直如此，请告诉管理员。",
        Code::Unknown => "出了点问题，请刷新页面后重试。",
    }
}

fn field(field: &str, code: &str) -> Option<&'static str> {
    let is_password = field.ends_with("password");
    Some(match (is_password, code) {
        (_, "required") => "这里需要填写。",
        (true, "too_short") => "密码至少要有 8 个字符。",
        (true, "too_long") => "密码太长了。",
        (true, "too_common") => "这个密码太常见，很容易被猜到，请换一个。",
        (true, "wrong") => "当前密码不正确。",
        (false, "too_short") => "至少要有 2 个字符。",
        (false, "too_long") => "最多 64 个字符。",
        (false, "malformed") if field == "email" => "邮箱地址不完整。",
        (false, "malformed") => "只能使用文字、数字、点、横线和下划线。",
        (false, "taken" | "already_exists") => "这个名字已被使用，请换一个。",
        _ => return None,
    })
}
