//! The direction in which a text reads.

use crate::tree::{Block, Inline};

/// The direction in which a text reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// As English does.
    LeftToRight,
    /// As Arabic and Hebrew do.
    RightToLeft,
}

impl Direction {
    /// The direction of most letters. A foreign word, even the first, changes nothing, and code, formulas and addresses do
    /// not count.
    pub fn of(content: &[Inline]) -> Self {
        if balance(content) > 0 { Self::RightToLeft } else { Self::LeftToRight }
    }

    /// The direction of a list, a quotation or a table: that of its beginning.
    pub fn of_block(block: &Block) -> Self {
        match block {
            Block::Paragraph(content) | Block::Heading { content, .. } => Self::of(content),
            Block::Quote(blocks) | Block::Alert { blocks, .. } | Block::Footnote { blocks, .. } => {
                Self::of_blocks(blocks)
            }
            Block::Details { summary, .. } => Self::of(summary),
            Block::List { items, .. } => Self::of_blocks(items.first().map_or(&[], |item| &item.blocks)),
            Block::Table { head, .. } => Self::of_sum(head.iter().map(|cell| balance(cell))),
            Block::Code { .. } | Block::Rule | Block::Math(_) | Block::Html(_) => Self::LeftToRight,
        }
    }

    /// The direction of the first of several blocks.
    pub fn of_blocks(blocks: &[Block]) -> Self {
        blocks.first().map_or(Self::LeftToRight, Self::of_block)
    }

    fn of_sum(balances: impl Iterator<Item = isize>) -> Self {
        if balances.sum::<isize>() > 0 { Self::RightToLeft } else { Self::LeftToRight }
    }
}

/// How many more letters read from the right than from the left.
fn balance(content: &[Inline]) -> isize {
    content
        .iter()
        .map(|inline| match inline {
            Inline::Text(text) => text.chars().map(weight).sum(),
            Inline::Link { href: Some(href), content, .. }
                if matches!(content.as_slice(), [Inline::Text(text)] if href.as_str().ends_with(text.as_str())) =>
            {
                0
            }
            Inline::Emphasis(inner)
            | Inline::Strong(inner)
            | Inline::Strikethrough(inner)
            | Inline::Tagged(_, inner)
            | Inline::Link { content: inner, .. } => balance(inner),
            Inline::Code(_)
            | Inline::Image { .. }
            | Inline::Math(_)
            | Inline::FootnoteReference(_)
            | Inline::LineBreak => 0,
        })
        .sum()
}

fn weight(c: char) -> isize {
    match c {
        'a'..='z' | 'A'..='Z' => -1,
        '\0'..='\u{7F}' => 0,
        '\u{590}'..='\u{8FF}'
        | '\u{FB1D}'..='\u{FDFF}'
        | '\u{FE70}'..='\u{FEFF}'
        | '\u{10800}'..='\u{10FFF}'
        | '\u{1E800}'..='\u{1EFFF}' => isize::from(c.is_alphabetic()),
        // A Chinese, Japanese or Korean character says as much as two or three letters.
        '\u{2E80}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}' | '\u{20000}'..='\u{3FFFF}' => {
            -3 * isize::from(c.is_alphabetic())
        }
        _ => -isize::from(c.is_alphabetic()),
    }
}

#[cfg(test)]
mod tests {
    use super::Direction;
    use crate::parse;

    #[test]
    fn most_letters_of_the_prose_decide() {
        for (text, from_right) in [
            ("مرحبا بكم في المرج", true),
            ("שלום לכולם", true),
            ("Rust هي لغة برمجة سريعة", true),
            ("`let first = second_long_name;` ثم ننفذ", true),
            ("$x_1 + y_2$ هو المجموع", true),
            ("https://example.com/a/long/path/to/it رابط مهم", true),
            ("## **عنوان** المقال", true),
            ("- بند\n- item with many more letters", true),
            ("> اقتباس", true),
            ("| اسم | a |\n|---|---|\n| long English text | b |", true),
            ("The word مرحبا means hello.", false),
            ("مرحبا means hello, and it is the first word here.", false),
            ("`مرحبا بكم في المرج` is a text", false),
            ("- an item\n- بند طويل جدا", false),
            ("这是中文，مرحبا", false),
            ("你好 مرحبا", false),
            ("مرحبا بكم في 北京", true),
            ("12:30 — 42 %", false),
            ("", false),
        ] {
            let blocks = parse(text);
            assert_eq!(Direction::of_blocks(&blocks) == Direction::RightToLeft, from_right, "{text}");
        }
    }
}
