//! What the tests of this crate share.

use kaiwa_markdown::{Block, Inline};

/// All visible words of the tree.
pub(crate) fn words_of(blocks: &[Block]) -> String {
    let mut text = String::new();
    append_blocks(&mut text, blocks);
    text
}

/// All linked addresses of the tree.
pub(crate) fn addresses_of(blocks: &[Block]) -> Vec<String> {
    let mut addresses = Vec::new();
    visit(blocks, &mut |inline| match inline {
        Inline::Link { href: Some(url), .. } => addresses.push(url.to_string()),
        Inline::Image { src: Some(source), .. } => addresses.push(source.as_str().to_owned()),
        _ => {}
    });
    addresses
}

/// Calls `see` with every inline node of the tree.
pub(crate) fn visit(blocks: &[Block], see: &mut impl FnMut(&Inline)) {
    for block in blocks {
        match block {
            Block::Paragraph(content) | Block::Heading { content, .. } => visit_inlines(content, see),
            Block::Quote(inner)
            | Block::Footnote { blocks: inner, .. }
            | Block::Alert { blocks: inner, .. } => {
                visit(inner, see);
            }
            Block::Details { summary, blocks, .. } => {
                visit_inlines(summary, see);
                visit(blocks, see);
            }
            Block::List { items, .. } => items.iter().for_each(|item| visit(&item.blocks, see)),
            Block::Table { head, rows, .. } => {
                head.iter().chain(rows.iter().flatten()).for_each(|cell| visit_inlines(cell, see));
            }
            Block::Code { .. } | Block::Rule | Block::Math(_) | Block::Html(_) => {}
        }
    }
}

fn visit_inlines(content: &[Inline], see: &mut impl FnMut(&Inline)) {
    for inline in content {
        see(inline);
        match inline {
            Inline::Emphasis(inner)
            | Inline::Strong(inner)
            | Inline::Strikethrough(inner)
            | Inline::Tagged(_, inner)
            | Inline::Link { content: inner, .. } => visit_inlines(inner, see),
            _ => {}
        }
    }
}

fn append_blocks(text: &mut String, blocks: &[Block]) {
    for block in blocks {
        text.push('\n');
        match block {
            Block::Paragraph(content) | Block::Heading { content, .. } => append_inlines(text, content),
            Block::Code { language, code } => {
                text.push_str(language.as_deref().unwrap_or_default());
                text.push('\n');
                text.push_str(code);
            }
            Block::Quote(inner) | Block::Alert { blocks: inner, .. } => append_blocks(text, inner),
            Block::Details { summary, blocks, .. } => {
                append_inlines(text, summary);
                append_blocks(text, blocks);
            }
            Block::List { items, .. } => items.iter().for_each(|item| append_blocks(text, &item.blocks)),
            Block::Table { head, rows, .. } => {
                for cell in head.iter().chain(rows.iter().flatten()) {
                    append_inlines(text, cell);
                    text.push('\n');
                }
            }
            Block::Rule => {}
            Block::Math(formula) => text.push_str(&formula.tex),
            Block::Html(html) => text.push_str(html),
            Block::Footnote { label, blocks } => {
                text.push_str(label);
                append_blocks(text, blocks);
            }
        }
    }
}

fn append_inlines(text: &mut String, content: &[Inline]) {
    for inline in content {
        match inline {
            Inline::Text(part) | Inline::Code(part) => text.push_str(part),
            Inline::Math(formula) => text.push_str(&formula.tex),
            Inline::Emphasis(inner)
            | Inline::Strong(inner)
            | Inline::Strikethrough(inner)
            | Inline::Tagged(_, inner) => append_inlines(text, inner),
            Inline::Link { href, title, content } => {
                append_inlines(text, content);
                // A bare address is there already.
                let address = href.as_ref().map(kaiwa_markdown::SafeUrl::as_str).filter(|address| {
                    let bare = address.trim_start_matches("http://").trim_start_matches("mailto:");
                    !text.ends_with(bare)
                });
                text.push_str(address.unwrap_or_default());
                text.push_str(title);
            }
            Inline::Image { src, alt } => {
                text.push_str(alt);
                text.push_str(src.as_ref().map_or("", kaiwa_markdown::ImageSource::as_str));
            }
            Inline::FootnoteReference(label) => text.push_str(label),
            Inline::LineBreak => text.push('\n'),
        }
    }
}
