//! What a person types: verbatim, except for code.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::{Block, Inline, builder::language, source};

/// Reads a text in which only fenced code blocks and code spans are marked. All other characters, line breaks among them,
/// mean themselves: a person who types `*` or `1.` wants to see it.
pub fn parse_typed(text: &str) -> Vec<Block> {
    let text = source::normalise(text);
    let mut typed = Typed { text: &text, copied: 0, blocks: Vec::new(), content: Vec::new() };
    let mut open: Option<(Option<String>, String)> = None;
    for (event, range) in Parser::new_ext(&text, Options::empty()).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                typed.take_text(source::line_start(&text, range.start));
                typed.end_paragraph();
                open = Some((language(&info), String::new()));
            }
            Event::Text(piece) => {
                if let Some((_, code)) = &mut open {
                    code.push_str(&piece);
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                if let Some((language, code)) = open.take() {
                    typed.blocks.push(Block::Code { language, code });
                    typed.copied = range.end;
                }
            }
            Event::Code(code) => {
                typed.take_text(range.start);
                typed.content.push(Inline::Code(code.into_string()));
                typed.copied = range.end;
            }
            _ => {}
        }
    }
    typed.take_text(text.len());
    typed.end_paragraph();
    typed.blocks
}

struct Typed<'a> {
    text: &'a str,
    /// The end of what has been taken.
    copied: usize,
    blocks: Vec<Block>,
    content: Vec<Inline>,
}

impl Typed<'_> {
    fn take_text(&mut self, end: usize) {
        let text = self.text.get(self.copied..end).unwrap_or_default();
        self.copied = self.copied.max(end);
        // The line breaks around a block belong to it.
        let is_after_block = self.content.is_empty() && !self.blocks.is_empty();
        let text = if is_after_block { text.trim_start_matches('\n') } else { text };
        if !text.is_empty() {
            self.content.push(Inline::Text(text.to_owned()));
        }
    }

    fn end_paragraph(&mut self) {
        if let Some(Inline::Text(last)) = self.content.last_mut() {
            last.truncate(last.trim_end_matches('\n').len());
            if last.is_empty() {
                self.content.pop();
            }
        }
        if !self.content.is_empty() {
            self.blocks.push(Block::Paragraph(std::mem::take(&mut self.content)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::parse_typed;
    use crate::{Block, Inline};

    fn paragraph(content: &[Inline]) -> Block {
        Block::Paragraph(content.to_vec())
    }

    #[test]
    fn everything_but_code_is_verbatim() {
        let text = "1. *one*\n\n\n# two  \n<b>&amp; [x](y)\n    four\n$5 \\* ok";
        assert_eq!(parse_typed(text), [paragraph(&[Inline::Text(text.to_owned())])]);
        assert_eq!(parse_typed(""), []);
        let indented = "  indented\n\ttoo";
        assert_eq!(parse_typed(indented), [paragraph(&[Inline::Text(indented.to_owned())])]);
    }

    #[test]
    fn code_is_code() {
        let blocks = parse_typed("Why `x_1`?\n\n```rust\nfn a() {}\n\n* b\n```\n\n谢谢``a`b``\n~~~\nc");
        assert_eq!(
            blocks,
            [
                paragraph(&[
                    Inline::Text("Why ".to_owned()),
                    Inline::Code("x_1".to_owned()),
                    Inline::Text("?".to_owned())
                ]),
                Block::Code { language: Some("rust".to_owned()), code: "fn a() {}\n\n* b\n".to_owned() },
                paragraph(&[Inline::Text("谢谢".to_owned()), Inline::Code("a`b".to_owned())]),
                Block::Code { language: None, code: "c".to_owned() },
            ]
        );
    }

    #[test]
    fn code_within_other_blocks_is_code_too() {
        let blocks = parse_typed("- see `a`\n  ```\n  b\n  ```\n> `c`");
        assert_eq!(
            blocks,
            [
                paragraph(&[Inline::Text("- see ".to_owned()), Inline::Code("a".to_owned())]),
                Block::Code { language: None, code: "b\n".to_owned() },
                paragraph(&[Inline::Text("> ".to_owned()), Inline::Code("c".to_owned())]),
            ]
        );
    }
}
