//! 简体中文。

use super::FilesWords;

pub(in crate::i18n) const WORDS: FilesWords = FilesWords {
    add: "添加文件",
    list: "文件",
    unnamed: "文件",
    remove: |name| format!("移除 {name}"),
    retry: |name| format!("重新上传 {name}"),
    open: |name| format!("打开 {name}"),
    download: |name| format!("下载 {name}"),
    waiting: "等待上传",
    uploading: |percent| format!("已上传 {percent}%"),
    checking: "处理中…",
    not_uploaded: "上传完成后才能发送。",
    has_failed: "有文件没传上去，请重试或移除。",
    cannot_see: |model| format!("{model} 看不了图片，请换一个模型，或移除图片。"),
    cannot_read: |model, file| {
        format!("{model} 读不了 {file}：里面只有页面图像，没有文字。请换一个模型，或移除它。")
    },
    only_text: |model, file| format!("{model} 只会收到 {file} 里的文字，收不到图片和版式。"),
    too_large: |limit| match limit {
        Some(limit) => format!("文件太大，最大 {limit}。"),
        None => "文件太大。".to_owned(),
    },
    too_many: |max| format!("一条消息最多带 {max} 个文件。"),
    pasted_text: "粘贴的文本.txt",
    paste_became_file: "文本较长，已作为文件添加。按 Ctrl+Shift+V 可直接粘贴到输入框。",
    drop: "松开即可添加文件",
    nowhere: "请先打开一个会话，再添加文件。",
};
