//! English.

use super::ArtifactWords;

pub(in crate::i18n) const WORDS: ArtifactWords = ArtifactWords {
    page: "Page",
    drawing: "Drawing",
    diagram: "Diagram",
    code: "Code",
    preview: "Preview",
    zoom: "Zoom",
    close: "Close preview",
};
