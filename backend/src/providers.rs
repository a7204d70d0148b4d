//! From the configured providers to the catalogue of models.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use kaiwa_engine::{Catalog, Offer};
use kaiwa_llm::{
    Provider as _,
    demo::Demo,
    http,
    openai::{Endpoint, OpenAi},
};
use kaiwa_shared::model::Model;

use crate::settings::models::{ModelSettings, ProviderSettings};

/// How often a provider's own list of models is asked for.
const REFRESH_EVERY: Duration = Duration::from_hours(1);

/// How soon after a failure it is asked again.
const RETRY_EVERY: Duration = Duration::from_mins(1);

/// A configured provider and the client that speaks to it.
struct Configured {
    settings: ProviderSettings,
    client: Arc<OpenAi>,
}

/// Builds the catalogue. Providers that name no models are asked for their list in the background.
///
/// # Errors
///
/// When a provider's address or key cannot be used; the text says which.
pub(crate) fn catalog(
    settings: &ModelSettings,
    fallbacks: BTreeMap<String, Vec<String>>,
) -> Result<Catalog, String> {
    let http = http::client(http::Options::default()).map_err(|error| error.to_string())?;
    let configured: Vec<Configured> =
        settings.providers.iter().map(|provider| configure(provider, &http)).collect::<Result<_, _>>()?;
    let offers = configured
        .iter()
        .flat_map(|provider| provider.settings.models.iter().map(|model| offer(provider, model)))
        .collect();
    let catalog = Catalog::new(offers, demo(), settings.default_model.clone()).with_fallbacks(fallbacks);
    if configured.iter().any(|provider| provider.settings.models.is_empty()) {
        tokio::spawn(keep_fresh(catalog.clone(), configured));
    }
    Ok(catalog)
}

fn configure(settings: &ProviderSettings, http: &http::Client) -> Result<Configured, String> {
    let endpoint = Endpoint::new(&settings.name, &settings.url, settings.key.clone())
        .map_err(|error| format!("provider `{}`: {error}", settings.slug))?;
    let client = OpenAi::new(endpoint, http.clone());
    Ok(Configured { settings: settings.clone(), client: Arc::new(client) })
}

fn offer(provider: &Configured, model: &str) -> Offer {
    Offer {
        model: Model {
            id: format!("{}/{model}", provider.settings.slug),
            name: model.to_owned(),
            provider: provider.settings.name.clone(),
            ..Model::default()
        },
        slug: provider.settings.slug.clone(),
        provider_model: model.to_owned(),
        provider: provider.client.clone(),
    }
}

fn demo() -> Offer {
    let model = Model {
        id: "demo".to_owned(),
        name: "Kaiwa Demo".to_owned(),
        provider: "Kaiwa".to_owned(),
        demo: true,
        ..Model::default()
    };
    Offer {
        model,
        slug: "demo".to_owned(),
        provider_model: "demo".to_owned(),
        provider: Arc::new(Demo::new()),
    }
}

/// Asks providers for their lists, now and then again, and replaces the catalogue when one has answered.
async fn keep_fresh(catalog: Catalog, providers: Vec<Configured>) {
    loop {
        let mut offers = Vec::new();
        let mut all_answered = true;
        for provider in &providers {
            let mut models = provider.settings.models.clone();
            if models.is_empty() {
                models = match provider.client.models().await {
                    Ok(models) => models.into_iter().map(|model| model.id).collect(),
                    Err(error) => {
                        let name = provider.settings.slug.as_str();
                        tracing::warn!(provider = name, kind = ?error.kind, "the list of models could not be read");
                        all_answered = false;
                        Vec::new()
                    }
                };
            }
            offers.extend(models.iter().map(|model| offer(provider, model)));
        }
        if all_answered || !offers.is_empty() {
            catalog.replace(offers);
        }
        tokio::time::sleep(if all_answered { REFRESH_EVERY } else { RETRY_EVERY }).await;
    }
}
