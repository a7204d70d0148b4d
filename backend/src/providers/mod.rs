//! From the configured providers to the catalogue of models.
//!
//! `set` holds the configured providers, which can be replaced while the server runs. `adapter` decides who speaks to a
//! provider, `lists` keeps the lists of models fresh, `offers` makes of both what can be chosen, and `found` looks for
//! servers on this machine.

mod adapter;
mod found;
mod list_cache;
mod lists;
mod offers;
mod set;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kaiwa_bus::Bus;
use kaiwa_engine::{Catalog, Choices};
use kaiwa_llm::http;
use kaiwa_shared::model::{FoundServer, FoundServers};
use tokio::{
    sync::Notify,
    time::{Instant, timeout},
};

use crate::settings::{Settings, providers::KNOWN};

use set::Set;

pub(crate) use set::SetSettings;

/// How often anybody may ask for fresh lists.
const REFRESH_PAUSE: Duration = Duration::from_secs(10);

/// How long somebody who asks for fresh lists waits for providers that are slow.
const REFRESH_WAIT: Duration = Duration::from_secs(3);

/// Every configured provider. Cheap to clone. What it does in the background ends when the last clone is gone.
#[derive(Clone)]
pub(crate) struct Providers(Arc<Inner>);

struct Inner {
    catalog: Catalog,
    set: Mutex<Arc<Set>>,
    /// Notifies when the set was replaced.
    replaced: Arc<Notify>,
    http: http::Client,
    bus: Arc<dyn Bus>,
    /// The port that Kaiwa listens on.
    own_port: u16,
    found: Mutex<Vec<FoundServer>>,
    /// When somebody last asked for fresh lists.
    asked: Mutex<Option<Instant>>,
    /// Notifies when a provider that was asked for its list has answered or failed.
    answered: Notify,
}

impl Providers {
    /// Connects to nobody yet: the first lists are asked for in the background.
    ///
    /// # Errors
    ///
    /// When a provider's address or key cannot be used; the text says which variable to look at.
    pub(crate) fn start(settings: &Settings, bus: Arc<dyn Bus>) -> Result<Self, String> {
        let http = http::client(settings.network.http.clone()).map_err(|error| error.to_string())?;
        let providers = Self(Arc::new(Inner {
            catalog: Catalog::new(Choices::default(), offers::demo()),
            set: Mutex::default(),
            replaced: Arc::default(),
            http,
            bus,
            own_port: settings.server.listen.port(),
            found: Mutex::default(),
            asked: Mutex::default(),
            answered: Notify::new(),
        }));
        providers.replace(SetSettings::of(settings))?;
        lists::spawn(&providers);
        if settings.models.find_local {
            found::spawn(&providers);
        }
        Ok(providers)
    }

    /// Replaces the configured providers and what applies to their models. Providers that have not changed keep their
    /// lists; the lists of the others are asked for in the background. Running replies end with the provider that they
    /// began with.
    ///
    /// # Errors
    ///
    /// When a provider's address or key cannot be used; nothing is replaced then. The text says which variable to look
    /// at.
    pub(crate) fn replace(&self, settings: SetSettings) -> Result<(), String> {
        let inner = &self.0;
        let mut set = inner.lock_set();
        *set = Arc::new(Set::connect(settings, &set, &inner.http)?);
        inner.catalog.replace(set.choices());
        drop(set);
        inner.replaced.notify_one();
        Ok(())
    }

    /// The models that can be chosen.
    pub(crate) fn catalog(&self) -> &Catalog {
        &self.0.catalog
    }

    /// Asks every provider for its list and waits up to [`REFRESH_WAIT`] for the answers. What comes later is offered
    /// then.
    ///
    /// # Errors
    ///
    /// How long to wait, where somebody has asked within [`REFRESH_PAUSE`].
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
        let set = self.0.set();
        self.0.fetch(&set, lists::Which::All);
        let all = async {
            loop {
                let answered = self.0.answered.notified();
                if !set.is_asking() {
                    return;
                }
                answered.await;
            }
        };
        // A provider that has not answered by then is shown as such.
        let _is_complete = timeout(REFRESH_WAIT, all).await;
        Ok(())
    }

    /// Servers on this machine that answer and are not configured, and what is wrong with what is configured.
    pub(crate) fn found(&self) -> FoundServers {
        let set = self.0.set();
        let mut servers = self.0.found.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // One may have been configured since it was found.
        let candidates = found::candidates(set.settings(), self.0.own_port);
        servers.retain(|server| candidates.iter().any(|candidate| candidate.is(server)));
        let has_models = self.catalog().models().models.iter().any(|model| !model.demo);
        let unknown_default = self.catalog().missing_default().filter(|_| has_models && set.was_asked());
        FoundServers {
            servers,
            none_configured: set.configured.is_empty(),
            failed: set.failed(),
            asking: set.is_asking(),
            unknown_default,
        }
    }
}

impl Inner {
    fn set(&self) -> Arc<Set> {
        Arc::clone(&self.lock_set())
    }

    /// Offers every model that is known now.
    fn offer(&self) {
        // The lock is held until the catalog is up to date, so that an older set cannot overwrite a newer one.
        let set = self.lock_set();
        self.catalog.replace(set.choices());
    }

    fn lock_set(&self) -> MutexGuard<'_, Arc<Set>> {
        // A panic cannot leave the set half-changed.
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The known provider of this short name.
fn known_name(slug: &str) -> Option<&'static str> {
    KNOWN.iter().find(|known| known.slug == slug).map(|known| known.name)
}

#[cfg(test)]
mod tests;
