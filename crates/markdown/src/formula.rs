//! Formulas in text.
//!
//! `CommonMark` has none: it removes the backslashes of `\(…\)` and reads the underscores in it as emphasis. [`hide`]
//! hides formulas from the parser, and [`split`] finds them again in its output.

use std::{borrow::Cow, ops::Range};

use crate::{Formula, Inline, hidden, speculate::without_containers, tree::Delimiters};

/// Maximum length of a formula in bytes. Until so much has followed an opening delimiter, its closing one may still
/// come.
const MAX_LENGTH: usize = 4 * 1024;

/// A text with hidden formulas.
pub(crate) struct Hidden<'a> {
    pub(crate) text: Cow<'a, str>,
    /// The start of the first line with a formula that has not ended and still may.
    pub(crate) undecided: Option<usize>,
}

/// Hides the formulas in a text.
pub(crate) fn hide(text: &str) -> Hidden<'_> {
    if !text.contains('$') && !text.contains("\\(") && !text.contains("\\[") && !text.contains("\\begin{") {
        return Hidden { text: Cow::Borrowed(text), undecided: None };
    }
    let mut finder = Finder { text, line_start: 0, searched: [[0; 2]; 3], undecided: None };
    let mut hidden = String::new();
    let (mut at, mut copied) = (0, 0);
    while let Some(byte) = text.as_bytes().get(at) {
        let (width, delimiters) = match byte {
            b'\n' => {
                finder.line_start = at + 1;
                (1, None)
            }
            b'\\' => match text.as_bytes().get(at + 1) {
                Some(b'(') => (2, Some(Delimiters::Parentheses)),
                Some(b'[') => (2, Some(Delimiters::Brackets)),
                Some(b'b') => (1, environment(&text[at..]).map(|_| Delimiters::Environment)),
                Some(next) if next.is_ascii_punctuation() => (2, None),
                _ => (1, None),
            },
            b'$' => match dollars(&text[at..]) {
                1 if text[at + 1..].starts_with('`') => (1, Some(Delimiters::DollarCode)),
                1 => (1, Some(Delimiters::Dollar)),
                2 => (2, Some(Delimiters::Dollars)),
                more => (more, None),
            },
            _ => (1, None),
        };
        match delimiters.and_then(|delimiters| finder.end(at, delimiters)) {
            Some(end) => {
                hidden.push_str(&text[copied..at]);
                push_formula(&mut hidden, &text[finder.line_start..at], &text[at..end]);
                finder.line_start = text[..end].rfind('\n').map_or(0, |newline| newline + 1);
                (at, copied) = (end, end);
            }
            None => at += width,
        }
    }
    let undecided = finder.undecided;
    if copied == 0 {
        return Hidden { text: Cow::Borrowed(text), undecided };
    }
    hidden.push_str(&text[copied..]);
    Hidden { text: Cow::Owned(hidden), undecided }
}

/// Splits text with hidden formulas into plain text and formulas.
pub(crate) fn split(content: &mut Vec<Inline>) {
    let has_hidden = |inline: &Inline| matches!(inline, Inline::Text(text) if hidden::is_in(text));
    if !content.iter().any(has_hidden) {
        return;
    }
    for inline in std::mem::take(content) {
        let Inline::Text(text) = inline else {
            content.push(inline);
            continue;
        };
        let mut rest = text.as_str();
        while let Some((range, formula)) = first_hidden(rest) {
            push_text(content, &rest[..range.start]);
            content.push(Inline::Math(formula));
            rest = &rest[range.end..];
        }
        push_text(content, rest);
    }
}

/// Whether the text ends within a hidden formula.
pub(crate) fn is_open(text: &str) -> bool {
    text.rfind(hidden::OPEN).is_some_and(|open| !text[open..].contains(hidden::CLOSE))
}

fn first_hidden(text: &str) -> Option<(Range<usize>, Formula)> {
    let start = text.find(hidden::OPEN)?;
    let end = start + text[start..].find(hidden::CLOSE)? + hidden::CLOSE.len_utf8();
    Some((start..end, Formula::read(&hidden::reveal(&text[start..end]))?))
}

fn push_text(content: &mut Vec<Inline>, text: &str) {
    let text = hidden::reveal(text);
    if let Some(Inline::Text(last)) = content.last_mut() {
        last.push_str(&text);
    } else if !text.is_empty() {
        content.push(Inline::Text(text.into_owned()));
    }
}

/// Appends a hidden formula. Its further lines keep the markers and the indentation of the containers around it.
fn push_formula(into: &mut String, before: &str, formula: &str) {
    let quotes = quotes(before);
    let indent = containers(before).rsplit('>').next().unwrap_or_default().len();
    into.push(hidden::OPEN);
    for (number, line) in formula.split('\n').enumerate() {
        let mut line = line;
        if number > 0 {
            into.push('\n');
            for _ in 0..quotes {
                let Some(rest) = line.trim_start_matches(' ').strip_prefix('>') else { break };
                into.push_str(&line[..line.len() - rest.len()]);
                line = rest;
            }
            let spaces = line.bytes().take_while(|byte| *byte == b' ').count().min(indent);
            into.push_str(&line[..spaces]);
            line = &line[spaces..];
            into.push(hidden::LINE);
        }
        hidden::push(into, line);
    }
    into.push(hidden::CLOSE);
}

