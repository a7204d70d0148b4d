//! What can be chosen.

use kaiwa_shared::{message::Author, model::Model};
use leptos::prelude::*;

use super::typed::{Kind, Typed};
use crate::{
    i18n::{Locale, Words},
    routes::Route,
    state::{
        chat::{Chat, Chats},
        models::Models,
        navigation::Navigation,
    },
};

/// How many models are offered.
const MAX_MODELS: usize = 8;

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

/// A command or a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// A command.
    Command(Command),
    /// A model: its id, its name and its provider.
    Model { id: String, name: String, provider: String },
}

impl Choice {
    /// What it is called.
    pub(super) fn name(&self, words: &Words) -> String {
        match self {
            Self::Command(command) => command.name(words).to_owned(),
            Self::Model { name, .. } => name.clone(),
        }
    }

    /// What is typed for it, or where it comes from.
    pub(super) fn detail(&self) -> String {
        match self {
            Self::Command(command) => format!("/{}", command.keyword()),
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
                .collect(),
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

    fn is_possible(&self, command: Command) -> bool {
        match command {
            Command::Regenerate => !self.chat.is_running() && !self.chat.messages().read().is_empty(),
            Command::New | Command::Temporary | Command::Settings => true,
        }
    }

    /// Does what was chosen.
    pub(super) fn take(&self, choice: Choice) {
        match choice {
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
