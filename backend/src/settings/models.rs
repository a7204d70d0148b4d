//! Providers of your own, and settings that apply to models.

use std::collections::BTreeMap;

use kaiwa_egress::parse_url;
use kaiwa_shared::model::{Abilities, Prices};
use secrecy::SecretString;
use serde::Deserialize;

use super::{
    providers::{Protocol, ProviderSettings, check_key, read_key, split_models},
    reader::Reader,
    variable::section,
};

section! {
    "Models"

    LLM_API_URL {
        default: "none",
        example: "http://127.0.0.1:11434/v1",
        help: "The address of an OpenAI-compatible provider. It may end in `/v1` or in `/v1/chat/completions`.",
    }

    LLM_MODEL {
        default: "its own list",
        example: "qwen3:8b",
        help: "The model of `LLM_API_URL`, or several, separated by commas.",
    }

    LLM_API_KEY {
        default: "none",
        example: "sk-…",
        help: "The key of `LLM_API_URL`, if it needs one.",
        secret: true,
    }

    PRESET_MODELS {
        default: "none",
        example: r#"{"glm":{"name":"GLM","url":"https://open.bigmodel.cn/api/paas/v4","model":"glm-5.2","key":"…"}}"#,
        help: "Several such providers, as JSON. Without `model`, the provider is asked for its list; a single `model` is shown by \
            the `name`. `protocol` is \
            `openai` (the default), `responses`, `anthropic`, `gemini`, `ollama`, `azure` (with `api_version`), \
            `fastgpt`, `deepseek`, `qwen` or `openrouter`.",
        secret: true,
    }

    MODEL_ABILITIES {
        default: "the provider's list, then Kaiwa's own table",
        example: r#"{"llm/qwen3:8b":{"context_tokens":32768,"tools":true,"prices":{"input":0,"output":0}}}"#,
        help: "What models can do and what they cost, as JSON by model id: `context_tokens`, `output_tokens`, \
            `vision`, `tools`, `reasoning`, `temperature`, `streaming`, and `prices` (`input`, `output`, `cached`) in US dollars per \
            million tokens.",
    }

    DEFAULT_MODEL {
        default: "the first available one",
        example: "gpt-5-mini",
        help: "The model of new conversations, by its id or by its provider's name for it.",
    }

    DEFAULT_CONTEXT_TOKEN_LIMIT {
        default: "`120000`",
        example: "32000",
        help: "How many tokens of history are sent if the model's context window is unknown.",
        aliases: ["MAX_CONTEXT_LENGTH"],
    }

    STREAM_RESPONSE {
        default: "`true`",
        example: "false",
        help: "`false`: replies arrive in one piece instead of being streamed.",
    }

    FIND_LOCAL_SERVERS {
        default: "`true`",
        example: "false",
        help: "Looks for Ollama, LM Studio, llama.cpp and vLLM on this machine from time to time, and suggests them to the \
            administrator. They are not used until they are configured.",
    }
}

