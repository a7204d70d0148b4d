//! The settings of a provider, and the known providers, which need little more than a key.
//!
//! The table `known!` declares their variables, their defaults and their rows on the reference page. To add a provider,
//! add a row.

use std::fmt;

use kaiwa_egress::parse_url;
use kaiwa_llm::openai::Dialect;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::{
    reader::Reader,
    variable::{Section, Variable},
};

/// The protocol of a provider, by the names that `PRESET_MODELS` gives it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// OpenAI's chat completions, in the dialect that the address suggests.
    #[default]
    OpenAi,
    /// OpenAI's Responses API.
    Responses,
    /// Anthropic's Messages API.
    Anthropic,
    /// Gemini's `streamGenerateContent`.
    Gemini,
    /// Ollama's own API.
    Ollama,
    /// Chat completions of a deployment on Azure OpenAI.
    Azure,
    /// Chat completions of a `FastGPT` app.
    FastGpt,
    /// Chat completions at OpenRouter.
    OpenRouter,
    /// Chat completions with Qwen's thinking budget.
    Qwen,
    /// Chat completions with DeepSeek's switch for thinking.
    DeepSeek,
    /// Chat completions with OpenAI's `reasoning_effort`, for known providers.
    #[serde(skip)]
    ReasoningEffort,
}

impl Protocol {
    /// The dialect of chat completions and responses. Only plain `openai` and `responses` derive it from the address.
    pub fn dialect(self, url: &Url, key: Option<&SecretString>) -> Dialect {
        match self {
            Self::Azure => Dialect::Azure,
            Self::FastGpt => Dialect::FastGpt,
            Self::OpenRouter => Dialect::OpenRouter,
            Self::Qwen => Dialect::Qwen,
            Self::DeepSeek => Dialect::ThinkingSwitch,
            Self::ReasoningEffort => Dialect::ReasoningEffort,
            Self::OpenAi | Self::Responses | Self::Anthropic | Self::Gemini | Self::Ollama => {
                Dialect::detect(url, key)
            }
        }
    }
}

/// A configured provider.
#[derive(Clone)]
pub struct ProviderSettings {
    /// The short name with which the ids of its models begin.
    pub slug: String,
    /// The display name.
    pub name: String,
    /// The API that it speaks.
    pub protocol: Protocol,
    /// The address of its API.
    pub url: Url,
    /// Its key, if it needs one.
    pub key: Option<SecretString>,
    /// The models to offer. If empty, all models on its list are offered.
    pub models: Vec<String>,
    /// Whether its only model is shown by `name`.
    pub names_model: bool,
    /// Whether to request its list, to offer the models on it or to learn about the named ones.
    pub lists: bool,
    /// The version of Azure's API.
    pub api_version: Option<String>,
    /// The variable to name in an error message.
    pub variable: &'static str,
}

/// A provider whose API and address Kaiwa knows.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// The short name.
    pub slug: &'static str,
    /// The display name.
    pub name: &'static str,
    /// The API that it speaks.
    pub protocol: Protocol,
    /// The default address; empty if there is none.
    pub address: &'static str,
    /// The variable of the key.
    pub key: Variable,
    /// The variable of the address.
    pub url: Variable,
    /// The variable of the models that are offered.
    pub models: Variable,
}

impl Known {
    /// Whether its default address is on the local machine.
    pub fn is_local(&self) -> bool {
        self.address.starts_with("http://127.0.0.1:")
    }
}

macro_rules! known {
    ($($url_suffix:literal: $({
        slug: $slug:literal,
        name: $name:literal,
        protocol: $protocol:ident,
        prefix: $prefix:literal,
        $(alias: $alias:literal,)?
        address: $address:literal
    })+)+) => {
        /// Every known provider.
        pub const KNOWN: &[Known] = &[$($(Known {
            slug: $slug,
            name: $name,
            protocol: Protocol::$protocol,
            address: $address,
            key: Variable {
                name: concat!($prefix, "_API_KEY"),
                aliases: &[$(concat!($alias, "_API_KEY"))?],
                default: "none",
                help: concat!("The key of ", $name, "."),
                example: "sk-…",
                secret: true,
            },
            url: Variable {
                name: concat!($prefix, $url_suffix),
                aliases: &[$(concat!($alias, $url_suffix))?],
                default: if $address.is_empty() { "none" } else { concat!("`", $address, "`") },
                help: concat!("The address of ", $name, ", if it differs from the default."),
                example: if $address.is_empty() { "https://models.example.org" } else { $address },
                secret: false,
            },
            models: Variable {
                name: concat!($prefix, "_MODEL_NAMES"),
                aliases: &[$(concat!($alias, "_MODEL_NAMES"))?],
                default: "its own list",
                help: concat!("The models of ", $name, " to offer, separated by commas."),
                example: "model-a,model-b",
                secret: false,
            },
        }),+),+];
    };
}

