//! Small conversions of nodes.

use pulldown_cmark::BlockQuoteKind;

use crate::{AlertKind, Alignment, Block, Delimiters, Formula, Inline};

/// A paragraph, or a formula if it contains nothing else.
pub(super) fn paragraph(content: Vec<Inline>) -> Block {
    match <[Inline; 1]>::try_from(content) {
        Ok([Inline::Math(formula)]) if formula.is_display() => Block::Math(formula),
        Ok(content) => Block::Paragraph(content.into()),
        Err(content) => Block::Paragraph(content),
    }
}

/// A code block, or a formula if that is its language.
pub(crate) fn code_block(language: Option<String>, code: String) -> Block {
    if language.as_deref().is_some_and(|language| language.eq_ignore_ascii_case("math")) {
        return Block::Math(Formula { tex: code, delimiters: Delimiters::Fence });
    }
    Block::Code { language, code }
}

/// The kind of an alert.
pub(super) fn alert_kind(kind: BlockQuoteKind) -> AlertKind {
    match kind {
        BlockQuoteKind::Note => AlertKind::Note,
        BlockQuoteKind::Tip => AlertKind::Tip,
        BlockQuoteKind::Important => AlertKind::Important,
        BlockQuoteKind::Warning => AlertKind::Warning,
        BlockQuoteKind::Caution => AlertKind::Caution,
    }
}

/// The first word of an info string.
pub(crate) fn language(info: &str) -> Option<String> {
    info.split([' ', '\t', ',']).next().filter(|word| !word.is_empty()).map(str::to_owned)
}

/// The alignment of a column.
pub(super) fn alignment(alignment: pulldown_cmark::Alignment) -> Alignment {
    match alignment {
        pulldown_cmark::Alignment::None => Alignment::None,
        pulldown_cmark::Alignment::Left => Alignment::Left,
        pulldown_cmark::Alignment::Center => Alignment::Center,
        pulldown_cmark::Alignment::Right => Alignment::Right,
    }
}

/// The plain text of `content`, for the alternative text of an image.
pub(super) fn plain(content: &[Inline]) -> String {
    let mut text = String::new();
    append_plain(&mut text, content);
    text
}

fn append_plain(text: &mut String, content: &[Inline]) {
    for inline in content {
        match inline {
            Inline::Text(part) | Inline::Code(part) => text.push_str(part),
            Inline::Image { alt, .. } => text.push_str(alt),
            Inline::FootnoteReference(label) => text.push_str(label),
            Inline::Emphasis(inner)
            | Inline::Strong(inner)
            | Inline::Strikethrough(inner)
            | Inline::Tagged(_, inner)
            | Inline::Link { content: inner, .. } => append_plain(text, inner),
            Inline::Math(formula) => text.push_str(&formula.source()),
            Inline::LineBreak => text.push(' '),
        }
    }
}
