//! English.

use super::ThreadWords;

pub(in crate::i18n) const WORDS: ThreadWords = ThreadWords {
    not_printed: "Earlier messages of this conversation are missing here. To print all of it, press Ctrl+P or ⌘P on the page.",
    outline: "Your questions",
    filter: "Filter questions",
    first: "Jump to first message",
    no_question: "No question contains that.",
    partial: |shown, all| format!("{shown} of {all} questions. Type to find the others."),
    only_files: "Files",
    not_here: "That message isn’t part of this conversation any more, or it’s on another branch.",
    find: "Find in conversation",
    previous: "Previous match",
    next: "Next match",
    close: "Close",
    nothing: "No matches",
    position: |at, count| format!("{at} of {count}"),
};
