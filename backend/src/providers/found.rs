//! Servers on this machine that could be used. They are shown to the administrator; nothing is used before it is
//! configured.

use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use futures_util::future::join_all;
use kaiwa_egress::Origin;
use kaiwa_llm::http;
use kaiwa_shared::model::FoundServer;
use tokio::time::{MissedTickBehavior, interval, timeout};
use url::Url;

use super::{Providers, adapter, known_name};
use crate::settings::providers::{KNOWN, Known, ProviderSettings};

/// How often to look.
const LOOK_EVERY: Duration = Duration::from_mins(10);

/// How long a server on this machine may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where a server could be.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    slug: &'static str,
    url: Url,
    /// What to write into the configuration to use it.
    line: String,
    settings: ProviderSettings,
}

impl Candidate {
    /// Whether this server was found there.
    pub(super) fn is(&self, server: &FoundServer) -> bool {
        self.url.as_str() == server.url
    }
}

/// The usual places on this machine, apart from those that are configured already and from Kaiwa's own port.
pub(super) fn candidates<'a>(
    configured: impl Iterator<Item = &'a ProviderSettings>,
    own_port: u16,
) -> Vec<Candidate> {
    let taken: Vec<u16> = configured
        .filter_map(|provider| Origin::of(&provider.url).ok())
        .filter(Origin::is_loopback)
        .filter_map(|origin| origin.port())
        .chain([own_port])
        .collect();
    let local = KNOWN.iter().filter(|known| known.is_local());
    local.filter_map(candidate).filter(|one| !taken.contains(&one.url.port().unwrap_or_default())).collect()
}

fn candidate(known: &Known) -> Option<Candidate> {
    let url = Url::parse(known.address).ok()?;
    let settings = ProviderSettings {
        slug: known.slug.to_owned(),
        name: known.name.to_owned(),
        protocol: known.protocol,
        url: url.clone(),
        key: None,
        models: Vec::new(),
        names_model: false,
        lists: true,
        api_version: None,
        variable: known.url.name,
    };
    Some(Candidate { slug: known.slug, url, line: format!("{}={}", known.url.name, known.address), settings })
}

/// Looks at once and then now and then, for as long as `providers` live.
pub(super) fn spawn(providers: &Providers) {
    let weak = Arc::downgrade(&providers.0);
    tokio::spawn(async move {
        let mut ticks = interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let Some(inner) = weak.upgrade() else { return };
            let candidates = candidates(inner.set().settings(), inner.own_port);
            let servers = look(&inner.http, &candidates).await;
            *inner.found.lock().unwrap_or_else(PoisonError::into_inner) = servers;
        }
    });
}

/// The candidates that answer with a list of models.
async fn look(http: &http::Client, candidates: &[Candidate]) -> Vec<FoundServer> {
    join_all(candidates.iter().map(|candidate| ask(http, candidate))).await.into_iter().flatten().collect()
}

async fn ask(http: &http::Client, candidate: &Candidate) -> Option<FoundServer> {
    let provider = adapter::connect(&candidate.settings, http).ok()?;
    let models = timeout(PATIENCE, provider.models()).await.ok()?.ok()?;
    Some(FoundServer {
        name: known_name(candidate.slug).unwrap_or(candidate.slug).to_owned(),
        url: candidate.url.to_string(),
        models: u64::try_from(models.len()).unwrap_or(u64::MAX),
        line: candidate.line.clone(),
    })
}

#[cfg(test)]
mod tests {
    use kaiwa_mock_llm::{MockLlm, Options};

    use super::*;
    use crate::settings::{Settings, source::Source};

    fn slugs(pairs: &[(&str, &str)]) -> Vec<&'static str> {
        let settings = Settings::read(&Source::from_pairs(pairs.iter().copied())).unwrap();
        let own_port = settings.server.listen.port();
        candidates(settings.models.providers.iter(), own_port)
            .iter()
            .map(|candidate| candidate.slug)
            .collect()
    }

    #[test]
    fn what_is_configured_and_what_we_are_ourselves_is_not_looked_for() {
        assert_eq!(slugs(&[]), ["ollama", "lmstudio", "llamacpp", "vllm"]);
        assert_eq!(
            slugs(&[("LLM_API_URL", "http://localhost:11434/v1"), ("PORT", "8000")]),
            ["lmstudio", "llamacpp"]
        );
    }

    #[tokio::test]
    async fn a_server_that_answers_is_found_and_what_is_none_is_not() {
        let mock = MockLlm::start(Options::default()).unwrap();
        let vllm = KNOWN.iter().find(|known| known.slug == "vllm").unwrap();
        let mut answers = candidate(vllm).unwrap();
        answers.settings.url = mock.url().parse().unwrap();
        let mut silent = answers.clone();
        silent.settings.url = "http://127.0.0.1:1/v1".parse().unwrap();
        let http = http::client(http::Options::default()).unwrap();
        let found = look(&http, &[silent, answers]).await;
        let [server] = found.as_slice() else { panic!("one server, not {found:?}") };
        assert_eq!(
            (server.name.as_str(), server.line.as_str()),
            ("vLLM", "VLLM_PROXY_URL=http://127.0.0.1:8000/v1")
        );
        assert!(server.models > 0);
    }
}
