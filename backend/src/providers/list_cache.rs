//! The lists of models that the processes of one deployment share, so that not each of them asks every provider.

use std::time::Duration;

use bytes::Bytes;
use kaiwa_bus::Bus;
use kaiwa_llm::abilities::Listed;
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};

use crate::settings::providers::ProviderSettings;

/// How long a list is used instead of asking its provider.
const KEPT_FOR: Duration = Duration::from_mins(30);

/// The list that some process got from a provider a while ago.
pub(super) async fn get(bus: &dyn Bus, settings: &ProviderSettings) -> Option<Vec<Listed>> {
    let value = bus.get(&key(settings)).await?;
    // Another version of Kaiwa may have written it.
    serde_json::from_slice(&value).ok()
}

/// Shares a list that has just arrived.
pub(super) async fn put(bus: &dyn Bus, settings: &ProviderSettings, models: &[Listed]) {
    match serde_json::to_vec(models) {
        Ok(value) => bus.put(&key(settings), value.into(), KEPT_FOR).await,
        Err(error) => tracing::error!(%error, "a list of models could not be encoded"),
    }
}

/// A list depends on everything that the request for it contains.
fn key(settings: &ProviderSettings) -> String {
    let mut digest = Sha256::new();
    digest.update(format!("{:?} {} {:?} ", settings.protocol, settings.url, settings.api_version));
    if let Some(key) = &settings.key {
        digest.update(key.expose_secret());
    }
    format!("models:{}:{:x}", settings.slug, Bytes::copy_from_slice(&digest.finalize()))
}

#[cfg(test)]
mod tests {
    use kaiwa_bus::LocalBus;

    use super::*;
    use crate::settings::{Settings, source::Source};

    fn settings(key: &str) -> ProviderSettings {
        let pairs = [("LLM_API_URL", "https://models.example/v1"), ("LLM_API_KEY", key)];
        Settings::read(&Source::from_pairs(pairs)).unwrap().models.providers.remove(0)
    }

    #[tokio::test]
    async fn a_list_is_shared_among_holders_of_the_same_key() {
        let bus = LocalBus::new();
        let models = [Listed { id: "a".to_owned(), ..Listed::default() }];
        put(&bus, &settings("k"), &models).await;
        assert_eq!(get(&bus, &settings("k")).await.unwrap(), models);
        assert_eq!(get(&bus, &settings("other")).await, None);
    }
}
