//! English.

use super::MessageWords;
use crate::components::markdown::MarkdownLabels;
use crate::i18n::duration::english as duration;

pub(in crate::i18n) const WORDS: MessageWords = MessageWords {
    you: "You",
    assistant: "Assistant",
    assistant_with: |model| format!("Assistant, {model}"),
    answer_with: |model| format!("Answer with {model}"),
    stopped: "You stopped this answer.",
    interrupted: "This answer was interrupted. What arrived has been kept.",
    too_long: "This answer reached its length limit.",
    declined: "The model declined to answer.",
    continue_: "Continue",
    retrying: |seconds, model| match (model, seconds) {
        (Some(model), _) => format!("The provider is busy; trying {model} next"),
        (None, 0) => "The provider is busy; retrying".to_owned(),
        (None, _) => format!("The provider is busy; retrying in {}", duration(seconds)),
    },
    left_out: |count| {
        if count == 1 {
            "The oldest message no longer fits the model’s context and was left out.".to_owned()
        } else {
            format!("The {count} oldest messages no longer fit the model’s context and were left out.")
        }
    },
    thinking: |seconds| {
        if seconds == 0 { "Thinking…".to_owned() } else { format!("Thinking… {}", duration(seconds)) }
    },
    thought_for: |seconds| format!("Thought for {}", duration(seconds)),
    thought: "Thoughts",
    copy_thoughts: "Copy thoughts",
    tool_running: "Running",
    tool_done: "Done",
    tool_failed: "Failed",
    tool_cancelled: "Cancelled",
    tool_not_run: "Not run",
    tool_arguments: "Arguments",
    tool_output: "Result",
    sources: "Sources",
    read_aloud: "Read aloud",
    stop_reading: "Stop reading",
    copy_link: "Copy link",
    more_actions: "More actions",
    regenerate: "Answer again",
    same_model: "Answer again",
    other_models: "With another model",
    edit: "Edit",
    edit_message: "Edit message",
    save_and_send: "Save & resend",
    fork: "Branch in new chat",
    delete_message_title: "Delete this message?",
    delete_message_detail: |messages, hidden| {
        let all = match messages {
            0 | 1 => "It will be deleted permanently.".to_owned(),
            2 => "This message and the one below it will be deleted permanently.".to_owned(),
            more => format!("This message and the {} below it will be deleted permanently.", more - 1),
        };
        match hidden {
            0 => all,
            1 => format!("{all} One of them is on a branch that is not shown."),
            hidden => format!("{all} {hidden} of them are on branches that are not shown."),
        }
    },
    message_deleted: "Message deleted",
    previous_version: "Previous version",
    next_version: "Next version",
    version_of: |number, count| format!("Version {number} of {count}"),
    later_elsewhere: |count| match count {
        1 => "One later message is on another version.".to_owned(),
        more => format!("{more} later messages are on another version."),
    },
    markdown: MarkdownLabels {
        copy: "Copy",
        copied: "Copied",
        wrap: "Wrap",
        download: "Download",
        preview: "Preview",
        expand: "Expand",
        diagram: "Diagram",
        diagram_refused: "This diagram can’t be drawn, so its code is shown.",
        preview_error: "Error:",
        preview_blocked: "Previews have no network. Blocked:",
        preview_left: "The preview tried to open another page and was closed.",
        show_image: "Show image",
        image_failed: "The image couldn’t be loaded. Try again",
        show_all: "Show all",
        show_less: "Show less",
        code: "Code",
        table: "Table",
        image: "Image",
        footnote: "Footnote",
        back: "Back to the text",
        done: "Done",
        open: "Open",
        details: "Details",
        note: "Note",
        tip: "Tip",
        important: "Important",
        warning: "Warning",
        caution: "Caution",
    },
};
