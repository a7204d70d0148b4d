//! English.

use super::PromptsWords;

pub(in crate::i18n) const WORDS: PromptsWords = PromptsWords {
    title: "Prompts",
    about: "Save texts that you use often. Type / while you write a message to insert one. Mark what changes each time as {{subject}}, and Tab takes you from one to the next.",
    add: "Add prompt",
    name: "Name",
    text: "Text",
    edit: |name| format!("Edit “{name}”"),
    delete: |name| format!("Delete “{name}”"),
    delete_title: "Delete prompt?",
    delete_detail: |name| format!("“{name}” will be deleted. This can’t be undone."),
    saved: "Prompt saved",
    deleted: "Prompt deleted",
    save_message: "Save as prompt",
};
