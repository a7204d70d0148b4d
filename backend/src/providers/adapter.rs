//! Who speaks to a provider. The one place that decides it.

use std::sync::Arc;

use kaiwa_llm::{Anthropic, Endpoint, EndpointError, Gemini, Ollama, OpenAi, Provider, Responses, http};

use crate::settings::providers::{Protocol, ProviderSettings};

/// The adapter of a provider's protocol, bound to the address that was configured.
///
/// # Errors
///
/// When the address or the key cannot be used; the text names the variable.
pub(super) fn connect(settings: &ProviderSettings, http: &http::Client) -> Result<Arc<dyn Provider>, String> {
    let explain = |error: &dyn std::fmt::Display| {
        format!("{}: the provider `{}` cannot be used: {error}", settings.variable, settings.slug)
    };
    // Whatever the adapter makes of the address: its key goes to this origin and no other.
    let http = http.at(&settings.url).map_err(|error| explain(&error))?;
    let (url, key) = (address(settings), settings.key.as_ref());
    let provider: Result<_, EndpointError> = match settings.protocol {
        // The adapter knows Azure by its address and FastGPT by its keys.
        Protocol::OpenAi | Protocol::Azure | Protocol::FastGpt => {
            Endpoint::new(settings.name.as_str(), &url, key.cloned())
                .map(|endpoint| shared(OpenAi::new(endpoint, http)))
        }
        Protocol::Anthropic => Anthropic::new(&url, key, http).map(shared),
        Protocol::Gemini => Gemini::new(&url, key, http).map(shared),
        Protocol::Ollama => Ollama::new(&url, key, http).map(shared),
        Protocol::Responses => Responses::new(&url, key, http).map(shared),
    };
    provider.map_err(|error| explain(&error))
}

fn shared(provider: impl Provider + 'static) -> Arc<dyn Provider> {
    Arc::new(provider)
}

/// The address as the adapter reads it; Azure's version travels in the query.
fn address(settings: &ProviderSettings) -> String {
    let mut url = settings.url.clone();
    if let Some(version) = &settings.api_version
        && !url.query_pairs().any(|(name, _)| name == "api-version")
    {
        url.query_pairs_mut().append_pair("api-version", version);
    }
    url.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Settings, source::Source};

    #[test]
    fn azure_is_asked_for_the_version_that_was_configured() {
        let read = |endpoint| {
            let pairs = [
                ("AZURE_OPENAI_ENDPOINT", endpoint),
                ("AZURE_OPENAI_API_KEY", "k"),
                ("AZURE_OPENAI_MODEL_NAMES", "gpt"),
                ("AZURE_OPENAI_API_VERSION", "2025-04-01-preview"),
            ];
            let settings = Settings::read(&Source::from_pairs(pairs)).unwrap();
            address(settings.models.providers.first().unwrap())
        };
        let written = "https://x.openai.azure.com/?api-version=2025-04-01-preview";
        assert_eq!(read("https://x.openai.azure.com"), written);
        assert_eq!(read(written), written);
        let other = "https://x.openai.azure.com/?api-version=1";
        assert_eq!(read(other), other, "what the address says itself counts");
    }
}