/// Providers and models.
#[derive(Clone)]
pub struct ModelSettings {
    /// The providers, in the order in which their models are shown.
    pub providers: Vec<ProviderSettings>,
    /// The configured abilities of models, by id.
    pub abilities: BTreeMap<String, Abilities>,
    /// The model of new conversations.
    pub default_model: Option<String>,
    /// How many tokens of history are sent if the model's context window is unknown.
    pub context_tokens: usize,
    /// Whether replies are streamed.
    pub stream: bool,
    /// Whether to look for model servers on this machine.
    pub find_local: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Preset {
    name: Option<String>,
    url: String,
    #[serde(default)]
    model: String,
    key: Option<SecretString>,
    #[serde(default)]
    protocol: Protocol,
    api_version: Option<String>,
}

/// The configured abilities of a model. Unlike in the shared type, an unknown field is an error.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Override {
    context_tokens: Option<u64>,
    output_tokens: Option<u64>,
    vision: Option<bool>,
    tools: Option<bool>,
    reasoning: Option<bool>,
    temperature: Option<bool>,
    streaming: Option<bool>,
    prices: Option<PriceOverride>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceOverride {
    input: f64,
    output: f64,
    cached: Option<f64>,
}

impl From<Override> for Abilities {
    fn from(given: Override) -> Self {
        let prices = |prices: PriceOverride| Prices {
            input: prices.input,
            output: prices.output,
            cached: prices.cached,
        };
        Self {
            context_tokens: given.context_tokens,
            output_tokens: given.output_tokens,
            vision: given.vision,
            tools: given.tools,
            reasoning: given.reasoning,
            temperature: given.temperature,
            streaming: given.streaming,
            prices: given.prices.map(prices),
        }
    }
}

impl ModelSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let mut providers: Vec<ProviderSettings> = read_single(reader).into_iter().collect();
        let presets = reader.parse_with(PRESET_MODELS, |text| {
            serde_json::from_str::<BTreeMap<String, Preset>>(text)
                .map_err(|error| format!("is not the expected JSON ({error})"))
        });
        for (slug, preset) in presets.unwrap_or_default() {
            match from_preset(slug.clone(), preset) {
                Ok(provider) => providers.push(provider),
                Err(reason) => reader.reject(PRESET_MODELS, &format!("`{slug}`: {reason}")),
            }
        }
        Self {
            providers,
            abilities: reader.parse_with(MODEL_ABILITIES, parse_abilities).unwrap_or_default(),
            default_model: reader.text(DEFAULT_MODEL),
            context_tokens: reader.parse(DEFAULT_CONTEXT_TOKEN_LIMIT).unwrap_or(120_000),
            stream: reader.flag(STREAM_RESPONSE).unwrap_or(true),
            find_local: reader.flag(FIND_LOCAL_SERVERS).unwrap_or(true),
        }
    }

    /// Adds the known providers. Two providers cannot have the same name, because model ids begin with it.
    pub(super) fn add(&mut self, known: Vec<ProviderSettings>, reader: &mut Reader<'_>) {
        for provider in known {
            if self.providers.iter().any(|other| other.slug == provider.slug) {
                let (slug, variable) = (&provider.slug, provider.variable);
                reader.reject(
                    PRESET_MODELS,
                    &format!("`{slug}` is also the name of the provider of {variable}; choose another name"),
                );
            } else {
                self.providers.push(provider);
            }
        }
    }
}

fn read_single(reader: &mut Reader<'_>) -> Option<ProviderSettings> {
    let url = reader.parse_with(LLM_API_URL, |text| parse_url(text).map_err(|error| error.to_string()));
    let model = reader.text(LLM_MODEL);
    let key = read_key(reader, LLM_API_KEY);
    let url = match (url, &model) {
        (Some(url), _) => url,
        (None, Some(_)) if !reader.is_set(LLM_API_URL) => {
            reader.reject(LLM_API_URL, "is missing; it is required with LLM_MODEL");
            return None;
        }
        (None, _) => return None,
    };
    let models = split_models(model.as_deref().unwrap_or_default());
    Some(ProviderSettings {
        slug: "llm".to_owned(),
        name: url.host_str().unwrap_or("LLM").to_owned(),
        protocol: Protocol::OpenAi,
        url,
        key,
        lists: models.is_empty(),
        models,
        names_model: false,
        api_version: None,
        variable: LLM_API_URL.name,
    })
}

fn from_preset(slug: String, preset: Preset) -> Result<ProviderSettings, String> {
    if slug.is_empty() || slug == "llm" || slug == "demo" || slug.contains(['/', ' ']) {
        return Err("is not a valid name; use a short, unique word such as `glm`".to_owned());
    }
    let url = parse_url(&preset.url).map_err(|error| error.to_string())?;
    preset.key.as_ref().map_or(Ok(()), check_key).map_err(|reason| format!("the key {reason}"))?;
    let models = split_models(&preset.model);
    if preset.protocol == Protocol::Azure && models.is_empty() {
        return Err("needs a `model`, because Azure does not list deployments".to_owned());
    }
    Ok(ProviderSettings {
        names_model: preset.name.is_some() && models.len() == 1,
        name: preset.name.unwrap_or_else(|| slug.clone()),
        slug,
        protocol: preset.protocol,
        url,
        key: preset.key,
        lists: models.is_empty(),
        models,
        api_version: preset.api_version,
        variable: PRESET_MODELS.name,
    })
}

fn parse_abilities(text: &str) -> Result<BTreeMap<String, Abilities>, String> {
    let given: BTreeMap<String, Override> =
        serde_json::from_str(text).map_err(|error| format!("is not the expected JSON ({error})"))?;
    let abilities: BTreeMap<String, Abilities> =
        given.into_iter().map(|(model, given)| (model, given.into())).collect();
    let wrong = abilities.iter().find(|(_, abilities)| {
        abilities.prices.is_some_and(|prices| {
            [Some(prices.input), Some(prices.output), prices.cached]
                .into_iter()
                .flatten()
                .any(|price| price < 0.0)
        })
    });
    match wrong {
        Some((model, _)) => Err(format!("`{model}`: a price cannot be below zero")),
        None => Ok(abilities),
    }
}
