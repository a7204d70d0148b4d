//! A title made from what was said first.

use serde_json::Value;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::conversation::TITLE_MAX_CHARS;

/// How many characters a generated title has at most; longer ones are cut at a word where there is one.
const GENERATED_MAX_CHARS: usize = 48;

/// Characters of a line that is no title but prose.
const PROSE_CHARS: usize = 160;

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

/// Finds the title in a model's answer: without fences, JSON, quotes, a closing full stop, a `Title:` in front and small
/// talk around it. Empty if there is none.
pub fn from_model(text: &str) -> String {
    let text = text.rsplit_once("</think>").map_or(text, |(_, answer)| answer);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !is_fence(line));
    let lines: Vec<&str> = lines.collect();
    let whole = lines.join("\n");
    if whole.starts_with(['{', '[']) {
        return in_json(&whole).map(|title| clean(&title)).unwrap_or_default();
    }
    let found = lines.iter().map(|line| clean(without_small_talk(line))).find(|title| !title.is_empty());
    found.unwrap_or_default()
}

/// The title of a copy: with the next number in brackets, as in `Rivers (2)`.
pub fn numbered(title: &str) -> String {
    let before = title.strip_suffix(')').and_then(|rest| rest.rsplit_once(" ("));
    let counted = before.and_then(|(name, number)| Some((name, number.parse::<u32>().ok()?.checked_add(1)?)));
    let (name, number) =
        counted.filter(|(name, number)| !name.is_empty() && *number > 2).unwrap_or((title, 2));
    let number = format!(" ({number})");
    // Shortening adds an ellipsis.
    shorten(name, TITLE_MAX_CHARS - number.len() - 1) + &number
}

/// A fence of a code block, or the name of its language.
fn is_fence(line: &str) -> bool {
    let is_language = ["json", "markdown", "md", "text", "txt", "plaintext"]
        .iter()
        .any(|language| line.eq_ignore_ascii_case(language));
    line.starts_with("```") || line.starts_with("~~~") || line.starts_with("<think>") || is_language
}

/// The title in JSON: a string, the first string of a list, or a field of an object.
fn in_json(text: &str) -> Option<String> {
    fn find(value: &Value) -> Option<String> {
        match value {
            Value::String(title) => Some(title.clone()),
            Value::Array(values) => values.iter().find_map(find),
            Value::Object(fields) => {
                let named = fields.iter().find(|(name, _)| is_label(name));
                named.or_else(|| fields.iter().next()).and_then(|(_, value)| find(value))
            }
            _ => None,
        }
    }
    // Small talk may follow the document.
    let mut documents = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    find(&documents.next()?.ok()?)
}

/// What a line says after a `Title:` or an introduction; empty for a line that only introduces.
fn without_small_talk(line: &str) -> &str {
    let line = undressed(line);
    let (before, after) = line.split_once([':', '：']).unwrap_or((line, ""));
    let lower = line.to_lowercase();
    let talks = SMALL_TALK.iter().any(|start| {
        // "Okay" begins "Okay, here it is", not "Okayama".
        lower
            .strip_prefix(start)
            .is_some_and(|rest| !start.is_ascii() || !rest.starts_with(char::is_alphanumeric))
    });
    if is_label(undressed(before)) && before.len() < line.len() {
        return after;
    }
    let names_title = TITLE_WORDS.iter().any(|word| lower.contains(word));
    let introduces = line.ends_with([':', '：', '!', '！', '.', '。', '~']);
    match talks {
        true if names_title && !after.trim().is_empty() => after,
        true if names_title || introduces => "",
        _ => line,
    }
}

/// Whether this names what follows: `Title`, `Chat title`, `标题`.
fn is_label(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    let names = TITLE_WORDS.iter().any(|word| text.ends_with(word)) && text.chars().count() <= 24;
    names || matches!(text.as_str(), "name" | "topic" | "subject" | "headline" | "主题" | "題目" | "题目")
}

/// Words for a title.
const TITLE_WORDS: [&str; 4] = ["title", "标题", "標題", "タイトル"];

/// How small talk begins, in lower case.
const SMALL_TALK: [&str; 24] = [
    "sure",
    "certainly",
    "of course",
    "okay",
    "ok",
    "absolutely",
    "great",
    "here is",
    "here's",
    "here’s",
    "here are",
    "i suggest",
    "i'd suggest",
    "i’d suggest",
    "a good title",
    "the title",
    "当然",
    "好的",
    "以下是",
    "这里是",
    "没问题",
    "可以",
    "はい",
    "こちら",
];

