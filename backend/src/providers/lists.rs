//! Providers' own lists of models: asked for at the start, every hour, and when somebody wants them fresh. Each is asked
//! in a task of its own, so that one that hangs delays no other.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use kaiwa_bus::Bus;
use kaiwa_engine::to_problem;
use kaiwa_llm::{Error, ErrorKind, abilities::Listed};
use kaiwa_shared::{Code, Problem};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use crate::settings::providers::ProviderSettings;

use super::{
    Inner, Providers, list_cache,
    set::{Configured, Set},
};

/// How old a list may become.
const MAX_AGE: Duration = Duration::from_hours(1);

/// How soon a provider that failed is asked again, and how far apart later attempts become.
const FIRST_PAUSE: Duration = Duration::from_secs(15);
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// How often it is looked whether a list is due.
const TICK: Duration = Duration::from_secs(5);

/// How long a list may take, however it trickles.
const LIST_LIMIT: Duration = Duration::from_secs(30);

/// A provider's list as it was when it last came.
#[derive(Default)]
pub(super) struct ListState {
    /// The models; those of the last list that came, where a later attempt failed.
    pub(super) models: Arc<[Listed]>,
    /// When the provider was last asked, and whether it answered.
    asked: Option<(Instant, bool)>,
    /// How often it has failed since.
    failures: u32,
    /// Why it failed the last time.
    failure: Option<Error>,
    /// Whether it is being asked now.
    pub(super) is_asked: bool,
}

impl ListState {
    /// Why the provider offers no models, or none of its own list.
    pub(super) fn problem(&self, settings: &ProviderSettings) -> Option<Problem> {
        if let Some(error) = &self.failure {
            return Some(to_problem(error));
        }
        let is_empty = self.asked.is_some() && self.models.is_empty() && settings.models.is_empty();
        is_empty.then(|| Problem::new(Code::ModelNotFound, "The provider's list of models is empty."))
    }

    /// Whether it has answered or failed at least once.
    pub(super) fn was_asked(&self) -> bool {
        self.asked.is_some()
    }

    fn is_due(&self, now: Instant) -> bool {
        match self.asked {
            None => true,
            Some((at, true)) => now.saturating_duration_since(at) >= MAX_AGE,
            Some((at, false)) => now.saturating_duration_since(at) >= pause(self.failures),
        }
    }
}

/// How long to wait after this many failures in a row.
fn pause(failures: u32) -> Duration {
    let doubled = FIRST_PAUSE.saturating_mul(1 << failures.saturating_sub(1).min(10));
    doubled.min(LONGEST_PAUSE)
}

/// Which lists to ask for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// All that are asked for at all.
    All,
    /// Those that are too old or failed a while ago.
    Due,
}

/// Keeps the lists fresh for as long as `providers` live.
pub(super) fn spawn(providers: &Providers) {
    let weak = Arc::downgrade(&providers.0);
    let replaced = Arc::clone(&providers.0.replaced);
    tokio::spawn(async move {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut checked = Arc::<Set>::default();
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = replaced.notified() => {}
            }
            let Some(inner) = weak.upgrade() else { return };
            let set = inner.set();
            inner.fetch(&set, Which::Due);
            // Once every provider of a set was asked, a model that is still unknown is a mistake.
            if !Arc::ptr_eq(&set, &checked) && set.was_asked() {
                set.warn_of_unknown(&inner.catalog);
                checked = set;
            }
        }
    });
}

impl Inner {
    /// Begins to ask for lists. What comes is offered at once.
    pub(super) fn fetch(self: &Arc<Self>, set: &Set, which: Which) {
        let now = Instant::now();
        for one in set.configured.iter().filter(|one| one.settings.lists) {
            let mut list = one.list();
            if !list.is_asked && (which == Which::All || list.is_due(now)) {
                list.is_asked = true;
                let (inner, bus) = (Arc::downgrade(self), Arc::clone(&self.bus));
                tokio::spawn(fetch_one(Arc::clone(one), inner, bus, which));
            }
        }
    }
}

async fn fetch_one(configured: Arc<Configured>, inner: Weak<Inner>, bus: Arc<dyn Bus>, which: Which) {
    let shared = match which {
        Which::All => None,
        Which::Due => list_cache::get(&*bus, &configured.settings).await,
    };
    let answer = match shared {
        Some(models) => Ok(models),
        None => ask(&configured, &*bus).await,
    };
    let came = keep(&configured, answer);
    let Some(inner) = inner.upgrade() else { return };
    if came {
        inner.offer();
    }
    configured.list().is_asked = false;
    inner.answered.notify_waiters();
}

/// Keeps an answer; whether it is a list. A provider that fails keeps the list that it gave before.
fn keep(configured: &Configured, answer: Result<Vec<Listed>, Error>) -> bool {
    let slug = configured.settings.slug.as_str();
    let mut list = configured.list();
    let failed_before = matches!(list.asked, Some((_, false)));
    list.asked = Some((Instant::now(), answer.is_ok()));
    match answer {
        Ok(models) => {
            if failed_before {
                tracing::info!(provider = slug, "the list of models can be read again");
            }
            list.models = models.into();
            list.failures = 0;
            list.failure = None;
            true
        }
        Err(error) => {
            list.failures = list.failures.saturating_add(1);
            if !failed_before {
                tracing::warn!(
                    provider = slug,
                    kind = ?error.kind,
                    status = error.status,
                    "the list of models could not be read; it is asked for again and again",
                );
            }
            list.failure = Some(error);
            false
        }
    }
}

/// Asks a provider for its list and shares the answer with the other processes.
async fn ask(configured: &Configured, bus: &dyn Bus) -> Result<Vec<Listed>, Error> {
    let answer = timeout(LIST_LIMIT, configured.provider.models()).await;
    let models = answer
        .map_err(|_elapsed| Error::new(ErrorKind::Timeout, "the list did not come whole in time"))??;
    list_cache::put(bus, &configured.settings, &models).await;
    Ok(models)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_that_is_down_is_asked_ever_less_often_but_never_given_up() {
        assert_eq!(pause(1), FIRST_PAUSE);
        assert_eq!(pause(3), FIRST_PAUSE * 4);
        assert_eq!(pause(100), LONGEST_PAUSE);
        let now = Instant::now();
        let state = ListState { asked: Some((now, false)), failures: 1, ..ListState::default() };
        assert!(!state.is_due(now) && state.is_due(now + FIRST_PAUSE));
        let fresh = ListState { asked: Some((now, true)), ..ListState::default() };
        assert!(!fresh.is_due(now + MAX_AGE / 2) && fresh.is_due(now + MAX_AGE));
        assert!(ListState::default().is_due(now));
    }
}
