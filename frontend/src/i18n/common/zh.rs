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
    not_loaded: "这部分没能加载，请检查网络连接。",
    outdated: "Kaiwa 已更新，刷新页面即可继续使用。",
    reload: "刷新",
    settings: "设置",
    sign_out: "退出登录",
};
