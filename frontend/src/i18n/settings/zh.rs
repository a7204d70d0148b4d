//! 简体中文。

use super::SettingsWords;
use crate::state::preferences::Accent;

pub(in crate::i18n) const WORDS: SettingsWords = SettingsWords {
    appearance: "外观",
    theme: "主题",
    theme_system: "跟随系统",
    theme_light: "浅色",
    theme_dark: "深色",
    accent: "主题色",
    accent_name: |accent| match accent {
        Accent::Teal => "青色",
        Accent::Blue => "蓝色",
        Accent::Violet => "紫色",
        Accent::Pink => "粉色",
        Accent::Orange => "橙色",
    },
    language: "语言",
    writing: "输入",
    send_key: "发送消息",
    send_by_enter: "Enter",
    send_by_command_enter: "Ctrl/⌘ + Enter",
    reading: "阅读",
    answers: "回答",
    answers_live: "边写边显示",
    answers_whole: "写完再显示",
    after_sending: "发送后",
    after_sending_top: "提问移到顶部",
    after_sending_end: "停在末尾",
    thoughts: "思考过程",
    thoughts_auto: "思考时展开",
    thoughts_open: "始终展开",
    thoughts_folded: "始终收起",
    account: "账号",
    signed_in_as: "当前账号",
    change_password: "修改密码",
    current_password: "当前密码",
    new_password: "新密码",
    password_changed: "密码已修改，其他设备需要重新登录。",
    about: "关于",
    version: "版本",
};
