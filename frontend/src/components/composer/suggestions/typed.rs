//! The beginning of a name before the caret.

/// The longest name that is looked up, in UTF-16 units.
pub(super) const LONGEST: u32 = 48;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `/new` at the start of the message: a command or a saved prompt.
    Command,
    /// `/new` at the start of another word: a saved prompt.
    Prompt,
    /// `@gpt`: a model.
    Model,
}

/// A name that is being typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Typed {
    /// What it stands for.
    pub(super) kind: Kind,
    /// What is typed of it, in lower case.
    pub(super) query: String,
    /// Its length with the sign before it, in UTF-16 units.
    pub(super) units: u32,
}

impl Typed {
    /// Reads the last word of `before`, the text before the caret: all of it, or one unit more than [`LONGEST`]. A model or
    /// a prompt is named at the start of any word, a command only at the start of the message.
    pub(super) fn read(before: &str) -> Option<Self> {
        let word = before.rsplit(char::is_whitespace).next()?;
        let units = u32::try_from(word.encode_utf16().count()).ok().filter(|units| *units <= LONGEST)?;
        let mut letters = word.chars();
        let kind = match letters.next()? {
            // A path or a comment.
            '/' if letters.as_str().contains('/') => return None,
            // Chinese input methods write `、` for this key.
            '/' | '、' if word.len() == before.len() => Kind::Command,
            '/' => Kind::Prompt,
            '@' | '＠' => Kind::Model,
            _ => return None,
        };
        Some(Self { kind, query: letters.as_str().to_lowercase(), units })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(before: &str) -> Option<(Kind, String, u32)> {
        Typed::read(before).map(|Typed { kind, query, units }| (kind, query, units))
    }

    #[test]
    fn a_command_begins_the_message() {
        assert_eq!(read("/"), Some((Kind::Command, String::new(), 1)));
        assert_eq!(read("/New"), Some((Kind::Command, "new".into(), 4)));
        assert_eq!(read("、新"), Some((Kind::Command, "新".into(), 2)));
        for text in ["", "a/", "either/or", "/new chat", "他/", "//", "/usr/bin", "see //", "苹果 、梨"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_prompt_begins_a_word() {
        assert_eq!(read("see /New"), Some((Kind::Prompt, "new".into(), 4)));
        assert_eq!(read("看\n/日"), Some((Kind::Prompt, "日".into(), 2)));
    }

    #[test]
    fn a_model_begins_a_word() {
        assert_eq!(read("@"), Some((Kind::Model, String::new(), 1)));
        assert_eq!(read("Ask @GPT"), Some((Kind::Model, "gpt".into(), 4)));
        assert_eq!(read("问\n＠通义"), Some((Kind::Model, "通义".into(), 3)));
        for text in ["me@example", "@gpt and", "a@"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn the_end_of_a_long_word_is_not_a_name() {
        let cut = format!("/{}", "x".repeat(usize::try_from(LONGEST).unwrap()));
        assert_eq!(read(&cut), None);
    }
}
