//! A title made from what was said first.

use crate::conversation::TITLE_MAX_CHARS;

/// How many characters a generated title has at most; longer ones are cut at a word where there is one.
const GENERATED_MAX_CHARS: usize = 48;

/// Makes a title of the first line of `text` that says anything, without Markdown's marks.
///
/// Used where no model makes a better one. Empty only if `text` says nothing.
pub fn from_text(text: &str) -> String {
    let line = text
        .lines()
        .map(|line| line.trim_start_matches(['#', '>', '-', '*', '`', ' ', '\t']).trim_end())
        .find(|line| !line.is_empty())
        .unwrap_or_default();
    let clean: String = line.chars().filter(|c| !c.is_control() && !matches!(c, '*' | '`')).collect();
    shorten(clean.trim(), GENERATED_MAX_CHARS)
}

/// Cleans what a model proposed as a title: quotes, a closing full stop, a `Title:` in front, more than one line.
pub fn from_model(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let line = line.strip_prefix("Title:").or_else(|| line.strip_prefix("标题：")).unwrap_or(line);
    let line = line.trim_matches(|c: char| c.is_whitespace() || "\"'“”‘’「」《》*#`".contains(c));
    let line = line.trim_end_matches(['.', '。']);
    shorten(&line.chars().filter(|c| !c.is_control()).collect::<String>(), TITLE_MAX_CHARS.min(80))
}

fn shorten(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let cut: String = text.chars().take(max).collect();
    // A cut in the middle of a word reads badly; Chinese and Japanese have no spaces and may be cut anywhere.
    let end = cut.rfind(' ').filter(|&at| at > cut.len() / 2).unwrap_or(cut.len());
    format!("{}…", cut.get(..end).unwrap_or(&cut).trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_the_first_line_without_marks() {
        assert_eq!(from_text("\n## **Hello** `world`\nmore"), "Hello world");
        assert_eq!(from_text("   "), "");
    }

    #[test]
    fn a_long_title_is_cut_at_a_word_and_chinese_anywhere() {
        assert_eq!(
            from_text("How do I set up a reverse proxy in front of my own chat server at home?"),
            "How do I set up a reverse proxy in front of my…"
        );
        assert_eq!(from_text(&"话".repeat(60)).chars().count(), 49);
    }

    #[test]
    fn a_models_title_loses_its_dress() {
        assert_eq!(from_model("Title: \"Setting up nginx.\"\n"), "Setting up nginx");
        assert_eq!(from_model("《反向代理》"), "反向代理");
    }
}
