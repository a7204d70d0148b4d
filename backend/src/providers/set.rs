//! The configured providers, and what applies to their models.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use kaiwa_engine::{Catalog, Choices};
use kaiwa_llm::{Provider, http};
use kaiwa_shared::model::{Abilities, FailedProvider};

use super::{adapter, lists::ListState, offers};
use crate::settings::{Settings, providers::ProviderSettings};

/// The settings of a set of providers.
#[derive(Clone, Default)]
pub(crate) struct SetSettings {
    /// The providers, in the order in which their models are shown.
    pub(crate) providers: Vec<ProviderSettings>,
    /// The configured abilities of models, by id.
    pub(crate) abilities: BTreeMap<String, Abilities>,
    /// The model of new conversations.
    pub(crate) default_model: Option<String>,
    /// The models that stand in for others, by id.
    pub(crate) fallbacks: BTreeMap<String, Vec<String>>,
}

/// A set of providers. It never changes, apart from the lists of its providers.
#[derive(Default)]
pub(super) struct Set {
    pub(super) configured: Vec<Arc<Configured>>,
    abilities: BTreeMap<String, Abilities>,
    default_model: Option<String>,
    fallbacks: BTreeMap<String, Vec<String>>,
}

/// A configured provider and who speaks to it.
pub(super) struct Configured {
    pub(super) settings: ProviderSettings,
    pub(super) provider: Arc<dyn Provider>,
    list: Mutex<ListState>,
}

impl Configured {
    /// Its list as it is now.
    pub(super) fn list(&self) -> MutexGuard<'_, ListState> {
        // A panic cannot leave the list half-changed.
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SetSettings {
    /// The settings that the server starts with.
    pub(super) fn of(settings: &Settings) -> Self {
        Self {
            providers: settings.models.providers.clone(),
            abilities: settings.models.abilities.clone(),
            default_model: settings.models.default_model.clone(),
            fallbacks: settings.generations.fallbacks.clone(),
        }
    }
}

impl Set {
    /// The set of these settings. Providers that are the same in `earlier` are taken from there, with their lists.
    pub(super) fn connect(
        settings: SetSettings,
        earlier: &Self,
        http: &http::Client,
    ) -> Result<Self, String> {
        let SetSettings { providers, abilities, default_model, fallbacks } = settings;
        let connect = |settings: ProviderSettings| {
            if let Some(same) = earlier.configured.iter().find(|other| other.settings == settings) {
                return Ok(Arc::clone(same));
            }
            let provider = adapter::connect(&settings, http)?;
            Ok(Arc::new(Configured { settings, provider, list: Mutex::default() }))
        };
        let configured = providers.into_iter().map(connect).collect::<Result<_, String>>()?;
        Ok(Self { configured, abilities, default_model, fallbacks })
    }

    /// The settings of each provider.
    pub(super) fn settings(&self) -> impl Iterator<Item = &ProviderSettings> {
        self.configured.iter().map(|configured| &configured.settings)
    }

    /// Every model that is known now, and what is preferred.
    pub(super) fn choices(&self) -> Choices {
        Choices {
            offers: self.configured.iter().flat_map(|one| offers::of(one, &self.abilities)).collect(),
            default: self.default_model.clone(),
            fallbacks: self.fallbacks.clone(),
            configured: !self.configured.is_empty(),
        }
    }

    /// The providers whose models could not be listed.
    pub(super) fn failed(&self) -> Vec<FailedProvider> {
        let failed = self.configured.iter().filter_map(|one| {
            let problem = one.list().problem(&one.settings)?;
            let name = if one.settings.name.is_empty() { &one.settings.slug } else { &one.settings.name };
            Some(FailedProvider { name: name.clone(), code: problem.code, detail: problem.detail })
        });
        failed.collect()
    }

    /// Whether a provider is being asked for its list.
    pub(super) fn is_asking(&self) -> bool {
        self.configured.iter().any(|one| one.list().is_asked)
    }

    /// Whether every provider that has a list was asked for it.
    pub(super) fn was_asked(&self) -> bool {
        self.configured.iter().all(|one| !one.settings.lists || one.list().was_asked())
    }

    /// Warns of a default model and of fallbacks that no provider offers.
    pub(super) fn warn_of_unknown(&self, catalog: &Catalog) {
        if let Some(model) = catalog.missing_default() {
            let instead = catalog.default_offer().model.id;
            tracing::warn!(model, instead, "DEFAULT_MODEL names a model that no provider offers");
        }
        let ids = self.fallbacks.iter().flat_map(|(model, others)| std::iter::once(model).chain(others));
        let mut unknown: Vec<&str> =
            ids.map(String::as_str).filter(|id| catalog.find(id).is_none()).collect();
        unknown.sort_unstable();
        unknown.dedup();
        for id in unknown {
            tracing::warn!(model = id, "MODEL_FALLBACKS names a model that no provider offers");
        }
    }
}
