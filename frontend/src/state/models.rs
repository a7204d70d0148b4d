//! Models and their abilities.

use kaiwa_shared::model::{FoundServer, Model, Models as Offer};
use leptos::{prelude::*, task::spawn_local};

use crate::api::{Api, Error};

/// The models, once they are loaded.
#[derive(Clone, Copy)]
pub struct Models {
    api: Api,
    offer: RwSignal<Option<Result<Offer, Error>>>,
    found: RwSignal<Vec<FoundServer>>,
}

/// Provides the models; [`Models::load`] loads them.
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
    /// Loads the models.
    pub fn load(self) {
        spawn_local(async move {
            let offer = self.api.models().await;
            self.offer.set(Some(offer));
        });
    }

    /// Clears them, when another user signs in.
    pub fn clear(self) {
        self.offer.set(None);
        self.found.set(Vec::new());
    }

    /// Looks for model servers that could be configured. Only for administrators.
    pub fn look_for_servers(self) {
        spawn_local(async move {
            if let Ok(found) = self.api.found_servers().await {
                self.found.set(found.servers);
            }
        });
    }

    /// Model servers on Kaiwa's machine that are running and not configured.
    pub fn found(self) -> Vec<FoundServer> {
        self.found.get()
    }

    /// All models, in display order.
    pub fn all(self) -> Vec<Model> {
        self.offer.with(|offer| match offer {
            Some(Ok(offer)) => offer.models.clone(),
            _ => Vec::new(),
        })
    }

    /// The model with this id, or the default one without an id.
    pub fn find(self, id: Option<&str>) -> Option<Model> {
        self.offer.with(|offer| {
            let Some(Ok(offer)) = offer else { return None };
            let id = id.unwrap_or(&offer.default);
            offer.models.iter().find(|model| model.id == id).cloned()
        })
    }

    /// The id of the default model.
    pub fn default_id(self) -> Option<String> {
        self.offer.with(|offer| match offer {
            Some(Ok(offer)) => Some(offer.default.clone()),
            _ => None,
        })
    }

    /// The display name of a model: its name, or its id if it is no longer available.
    pub fn name_of(self, id: &str) -> String {
        self.find(Some(id)).map_or_else(|| id.to_owned(), |model| model.name)
    }

    /// No model is connected: only the demo answers.
    pub fn only_demo(self) -> bool {
        self.offer
            .with(|offer| matches!(offer, Some(Ok(offer)) if offer.models.iter().all(|model| model.demo)))
    }

    /// Why the models could not be loaded.
    pub fn failure(self) -> Option<Error> {
        self.offer.with(|offer| offer.as_ref().and_then(|offer| offer.as_ref().err().cloned()))
    }
}
