//! The account's saved prompts. They are loaded when something first needs them.

use kaiwa_shared::{
    PromptId,
    prompts::{CreatePrompt, Prompt, UpdatePrompt},
};
use leptos::{prelude::*, task::spawn_local};

use crate::api::{Api, Error};

/// What is known of the prompts.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Known {
    /// Nothing has needed them yet.
    #[default]
    Nothing,
    /// They are being loaded for the first time.
    Loading,
    /// They could not be loaded.
    Failed(Error),
    /// All prompts, by name.
    All(Vec<Prompt>),
}

/// The saved prompts.
#[derive(Clone, Copy)]
pub struct Prompts {
    api: Api,
    known: RwSignal<Known>,
    /// Counts the requests of the list, so that an earlier response does not replace a later one.
    request: StoredValue<u32>,
    /// The text of a prompt that the user is about to save.
    begun: RwSignal<Option<String>>,
}

/// Provides the prompts.
pub fn provide_prompts(api: Api) -> Prompts {
    let prompts =
        Prompts { api, known: RwSignal::default(), request: StoredValue::new(0), begun: RwSignal::new(None) };
    provide_context(prompts);
    prompts
}

/// The saved prompts.
pub fn use_prompts() -> Prompts {
    expect_context()
}

impl Prompts {
    /// What is known of them.
    pub fn known(self) -> ReadSignal<Known> {
        self.known.read_only()
    }

    /// A prompt by its id.
    pub fn find(self, id: PromptId) -> Option<Prompt> {
        self.known.with(|known| match known {
            Known::All(prompts) => prompts.iter().find(|prompt| prompt.id == id).cloned(),
            Known::Nothing | Known::Loading | Known::Failed(_) => None,
        })
    }

    /// Loads them unless that has happened.
    pub fn load(self) {
        if self.known.with_untracked(|known| matches!(known, Known::Nothing | Known::Failed(_))) {
            self.known.set(Known::Loading);
            spawn_local(self.fetch());
        }
    }

    /// Loads them again if they were loaded, because they may have changed.
    pub fn refresh(self) {
        if self.known.with_untracked(|known| *known != Known::Nothing) {
            spawn_local(self.fetch());
        }
    }

    /// Clears everything, when another user signs in.
    pub fn clear(self) {
        self.request.update_value(|request| *request = request.wrapping_add(1));
        self.known.set(Known::Nothing);
        self.begun.set(None);
    }

    async fn fetch(self) {
        let request = self.request.with_value(|request| request.wrapping_add(1));
        self.request.set_value(request);
        let answer = self.api.prompts().await;
        if self.request.get_value() != request {
            return;
        }
        match answer {
            Ok(all) => self.known.set(Known::All(all.prompts)),
            // What is already listed stays.
            Err(_) if self.known.with_untracked(|known| matches!(known, Known::All(_))) => {}
            Err(error) => self.known.set(Known::Failed(error)),
        }
    }

    /// Saves a prompt: a new one without an id.
    pub async fn save(self, id: Option<PromptId>, name: String, text: String) -> Result<(), Error> {
        match id {
            None => self.api.create_prompt(&CreatePrompt { name, text }).await?,
            Some(id) => {
                let change = UpdatePrompt { name: Some(name), text: Some(text) };
                self.api.update_prompt(id, &change).await?;
            }
        }
        self.fetch().await;
        Ok(())
    }

    /// Deletes a prompt.
    pub async fn delete(self, id: PromptId) -> Result<(), Error> {
        self.api.delete_prompt(id).await?;
        self.fetch().await;
        Ok(())
    }

    /// Keeps a text for the form of a new prompt.
    pub fn begin(self, text: String) {
        self.begun.set(Some(text));
    }

    /// Returns that text, once.
    pub fn take_begun(self) -> Option<String> {
        self.begun.try_update(Option::take).flatten()
    }
}
