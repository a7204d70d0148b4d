//! The style sheet: the global rules and those of every component, without comments and redundant white space.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};

use super::inputs;

/// Joins the global sheets in `style` and those beside the components in `src` into one minified sheet.
pub(super) fn bundle(frontend: &Path) -> Result<String> {
    let mut sheet = String::new();
    for folder in ["style", "src"] {
        for file in inputs::files(&frontend.join(folder))? {
            if file.extension().is_some_and(|extension| extension == "css") {
                let text = fs::read_to_string(&file)
                    .with_context(|| format!("could not read {}", file.display()))?;
                sheet.push_str(&minify(&text));
            }
        }
    }
    Ok(sheet)
}

/// Removes comments and insignificant white space. Strings are preserved, and so is every space that can matter, such
/// as those around `+` in `calc()` and before `:` in a selector.
fn minify(text: &str) -> String {
    let mut minified = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("/*") {
            rest = rest.split_once("*/").map_or("", |(_, after)| after);
            push_space(&mut minified);
        } else if c == '"' || c == '\'' {
            let (string, after) = rest.split_at(string_length(rest, c));
            minified.push_str(string);
            rest = after;
        } else {
            push(&mut minified, c);
            rest = &rest[c.len_utf8()..];
        }
    }
    minified.trim_end().to_owned()
}

fn push(minified: &mut String, c: char) {
    if c.is_ascii_whitespace() {
        return push_space(minified);
    }
    if matches!(c, '{' | '}' | ';' | ',') && minified.ends_with(' ') {
        minified.pop();
    }
    if c == '}' && minified.ends_with(';') {
        minified.pop();
    }
    minified.push(c);
}

fn push_space(minified: &mut String) {
    if !minified.is_empty() && !minified.ends_with([' ', '{', '}', ';', ',']) {
        minified.push(' ');
    }
}

/// The bytes of the string at the start of `text`, quotes included.
fn string_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::minify;

    #[test]
    fn comments_and_unnecessary_space_are_removed() {
        let sheet = "/* top */\n.a,\n.b > p {\n  color: red;\n  margin: 0 auto;\n}\n\n.c { }\n";
        assert_eq!(minify(sheet), ".a,.b > p{color: red;margin: 0 auto}.c{}");
    }

    #[test]
    fn significant_space_is_preserved() {
        let sheet = ".a :hover { width: calc(1px + 2px) } @media (a) and (b) { .x{} }";
        assert_eq!(minify(sheet), ".a :hover{width: calc(1px + 2px)}@media (a) and (b){.x{}}");
    }

    #[test]
    fn strings_are_preserved() {
        let sheet = r#".a::before { content: "a  /* b */ ; \" }" ; }"#;
        assert_eq!(minify(sheet), r#".a::before{content: "a  /* b */ ; \" }"}"#);
    }

    #[test]
    fn a_comment_between_words_becomes_a_space() {
        assert_eq!(minify(".a{margin:1px/* x */2px}"), ".a{margin:1px 2px}");
    }
}
