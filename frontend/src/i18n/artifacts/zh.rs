//! 简体中文。

use super::ArtifactWords;

pub(in crate::i18n) const WORDS: ArtifactWords = ArtifactWords {
    page: "网页",
    drawing: "图形",
    diagram: "图表",
    code: "代码",
    preview: "预览",
    zoom: "缩放",
    close: "关闭预览",
};
