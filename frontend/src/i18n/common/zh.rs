//! 简体中文。

use super::CommonWords;

pub(in crate::i18n) const WORDS: CommonWords = CommonWords {
    skip_to_content: "跳到正文",
    cancel: "取消",
    dismiss: "关闭",
    copy: "复制",
    copied: "已复制",
    copy_failed: "复制失败，请手动选中文字复制。",
    try_again: "重试",
    save: "保存",
    loading: "正在加载…",
    settings: "设置",
    sign_out: "退出登录",
};
