//! Files on their way to the server.
//!
//! A message names its files by ids that the page chooses, also before they are uploaded. So a draft, a queued message and
//! a message that comes back are all just content, and this is where their files are looked up.

mod attachment;

use std::collections::{HashMap, VecDeque};

use kaiwa_shared::{Content, ContentPart, File, FileId, files::MAX_FILES};
use leptos::{prelude::*, task::spawn_local};

pub use self::attachment::{Attachment, Failure, Obstacle, Stage};
use super::{
    chat::Chat,
    notices::{Notices, use_notices},
    session::{Session, use_session},
};
use crate::{
    api::{Api, files::Upload},
    i18n::{Locale, use_locale},
};

/// The files that the page knows and the uploads.
#[derive(Clone, Copy)]
pub struct Uploads {
    api: Api,
    session: Session,
    notices: Notices,
    locale: Locale,
    known: StoredValue<HashMap<FileId, Attachment>>,
    sources: StoredValue<HashMap<FileId, web_sys::File>, LocalStorage>,
    waiting: StoredValue<VecDeque<FileId>>,
    current: StoredValue<Option<(FileId, Upload)>, LocalStorage>,
    is_busy: StoredValue<bool>,
    target: RwSignal<Option<Chat>>,
}

/// Provides the uploads.
pub fn provide_uploads(api: Api) {
    provide_context(Uploads {
        api,
        session: use_session(),
        notices: use_notices(),
        locale: use_locale(),
        known: StoredValue::default(),
        sources: StoredValue::new_local(HashMap::new()),
        waiting: StoredValue::default(),
        current: StoredValue::new_local(None),
        is_busy: StoredValue::new(false),
        target: RwSignal::new(None),
    });
}

/// The uploads.
pub fn use_uploads() -> Uploads {
    expect_context()
}

impl Uploads {
    /// The conversation whose composer takes files that are dropped or pasted.
    pub fn target(self) -> Option<Chat> {
        self.target.get()
    }

    /// Gives dropped files to this conversation while its composer is shown.
    pub fn set_target(self, chat: &Chat) {
        self.target.set(Some(chat.clone()));
        let chat = chat.clone();
        on_cleanup(move || {
            // The next composer may be there already.
            if self.target.with_untracked(|target| target.as_ref() == Some(&chat)) {
                self.target.set(None);
            }
        });
    }

    /// Adds files to the conversation whose composer is shown.
    pub fn add_to_target(self, files: Vec<web_sys::File>) {
        match self.target.get_untracked() {
            Some(chat) => self.add(&chat, files),
            None => self.notices.fail(self.locale.words_now().files.nowhere.to_owned()),
        }
    }

    /// Adds files to the message that is being written, and uploads them one after the other.
    pub fn add(self, chat: &Chat, mut files: Vec<web_sys::File>) {
        let room = room_in(chat);
        if files.len() > room {
            files.truncate(room);
            self.notices.fail((self.locale.words_now().files.too_many)(MAX_FILES));
        }
        let limit = self.limit();
        let ids: Vec<_> = files.into_iter().map(|file| self.begin(file, limit)).collect();
        chat.draft().update(|draft| *draft = with_files(draft, ids));
        self.run();
    }

    /// Whether the message that is being written can take this file.
    pub fn has_room_for(self, chat: &Chat, file: &web_sys::File) -> bool {
        room_in(chat) > 0 && !is_above(size_of(file), self.limit())
    }

    /// The maximum size of a file, in bytes; 0 while it is not known.
    fn limit(self) -> u64 {
        untrack(|| self.session.settings()).map_or(0, |settings| settings.max_file_bytes)
    }

    fn begin(self, file: web_sys::File, limit: u64) -> FileId {
        let id = FileId::new();
        let size = size_of(&file);
        let is_too_large = is_above(size, limit);
        let stage = if is_too_large { Stage::Failed(Failure::TooLarge(limit)) } else { Stage::Waiting };
        let attachment = Attachment { name: file.name(), size, stage: ArcRwSignal::new(stage) };
        self.known.update_value(|known| _ = known.insert(id, attachment));
        if !is_too_large {
            self.sources.update_value(|sources| _ = sources.insert(id, file));
            self.waiting.update_value(|waiting| waiting.push_back(id));
        }
        id
    }

    /// Uploads what waits. One at a time: a browser has few connections to a server, and replies need them too.
    fn run(self) {
        if self.is_busy.get_value() {
            return;
        }
        self.is_busy.set_value(true);
        spawn_local(async move {
            while let Some(id) = self.waiting.try_update_value(VecDeque::pop_front).flatten() {
                self.upload(id).await;
            }
            self.is_busy.set_value(false);
        });
    }

    async fn upload(self, id: FileId) {
        let source = self.sources.with_value(|sources| sources.get(&id).cloned());
        let (Some(attachment), Some(source)) = (self.find(id), source) else { return };
        attachment.stage.set(Stage::Sending(0));
        let result = match Upload::new(id, &attachment.name) {
            Ok(upload) => {
                self.current.set_value(Some((id, upload.clone())));
                let (stage, size) = (attachment.stage.clone(), source.size());
                let result =
                    self.api.upload(&upload, &source, move |sent| show_progress(&stage, sent, size)).await;
                self.current.set_value(None);
                result
            }
            Err(error) => Err(error),
        };
        let is_wanted = self.find(id).is_some();
        match result {
            Ok(_) if !is_wanted => self.api.discard_file(id),
            Ok(file) => {
                self.sources.update_value(|sources| _ = sources.remove(&id));
                attachment.stage.set(Stage::Stored(file));
            }
            Err(error) => attachment.stage.set(Stage::Failed(Failure::Refused(error))),
        }
    }

