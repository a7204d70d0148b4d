//! Which models there are and how they are asked.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::Deserialize;

use super::{
    reader::Reader,
    variable::{Section, Variable},
};

/// The variables of this section.
pub const SECTION: Section = Section {
    title: "Models",
    variables: &[
        Variable::new(
            "LLM_API_URL",
            "none",
            "http://127.0.0.1:11434/v1",
            "One OpenAI-compatible provider. The address may end in `/v1` or in `/v1/chat/completions`.",
        ),
        Variable::new("LLM_MODEL", "none", "qwen3:8b", "The model of `LLM_API_URL`; several are separated by commas."),
        Variable::new("LLM_API_KEY", "none", "sk-…", "The key of `LLM_API_URL`, if it wants one.").secret(),
        Variable::new(
            "PRESET_MODELS",
            "none",
            r#"{"glm":{"name":"GLM","url":"https://open.bigmodel.cn/api/paas/v4","model":"glm-4.6","key":"…"}}"#,
            "Several such providers, as JSON.",
        )
        .secret(),
        Variable::new("OPENAI_API_KEY", "none", "sk-…", "OpenAI, ready by its key alone.").secret(),
        Variable::new(
            "OPENAI_PROXY_URL",
            "`https://api.openai.com/v1`",
            "https://proxy.example.org/v1",
            "Another address for OpenAI's API.",
        ),
        Variable::new(
            "DEFAULT_MODEL",
            "the first that is available",
            "gpt-5-mini",
            "The model of a new conversation, by its id or by its provider's name for it.",
        ),
        Variable::new(
            "DEFAULT_CONTEXT_TOKEN_LIMIT",
            "`120000`",
            "32000",
            "Tokens of history that are sent, where the model's own window is not known.",
        )
        .aliases(&["MAX_CONTEXT_LENGTH"]),
        Variable::new("STREAM_RESPONSE", "`true`", "false", "`false`: replies arrive whole."),
    ],
};

/// An OpenAI-compatible provider from the configuration.
#[derive(Clone)]
pub struct ProviderSettings {
    /// Short name, the first half of a model's id.
    pub slug: String,
    /// The name that is shown.
    pub name: String,
    /// Address of its API.
    pub url: String,
    /// Its key, if it wants one.
    pub key: Option<SecretString>,
    /// Its models; empty asks the provider for its list.
    pub models: Vec<String>,
}

/// Which models there are and how they are asked.
#[derive(Clone)]
pub struct ModelSettings {
    /// The providers, in the order in which their models are shown.
    pub providers: Vec<ProviderSettings>,
    /// The model of a new conversation.
    pub default_model: Option<String>,
    /// Tokens of history that are sent.
    pub context_tokens: usize,
    /// Whether replies are streamed.
    pub stream: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Preset {
    name: Option<String>,
    url: String,
    model: String,
    key: Option<SecretString>,
}

impl ModelSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let mut providers: Vec<ProviderSettings> = read_single(reader).into_iter().collect();
        let presets = reader.parse_with("PRESET_MODELS", |text| {
            serde_json::from_str::<BTreeMap<String, Preset>>(text)
                .map_err(|error| format!("is not the expected JSON ({error})"))
        });
        for (slug, preset) in presets.unwrap_or_default() {
            match check_url(&preset.url) {
                Ok(()) => providers.push(from_preset(slug, preset)),
                Err(reason) => reader.reject("PRESET_MODELS", &format!("`{slug}`: {reason}")),
            }
        }
        providers.extend(read_openai(reader));
        Self {
            providers,
            default_model: reader.text("DEFAULT_MODEL"),
            context_tokens: reader.parse("DEFAULT_CONTEXT_TOKEN_LIMIT").unwrap_or(120_000),
            stream: reader.flag("STREAM_RESPONSE").unwrap_or(true),
        }
    }
}

fn read_single(reader: &mut Reader<'_>) -> Option<ProviderSettings> {
    let url = reader.parse_with("LLM_API_URL", |text| check_url(text).map(|()| text.to_owned()));
    let model = reader.text("LLM_MODEL");
    let key = reader.secret("LLM_API_KEY");
    let url = match (url, &model) {
        (Some(url), _) => url,
        (None, Some(_)) if !reader.source().has("LLM_API_URL") => {
            reader.reject("LLM_API_URL", "is missing beside LLM_MODEL");
            return None;
        }
        (None, _) => return None,
    };
    let host = url::Url::parse(&url).ok().and_then(|url| url.host_str().map(str::to_owned));
    Some(ProviderSettings {
        slug: "llm".to_owned(),
        name: host.unwrap_or_else(|| "LLM".to_owned()),
        url,
        key,
        models: split_models(model.as_deref().unwrap_or_default()),
    })
}

fn read_openai(reader: &mut Reader<'_>) -> Option<ProviderSettings> {
    let key = reader.secret("OPENAI_API_KEY");
    let url = reader.parse_with("OPENAI_PROXY_URL", |text| check_url(text).map(|()| text.to_owned()));
    Some(ProviderSettings {
        slug: "openai".to_owned(),
        name: "OpenAI".to_owned(),
        url: url.unwrap_or_else(|| "https://api.openai.com/v1".to_owned()),
        key: Some(key?),
        models: Vec::new(),
    })
}

fn from_preset(slug: String, preset: Preset) -> ProviderSettings {
    ProviderSettings {
        name: preset.name.unwrap_or_else(|| slug.clone()),
        slug,
        url: preset.url,
        key: preset.key,
        models: split_models(&preset.model),
    }
}

fn split_models(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|model| !model.is_empty()).map(str::to_owned).collect()
}

fn check_url(text: &str) -> Result<(), String> {
    let url = url::Url::parse(text).map_err(|error| format!("`{text}` is not an address: {error}"))?;
    match url.scheme() {
        "http" | "https" if url.has_host() => Ok(()),
        other => Err(format!("`{other}` is not `http` or `https`")),
    }
}
