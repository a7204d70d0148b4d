//! Who speaks to a provider. The one place that decides it.

use std::sync::Arc;

use kaiwa_llm::{Anthropic, Gemini, Ollama, OpenAi, Provider, anthropic, gemini, http, ollama, openai};

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
    let (name, url, key) = (settings.name.as_str(), settings.url.as_str(), settings.key.clone());
    let provider: Result<Arc<dyn Provider>, kaiwa_llm::EndpointError> = match settings.protocol {
        Protocol::OpenAi => openai::Endpoint::new(name, url, key)
            .map(|endpoint| Arc::new(OpenAi::new(endpoint, http)) as Arc<dyn Provider>),
        Protocol::Anthropic => anthropic::Endpoint::new(name, url, key)
            .map(|endpoint| Arc::new(Anthropic::new(endpoint, http)) as Arc<dyn Provider>),
        Protocol::Gemini => gemini::Endpoint::new(name, url, key)
            .map(|endpoint| Arc::new(Gemini::new(endpoint, http)) as Arc<dyn Provider>),
        Protocol::Ollama => ollama::Endpoint::new(name, url, key)
            .map(|endpoint| Arc::new(Ollama::new(endpoint, http)) as Arc<dyn Provider>),
        Protocol::Responses | Protocol::Azure | Protocol::FastGpt => {
            return Err(explain(&"this version does not speak its protocol"));
        }
    };
    provider.map_err(|error| explain(&error))
}
