//! English.

use kaiwa_shared::{Code, message::Effort};

use super::words::{Example, Words};
use crate::{components::markdown::MarkdownLabels, state::conversations::Period};

pub(super) static WORDS: Words = Words {
    skip_to_content: "Skip to content",
    conversations: "Conversations",
    toggle_sidebar: "Toggle sidebar",
    new_chat: "New chat",
    search: "Search",
    search_conversations: "Search conversations",
    clear_search: "Clear search",
    nothing_found: "No title contains that.",
    no_conversations: "Your conversations will appear here.",
    list_failed: "The list could not be loaded.",
    period,
    actions_for: |title| format!("Actions for “{title}”"),
    rename: "Rename",
    delete: "Delete",
    delete_title: "Delete this conversation?",
    delete_detail: |title| format!("“{title}” and all its messages will be gone for good."),
    deleted: "Conversation deleted",
    cancel: "Cancel",
    dismiss: "Dismiss",
    account_menu: |name| format!("Account: {name}"),

    greeting: "What’s on your mind?",
    examples: [
        Example {
            title: "Explain",
            prompt: "Explain how HTTPS keeps a connection private, as you would to a curious friend.",
        },
        Example {
            title: "Write",
            prompt: "Draft a short, friendly e-mail that moves Friday’s meeting to Monday morning.",
        },
        Example {
            title: "Plan",
            prompt: "Plan a quiet weekend in Kyoto with a table: morning, afternoon, evening.",
        },
        Example {
            title: "Code",
            prompt: "Show me how to read a large file line by line in Rust without loading it whole.",
        },
    ],
    connect_model: "Only the built-in demo is answering. To talk with a real model, set a provider’s key, such as OPENAI_API_KEY, or LLM_API_URL on the server and start it again.",
    server_found: |name, models| {
        let models = if models == 1 { "1 model".to_owned() } else { format!("{models} models") };
        format!("{name} answers on this server with {models}. To use it, add this line to the configuration:")
    },
    messages: "Messages",
    loading: "Loading…",
    load_failed: "The conversation could not be loaded",
    you: "You",
    assistant: "Assistant",
    assistant_with: |model| format!("Assistant, {model}"),
    generating: "Generating",
    answer_complete: "Answer complete",
    answer_failed: "The answer failed",
    stopped: "You stopped this answer.",
    interrupted: "This answer broke off. What had arrived is kept.",
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
    copy: "Copy",
    copied: "Copied",
    copy_failed: "Copying did not work. Select the text and copy it by hand.",
    try_again: "Try again",
    reconnecting: "Connection lost. Reconnecting…",
    jump_to_latest: "Jump to latest",
    too_long: "This answer reached its length limit.",
    filtered: "The provider’s content filter ended this answer.",
    declined: "The model declined to answer.",
    go_on: "Continue",
    retrying: |seconds, model| match (model, seconds) {
        (Some(model), _) => format!("The provider is busy; {model} is asked next"),
        (None, 0) => "The provider is busy; trying again".to_owned(),
        (None, _) => format!("The provider is busy; next attempt in {}", duration(seconds)),
    },
    left_out: |count| {
        if count == 1 {
            "The oldest message no longer fits the model and was left out.".to_owned()
        } else {
            format!("The {count} oldest messages no longer fit the model and were left out.")
        }
    },

    more_actions: "More actions",
    regenerate: "Answer again",
    same_model: "Answer again",
    other_models: "With another model",
    edit: "Edit",
    edit_message: "Edit message",
    save: "Save",
    save_and_send: "Save & resend",
    fork: "Branch in new chat",
    delete_message_title: "Delete this message?",
    delete_message_detail: |messages, hidden| {
        let all = match messages {
            0 | 1 => "It will be gone for good.".to_owned(),
            2 => "It and the message below it will be gone for good.".to_owned(),
            more => format!("It and the {} messages below it will be gone for good.", more - 1),
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
    choose_answer: "Go on with this answer",
    chosen_answer: "Goes on from here",
    answers: "Answers side by side",

    details: "Details of this answer",
    fact_model: "Model",
    fact_time: "Time",
    fact_input: "Input tokens",
    fact_cached: "from cache",
    fact_cache_write: "written to cache",
    fact_output: "Output tokens",
    fact_reasoning: "thoughts",
    fact_cost: "Cost",
    fact_effort: "Thinking",
    effort: |effort| match effort {
        Effort::Off => "Off",
        Effort::Low => "A little",
        Effort::Medium => "Medium",
        Effort::High => "A lot",
    },
    fact_temperature: "Temperature",
    fact_max_tokens: "Longest answer",
    fact_context: "Context",
    estimated: "~ marks our own estimates.",
    context_use: |used, window, percent| format!("Context: {used} of {window} tokens used ({percent} %)"),
    markdown: MarkdownLabels {
        copy: "Copy",
        copied: "Copied",
        code: "Code",
        table: "Table",
        image: "Image",
        footnote: "Footnote",
        back: "Back to the text",
        done: "Done",
        open: "Open",
    },

    message: "Message",
    message_placeholder: "Ask anything",
    send: "Send",
    stop: "Stop",
    model_picker: |name| format!("Model: {name}"),
    demo: "Demo",
    compare: "Compare with…",
    compare_hint: |most| format!("Up to {most} more models answer the same message."),
    queue_message: "Send after this answer",
    queued: "Waits for this answer",
    queue_edit: "Back to the composer",
    queue_remove: "Remove",
    queue_send: "Send now",
    temporary: "Temporary chat",
    temporary_detail: "Nothing of this chat is stored or listed. It is gone when you close or reload this page.",

    sign_in_title: "Welcome back",
    sign_up_title: "Create your account",
    first_run_title: "Welcome to Kaiwa",
    first_run_detail: "Create the first account. It will be the administrator of this server.",
    login: "Username or e-mail",
    username: "Username",
    password: "Password",
    password_hint: "At least 8 characters. A few words in a row are easy to remember and hard to guess.",
    show_password: "Show password",
    hide_password: "Hide password",
    sign_in: "Sign in",
    sign_up: "Create account",
    sign_out: "Sign out",
    no_account: "New here?",
    have_account: "Already have an account?",
    registration_closed: "Registration is closed on this server. Ask its administrator for an account.",

    settings: "Settings",
    appearance: "Appearance",
    theme: "Theme",
    theme_system: "System",
    theme_light: "Light",
    theme_dark: "Dark",
    language: "Language",
    writing: "Writing",
    send_key: "Send with",
    send_by_enter: "Enter",
    send_by_command_enter: "Ctrl/⌘ + Enter",
    reading: "Reading",
    thoughts: "Thoughts",
    thoughts_auto: "Open while thinking",
    thoughts_open: "Open",
    thoughts_folded: "Folded",
    account: "Account",
    signed_in_as: "Signed in as",
    change_password: "Change password",
    current_password: "Current password",
    new_password: "New password",
    password_changed: "Password changed. Your other devices have been signed out.",
    about: "About",
    version: "Version",

    not_found_title: "Nothing here",
    not_found_detail: "This page does not exist, or it belongs to somebody else.",
    back_to_start: "Start a new chat",
    unreachable_title: "Kaiwa is not answering",
    network: "The server cannot be reached. Check your connection and try again.",
    unexpected: |status| {
        format!(
            "Something between you and the server gave an answer that makes no sense here (HTTP {status})."
        )
    },
    problem,
    wait: |seconds| format!(" Try again in {}.", duration(seconds)),
    field,
};

fn duration(seconds: u64) -> String {
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

fn period(period: Period) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    match period {
        Period::Today => "Today".to_owned(),
        Period::Yesterday => "Yesterday".to_owned(),
        Period::Week => "Previous 7 days".to_owned(),
        Period::Month => "Previous 30 days".to_owned(),
        Period::Earlier { year, month } => {
            let name = MONTHS.get(usize::from(month).saturating_sub(1)).copied().unwrap_or_default();
            format!("{name} {year}")
        }
    }
}

const fn problem(code: Code) -> &'static str {
    match code {
        Code::BadRequest => "The server could not read the request. Reload the page and try again.",
        Code::Invalid => "Something that was entered is not acceptable.",
        Code::NotSignedIn => "Your session has ended. Sign in again.",
        Code::WrongCredentials => "The name or the password is wrong.",
        Code::Forbidden => "You may not do this.",
        Code::CrossSite => "The request seemed to come from another site. Reload the page and try again.",
        Code::NotFound => "This does not exist, or it belongs to somebody else.",
        Code::MethodNotAllowed => "This server does not offer that.",
        Code::AlreadyExists => "That name is taken. Choose another.",
        Code::Conflict => "Something changed in the meantime. Reload the page and try again.",
        Code::RegistrationClosed => {
            "Registration is closed on this server. Ask its administrator for an account."
        }
        Code::TooLarge => "That is too large to send. Shorten it and try again.",
        Code::UnsupportedMediaType => "This kind of content is not accepted.",
        Code::TooManyRequests => "That was too fast.",
        Code::TooManyGenerations => "Too many replies are being written. Stop one or wait a little.",
        Code::NothingToContinue => "There is nothing to continue in this message.",
        Code::RequestTimeout => "The request took too long to reach the server. Try again.",
        Code::ModelNotFound => "This model is no longer offered. Choose another one below.",
        Code::ProviderAuth => "The model’s provider refused the key. The administrator has to check it.",
        Code::ProviderRateLimit => "The model’s provider is limiting requests at the moment.",
        Code::ProviderQuota => {
            "The credit with the model’s provider is used up. The administrator has to top it up."
        }
        Code::ContextLength => {
            "This conversation has become too long for the model. Start a new one or choose a model with a larger window."
        }
        Code::ContentFilter => {
            "The provider’s content filter stopped the answer. Put it another way and try again."
        }
        Code::ProviderRejected => "The model’s provider did not accept the request.",
        Code::ProviderUnavailable => {
            "The model’s provider is not available at the moment. Try again shortly."
        }
        Code::ProviderTimeout => "The model did not answer in time. Try again.",
        Code::ProviderUnreachable => {
            "The model’s provider cannot be reached. Check the address and the server’s network."
        }
        Code::ProviderProtocol => "The model’s provider sent an answer that could not be understood.",
        Code::ProviderCutOff => "The model’s provider broke off in the middle of the answer.",
        Code::Interrupted => "The server stopped while the answer was being written.",
        Code::Unavailable => "A part of the server is down at the moment. Try again shortly.",
        Code::Internal => {
            "Something went wrong on the server. Try again; if it stays, tell the administrator."
        }
        Code::Unknown => "Something went wrong. Reload the page and try again.",
    }
}

fn field(field: &str, code: &str) -> Option<&'static str> {
    let is_password = field.ends_with("password");
    Some(match (is_password, code) {
        (_, "required") => "Please fill this in.",
        (true, "too_short") => "Use at least 8 characters.",
        (true, "too_long") => "This password is too long.",
        (true, "too_common") => "This password is one of the first that anybody would try. Choose another.",
        (true, "wrong") => "This is not your current password.",
        (false, "too_short") => "Use at least 2 characters.",
        (false, "too_long") => "Use at most 64 characters.",
        (false, "malformed") if field == "email" => "This is not an e-mail address.",
        (false, "malformed") => "Use letters, digits, dots, dashes and underscores.",
        (false, "taken" | "already_exists") => "That name is taken. Choose another.",
        _ => return None,
    })
}
