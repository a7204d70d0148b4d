//! All words of one language.

use kaiwa_shared::problem::FieldError;

use super::{
    Language, artifacts, auth, chat, chat_settings, common, composer, details, errors, files, message,
    models, prompts, settings, sidebar, thread,
};
use crate::api::Error;

/// The words of one language, by area of the page.
pub struct Words {
    /// The sidebar.
    pub sidebar: sidebar::SidebarWords,
    /// Shared by several areas.
    pub common: common::CommonWords,
    /// A conversation.
    pub chat: chat::ChatWords,
    /// The settings of a conversation.
    pub chat_settings: chat_settings::ChatSettingsWords,
    /// Finding one's way in a conversation.
    pub thread: thread::ThreadWords,
    /// A message.
    pub message: message::MessageWords,
    /// The model picker.
    pub models: models::ModelsWords,
    /// The details of a reply.
    pub details: details::DetailsWords,
    /// The panel that shows artifacts.
    pub artifacts: artifacts::ArtifactWords,
    /// The composer.
    pub composer: composer::ComposerWords,
    /// Files.
    pub files: files::FilesWords,
    /// Signing in and up.
    pub auth: auth::AuthWords,
    /// Saved prompts.
    pub prompts: prompts::PromptsWords,
    /// The settings page.
    pub settings: settings::SettingsWords,
    /// Errors.
    pub errors: errors::ErrorsWords,
}

macro_rules! words {
    ($language:ident) => {
        Words {
            sidebar: sidebar::$language::WORDS,
            common: common::$language::WORDS,
            chat: chat::$language::WORDS,
            chat_settings: chat_settings::$language::WORDS,
            thread: thread::$language::WORDS,
            message: message::$language::WORDS,
            models: models::$language::WORDS,
            details: details::$language::WORDS,
            artifacts: artifacts::$language::WORDS,
            composer: composer::$language::WORDS,
            files: files::$language::WORDS,
            auth: auth::$language::WORDS,
            prompts: prompts::$language::WORDS,
            settings: settings::$language::WORDS,
            errors: errors::$language::WORDS,
        }
    };
}

static ENGLISH: Words = words!(en);
static CHINESE: Words = words!(zh);

impl Language {
    /// The words of this language.
    pub const fn words(self) -> &'static Words {
        match self {
            Self::English => &ENGLISH,
            Self::Chinese => &CHINESE,
        }
    }
}

impl Words {
    /// Describes an error and what to do about it.
    pub fn error(&self, error: &Error) -> String {
        self.error_with_wait(error, error.retry_after())
    }

    /// The same, with the seconds after which to try again.
    pub fn error_with_wait(&self, error: &Error, wait: Option<u64>) -> String {
        match error {
            Error::Network => self.errors.network.to_owned(),
            Error::Unexpected { status } => (self.errors.unexpected)(*status),
            Error::Problem(problem) => {
                let mut text = (self.errors.problem)(problem.code).to_owned();
                if let Some(seconds) = wait {
                    text.push_str(&(self.errors.wait)(seconds));
                }
                text
            }
        }
    }

    /// Describes what is wrong with one of `fields`, if the error is about them.
    pub fn field_error(&self, error: &Error, fields: &[&str]) -> Option<String> {
        let Error::Problem(problem) = error else { return None };
        let fault = problem.errors.iter().find(|fault| fields.contains(&fault.field.as_str()));
        fault.map(|FieldError { field, code, detail }| {
            // The server describes a fault that this version does not know in English.
            (self.errors.field)(field, code).map_or_else(|| detail.clone(), str::to_owned)
        })
    }
}

#[cfg(test)]
mod tests {
    use kaiwa_shared::{Code, Problem};

    use super::*;

    #[test]
    fn every_problem_has_its_own_sentence_in_every_language() {
        for language in Language::ALL {
            let mut sentences: Vec<_> =
                Code::ALL.iter().map(|code| (language.words().errors.problem)(*code)).collect();
            sentences.sort_unstable();
            sentences.dedup();
            assert_eq!(sentences.len(), Code::ALL.len(), "{language:?}");
        }
    }

    #[test]
    fn the_wait_is_part_of_the_message() {
        let mut problem = Problem::new(Code::TooManyRequests, "slow down");
        problem.retry_after = Some(30);
        for language in Language::ALL {
            assert!(language.words().error(&problem.clone().into()).contains("30"));
        }
    }

    #[test]
    fn a_field_error_belongs_to_its_field_only() {
        let fault = FieldError::new("password", "too_short", "At least 8 characters.");
        let error = Error::from(Problem::new(Code::Invalid, "").with_errors(vec![fault]));
        let words = Language::Chinese.words();
        assert!(
            words.field_error(&error, &["password"]).is_some_and(|text| text != "At least 8 characters.")
        );
        assert_eq!(words.field_error(&error, &["username"]), None);
    }

    #[test]
    fn an_unknown_field_error_is_shown_as_the_server_words_it() {
        let fault = FieldError::new("password", "on_a_list", "It was leaked.");
        let error = Error::from(Problem::new(Code::Invalid, "").with_errors(vec![fault]));
        assert_eq!(Language::English.words().field_error(&error, &["password"]).unwrap(), "It was leaked.");
    }

    #[test]
    fn durations_have_seconds_and_minutes() {
        assert_eq!((Language::English.words().message.thought_for)(1), "Thought for 1 s");
        assert_eq!((Language::English.words().message.thought_for)(125), "Thought for 2 min 5 s");
    }
}