struct Finder<'a> {
    text: &'a str,
    line_start: usize,
    /// How far the text was searched for closing delimiters, by their kind and by whether blank lines may precede them.
    searched: [[usize; 2]; 3],
    undecided: Option<usize>,
}

impl Finder<'_> {
    /// The end of the formula that starts at `start`.
    fn end(&mut self, start: usize, delimiters: Delimiters) -> Option<usize> {
        let end = match delimiters {
            Delimiters::Dollar => self.end_in_line(start),
            Delimiters::DollarCode => self.end_of_code(start),
            _ if self.is_in_address(start) => None,
            Delimiters::Dollars => self
                .end_across_lines(start, delimiters, 0)
                // Between words, double dollar signs tell how expensive a place is.
                .filter(|end| !is_prose(&self.text[start + 2..end - 2])),
            Delimiters::Environment => self.end_of_environment(start),
            Delimiters::Fence => None,
            Delimiters::Parentheses => self.end_across_lines(start, delimiters, 1),
            Delimiters::Brackets => self
                .end_across_lines(start, delimiters, 2)
                // The text of a link was meant.
                .filter(|end| !self.text[*end..].starts_with('(')),
        }?;
        let formula = Formula::read(&self.text[start..end])?;
        formula.tex.contains(|c: char| c.is_alphanumeric() || c == '\\').then_some(end)
    }

    /// Parentheses in a web address are escaped too.
    fn is_in_address(&self, start: usize) -> bool {
        let word = self.text[self.line_start..start].rsplit(char::is_whitespace).next();
        word.is_some_and(|word| word.contains("://"))
    }

    /// The end of a formula that looks like a code span between dollar signs.
    fn end_of_code(&self, start: usize) -> Option<usize> {
        let line = self.text[start + 2..].split('\n').next()?;
        let length = line.find('`')?;
        line[length..].starts_with("`$").then_some(start + length + 4)
    }

    /// The end of an environment, which may contain others of the same name.
    fn end_of_environment(&mut self, start: usize) -> Option<usize> {
        let name = environment(&self.text[start..])?;
        let (opening, closing) = (format!("\\begin{{{name}}}"), format!("\\end{{{name}}}"));
        let is_block = start == self.line_start;
        let first = start + opening.len();
        let (mut at, mut depth) = (first, 0_usize);
        loop {
            at = self.next_mark(at, start, is_block, |rest| rest.starts_with('\\'))?;
            let rest = &self.text[at..];
            if rest.starts_with(&closing) {
                at += closing.len();
                if depth == 0 {
                    return Some(at);
                }
                depth -= 1;
            } else {
                depth += usize::from(rest.starts_with(&opening));
                at += if rest[1..].starts_with(|next: char| next.is_ascii_punctuation()) { 2 } else { 1 };
            }
        }
    }

    fn end_across_lines(&mut self, start: usize, delimiters: Delimiters, kind: usize) -> Option<usize> {
        let (_, closing) = delimiters.marks();
        let line = self.text[self.line_start..].split('\n').next().unwrap_or_default();
        // On a line of its own, the delimiter begins a block.
        let is_block = start == self.line_start && line.trim_end().len() == 2;
        let mut at = self.searched[kind][usize::from(is_block)].max(start + 2);
        let end = loop {
            let Some(mark) = self.next_mark(at, start, is_block, |rest| rest.starts_with(['$', '\\'])) else {
                break None;
            };
            let rest = &self.text[mark..];
            if rest.starts_with(closing) && (kind > 0 || dollars(rest) == 2) {
                break Some(mark + closing.len());
            }
            at = mark
                + match dollars(rest) {
                    3.. if kind == 0 => break None,
                    0 if rest[1..].starts_with(|next: char| next.is_ascii_punctuation()) => 2,
                    0 => 1,
                    count => count,
                };
        };
        if end.is_none() {
            self.searched[kind][usize::from(is_block)] = at;
        }
        end
    }

    /// Where the next mark is, if the formula from `start` may go on to there.
    fn next_mark(
        &mut self,
        from: usize,
        start: usize,
        is_block: bool,
        is_mark: impl Fn(&str) -> bool,
    ) -> Option<usize> {
        let line = self.text[self.line_start..].split('\n').next().unwrap_or_default();
        for (offset, c) in self.text.get(from..)?.char_indices() {
            let at = from + offset;
            if at > start + MAX_LENGTH {
                return None;
            }
            if is_mark(&self.text[at..]) {
                return Some(at);
            }
            let ends = match c {
                '`' => !is_block,
                '\n' => {
                    is_fence(line)
                        // A heading, a row of a table, HTML.
                        || without_containers(line).starts_with(['#', '|', '<'])
                        || self.ends_paragraph(at + 1, is_block, line)
                }
                _ => false,
            };
            if ends {
                return None;
            }
        }
        self.undecided.get_or_insert(self.line_start);
        None
    }

    /// Whether a formula that began in the line `first` does not continue on the line at `start`.
    fn ends_paragraph(&self, start: usize, is_block: bool, first: &str) -> bool {
        let line = self.text[start..].split('\n').next().unwrap_or_default();
        let has_begun = start < self.text.len();
        is_fence(line)
            // The formula began in code.
            || (is_indented(first) && has_begun && !is_indented(line))
            || (quotes(first) > quotes(line) && has_begun)
            || (!is_block && has_begun && line.trim_matches([' ', '\t', '>']).is_empty())
    }

    /// The end of a formula between single dollar signs. An amount of money is none: no digit follows the closing sign
    /// and no letter or digit precedes the opening one.
    fn end_in_line(&self, start: usize) -> Option<usize> {
        let before = self.text[self.line_start..start].chars().next_back();
        if before.is_some_and(|c| c.is_ascii_alphanumeric() || c.is_numeric()) {
            return None;
        }
        let is_row = without_containers(&self.text[self.line_start..]).starts_with('|');
        let mut escaped = false;
        let content = &self.text[start + 1..];
        let length = content.find(|c: char| {
            let ends = !escaped && (matches!(c, '$' | '`' | '\n') || (is_row && c == '|'));
            escaped = c == '\\' && !escaped;
            ends
        })?;
        let (content, rest) = content.split_at(length);
        let is_formula = dollars(rest) == 1
            && !rest[1..].starts_with(|c: char| c.is_ascii_digit())
            && !content.starts_with(char::is_whitespace)
            && !content.ends_with(char::is_whitespace)
            && !is_amount(content);
        is_formula.then_some(start + length + 2)
    }
}

