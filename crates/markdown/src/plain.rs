//! The text of a tree without its markup.

use crate::{Block, Inline};

/// The text that is shown as it was written, without formulas. Each block and each cell is on a line of its own.
pub fn plain_text(blocks: &[Block]) -> String {
    let mut text = String::new();
    push_blocks(&mut text, blocks);
    text
}

fn push_blocks(text: &mut String, blocks: &[Block]) {
    for block in blocks {
        match block {
            Block::Paragraph(content) | Block::Heading { content, .. } => push_line(text, content),
            Block::Code { code: verbatim, .. } | Block::Html(verbatim) => {
                text.push_str(verbatim);
                end_line(text);
            }
            Block::Quote(blocks) | Block::Alert { blocks, .. } | Block::Footnote { blocks, .. } => {
                push_blocks(text, blocks);
            }
            Block::Details { summary, blocks, .. } => {
                push_line(text, summary);
                push_blocks(text, blocks);
            }
            Block::List { items, .. } => items.iter().for_each(|item| push_blocks(text, &item.blocks)),
            Block::Table { head, rows, .. } => {
                head.iter().chain(rows.iter().flatten()).for_each(|cell| push_line(text, cell));
            }
            Block::Math(_) | Block::Rule => {}
        }
    }
}

fn push_line(text: &mut String, content: &[Inline]) {
    push_inlines(text, content);
    end_line(text);
}

fn end_line(text: &mut String) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}

fn push_inlines(text: &mut String, content: &[Inline]) {
    for inline in content {
        match inline {
            Inline::Text(piece) | Inline::Code(piece) => text.push_str(piece),
            Inline::Emphasis(content)
            | Inline::Strong(content)
            | Inline::Strikethrough(content)
            | Inline::Tagged(_, content)
            | Inline::Link { content, .. } => push_inlines(text, content),
            Inline::LineBreak => text.push('\n'),
            Inline::Math(_) | Inline::Image { .. } | Inline::FootnoteReference(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    #[test]
    fn the_text_has_no_markup() {
        for (markdown, plain) in [
            ("A **bold** [link](https://example.com) and `code`.", "A bold link and code.\n"),
            ("**你好**世界", "你好世界\n"),
            ("# Title\n\n- one\n- two\n\n> quoted", "Title\none\ntwo\nquoted\n"),
            ("| a | b |\n|---|---|\n| 1 | 2 |", "a\nb\n1\n2\n"),
            ("```rust\nfn main() {}\n```", "fn main() {}\n"),
            ("It is $x^2$.\n\n---\n\nNice", "It is .\nNice\n"),
            ("", ""),
        ] {
            assert_eq!(plain_text(&parse(markdown)), plain, "{markdown}");
        }
    }
}
