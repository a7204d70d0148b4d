//! From the configured providers to the catalogue of models.
//!
//! `adapter` decides who speaks to a provider, `lists` keeps the lists of models fresh, `offers` makes of both what can
//! be chosen, and `found` looks for servers on this machine.

mod adapter;
mod found;
mod list_cache;
mod lists;
mod offers;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use kaiwa_bus::Bus;
use kaiwa_engine::Catalog;
use kaiwa_llm::{Provider, http};
use kaiwa_shared::model::{Abilities, FoundServers};
use tokio::time::Instant;

use crate::settings::{
    Settings,
    providers::{KNOWN, ProviderSettings},
};

use found::Candidate;
use lists::ListState;

/// How often anybody may ask for fresh lists.
const REFRESH_PAUSE: Duration = Duration::from_mins(1);

/// A configured provider and who speaks to it.
struct Configured {
    settings: ProviderSettings,
    provider: Arc<dyn Provider>,
    list: Mutex<ListState>,
}

/// Every configured provider. Cheap to clone. What it does in the background ends when the last clone is gone.
#[derive(Clone)]
pub(crate) struct Providers(Arc<Inner>);

struct Inner {
    catalog: Catalog,
    configured: Vec<Configured>,
    overrides: BTreeMap<String, Abilities>,
    http: http::Client,
    bus: Arc<dyn Bus>,
    candidates: Vec<Candidate>,
    found: Mutex<FoundServers>,
    /// When somebody last asked for fresh lists.
    asked: Mutex<Option<Instant>>,
}

impl Providers {
    /// Connects to nobody yet: the first lists are asked for in the background.
    ///
    /// # Errors
    ///
    /// When a provider's address or key cannot be used; the text says which variable to look at.
    pub(crate) fn start(settings: &Settings, bus: Arc<dyn Bus>) -> Result<Self, String> {
        let http = http::client(settings.network.http.clone()).map_err(|error| error.to_string())?;
        let configured = settings
            .models
            .providers
            .iter()
            .map(|settings| {
                let provider = adapter::connect(settings, &http)?;
                Ok(Configured { settings: settings.clone(), provider, list: Mutex::default() })
            })
            .collect::<Result<Vec<_>, String>>()?;
        let catalog = Catalog::new(Vec::new(), offers::demo(), settings.models.default_model.clone())
            .with_fallbacks(settings.generations.fallbacks.clone());
        let candidates = if settings.models.find_local { found::candidates(settings) } else { Vec::new() };
        let none_configured = configured.is_empty();
        let providers = Self(Arc::new(Inner {
            catalog,
            configured,
            overrides: settings.models.abilities.clone(),
            http,
            bus,
            candidates,
            found: Mutex::new(FoundServers { servers: Vec::new(), none_configured }),
            asked: Mutex::default(),
        }));
        providers.0.offer();
        lists::spawn(&providers, settings.generations.fallbacks.clone());
        found::spawn(&providers);
        Ok(providers)
    }

    /// The models that can be chosen.
    pub(crate) fn catalog(&self) -> &Catalog {
        &self.0.catalog
    }

    /// Asks every provider for its list and offers what came.
    ///
    /// # Errors
    ///
    /// How long to wait, where somebody has asked within the last minute.
    pub(crate) async fn refresh(&self) -> Result<(), Duration> {
        {
            let mut asked = self.0.asked.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            if let Some(before) = *asked {
                let since = now.saturating_duration_since(before);
                if since < REFRESH_PAUSE {
                    return Err(REFRESH_PAUSE.saturating_sub(since));
                }
            }
            *asked = Some(now);
        }
        self.0.fetch(lists::Which::All).await;
        Ok(())
    }

    /// Servers on this machine that answer and are not configured.
    pub(crate) fn found(&self) -> FoundServers {
        self.0.found.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Inner {
    /// Offers every model that is known now.
    fn offer(&self) {
        self.catalog
            .replace(self.configured.iter().flat_map(|one| offers::of(one, &self.overrides)).collect());
    }
}

/// The known provider of this short name.
fn known_name(slug: &str) -> Option<&'static str> {
    KNOWN.iter().find(|known| known.slug == slug).map(|known| known.name)
}