// The variable of an address is the prefix with the suffix above its rows.
known! {
    "_PROXY_URL":
    { slug: "openai", name: "OpenAI", protocol: OpenAi, prefix: "OPENAI",
      address: "https://api.openai.com/v1" }
    { slug: "anthropic", name: "Anthropic", protocol: Anthropic, prefix: "ANTHROPIC",
      address: "https://api.anthropic.com/v1" }
    { slug: "gemini", name: "Google Gemini", protocol: Gemini, prefix: "GEMINI", alias: "GOOGLE",
      address: "https://generativelanguage.googleapis.com/v1beta" }
    { slug: "deepseek", name: "DeepSeek", protocol: DeepSeek, prefix: "DEEPSEEK",
      address: "https://api.deepseek.com/v1" }
    { slug: "qwen", name: "Qwen (DashScope)", protocol: Qwen, prefix: "QWEN", alias: "DASHSCOPE",
      address: "https://dashscope.aliyuncs.com/compatible-mode/v1" }
    { slug: "zhipu", name: "Zhipu GLM", protocol: DeepSeek, prefix: "ZHIPU", alias: "ZHIPUAI",
      address: "https://open.bigmodel.cn/api/paas/v4" }
    { slug: "moonshot", name: "Moonshot Kimi", protocol: DeepSeek, prefix: "MOONSHOT",
      address: "https://api.moonshot.cn/v1" }
    { slug: "siliconflow", name: "SiliconFlow", protocol: Qwen, prefix: "SILICONFLOW", alias: "SILICONCLOUD",
      address: "https://api.siliconflow.cn/v1" }
    { slug: "volcengine", name: "Volcengine Doubao", protocol: DeepSeek, prefix: "VOLCENGINE", alias: "ARK",
      address: "https://ark.cn-beijing.volces.com/api/v3" }
    { slug: "hunyuan", name: "Tencent Hunyuan", protocol: OpenAi, prefix: "HUNYUAN",
      address: "https://api.hunyuan.cloud.tencent.com/v1" }
    { slug: "minimax", name: "MiniMax", protocol: OpenAi, prefix: "MINIMAX",
      address: "https://api.minimaxi.com/v1" }
    { slug: "stepfun", name: "StepFun", protocol: OpenAi, prefix: "STEPFUN",
      address: "https://api.stepfun.com/v1" }
    { slug: "openrouter", name: "OpenRouter", protocol: OpenRouter, prefix: "OPENROUTER",
      address: "https://openrouter.ai/api/v1" }
    { slug: "groq", name: "Groq", protocol: ReasoningEffort, prefix: "GROQ",
      address: "https://api.groq.com/openai/v1" }
    { slug: "mistral", name: "Mistral", protocol: ReasoningEffort, prefix: "MISTRAL",
      address: "https://api.mistral.ai/v1" }
    { slug: "xai", name: "xAI", protocol: ReasoningEffort, prefix: "XAI",
      address: "https://api.x.ai/v1" }
    { slug: "fireworks", name: "Fireworks", protocol: ReasoningEffort, prefix: "FIREWORKS", alias: "FIREWORKSAI",
      address: "https://api.fireworks.ai/inference/v1" }
    { slug: "cerebras", name: "Cerebras", protocol: ReasoningEffort, prefix: "CEREBRAS",
      address: "https://api.cerebras.ai/v1" }
    { slug: "nvidia", name: "NVIDIA", protocol: OpenAi, prefix: "NVIDIA",
      address: "https://integrate.api.nvidia.com/v1" }
    "_ENDPOINT":
    { slug: "azure", name: "Azure OpenAI", protocol: Azure, prefix: "AZURE_OPENAI", alias: "AZURE",
      address: "" }
    "_PROXY_URL":
    { slug: "fastgpt", name: "FastGPT", protocol: FastGpt, prefix: "FASTGPT",
      address: "" }
    { slug: "ollama", name: "Ollama", protocol: Ollama, prefix: "OLLAMA",
      address: "http://127.0.0.1:11434" }
    { slug: "lmstudio", name: "LM Studio", protocol: OpenAi, prefix: "LMSTUDIO",
      address: "http://127.0.0.1:1234/v1" }
    { slug: "llamacpp", name: "llama.cpp", protocol: OpenAi, prefix: "LLAMACPP",
      address: "http://127.0.0.1:8080/v1" }
    { slug: "vllm", name: "vLLM", protocol: OpenAi, prefix: "VLLM",
      address: "http://127.0.0.1:8000/v1" }
}

