//! What can be chosen.

use kaiwa_shared::{message::Author, model::Model, prompts::Prompt};
use leptos::prelude::*;

use super::typed::{Kind, Typed};
use crate::{
    i18n::{Locale, Words},
    routes::Route,
    state::{
        chat::{Chat, Chats},
        models::Models,
        navigation::Navigation,
        prompts::{Known, Prompts},
    },
};

/// How many models are offered.
const MAX_MODELS: usize = 8;

/// How many prompts are offered.
const MAX_PROMPTS: usize = 20;

/// The length of the beginning of a prompt that is shown, in characters.
const START: usize = 80;

/// A command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    New,
    Temporary,
    Regenerate,
    Settings,
}

impl Command {
    const ALL: [Self; 4] = [Self::New, Self::Temporary, Self::Regenerate, Self::Settings];

    /// What is typed for it in any language.
    const fn keyword(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Temporary => "temporary",
            Self::Regenerate => "retry",
            Self::Settings => "settings",
        }
    }

    const fn name(self, words: &Words) -> &'static str {
        match self {
            Self::New => words.sidebar.new_chat,
            Self::Temporary => words.chat.temporary,
            Self::Regenerate => words.message.regenerate,
            Self::Settings => words.common.settings,
        }
    }

    fn matches(self, query: &str, words: &Words) -> bool {
        self.keyword().starts_with(query) || self.name(words).to_lowercase().contains(query)
    }
}

/// A command, a prompt or a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// A command.
    Command(Command),
    /// A saved prompt: its name and its text.
    Prompt { name: String, text: String },
    /// A model: its id, its name and its provider.
    Model { id: String, name: String, provider: String },
}

impl Choice {
    /// What it is called.
    pub(super) fn name(&self, words: &Words) -> String {
        match self {
            Self::Command(command) => command.name(words).to_owned(),
            Self::Prompt { name, .. } | Self::Model { name, .. } => name.clone(),
        }
    }

    /// What is typed for it, how it begins, or where it comes from.
    pub(super) fn detail(&self) -> String {
        match self {
            Self::Command(command) => format!("/{}", command.keyword()),
            Self::Prompt { text, .. } => text.chars().take(START).collect(),
            Self::Model { provider, .. } => provider.clone(),
        }
    }
}

/// What the choices do and depend on.
#[derive(Clone)]
pub(super) struct Choices {
    pub(super) chat: Chat,
    pub(super) chats: Chats,
    pub(super) models: Models,
    pub(super) navigation: Navigation,
    pub(super) prompts: Prompts,
    pub(super) locale: Locale,
}

impl Choices {
    /// The choices for a name.
    pub(super) fn of(&self, typed: &Typed) -> Vec<Choice> {
        let words = self.locale.words();
        match typed.kind {
            Kind::Command => Command::ALL
                .into_iter()
                .filter(|command| command.matches(&typed.query, words) && self.is_possible(*command))
                .map(Choice::Command)
                .chain(self.prompts(&typed.query))
                .collect(),
            Kind::Prompt => self.prompts(&typed.query),
            Kind::Model => {
                let fits = |model: &Model| {
                    [&model.name, &model.id]
                        .into_iter()
                        .any(|name| name.to_lowercase().contains(&typed.query))
                };
                let choice = |Model { id, name, provider, .. }| Choice::Model { id, name, provider };
                self.models.all().into_iter().filter(fits).take(MAX_MODELS).map(choice).collect()
            }
        }
    }

    /// The prompts whose name contains `query`; those whose name begins with it come first.
    fn prompts(&self, query: &str) -> Vec<Choice> {
        let known = self.prompts.known();
        let Known::All(all) = &*known.read() else { return Vec::new() };
        let place = |prompt: &Prompt| prompt.name.to_lowercase().find(query);
        let mut found: Vec<_> =
            all.iter().filter_map(|prompt| place(prompt).map(|place| (place > 0, prompt))).collect();
        found.sort_by_key(|(is_inside, _)| *is_inside);
        let choice = |(_, Prompt { name, text, .. }): (bool, &Prompt)| Choice::Prompt {
            name: name.clone(),
            text: text.clone(),
        };
        found.into_iter().take(MAX_PROMPTS).map(choice).collect()
    }

    fn is_possible(&self, command: Command) -> bool {
        match command {
            Command::Regenerate => !self.chat.is_running() && !self.chat.messages().read().is_empty(),
            Command::New | Command::Temporary | Command::Settings => true,
        }
    }

    /// Does what was chosen. A prompt is inserted by its caller.
    pub(super) fn take(&self, choice: Choice) {
        match choice {
            Choice::Prompt { .. } => {}
            Choice::Model { id, .. } => self.chats.set_model(&self.chat, id),
            Choice::Command(Command::New) => self.chats.go_to_blank(),
            Choice::Command(Command::Temporary) => self.chats.go_to_temporary(),
            Choice::Command(Command::Settings) => self.navigation.go(Route::Settings),
            Choice::Command(Command::Regenerate) => {
                let messages = self.chat.messages().get_untracked();
                if let Some(reply) = messages.last().filter(|last| last.author == Author::Assistant) {
                    self.chats.regenerate(&self.chat, reply, None);
                }
            }
        }
    }
}
