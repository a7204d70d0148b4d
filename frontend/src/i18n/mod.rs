//! Every word that a reader sees, in every language.
//!
//! A language is one value of [`Words`]: a missing translation is a missing field and does not compile. To add a
//! language, write that value in a file of its own and name it in [`Language`].

mod en;
pub mod numbers;
mod words;
mod zh;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

pub use self::words::Words;
use crate::state::preferences::{Preferences, use_preferences};

/// A language of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Language {
    /// English.
    #[serde(rename = "en")]
    English,
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    Chinese,
}

impl Language {
    /// Every language, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::Chinese, Self::English];

    /// The language for a tag that a browser sends, such as `zh-Hans-CN`.
    pub fn of_tag(tag: &str) -> Self {
        if tag.to_ascii_lowercase().starts_with("zh") { Self::Chinese } else { Self::English }
    }

    /// The tag for `<html lang>`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    /// The language's name in itself.
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "简体中文",
        }
    }

    /// Its words.
    pub const fn words(self) -> &'static Words {
        match self {
            Self::English => &en::WORDS,
            Self::Chinese => &zh::WORDS,
        }
    }
}

/// The language that is chosen at each moment.
#[derive(Clone, Copy)]
pub struct Locale(Preferences);

/// The language that is chosen at each moment.
pub fn use_locale() -> Locale {
    Locale(use_preferences())
}

impl Locale {
    /// The words of the chosen language.
    pub fn words(self) -> &'static Words {
        self.0.language().words()
    }

    /// The tag of the chosen language.
    pub fn tag(self) -> &'static str {
        self.0.language().tag()
    }

    /// The words, without following the choice: for what is said once.
    pub fn words_now(self) -> &'static Words {
        untrack(|| self.words())
    }
}

/// One word that follows the chosen language: `t(|words| words.new_chat)`.
///
/// It takes a plain function, so that every text of the interface is rendered by one and the same code.
pub fn t(select: fn(&Words) -> &'static str) -> Signal<&'static str> {
    let locale = use_locale();
    Signal::derive(move || select(locale.words()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_in_any_chinese_gets_chinese_and_any_other_english() {
        for tag in ["zh", "zh-CN", "zh-Hans-SG", "ZH-tw"] {
            assert_eq!(Language::of_tag(tag), Language::Chinese, "{tag}");
        }
        for tag in ["en", "en-GB", "ja", ""] {
            assert_eq!(Language::of_tag(tag), Language::English, "{tag}");
        }
    }
}