const AZURE_OPENAI_API_VERSION: Variable = Variable {
    name: "AZURE_OPENAI_API_VERSION",
    aliases: &["AZURE_API_VERSION"],
    default: "the current one",
    help: "The version of Azure's API.",
    example: "2025-04-01-preview",
    secret: false,
};

/// The variables of this section: three for each provider, then Azure's version.
pub const SECTION: Section = Section {
    title: "Known providers",
    variables: &{
        let mut variables = [AZURE_OPENAI_API_VERSION; KNOWN.len() * 3 + 1];
        let mut row = 0;
        while row < KNOWN.len() {
            variables[row * 3] = KNOWN[row].key;
            variables[row * 3 + 1] = KNOWN[row].url;
            variables[row * 3 + 2] = KNOWN[row].models;
            row += 1;
        }
        variables
    },
};

/// Reads the known providers whose key or address is set.
pub(super) fn read(reader: &mut Reader<'_>) -> Vec<ProviderSettings> {
    let api_version = reader.text(AZURE_OPENAI_API_VERSION);
    KNOWN.iter().filter_map(|known| read_known(reader, known, api_version.as_deref())).collect()
}

fn read_known(reader: &mut Reader<'_>, known: &Known, api_version: Option<&str>) -> Option<ProviderSettings> {
    let key = read_key(reader, known.key);
    let url = reader.text(known.url);
    let models = reader.text(known.models);
    if key.is_none() && url.is_none() {
        return None;
    }
    let url = url.unwrap_or_else(|| known.address.to_owned());
    if url.is_empty() {
        reader.reject(known.url, &format!("is missing; it is required with {}", known.key.name));
        return None;
    }
    let url = match parse_url(&url) {
        Ok(url) => url,
        Err(error) => {
            reader.reject(known.url, &error.to_string());
            return None;
        }
    };
    let mut models = split_models(models.as_deref().unwrap_or_default());
    if known.protocol == Protocol::FastGpt && models.is_empty() {
        // The key selects the app and with it the model; the name in the request does not matter.
        models.push("app".to_owned());
    }
    if known.protocol == Protocol::Azure && models.is_empty() {
        reader.reject(known.models, "is missing; Azure does not list deployments, so they must be named");
        return None;
    }
    Some(ProviderSettings {
        slug: known.slug.to_owned(),
        name: known.name.to_owned(),
        protocol: known.protocol,
        url,
        key,
        models,
        names_model: false,
        lists: !matches!(known.protocol, Protocol::Azure | Protocol::FastGpt),
        api_version: api_version.filter(|_| known.protocol == Protocol::Azure).map(str::to_owned),
        variable: known.key.name,
    })
}

/// A key, if it is set and can be sent in a header.
pub(super) fn read_key(reader: &mut Reader<'_>, variable: Variable) -> Option<SecretString> {
    let key = reader.secret(variable)?;
    match check_key(&key) {
        Ok(()) => Some(key),
        Err(reason) => {
            reader.reject(variable, reason);
            None
        }
    }
}

pub(super) fn check_key(key: &SecretString) -> Result<(), &'static str> {
    if key.expose_secret().chars().all(|character| (' '..='~').contains(&character)) {
        Ok(())
    } else {
        Err("contains a character that no key has, such as a line break")
    }
}

pub(super) fn split_models(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|model| !model.is_empty()).map(str::to_owned).collect()
}

impl PartialEq for ProviderSettings {
    fn eq(&self, other: &Self) -> bool {
        // Every field is named, so that a new one is not forgotten.
        let Self { slug, name, protocol, url, key, models, names_model, lists, api_version, variable } = self;
        let same_key = match (key, &other.key) {
            (Some(key), Some(other)) => key.expose_secret() == other.expose_secret(),
            (key, other) => key.is_none() && other.is_none(),
        };
        slug == &other.slug
            && name == &other.name
            && protocol == &other.protocol
            && url == &other.url
            && same_key
            && models == &other.models
            && names_model == &other.names_model
            && lists == &other.lists
            && api_version == &other.api_version
            && variable == &other.variable
    }
}

impl fmt::Debug for ProviderSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderSettings")
            .field("slug", &self.slug)
            .field("protocol", &self.protocol)
            .finish_non_exhaustive()
    }
}
