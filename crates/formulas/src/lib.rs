//! TeX to MathML.
//!
//! The client loads this as a WASM module of its own, in a worker, when a text has its first formula. Whatever cannot be
//! parsed is refused, so that the client shows its source unchanged.

use pulldown_latex::{
    Parser, Storage,
    config::{DisplayMode, RenderConfig},
    push_mathml,
};
use wasm_bindgen::prelude::wasm_bindgen;

/// Maximum length of a formula in bytes.
const MAX_LENGTH: usize = 8 * 1024;

/// Maximum nesting of groups and environments: the parser is recursive.
const MAX_DEPTH: usize = 64;

/// Commands on which the parser panics, and which no chat needs.
const REFUSED: [&str; 1] = ["\\char"];

/// The `<math>` element of a formula; `None` if it cannot be parsed.
#[wasm_bindgen]
pub fn to_mathml(tex: &str, is_display: bool) -> Option<String> {
    if tex.len() > MAX_LENGTH || depth(tex) > MAX_DEPTH {
        return None;
    }
    let tex = prepared(tex);
    if tex.trim().is_empty() || REFUSED.iter().any(|command| tex.contains(command)) {
        return None;
    }
    let storage = Storage::new();
    let events: Result<Vec<_>, _> = Parser::new(&tex, &storage).collect();
    let events = events.ok()?.into_iter().map(Ok::<_, std::convert::Infallible>);
    let config = RenderConfig {
        display_mode: if is_display { DisplayMode::Block } else { DisplayMode::Inline },
        ..RenderConfig::default()
    };
    let mut mathml = String::new();
    push_mathml(&mut mathml, events, config).ok()?;
    Some(escaped(&mathml))
}

/// Escapes what is not a tag of MathML or an entity: the renderer leaves operators and their names as they are.
fn escaped(mathml: &str) -> String {
    let mut text = String::with_capacity(mathml.len());
    for (at, c) in mathml.char_indices() {
        let rest = &mathml[at + c.len_utf8()..];
        match c {
            '<' if !begins_tag(rest) => text.push_str("&lt;"),
            '&' if !["lt;", "gt;", "amp;", "nbsp;"].iter().any(|entity| rest.starts_with(entity)) => {
                text.push_str("&amp;");
            }
            c => text.push(c),
        }
    }
    text
}

fn begins_tag(text: &str) -> bool {
    let name = text.strip_prefix('/').unwrap_or(text);
    let name = name.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    TAGS.contains(&name)
}

const TAGS: [&str; 24] = [
    "math",
    "mfrac",
    "mi",
    "mmultiscripts",
    "mn",
    "mo",
    "mover",
    "mpadded",
    "mphantom",
    "mprescripts",
    "mroot",
    "mrow",
    "mspace",
    "msqrt",
    "mstyle",
    "msub",
    "msubsup",
    "msup",
    "mtable",
    "mtd",
    "mtext",
    "mtr",
    "munder",
    "munderover",
];

/// A formula without the commands that number and name it, which mean nothing in a chat, and with `\boxed` as a table with
/// lines around it, because the parser does not know it.
fn prepared(tex: &str) -> String {
    let mut kept = String::with_capacity(tex.len());
    let mut rest = tex;
    while let Some(at) = rest.find('\\') {
        kept.push_str(&rest[..at]);
        rest = &rest[at..];
        let letters = rest[1..].bytes().take_while(u8::is_ascii_alphabetic).count();
        let first = rest[1..].chars().next().map_or(0, char::len_utf8);
        let (command, after) = rest.split_at(1 + letters.max(first));
        rest = match (command, argument(after)) {
            ("\\label" | "\\tag", Some((_, after))) => after,
            ("\\nonumber" | "\\notag", _) => after,
            ("\\boxed", Some((content, after))) => {
                kept.push_str("\\begin{array}{|c|}\\hline ");
                kept.push_str(&prepared(content));
                kept.push_str("\\\\\\hline\\end{array}");
                after
            }
            _ => {
                kept.push_str(command);
                after
            }
        };
    }
    kept.push_str(rest);
    kept
}

/// The content of the braces at the start of a text, and what follows them.
fn argument(text: &str) -> Option<(&str, &str)> {
    let content = text.strip_prefix('{')?;
    let mut depth = 0_usize;
    let mut escaped = false;
    for (at, byte) in content.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'{' => depth += 1,
            b'}' if depth == 0 => return Some((&content[..at], &content[at + 1..])),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// How deeply braces, environments and fences nest.
fn depth(tex: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let openers =
        tex.match_indices('{').chain(tex.match_indices("\\begin")).chain(tex.match_indices("\\left"));
    let closers =
        tex.match_indices('}').chain(tex.match_indices("\\end")).chain(tex.match_indices("\\right"));
    let mut steps: Vec<(usize, bool)> =
        openers.map(|(at, _)| (at, true)).chain(closers.map(|(at, _)| (at, false))).collect();
    steps.sort_unstable();
    for (_, opens) in steps {
        depth = if opens { depth + 1 } else { depth.saturating_sub(1) };
        deepest = deepest.max(depth);
    }
    deepest
}
