//! English.

use super::CommonWords;

pub(in crate::i18n) const WORDS: CommonWords = CommonWords {
    skip_to_content: "Skip to content",
    cancel: "Cancel",
    dismiss: "Dismiss",
    copy: "Copy",
    copied: "Copied",
    copy_failed: "Couldn’t copy. Select the text and copy it manually.",
    try_again: "Try again",
    save: "Save",
    loading: "Loading…",
    not_loaded: "This couldn’t be loaded. Check your connection.",
    outdated: "Kaiwa has been updated. Reload the page to go on.",
    reload: "Reload",
    settings: "Settings",
    sign_out: "Sign out",
};
