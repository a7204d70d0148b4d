//! Every text of the interface, in every language.
//!
//! Each area of the page has a folder with a struct of its words and one file for each language. A missing translation
//! is a missing field and does not compile. To add a language, add a file to each folder and name it in [`Language`].

pub mod artifacts;
pub mod auth;
pub mod chat;
pub mod chat_settings;
pub mod common;
pub mod composer;
pub mod details;
mod duration;
pub mod errors;
pub mod files;
pub mod message;
pub mod models;
pub mod numbers;
pub mod prompts;
pub mod settings;
pub mod sidebar;
pub mod thread;
mod words;

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
    /// Every language, in the order in which the settings list them.
    pub const ALL: [Self; 2] = [Self::Chinese, Self::English];

    /// Returns the language for a browser's language tag, such as `zh-Hans-CN`.
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

    /// The language's own name for itself.
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "简体中文",
        }
    }
}

/// The chosen language.
#[derive(Clone, Copy)]
pub struct Locale(Preferences);

/// The chosen language.
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

    /// The same, untracked: for texts that are shown once.
    pub fn words_now(self) -> &'static Words {
        untrack(|| self.words())
    }
}

/// A text that follows the chosen language: `t(|words| words.sidebar.new_chat)`.
///
/// It takes a plain function pointer, so that all texts share one instance of the rendering code.
pub fn t(select: fn(&Words) -> &'static str) -> Signal<&'static str> {
    let locale = use_locale();
    Signal::derive(move || select(locale.words()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_tags_get_chinese_and_all_others_english() {
        for tag in ["zh", "zh-CN", "zh-Hans-SG", "ZH-tw"] {
            assert_eq!(Language::of_tag(tag), Language::Chinese, "{tag}");
        }
        for tag in ["en", "en-GB", "ja", ""] {
            assert_eq!(Language::of_tag(tag), Language::English, "{tag}");
        }
    }
}
