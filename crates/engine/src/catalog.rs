//! The models that can be chosen, each with the provider that answers for it.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use kaiwa_llm::Provider;
use kaiwa_shared::model::{Model, Models};

/// A model that can be chosen.
#[derive(Clone)]
pub struct Offer {
    /// The model as the client knows it.
    pub model: Model,
    /// The short name of the provider's configuration. What a provider asked to have back unchanged goes to the same
    /// one only.
    pub slug: String,
    /// What the provider calls it.
    pub provider_model: String,
    /// Who answers.
    pub provider: Arc<dyn Provider>,
}

/// Every model that can be chosen. Cheap to clone; all clones see the same offers.
#[derive(Clone)]
pub struct Catalog {
    offers: Arc<RwLock<Arc<[Offer]>>>,
    fallback: Offer,
    preferred: Option<String>,
    fallbacks: Arc<BTreeMap<String, Vec<String>>>,
}

impl Catalog {
    /// A catalog of `offers`. `preferred` is the id or the provider's own name of the default model; where it is not
    /// offered the first offer is the default, and where there is none, `fallback` is the only offer.
    pub fn new(offers: Vec<Offer>, fallback: Offer, preferred: Option<String>) -> Self {
        let catalog = Self { offers: Arc::default(), fallback, preferred, fallbacks: Arc::default() };
        catalog.replace(offers);
        catalog
    }

    /// The same catalog, knowing which models stand in for which, by their ids and in the order of preference.
    pub fn with_fallbacks(mut self, fallbacks: BTreeMap<String, Vec<String>>) -> Self {
        self.fallbacks = Arc::new(fallbacks);
        self
    }

    /// Replaces all offers, after a provider's list was fetched.
    pub fn replace(&self, offers: Vec<Offer>) {
        let offers = if offers.is_empty() { vec![self.fallback.clone()] } else { offers };
        *self.offers.write().unwrap_or_else(PoisonError::into_inner) = offers.into();
    }

    /// The offer of this id.
    pub fn find(&self, id: &str) -> Option<Offer> {
        self.offers().iter().find(|offer| offer.model.id == id).cloned()
    }

    /// The offers that stand in for the model of this id when its provider fails, the preferred one first. A model that
    /// is not offered now is passed over.
    pub fn fallbacks(&self, id: &str) -> Vec<Offer> {
        let named = self.fallbacks.get(id).map(Vec::as_slice).unwrap_or_default();
        named.iter().filter(|other| *other != id).filter_map(|other| self.find(other)).collect()
    }

    /// The model of a new conversation.
    pub fn default_offer(&self) -> Offer {
        let offers = self.offers();
        let preferred = self.preferred.as_deref().and_then(|wanted| {
            offers.iter().find(|offer| offer.model.id == wanted || offer.provider_model == wanted)
        });
        preferred.or_else(|| offers.first()).unwrap_or(&self.fallback).clone()
    }

    /// What the picker shows.
    pub fn models(&self) -> Models {
        Models {
            models: self.offers().iter().map(|offer| offer.model.clone()).collect(),
            default: self.default_offer().model.id,
        }
    }

    fn offers(&self) -> Arc<[Offer]> {
        Arc::clone(&self.offers.read().unwrap_or_else(PoisonError::into_inner))
    }
}