/// Whether the text between two dollar signs is an amount and what follows it, as in `$5–$N` or `$5 (US$)`.
fn is_amount(content: &str) -> bool {
    let mut chars = content.chars();
    let ends_open = matches!(
        chars.next_back(),
        Some(
            '/' | '-'
                | '–'
                | '—'
                | '~'
                | '～'
                | '→'
                | '('
                | '（'
                | ':'
                | '：'
                | ','
                | '，'
                | ';'
                | '；'
                | '、'
        )
    );
    if ends_open && !chars.as_str().is_empty() && !chars.as_str().ends_with('\\') {
        return true;
    }
    let number = content.trim_start_matches(['.', '-']);
    number.starts_with(|c: char| c.is_ascii_digit()) && is_prose(content)
}

/// Whether a text has words and nothing that only formulas have.
fn is_prose(text: &str) -> bool {
    let is_tex = text.contains(['\n', '\\', '^', '_', '{', '=', '+', '*', '<', '>']);
    let has_words = text.contains(char::is_whitespace)
        && text.split(|c: char| !c.is_ascii_alphabetic()).any(|word| word.len() > 1);
    let has_wide_letters = text.contains(|c: char| !c.is_ascii() && c.is_alphabetic());
    !is_tex && (has_words || has_wide_letters)
}

/// Environments that are formulas by themselves. Others, such as `itemize`, are not mathematics.
const ENVIRONMENTS: [&str; 28] = [
    "align",
    "alignat",
    "aligned",
    "alignedat",
    "array",
    "bmatrix",
    "Bmatrix",
    "cases",
    "CD",
    "darray",
    "dcases",
    "displaymath",
    "drcases",
    "eqnarray",
    "equation",
    "flalign",
    "gather",
    "gathered",
    "math",
    "matrix",
    "multline",
    "pmatrix",
    "rcases",
    "smallmatrix",
    "split",
    "subarray",
    "vmatrix",
    "Vmatrix",
];

/// The name of the mathematical environment that begins at the start of a text.
pub(crate) fn environment(text: &str) -> Option<&str> {
    let name = text.strip_prefix("\\begin{")?.split_once('}')?.0;
    let plain = name.strip_suffix('*').unwrap_or(name);
    ENVIRONMENTS.contains(&plain).then_some(name)
}

/// How many dollar signs a text starts with.
fn dollars(text: &str) -> usize {
    text.bytes().take_while(|byte| *byte == b'$').count()
}

/// The markers and the indentation before the content of a line.
fn containers(line: &str) -> &str {
    &line[..line.len() - without_containers(line).len()]
}

/// How many quotes a line is in.
fn quotes(line: &str) -> usize {
    containers(line).bytes().filter(|byte| *byte == b'>').count()
}

/// Whether a line may be indented code.
fn is_indented(line: &str) -> bool {
    let containers = containers(line);
    containers.contains("    ") || containers.contains('\t')
}

fn is_fence(line: &str) -> bool {
    let line = without_containers(line.trim_start_matches(hidden::LINE)).trim_start_matches(hidden::LINE);
    line.starts_with("```") || line.starts_with("~~~")
}