    /// Uploads a file again.
    pub fn retry(self, id: FileId) {
        if let Some(attachment) = self.find(id) {
            attachment.stage.set(Stage::Waiting);
            self.waiting.update_value(|waiting| waiting.push_back(id));
            self.run();
        }
    }

    /// Takes a file out of the message that is being written; its upload ends.
    pub fn remove(self, chat: &Chat, id: FileId) {
        chat.draft().update(|draft| *draft = without_file(draft, id));
        let attachment = self.known.try_update_value(|known| known.remove(&id)).flatten();
        self.sources.update_value(|sources| _ = sources.remove(&id));
        self.current.with_value(|current| match current {
            Some((current, upload)) if *current == id => upload.cancel(),
            _ => {}
        });
        let is_stored = attachment
            .is_none_or(|attachment| matches!(*attachment.stage.read_untracked(), Stage::Stored(_)));
        if is_stored {
            // A message may use it as well; then the server keeps it.
            self.api.discard_file(id);
        }
    }

    /// A file, if the page has seen it.
    pub fn find(self, id: FileId) -> Option<Attachment> {
        self.known.with_value(|known| known.get(&id).cloned())
    }

    /// Remembers files that the server has.
    pub fn learn(self, files: impl IntoIterator<Item = File>) {
        self.known.update_value(|known| {
            for file in files {
                known.entry(file.id).or_insert_with(|| Attachment::stored(file));
            }
        });
    }

    /// The files of a message that the server has.
    pub fn files_of(self, content: &Content) -> Vec<File> {
        let stored = |id| match self.find(id)?.stage.get() {
            Stage::Stored(file) => Some(file),
            _ => None,
        };
        content.files().filter_map(stored).collect()
    }

    /// Why a message with this content cannot be sent yet.
    pub fn obstacle(self, content: &Content) -> Option<Obstacle> {
        let stages: Vec<_> =
            content.files().filter_map(|id| self.find(id)).map(|attachment| attachment.stage.get()).collect();
        Obstacle::of(stages.iter())
    }

    /// The content without the files that the server does not have: what can still be sent after a reload.
    pub fn without_unsent(self, content: &Content) -> Content {
        let is_lost = |id| {
            self.find(id)
                .is_some_and(|attachment| !matches!(*attachment.stage.read_untracked(), Stage::Stored(_)))
        };
        let lost: Vec<_> = content.files().filter(|id| is_lost(*id)).collect();
        lost.into_iter().fold(content.clone(), |content, id| without_file(&content, id))
    }

    /// Forgets everything, when another user signs in.
    pub fn clear(self) {
        self.waiting.set_value(VecDeque::new());
        self.known.set_value(HashMap::new());
        self.sources.set_value(HashMap::new());
        self.current.with_value(|current| {
            if let Some((_, upload)) = current {
                upload.cancel();
            }
        });
    }
}

/// How many more files the message takes.
fn room_in(chat: &Chat) -> usize {
    MAX_FILES.saturating_sub(chat.draft().with_untracked(|draft| draft.files().count()))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size is a whole number")]
fn size_of(file: &web_sys::File) -> u64 {
    file.size() as u64
}

const fn is_above(size: u64, limit: u64) -> bool {
    limit > 0 && size > limit
}

fn show_progress(stage: &ArcRwSignal<Stage>, sent: f64, size: f64) {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and 100")]
    let percent = (sent / size.max(1.0) * 100.0).clamp(0.0, 100.0) as u8;
    let now = Stage::Sending(percent);
    if stage.with_untracked(|stage| matches!(stage, Stage::Sending(_)) && *stage != now) {
        stage.set(now);
    }
}

/// The content with another text; its files come first.
pub fn with_text(content: &Content, text: String) -> Content {
    let files = content.files().map(|id| ContentPart::File { id });
    Content::new(files.chain([ContentPart::Text { text }]))
}

/// The content with more files.
fn with_files(content: &Content, more: impl IntoIterator<Item = FileId>) -> Content {
    let files = content.files().chain(more).map(|id| ContentPart::File { id });
    Content::new(files.chain([ContentPart::Text { text: content.text() }]))
}

/// The content without a file.
fn without_file(content: &Content, id: FileId) -> Content {
    Content::new(content.parts().iter().filter(|part| **part != ContentPart::File { id }).cloned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_first_and_survive_typing() {
        let (one, two) = (FileId::new(), FileId::new());
        let content = with_files(&"Look".into(), [one]);
        let content = with_files(&content, [two, one]);
        let content = with_text(&content, "Look at these".into());
        assert_eq!(content.files().collect::<Vec<_>>(), [one, two]);
        assert_eq!(content.text(), "Look at these");
        assert!(matches!(content.parts().first(), Some(ContentPart::File { .. })));
        assert!(!with_text(&content, String::new()).is_blank());
    }

    #[test]
    fn removing_a_file_leaves_the_rest() {
        let (one, two) = (FileId::new(), FileId::new());
        let content = with_files(&"Look".into(), [one, two]);
        let content = without_file(&content, one);
        assert_eq!((content.files().collect::<Vec<_>>(), content.text()), (vec![two], "Look".to_owned()));
        assert_eq!(without_file(&content, two), "Look".into());
        assert!(without_file(&with_files(&Content::default(), [one]), one).is_empty());
    }
}
