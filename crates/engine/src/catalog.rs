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

/// The offers, the default and the fallbacks at one time.
#[derive(Clone, Default)]
pub struct Choices {
    /// The models that are offered.
    pub offers: Vec<Offer>,
    /// The default model, by its id or by its provider's name for it. If it is not offered, the first offer is the
    /// default.
    pub default: Option<String>,
    /// The models that stand in for others, by their ids and in the order of preference.
    pub fallbacks: BTreeMap<String, Vec<String>>,
    /// Whether a provider is configured, although none may offer a model right now.
    pub configured: bool,
}

/// Every model that can be chosen. Cheap to clone; all clones see the same choices.
#[derive(Clone)]
pub struct Catalog {
    choices: Arc<RwLock<Arc<Choices>>>,
    demo: Offer,
}

impl Catalog {
    /// A catalog of `choices`. While they have no offer, `demo` is the only one.
    pub fn new(choices: Choices, demo: Offer) -> Self {
        let catalog = Self { choices: Arc::default(), demo };
        catalog.replace(choices);
        catalog
    }

    /// Replaces all choices. Running replies keep their offers.
    pub fn replace(&self, mut choices: Choices) {
        if choices.offers.is_empty() {
            choices.offers.push(self.demo.clone());
        }
        *self.choices.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(choices);
    }

    /// The offer of this id.
    pub fn find(&self, id: &str) -> Option<Offer> {
        self.choices().find(id).cloned()
    }

    /// The offers that stand in for the model of this id when its provider fails, the preferred one first. A model that
    /// is not offered now is passed over.
    pub fn fallbacks(&self, id: &str) -> Vec<Offer> {
        let choices = self.choices();
        let named = choices.fallbacks.get(id).map(Vec::as_slice).unwrap_or_default();
        named.iter().filter(|other| *other != id).filter_map(|other| choices.find(other).cloned()).collect()
    }

    /// The model of a new conversation.
    pub fn default_offer(&self) -> Offer {
        self.choices().default_offer().unwrap_or(&self.demo).clone()
    }

    /// The configured default model, if it is not offered.
    pub fn missing_default(&self) -> Option<String> {
        let choices = self.choices();
        choices.default.clone().filter(|_| choices.named_default().is_none())
    }

    /// The models as the picker lists them. The caller sets `unknown_window`, which is zero here.
    pub fn models(&self) -> Models {
        let choices = self.choices();
        Models {
            models: choices.offers.iter().map(|offer| offer.model.clone()).collect(),
            default: choices.default_offer().unwrap_or(&self.demo).model.id.clone(),
            configured: choices.configured,
            unknown_window: 0,
        }
    }

    fn choices(&self) -> Arc<Choices> {
        Arc::clone(&self.choices.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Choices {
    fn find(&self, id: &str) -> Option<&Offer> {
        self.offers.iter().find(|offer| offer.model.id == id)
    }

    fn default_offer(&self) -> Option<&Offer> {
        self.named_default().or_else(|| self.offers.first())
    }

    fn named_default(&self) -> Option<&Offer> {
        let wanted = self.default.as_deref()?;
        self.offers.iter().find(|offer| offer.model.id == wanted || offer.provider_model == wanted)
    }
}
