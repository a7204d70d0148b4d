//! Models and their abilities.

use std::time::Duration;

use kaiwa_shared::model::{FailedProvider, FoundServer, FoundServers, Model, Models as Offer};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::{Api, Error},
    browser::time,
};

/// How often and how many times it is looked again while providers are being asked; a list takes at most half a minute.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
const LOOKS: u32 = 16;

/// The models, once they are loaded.
#[derive(Clone, Copy)]
pub struct Models {
    api: Api,
    offer: RwSignal<Option<Result<Offer, Error>>>,
    found: RwSignal<FoundServers>,
    refreshing: RwSignal<bool>,
    /// Counts looks for servers, so that a later one ends an earlier one.
    looks: StoredValue<u32>,
}

/// Provides the models; [`Models::load`] loads them.
pub fn provide_models(api: Api) -> Models {
    let models = Models {
        api,
        offer: RwSignal::new(None),
        found: RwSignal::default(),
        refreshing: RwSignal::new(false),
        looks: StoredValue::new(0),
    };
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
        self.found.set(FoundServers::default());
        self.begin_look();
    }

    /// Asks the providers for their models again. Those of slow providers come later. Only for administrators.
    ///
    /// # Errors
    ///
    /// Why they could not be asked.
    pub async fn refresh(self) -> Result<(), Error> {
        self.refreshing.set(true);
        let answer = self.api.refresh_models().await;
        self.offer.set(Some(Ok(answer.inspect_err(|_| self.refreshing.set(false))?)));
        self.look().await;
        self.refreshing.set(false);
        Ok(())
    }

    /// The providers are being asked for their models.
    pub fn is_asking(self) -> bool {
        self.refreshing.get() || self.found.with(|found| found.asking)
    }

    /// The same, without tracking it.
    pub fn is_asking_untracked(self) -> bool {
        untrack(|| self.is_asking())
    }

    /// Looks for model servers that could be configured and for mistakes in the configuration. Only for administrators.
    pub fn look_for_servers(self) {
        spawn_local(self.look());
    }

    async fn look(self) {
        let this = self.begin_look();
        for _ in 0..LOOKS {
            let Ok(found) = self.api.found_servers().await else { break };
            if self.looks.get_value() != this {
                return;
            }
            let was_asking = self.found.with_untracked(|found| found.asking);
            let is_asking = found.asking;
            self.found.set(found);
            if was_asking {
                self.load();
            }
            if !is_asking {
                return;
            }
            time::sleep(LOOK_AGAIN).await;
        }
        self.found.update(|found| found.asking = false);
    }

    fn begin_look(self) -> u32 {
        self.looks.update_value(|looks| *looks = looks.wrapping_add(1));
        self.looks.get_value()
    }

    /// The configured default model, if nobody offers it.
    pub fn unknown_default(self) -> Option<String> {
        self.found.with(|found| found.unknown_default.clone())
    }

    /// Model servers on Kaiwa's machine that are running and not configured.
    pub fn found(self) -> Vec<FoundServer> {
        self.found.with(|found| found.servers.clone())
    }

    /// The providers whose models could not be listed.
    pub fn failed(self) -> Vec<FailedProvider> {
        self.found.with(|found| found.failed.clone())
    }

    /// All models, in display order.
    pub fn all(self) -> Vec<Model> {
        self.offer.with(|offer| match offer {
            Some(Ok(offer)) => offer.models.clone(),
            _ => Vec::new(),
        })
    }

    /// The models are loaded.
    pub fn is_loaded(self) -> bool {
        self.offer.with(|offer| matches!(offer, Some(Ok(_))))
    }

    /// The model with this id, or the default one without an id.
    pub fn find(self, id: Option<&str>) -> Option<Model> {
        self.offer.with(|offer| {
            let Some(Ok(offer)) = offer else { return None };
            let id = id.unwrap_or(&offer.default);
            offer.models.iter().find(|model| model.id == id).cloned()
        })
    }

    /// The number of tokens that are sent to a model whose window is unknown; 0 while that is not known.
    pub fn unknown_window(self) -> u64 {
        self.offer.with(|offer| match offer {
            Some(Ok(offer)) => offer.unknown_window,
            _ => 0,
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

    /// No provider is configured: only the demo answers.
    pub fn only_demo(self) -> bool {
        self.offer.with(|offer| matches!(offer, Some(Ok(offer)) if !offer.configured))
    }

    /// Providers are configured, but none offers a model right now.
    pub fn are_unavailable(self) -> bool {
        let has_none = |offer: &Offer| offer.configured && offer.models.iter().all(|model| model.demo);
        self.offer.with(|offer| matches!(offer, Some(Ok(offer)) if has_none(offer)))
    }

    /// Why the models could not be loaded.
    pub fn failure(self) -> Option<Error> {
        self.offer.with(|offer| offer.as_ref().and_then(|offer| offer.as_ref().err().cloned()))
    }
}
