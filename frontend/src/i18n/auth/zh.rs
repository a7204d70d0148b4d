//! 简体中文。

use super::AuthWords;

pub(in crate::i18n) const WORDS: AuthWords = AuthWords {
    sign_in_title: "欢迎回来",
    sign_up_title: "创建账号",
    welcome_title: "欢迎使用 Kaiwa",
    first_run_detail: "请先创建第一个账号，它就是这台服务器的管理员。",
    login: "用户名或邮箱",
    username: "用户名",
    password: "密码",
    password_hint: "至少 8 个字符。把几个词连起来，好记又难猜。",
    setup_code: "安装码",
    setup_code_hint: "服务器还不认识这个网址。安装码在服务器启动时的日志里；把 SITE_URL 设成这个网址后就不用填了。",
    show_password: "显示密码",
    hide_password: "隐藏密码",
    sign_in: "登录",
    sign_up: "注册",
    no_account: "还没有账号？",
    have_account: "已有账号？",
    session_ended: "你已退出登录：登录已过期，或者在别的页面或设备上被退出了。重新登录就能继续。",
    registration_closed: "这台服务器没有开放注册，请联系管理员开通账号。",
};
