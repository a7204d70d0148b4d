//! A file that is attached to a message, and how far its upload is.

use kaiwa_shared::File;
use leptos::prelude::*;

use crate::{
    api::Error,
    i18n::{Words, numbers},
};

/// A file that is attached to a message. Cloning it clones the handle.
#[derive(Clone)]
pub struct Attachment {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// How far its upload is.
    pub stage: ArcRwSignal<Stage>,
}

/// How far an upload is.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// It waits for earlier ones.
    Waiting,
    /// So many percent of it are sent.
    Sending(u8),
    /// The server has it.
    Stored(File),
    /// It failed.
    Failed(Failure),
}

/// Why a file was not uploaded.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// It is larger than the server allows, in bytes.
    TooLarge(u64),
    /// The server refused it or could not be reached.
    Refused(Error),
}

/// Why a message cannot be sent yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// A file is still being uploaded.
    Uploading,
    /// A file was not uploaded.
    Failed,
}

impl Attachment {
    /// A file that the server has.
    pub fn stored(file: File) -> Self {
        let (name, size) = (file.name.clone(), file.size);
        Self { name, size, stage: ArcRwSignal::new(Stage::Stored(file)) }
    }
}

impl Failure {
    /// Says why, and what to do.
    pub fn text(&self, words: &Words) -> String {
        match self {
            Self::TooLarge(limit) => (words.files.too_large)(Some(&numbers::bytes(*limit))),
            Self::Refused(error) if error.code() == Some(kaiwa_shared::Code::TooLarge) => {
                (words.files.too_large)(None)
            }
            Self::Refused(error) => words.error(error),
        }
    }

    /// Another attempt may succeed.
    pub fn can_retry(&self) -> bool {
        matches!(self, Self::Refused(error) if error.is_transient())
    }
}

impl Obstacle {
    /// What stands in the way of files in these stages. A failed file counts more, because waiting does not help.
    pub fn of<'a>(stages: impl Iterator<Item = &'a Stage>) -> Option<Self> {
        let obstacle = |stage: &Stage| match stage {
            Stage::Stored(_) => None,
            Stage::Waiting | Stage::Sending(_) => Some(Self::Uploading),
            Stage::Failed(_) => Some(Self::Failed),
        };
        stages.filter_map(obstacle).max_by_key(|obstacle| *obstacle == Self::Failed)
    }

    /// Says it.
    pub const fn text(self, words: &Words) -> &'static str {
        match self {
            Self::Uploading => words.files.not_uploaded,
            Self::Failed => words.files.has_failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use kaiwa_shared::{Code, FileId, Problem};

    use super::*;
    use crate::i18n::Language;

    #[test]
    fn a_message_waits_for_every_file() {
        let file = File {
            id: FileId::new(),
            name: "a".into(),
            media_type: "text/plain".into(),
            size: 1,
            width: None,
            height: None,
            has_text: None,
        };
        let stored = Stage::Stored(file);
        let failed = Stage::Failed(Failure::TooLarge(1));
        for (stages, expected) in [
            (vec![], None),
            (vec![&stored, &stored], None),
            (vec![&stored, &Stage::Waiting], Some(Obstacle::Uploading)),
            (vec![&Stage::Sending(100), &stored], Some(Obstacle::Uploading)),
            (vec![&failed, &Stage::Sending(3)], Some(Obstacle::Failed)),
            (vec![&Stage::Waiting, &failed, &stored], Some(Obstacle::Failed)),
        ] {
            assert_eq!(Obstacle::of(stages.into_iter()), expected);
        }
    }

    #[test]
    fn a_failure_says_what_to_do_and_whether_to_try_again() {
        let refused = |code, status| {
            let mut problem = Problem::new(code, "");
            problem.status = status;
            Failure::Refused(problem.into())
        };
        for (failure, retry, english) in [
            (Failure::TooLarge(25_000_000), false, "Too large: a file can have up to 25 MB."),
            (refused(Code::TooLarge, 413), false, "This file is too large."),
            (
                refused(Code::HeicPicture, 415),
                false,
                "Kaiwa can’t read HEIC pictures. Save it as JPEG and add that.",
            ),
            (refused(Code::Unavailable, 503), true, ""),
            (Failure::Refused(Error::Network), true, ""),
        ] {
            assert_eq!(failure.can_retry(), retry, "{failure:?}");
            assert!(failure.text(Language::English.words()).starts_with(english), "{failure:?}");
            assert_ne!(failure.text(Language::Chinese.words()), failure.text(Language::English.words()));
        }
    }
}
