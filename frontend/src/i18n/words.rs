//! What every language has to say.

use kaiwa_shared::{Code, message::Effort, problem::FieldError};

use crate::{api::Error, components::markdown::MarkdownLabels, state::conversations::Period};

/// Something that could be asked.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// What it is about, in a few words.
    pub title: &'static str,
    /// What would be said.
    pub prompt: &'static str,
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident: $kind:ty,)+) => {
        /// The words of one language.
        pub struct Words {
            $($(#[$doc])* pub $name: $kind,)+
        }
    };
}

words! {
    // The frame
    /// Skip link.
    skip_to_content: &'static str,
    /// Name of the sidebar.
    conversations: &'static str,
    /// Name of the button that folds the sidebar.
    toggle_sidebar: &'static str,
    /// Begin a conversation; also the title of one that has none.
    new_chat: &'static str,
    /// Placeholder of the search.
    search: &'static str,
    /// Name of the search.
    search_conversations: &'static str,
    /// Name of the button that empties the search.
    clear_search: &'static str,
    /// The search found nothing.
    nothing_found: &'static str,
    /// There is no conversation yet.
    no_conversations: &'static str,
    /// The list could not be fetched.
    list_failed: &'static str,
    /// Heading of a period.
    period: fn(Period) -> String,
    /// Name of the menu of a conversation with this title.
    actions_for: fn(&str) -> String,
    /// Give another title.
    rename: &'static str,
    /// Delete.
    delete: &'static str,
    /// Question before deleting.
    delete_title: &'static str,
    /// What deleting the conversation with this title means.
    delete_detail: fn(&str) -> String,
    /// It was deleted.
    deleted: &'static str,
    /// Leave a dialog without doing it.
    cancel: &'static str,
    /// Take a message away.
    dismiss: &'static str,
    /// Name of the menu of this account.
    account_menu: fn(&str) -> String,

    // The conversation
    /// Title of an empty conversation.
    greeting: &'static str,
    /// What could be asked.
    examples: [Example; 4],
    /// How to connect a real model.
    connect_model: &'static str,
    /// A server of this name with so many models could be connected, by the line that follows.
    server_found: fn(&str, u64) -> String,
    /// Name of the messages.
    messages: &'static str,
    /// Something is on its way.
    loading: &'static str,
    /// The messages could not be fetched.
    load_failed: &'static str,
    /// The reader, as author.
    you: &'static str,
    /// The model, as author.
    assistant: &'static str,
    /// The model of this name, as author.
    assistant_with: fn(&str) -> String,
    /// A reply is being written.
    generating: &'static str,
    /// The reply is whole.
    answer_complete: &'static str,
    /// The reply failed.
    answer_failed: &'static str,
    /// The reader stopped the reply.
    stopped: &'static str,
    /// The reply broke off.
    interrupted: &'static str,
    /// The model has been thinking for so many seconds.
    thinking: fn(u64) -> String,
    /// The model thought for so many seconds.
    thought_for: fn(u64) -> String,
    /// The model thought, nobody knows how long.
    thought: &'static str,
    /// Copy what the model thought.
    copy_thoughts: &'static str,
    /// The tool is at work.
    tool_running: &'static str,
    /// The tool has answered.
    tool_done: &'static str,
    /// The tool failed.
    tool_failed: &'static str,
    /// The reply ended before the tool answered.
    tool_cancelled: &'static str,
    /// Nobody ran the tool.
    tool_not_run: &'static str,
    /// What the tool was asked.
    tool_arguments: &'static str,
    /// What the tool answered.
    tool_output: &'static str,
    /// What the reply rests on.
    sources: &'static str,
    /// Copy.
    copy: &'static str,
    /// It was copied.
    copied: &'static str,
    /// It could not be copied.
    copy_failed: &'static str,
    /// Try again.
    try_again: &'static str,
    /// The connection is being made again.
    reconnecting: &'static str,
    /// Go to the end.
    jump_to_latest: &'static str,
    /// The reply reached its longest allowed length.
    too_long: &'static str,
    /// The provider's filter stopped the reply.
    filtered: &'static str,
    /// The model declined to answer.
    declined: &'static str,
    /// Go on with a reply that was cut short.
    go_on: &'static str,
    /// The provider is asked again in so many seconds, or another model of this name is.
    retrying: fn(u64, Option<&str>) -> String,
    /// So many of the oldest messages were not sent to the model.
    left_out: fn(u32) -> String,

    // What can be done with a message
    /// Name of the group of actions that are not shown at once.
    more_actions: &'static str,
    /// Answer again.
    regenerate: &'static str,
    /// The same model answers again.
    same_model: &'static str,
    /// Other models that could answer.
    other_models: &'static str,
    /// Change what was said.
    edit: &'static str,
    /// Name of the field in which it is changed.
    edit_message: &'static str,
    /// Keep the change.
    save: &'static str,
    /// Keep it as a message of its own and have it answered.
    save_and_send: &'static str,
    /// Copy the branch into a new conversation.
    fork: &'static str,
    /// Question before deleting a message.
    delete_message_title: &'static str,
    /// What deleting means: so many messages, so many of them on branches that are not shown.
    delete_message_detail: fn(u64, u64) -> String,
    /// The message was deleted.
    message_deleted: &'static str,
    /// The version before.
    previous_version: &'static str,
    /// The version after.
    next_version: &'static str,
    /// This version of so many.
    version_of: fn(usize, usize) -> String,
    /// Choose this answer of several.
    choose_answer: &'static str,
    /// This answer is the chosen one.
    chosen_answer: &'static str,
    /// Name of several answers side by side.
    answers: &'static str,

    // What there is to know about a reply
    /// Name of the control that shows it.
    details: &'static str,
    /// The model.
    fact_model: &'static str,
    /// When.
    fact_time: &'static str,
    /// Tokens that were sent.
    fact_input: &'static str,
    /// Of those, from the provider's cache.
    fact_cached: &'static str,
    /// Of those, written to the provider's cache.
    fact_cache_write: &'static str,
    /// Tokens of the reply.
    fact_output: &'static str,
    /// Of those, thoughts.
    fact_reasoning: &'static str,
    /// What it cost.
    fact_cost: &'static str,
    /// How hard the model was asked to think.
    fact_effort: &'static str,
    /// The words for that.
    effort: fn(Effort) -> &'static str,
    /// The sampling temperature.
    fact_temperature: &'static str,
    /// The longest allowed reply.
    fact_max_tokens: &'static str,
    /// How much of the model's window the conversation fills.
    fact_context: &'static str,
    /// The numbers are our own estimates.
    estimated: &'static str,
    /// So many of so many tokens, so many percent.
    context_use: fn(&str, &str, u64) -> String,

    /// The client's own words within a rendered text.
    markdown: MarkdownLabels,

    // The composer
    /// Name of the composer.
    message: &'static str,
    /// Placeholder of the composer.
    message_placeholder: &'static str,
    /// Send.
    send: &'static str,
    /// Stop the reply.
    stop: &'static str,
    /// Name of the model picker where this model is chosen.
    model_picker: fn(&str) -> String,
    /// It is the demonstration.
    demo: &'static str,
    /// More models answer the same message.
    compare: &'static str,
    /// What that means, with the largest number of them.
    compare_hint: fn(usize) -> String,
    /// Let the message wait for the running reply.
    queue_message: &'static str,
    /// The message waits.
    queued: &'static str,
    /// Take it back into the composer.
    queue_edit: &'static str,
    /// Take it away.
    queue_remove: &'static str,
    /// Send it now.
    queue_send: &'static str,
    /// A conversation of which nothing is stored.
    temporary: &'static str,
    /// What that means.
    temporary_detail: &'static str,

    // Signing in
    /// Title of the sign-in form.
    sign_in_title: &'static str,
    /// Title of the sign-up form.
    sign_up_title: &'static str,
    /// Title of the sign-up form of a fresh installation.
    first_run_title: &'static str,
    /// What the first account is.
    first_run_detail: &'static str,
    /// Label of a name or an address.
    login: &'static str,
    /// Label of a name.
    username: &'static str,
    /// Label of a password.
    password: &'static str,
    /// What a password has to be.
    password_hint: &'static str,
    /// Show what is typed.
    show_password: &'static str,
    /// Hide what is typed.
    hide_password: &'static str,
    /// Sign in.
    sign_in: &'static str,
    /// Make an account.
    sign_up: &'static str,
    /// Sign out.
    sign_out: &'static str,
    /// In front of the way to signing up.
    no_account: &'static str,
    /// In front of the way to signing in.
    have_account: &'static str,
    /// Nobody can make an account.
    registration_closed: &'static str,

    // Settings
    /// The settings.
    settings: &'static str,
    /// How it looks.
    appearance: &'static str,
    /// Light or dark.
    theme: &'static str,
    /// As the system is set.
    theme_system: &'static str,
    /// Light.
    theme_light: &'static str,
    /// Dark.
    theme_dark: &'static str,
    /// The language.
    language: &'static str,
    /// How one writes.
    writing: &'static str,
    /// The key that sends.
    send_key: &'static str,
    /// Enter does.
    send_by_enter: &'static str,
    /// Enter with Ctrl or Cmd does.
    send_by_command_enter: &'static str,
    /// How one reads.
    reading: &'static str,
    /// What the model thought.
    thoughts: &'static str,
    /// Open while it thinks.
    thoughts_auto: &'static str,
    /// Always open.
    thoughts_open: &'static str,
    /// Always folded.
    thoughts_folded: &'static str,
    /// The account.
    account: &'static str,
    /// In front of the account's name.
    signed_in_as: &'static str,
    /// Change the password.
    change_password: &'static str,
    /// Label of the present password.
    current_password: &'static str,
    /// Label of the password from now on.
    new_password: &'static str,
    /// The password was changed.
    password_changed: &'static str,
    /// About the program.
    about: &'static str,
    /// Its version.
    version: &'static str,

    // What goes wrong
    /// Title where nothing is.
    not_found_title: &'static str,
    /// What that means.
    not_found_detail: &'static str,
    /// The way back.
    back_to_start: &'static str,
    /// Title where the server does not answer.
    unreachable_title: &'static str,
    /// The connection broke or never was.
    network: &'static str,
    /// The server answered with something else, under this HTTP status.
    unexpected: fn(u16) -> String,
    /// What went wrong and what to do.
    problem: fn(Code) -> &'static str,
    /// When a repeat may help, in seconds.
    wait: fn(u64) -> String,
    /// What is wrong with a field, by its name and the word for the fault; `None` where there is no translation.
    field: fn(&str, &str) -> Option<&'static str>,
}

impl Words {
    /// What went wrong and what to do.
    pub fn error(&self, error: &Error) -> String {
        self.error_with_wait(error, error.retry_after())
    }

    /// The same, where a repeat may help after so many seconds.
    pub fn error_with_wait(&self, error: &Error, wait: Option<u64>) -> String {
        match error {
            Error::Network => self.network.to_owned(),
            Error::Unexpected { status } => (self.unexpected)(*status),
            Error::Problem(problem) => {
                let mut text = (self.problem)(problem.code).to_owned();
                if let Some(seconds) = wait {
                    text.push_str(&(self.wait)(seconds));
                }
                text
            }
        }
    }

    /// What is wrong with one of `fields`, if the error is about them.
    pub fn field_error(&self, error: &Error, fields: &[&str]) -> Option<String> {
        let Error::Problem(problem) = error else { return None };
        let told = problem.errors.iter().find(|told| fields.contains(&told.field.as_str()));
        told.map(|FieldError { field, code, detail }| {
            // A fault that this version does not know is still told, in English.
            (self.field)(field, code).map_or_else(|| detail.clone(), str::to_owned)
        })
    }
}

#[cfg(test)]
mod tests {
    use kaiwa_shared::Problem;

    use super::*;
    use crate::i18n::Language;

    #[test]
    fn every_problem_has_a_sentence_of_its_own_in_every_language() {
        for language in Language::ALL {
            let mut sentences: Vec<_> =
                Code::ALL.iter().map(|code| (language.words().problem)(*code)).collect();
            sentences.sort_unstable();
            sentences.dedup();
            assert_eq!(sentences.len(), Code::ALL.len(), "{language:?}");
        }
    }

    #[test]
    fn a_wait_is_told_with_the_problem() {
        let mut problem = Problem::new(Code::TooManyRequests, "slow down");
        problem.retry_after = Some(30);
        for language in Language::ALL {
            assert!(language.words().error(&problem.clone().into()).contains("30"));
        }
    }

    #[test]
    fn a_fault_of_a_field_is_told_beside_that_field_only() {
        let fault = FieldError::new("password", "too_short", "At least 8 characters.");
        let error = Error::from(Problem::new(Code::Invalid, "").with_errors(vec![fault]));
        let words = Language::Chinese.words();
        assert!(
            words.field_error(&error, &["password"]).is_some_and(|text| text != "At least 8 characters.")
        );
        assert_eq!(words.field_error(&error, &["username"]), None);
    }

    #[test]
    fn a_fault_of_a_newer_server_is_told_in_its_own_words() {
        let fault = FieldError::new("password", "on_a_list", "It was leaked.");
        let error = Error::from(Problem::new(Code::Invalid, "").with_errors(vec![fault]));
        assert_eq!(Language::English.words().field_error(&error, &["password"]).unwrap(), "It was leaked.");
    }

    #[test]
    fn one_second_is_not_one_seconds() {
        assert_eq!((Language::English.words().thought_for)(1), "Thought for 1 s");
        assert_eq!((Language::English.words().thought_for)(125), "Thought for 2 min 5 s");
    }
}