/// Marks and quotes around a title.
fn undressed(text: &str) -> &str {
    let text = text.trim().trim_start_matches(['#', '>', '-', '•']);
    text.trim_matches(|c: char| c.is_whitespace() || "\"'“”‘’「」『』《》«»*#`_".contains(c))
}

fn clean(title: &str) -> String {
    let title = undressed(title).trim_end_matches(['.', '。']);
    if title.chars().count() > PROSE_CHARS {
        return String::new();
    }
    shorten(
        &undressed(title).chars().filter(|c| !c.is_control()).collect::<String>(),
        TITLE_MAX_CHARS.min(80),
    )
}

fn shorten(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    // What a reader sees as one character, such as a family of emoji, stays whole.
    let mut room = max;
    let fits = |part: &&str| {
        let count = part.chars().count();
        let fits = count <= room;
        room = room.saturating_sub(count);
        fits
    };
    let cut: String = text.graphemes(true).take_while(fits).collect();
    // A cut in the middle of a word reads badly; Chinese and Japanese have no spaces and may be cut anywhere.
    let end = cut.rfind(' ').filter(|&at| at > cut.len() / 2).unwrap_or(cut.len());
    format!("{}…", cut.get(..end).unwrap_or(&cut).trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_gets_the_next_number() {
        let long = "长".repeat(TITLE_MAX_CHARS);
        for (title, copy) in [
            ("Rivers", "Rivers (2)"),
            ("Rivers (2)", "Rivers (3)"),
            ("Rivers (99)", "Rivers (100)"),
            ("安静的河 (2)", "安静的河 (3)"),
            // These numbers count no copies.
            ("Rivers (1)", "Rivers (1) (2)"),
            ("Rivers (0)", "Rivers (0) (2)"),
            ("Rivers (4294967295)", "Rivers (4294967295) (2)"),
            ("Rivers (-2)", "Rivers (-2) (2)"),
            ("f(2)", "f(2) (2)"),
            (" (2)", " (2) (2)"),
        ] {
            assert_eq!(numbered(title), copy);
        }
        assert!(numbered(&long).ends_with("长… (2)") && numbered(&long).chars().count() <= TITLE_MAX_CHARS);
    }

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
    fn a_title_is_cut_between_what_a_reader_sees_as_characters() {
        for one in ["👩‍👩‍👧‍👦", "🇨🇳", "e\u{301}", "👍🏽", "각", "नि"] {
            for before in 0..8 {
                let title = from_text(&format!("{}{}", "a".repeat(before), one.repeat(60)));
                let rest = title.trim_start_matches('a').trim_end_matches('…');
                assert_eq!(rest.replace(one, ""), "", "{title}");
            }
        }
    }

    #[test]
    fn a_models_title_loses_its_dress() {
        assert_eq!(from_model("Title: \"Setting up nginx.\"\n"), "Setting up nginx");
        assert_eq!(from_model("《反向代理》"), "反向代理");
    }

    #[test]
    fn only_the_title_is_taken_from_an_answer() {
        for answer in [
            "Setting up nginx",
            "```\nSetting up nginx\n```",
            "```json\n{\"title\": \"Setting up nginx\"}\n```",
            "json\n{\"title\":\"Setting up nginx\",\"lang\":\"en\"}",
            "{\"conversation_title\": \"Setting up nginx.\"}\n\nLet me know!",
            "[\"Setting up nginx\"]",
            "**Title:** Setting up nginx",
            "**Title: Setting up nginx**",
            "# Conversation title: “Setting up nginx”",
            "TITLE：Setting up nginx",
            "Title:\n\"Setting up nginx\"",
            "Sure! Here's a title:\n\n**Setting up nginx**\n\nI hope that helps!",
            "Here is a short title for this conversation: \"Setting up nginx\"",
            "Certainly.\nSetting up nginx",
            "当然！\n标题：Setting up nginx",
            "好的，以下是标题：\n《Setting up nginx》",
            "<think>\nA title is needed.\n</think>\n\nSetting up nginx",
        ] {
            assert_eq!(from_model(answer), "Setting up nginx", "{answer:?}");
        }
    }

    #[test]
    fn a_title_may_look_like_small_talk_and_an_answer_may_have_no_title() {
        for title in
            ["Okayama in spring", "Rust: borrowing", "Great Wall of China", "可以吃的花", "12:30 train"]
        {
            assert_eq!(from_model(title), title);
        }
        for answer in ["", "```json\n```", "Title:", "Sure!", "<think>", "{\"title\": 5}", "{\"title\": \""] {
            assert_eq!(from_model(answer), "", "{answer:?}");
        }
    }
}
