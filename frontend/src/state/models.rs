//! The models that can be chosen.

use kaiwa_shared::model::{FoundServer, Model, Models as Offer};
use leptos::{prelude::*, task::spawn_local};

use crate::api::{Api, Error};

/// What is offered, once it is known.
#[derive(Clone, Copy)]
pub struct Models {
    api: Api,
    offer: RwSignal<Option<Result<Offer, Error>>>,
    found: RwSignal<Vec<FoundServer>>,
}

/// Provides the models; [`Models::load`] fetches them.
pub fn provide_models(api: Api) -> Models {
    let models = Models { api, offer: RwSignal::new(None), found: RwSignal::new(Vec::new()) };
    provide_context(models);
    models
}

/// The models that can be chosen.
pub fn use_models() -> Models {
    expect_context()
}

impl Models {
    /// Asks the server for its models.
    pub fn load(self) {
        spawn_local(async move {
            let offer = self.api.models().await;
            self.offer.set(Some(offer));
        });
    }

    /// Forgets them, when somebody else signs in.
    pub fn clear(self) {
        self.offer.set(None);
        self.found.set(Vec::new());
    }

    /// Asks which servers could be configured. Only an administrator may know.
    pub fn look_for_servers(self) {
        spawn_local(async move {
            if let Ok(found) = self.api.found_servers().await {
                self.found.set(found.servers);
            }
        });
    }

    /// Servers on Kaiwa's machine that answer and are not configured.
    pub fn found(self) -> Vec<FoundServer> {
        self.found.get()
    }

    /// Every model, in the order in which they are shown.
    pub fn all(self) -> Vec<Model> {
        self.offer.with(|offer| match offer {
            Some(Ok(offer)) => offer.models.clone(),
            _ => Vec::new(),
        })
    }

    /// The model with this id, or the default one where none is named.
    pub fn find(self, id: Option<&str>) -> Option<Model> {
        self.offer.with(|offer| {
            let Some(Ok(offer)) = offer else { return None };
            let id = id.unwrap_or(&offer.default);
            offer.models.iter().find(|model| model.id == id).cloned()
        })
    }

    /// The id of the model that answers where none is named.
    pub fn default_id(self) -> Option<String> {
        self.offer.with(|offer| match offer {
            Some(Ok(offer)) => Some(offer.default.clone()),
            _ => None,
        })
    }

    /// What a reader calls the model: its name, or its id where it is no longer offered.
    pub fn name_of(self, id: &str) -> String {
        self.find(Some(id)).map_or_else(|| id.to_owned(), |model| model.name)
    }

    /// Nothing is connected: there is only the demonstration.
    pub fn only_demo(self) -> bool {
        self.offer
            .with(|offer| matches!(offer, Some(Ok(offer)) if offer.models.iter().all(|model| model.demo)))
    }

    /// Why the models could not be fetched.
    pub fn failure(self) -> Option<Error> {
        self.offer.with(|offer| offer.as_ref().and_then(|offer| offer.as_ref().err().cloned()))
    }
}
