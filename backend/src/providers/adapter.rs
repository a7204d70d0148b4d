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
    let dialect = settings.protocol.dialect(&settings.url, key);
    let provider: Result<_, EndpointError> = match settings.protocol {
        Protocol::Anthropic => Anthropic::new(&url, key, http).map(shared),
        Protocol::Gemini => Gemini::new(&url, key, http).map(shared),
        Protocol::Ollama => Ollama::new(&url, key, http).map(shared),
        Protocol::Responses => Responses::new(&url, key, dialect, http).map(shared),
        Protocol::OpenAi
        | Protocol::Azure
        | Protocol::FastGpt
        | Protocol::OpenRouter
        | Protocol::Qwen
        | Protocol::DeepSeek
        | Protocol::ReasoningEffort => Endpoint::new(settings.name.as_str(), &url, key.cloned(), dialect)
            .map(|endpoint| shared(OpenAi::new(endpoint, http))),
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
    use kaiwa_llm::{Message, Request, Role, openai::Dialect};
    use kaiwa_mock_llm::{MockLlm, Options, SeenRequest};
    use kaiwa_shared::message::Effort;
    use serde_json::json;

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

    /// The last request of a provider that is configured by `pairs`, for a reply with little thinking.
    async fn asked(mock: &MockLlm, pairs: &[(&str, &str)]) -> SeenRequest {
        let settings = Settings::read(&Source::from_pairs(pairs.iter().copied())).unwrap();
        let http = http::client(http::Options::default()).unwrap();
        let provider = connect(settings.models.providers.first().unwrap(), &http).unwrap();
        let request = Request {
            model: "mock-tokens-1-rate-0".to_owned(),
            messages: vec![Message::text(Role::User, "Hi")],
            effort: Some(Effort::Low),
            ..Request::default()
        };
        drop(provider.stream(request).await);
        mock.last_request().unwrap()
    }

    #[tokio::test]
    async fn a_gateway_keeps_the_dialect_of_the_configured_protocol() {
        let mock = MockLlm::start(Options::default()).unwrap();
        let gateway = mock.url();
        let switch = json!({ "type": "enabled" });
        let deepseek = [("DEEPSEEK_PROXY_URL", gateway.as_str()), ("DEEPSEEK_API_KEY", "k")];
        assert_eq!(asked(&mock, &deepseek).await.body["thinking"], switch);
        let preset = format!(r#"{{"gw":{{"url":"{gateway}","key":"k","protocol":"deepseek"}}}}"#);
        assert_eq!(asked(&mock, &[("PRESET_MODELS", &preset)]).await.body["thinking"], switch);
        let azure = [
            ("AZURE_OPENAI_ENDPOINT", gateway.as_str()),
            ("AZURE_OPENAI_API_KEY", "k"),
            ("AZURE_OPENAI_MODEL_NAMES", "gpt"),
        ];
        let request = asked(&mock, &azure).await;
        assert_eq!((request.header("api-key"), request.header("authorization")), (Some("k"), None));
        let plain = [("LLM_API_URL", gateway.as_str()), ("LLM_API_KEY", "k")];
        let request = asked(&mock, &plain).await;
        assert_eq!(
            (request.header("authorization"), &request.body["thinking"]),
            (Some("Bearer k"), &json!(null))
        );
    }

    #[test]
    fn the_address_decides_only_where_no_dialect_is_configured() {
        let dialect = |pairs: &[(&str, &str)]| {
            let settings = Settings::read(&Source::from_pairs(pairs.iter().copied())).unwrap();
            let provider = settings.models.providers.first().unwrap();
            provider.protocol.dialect(&provider.url, provider.key.as_ref())
        };
        let openrouter = "https://openrouter.ai/api/v1";
        assert_eq!(dialect(&[("LLM_API_URL", "https://api.deepseek.com")]), Dialect::ThinkingSwitch);
        assert_eq!(dialect(&[("OPENAI_PROXY_URL", openrouter)]), Dialect::OpenRouter);
        assert_eq!(dialect(&[("OPENAI_PROXY_URL", "https://gateway.example")]), Dialect::Other);
        assert_eq!(dialect(&[("QWEN_PROXY_URL", openrouter)]), Dialect::Qwen);
        assert_eq!(
            dialect(&[("FASTGPT_PROXY_URL", "https://h"), ("FASTGPT_API_KEY", "k")]),
            Dialect::FastGpt
        );
        let key = ("LLM_API_KEY", "fastgpt-x");
        assert_eq!(dialect(&[("LLM_API_URL", "https://h"), key]), Dialect::FastGpt);
    }
}
