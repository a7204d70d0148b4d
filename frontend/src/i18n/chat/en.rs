//! English.

use super::{ChatWords, Example};

pub(in crate::i18n) const WORDS: ChatWords = ChatWords {
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
    connect_model: "You’re talking to the built-in demo. To use a real model, set a provider’s API key, such as OPENAI_API_KEY, or LLM_API_URL on the server, then restart it.",
    models_unavailable: "No model can be reached right now. Try again later or ask the administrator.",
    providers_failed: "These providers offer no models right now:",
    no_models: "Its list of models is empty.",
    asking_providers: "Asking the providers for their models…",
    unknown_default: |model, instead| {
        format!(
            "No provider offers the default model “{model}”, so new chats start with {instead}. Correct DEFAULT_MODEL or remove it, then restart the server."
        )
    },
    server_found: |name, models| {
        let models = if models == 1 { "1 model".to_owned() } else { format!("{models} models") };
        format!(
            "{name} is running on this server with {models}. To use it, add this line to the configuration:"
        )
    },
    messages: "Messages",
    load_failed: "Couldn’t load this conversation",
    generating: "Generating",
    answer_complete: "Answer complete",
    answer_failed: "The answer failed",
    reconnecting: "Connection lost. Reconnecting…",
    jump_to_latest: "Jump to latest",
    temporary: "Temporary chat",
    temporary_detail: "This chat isn’t saved or listed. It’s gone when you close or reload the page.",
    choose_answer: "Continue with this answer",
    chosen_answer: "Selected",
    choose_one: "Choose one to continue",
    choose_first: "Choose an answer to continue with first.",
    answers: "Answers side by side",
};
