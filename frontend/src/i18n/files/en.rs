//! English.

use super::FilesWords;

pub(in crate::i18n) const WORDS: FilesWords = FilesWords {
    add: "Add files",
    list: "Files",
    unnamed: "File",
    remove: |name| format!("Remove {name}"),
    retry: |name| format!("Upload {name} again"),
    open: |name| format!("Open {name}"),
    download: |name| format!("Download {name}"),
    waiting: "Waiting",
    uploading: |percent| format!("Uploading {percent}%"),
    checking: "Processing…",
    not_uploaded: "You can send this when the upload is finished.",
    has_failed: "A file was not uploaded. Try it again or remove it.",
    cannot_see: |model| format!("{model} can’t see pictures. Choose another model, or remove them."),
    cannot_read: |model, file| {
        format!(
            "{model} can’t read {file}: it has no text, only images of pages. Choose another model, or remove it."
        )
    },
    only_text: |model, file| format!("{model} gets the text of {file}, but not its images or layout."),
    too_large: |limit| match limit {
        Some(limit) => format!("Too large: a file can have up to {limit}."),
        None => "This file is too large.".to_owned(),
    },
    too_many: |max| format!("A message can have up to {max} files."),
    pasted_text: "Pasted text.txt",
    paste_became_file: "The long text was added as a file. Ctrl+Shift+V pastes it as text.",
    drop: "Drop files to add them",
    nowhere: "Open a conversation to add files.",
};
