//! English.

use super::ComposerWords;

pub(in crate::i18n) const WORDS: ComposerWords = ComposerWords {
    message: "Message",
    message_placeholder: "Ask anything",
    send: "Send",
    stop: "Stop",
    model_picker: |name| format!("Model: {name}"),
    demo: "Demo",
    quote: "Quote",
    suggestions: "Suggestions",
    queue_message: "Send after this answer",
    queued: "Queued",
    queue_edit: "Back to the composer",
    queue_remove: "Remove",
    queue_send: "Send now",
};
