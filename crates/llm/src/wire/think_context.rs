//! Decides by the text before it what a closing tag without an opening one is: the end of a thought, or a mention.

/// The text so far, as far as it matters.
#[derive(Debug, Default)]
pub(super) struct Context {
    /// The bytes of all of it.
    pub(super) bytes: usize,
    /// The line that has not ended.
    line: String,
    /// The character and the length of the fence that opened the current code block.
    fence: Option<(char, usize)>,
}

impl Context {
    /// Takes more text.
    pub(super) fn advance(&mut self, text: &str) {
        self.bytes += text.len();
        let mut lines = text.split('\n');
        self.line.push_str(lines.next().unwrap_or_default());
        for line in lines {
            self.end_line();
            self.line.push_str(line);
        }
    }

    /// Whether a closing tag ends a thought here. `next` is the character after it, if there is one.
    pub(super) fn ends_thought(&self, next: Option<char>) -> bool {
        let line = self.line.trim_end_matches('\r');
        if self.fence.is_some() || is_block(line) || is_quoting(line) {
            return false;
        }
        let ends_line = next.is_none_or(|c| matches!(c, '\n' | '\r'));
        match line.chars().next_back() {
            None => !matches!(next, Some(' ' | '\t')),
            Some('*' | '_') => !matches!(next, Some('*' | '_')),
            Some(last) if last.is_whitespace() => ends_line && line.trim_end().ends_with(is_sentence_end),
            Some('\'' | '‘' | '(' | '（' | '[' | '【' | '<' | '《' | '|' | '\\') => false,
            // Chinese and Japanese mention a tag without spaces around it.
            Some(last) => ends_line || !is_ideograph(last),
        }
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let text = line.trim_start_matches([' ', '\t', '>', '-', '*', '+']).trim_end();
        let Some(mark) = text.chars().next().filter(|c| matches!(c, '`' | '~')) else { return };
        let info = text.trim_start_matches(mark);
        let length = text.len() - info.len();
        self.fence = match self.fence {
            None if length >= 3 => Some((mark, length)),
            Some((open, at_least)) if open == mark && length >= at_least && info.is_empty() => None,
            fence => fence,
        };
    }
}

/// Whether the line belongs to a list, a quotation, a table, a heading or an indented block.
fn is_block(line: &str) -> bool {
    let after_digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    line.starts_with([' ', '\t', '>', '|', '#'])
        || ["- ", "* ", "+ "].iter().any(|marker| line.starts_with(marker))
        || (after_digits.len() < line.len() && after_digits.starts_with(['.', ')', '、']))
}

/// Whether a quotation or code is open at the end of the line.
fn is_quoting(line: &str) -> bool {
    let count = |mark: char| line.matches(mark).count();
    let pairs = [('“', '”'), ('「', '」'), ('『', '』'), ('«', '»')];
    ['`', '"'].iter().any(|&mark| count(mark) % 2 == 1)
        || line.matches("**").count() % 2 == 1
        || pairs.iter().any(|&(open, close)| count(open) > count(close))
}

fn is_sentence_end(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…' | '。' | '！' | '？' | ')' | '）' | '"' | '”')
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
}
