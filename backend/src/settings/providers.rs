//! Providers that are ready by their key alone, and what every configured provider is.
//!
//! One table makes the variables, the reference page and the defaults. To add a provider, add a row.

use std::fmt;

use kaiwa_egress::parse_url;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::{
    reader::Reader,
    variable::{Section, Variable},
};

/// How a provider is spoken to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// OpenAI's chat completions, as nearly everyone speaks them.
    #[default]
    OpenAi,
    /// OpenAI's responses.
    Responses,
    /// Anthropic's messages.
    Anthropic,
    /// Gemini's `streamGenerateContent`.
    Gemini,
    /// Ollama's own.
    Ollama,
    /// OpenAI's models at Azure, by deployment.
    Azure,
    /// An app of `FastGPT`.
    FastGpt,
}

/// A provider from the configuration.
#[derive(Clone)]
pub struct ProviderSettings {
    /// Short name, the first half of a model's id.
    pub slug: String,
    /// The name that is shown.
    pub name: String,
    /// How it is spoken to.
    pub protocol: Protocol,
    /// Address of its API.
    pub url: Url,
    /// Its key, if it wants one.
    pub key: Option<SecretString>,
    /// Its models; empty offers all of its own list.
    pub models: Vec<String>,
    /// Ask it for its list: to offer what is on it, or to learn about the models that are named.
    pub lists: bool,
    /// The version of Azure's API.
    pub api_version: Option<String>,
    /// The variable to look at when something is wrong.
    pub variable: &'static str,
}

/// A provider that is ready by its key alone.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Short name.
    pub slug: &'static str,
    /// The name that is shown.
    pub name: &'static str,
    /// How it is spoken to.
    pub protocol: Protocol,
    /// Where it is if nothing else is said; empty where there is no such place.
    pub address: &'static str,
    /// The variable of the key.
    pub key: Variable,
    /// The variable of the address.
    pub url: Variable,
    /// The variable of the models that are offered.
    pub models: Variable,
}

impl Known {
    /// It runs on the administrator's own machine.
    pub fn is_local(&self) -> bool {
        self.address.starts_with("http://127.0.0.1:")
    }
}

macro_rules! known {
    ($({
        slug: $slug:literal,
        name: $name:literal,
        protocol: $protocol:ident,
        prefix: $prefix:literal,
        $(alias: $alias:literal,)?
        url_suffix: $url_suffix:literal,
        address: $address:literal
    })+) => {
        /// Every known provider.
        pub const KNOWN: &[Known] = &[$(Known {
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
                help: concat!("The address of ", $name, ", where it is not the usual one."),
                example: if $address.is_empty() { "https://models.example.org" } else { $address },
                secret: false,
            },
            models: Variable {
                name: concat!($prefix, "_MODEL_NAMES"),
                aliases: &[$(concat!($alias, "_MODEL_NAMES"))?],
                default: "its own list",
                help: concat!("The models of ", $name, " that are offered, separated by commas."),
                example: "model-a,model-b",
                secret: false,
            },
        }),+];
    };
}

known! {
    { slug: "openai", name: "OpenAI", protocol: OpenAi, prefix: "OPENAI",
      url_suffix: "_PROXY_URL", address: "https://api.openai.com/v1" }
    { slug: "anthropic", name: "Anthropic", protocol: Anthropic, prefix: "ANTHROPIC",
      url_suffix: "_PROXY_URL", address: "https://api.anthropic.com/v1" }
    { slug: "gemini", name: "Google Gemini", protocol: Gemini, prefix: "GEMINI", alias: "GOOGLE",
      url_suffix: "_PROXY_URL", address: "https://generativelanguage.googleapis.com/v1beta" }
    { slug: "deepseek", name: "DeepSeek", protocol: OpenAi, prefix: "DEEPSEEK",
      url_suffix: "_PROXY_URL", address: "https://api.deepseek.com/v1" }
    { slug: "qwen", name: "Qwen (DashScope)", protocol: OpenAi, prefix: "QWEN", alias: "DASHSCOPE",
      url_suffix: "_PROXY_URL", address: "https://dashscope.aliyuncs.com/compatible-mode/v1" }
    { slug: "zhipu", name: "Zhipu GLM", protocol: OpenAi, prefix: "ZHIPU", alias: "ZHIPUAI",
      url_suffix: "_PROXY_URL", address: "https://open.bigmodel.cn/api/paas/v4" }
    { slug: "moonshot", name: "Moonshot Kimi", protocol: OpenAi, prefix: "MOONSHOT",
      url_suffix: "_PROXY_URL", address: "https://api.moonshot.cn/v1" }
    { slug: "siliconflow", name: "SiliconFlow", protocol: OpenAi, prefix: "SILICONFLOW", alias: "SILICONCLOUD",
      url_suffix: "_PROXY_URL", address: "https://api.siliconflow.cn/v1" }
    { slug: "volcengine", name: "Volcengine Doubao", protocol: OpenAi, prefix: "VOLCENGINE", alias: "ARK",
      url_suffix: "_PROXY_URL", address: "https://ark.cn-beijing.volces.com/api/v3" }
    { slug: "hunyuan", name: "Tencent Hunyuan", protocol: OpenAi, prefix: "HUNYUAN",
      url_suffix: "_PROXY_URL", address: "https://api.hunyuan.cloud.tencent.com/v1" }
    { slug: "minimax", name: "MiniMax", protocol: OpenAi, prefix: "MINIMAX",
      url_suffix: "_PROXY_URL", address: "https://api.minimaxi.com/v1" }
    { slug: "stepfun", name: "StepFun", protocol: OpenAi, prefix: "STEPFUN",
      url_suffix: "_PROXY_URL", address: "https://api.stepfun.com/v1" }
    { slug: "openrouter", name: "OpenRouter", protocol: OpenAi, prefix: "OPENROUTER",
      url_suffix: "_PROXY_URL", address: "https://openrouter.ai/api/v1" }
    { slug: "groq", name: "Groq", protocol: OpenAi, prefix: "GROQ",
      url_suffix: "_PROXY_URL", address: "https://api.groq.com/openai/v1" }
    { slug: "mistral", name: "Mistral", protocol: OpenAi, prefix: "MISTRAL",
      url_suffix: "_PROXY_URL", address: "https://api.mistral.ai/v1" }
    { slug: "xai", name: "xAI", protocol: OpenAi, prefix: "XAI",
      url_suffix: "_PROXY_URL", address: "https://api.x.ai/v1" }
    { slug: "fireworks", name: "Fireworks", protocol: OpenAi, prefix: "FIREWORKS", alias: "FIREWORKSAI",
      url_suffix: "_PROXY_URL", address: "https://api.fireworks.ai/inference/v1" }
    { slug: "cerebras", name: "Cerebras", protocol: OpenAi, prefix: "CEREBRAS",
      url_suffix: "_PROXY_URL", address: "https://api.cerebras.ai/v1" }
    { slug: "nvidia", name: "NVIDIA", protocol: OpenAi, prefix: "NVIDIA",
      url_suffix: "_PROXY_URL", address: "https://integrate.api.nvidia.com/v1" }
    { slug: "azure", name: "Azure OpenAI", protocol: Azure, prefix: "AZURE_OPENAI", alias: "AZURE",
      url_suffix: "_ENDPOINT", address: "" }
    { slug: "fastgpt", name: "FastGPT", protocol: FastGpt, prefix: "FASTGPT",
      url_suffix: "_PROXY_URL", address: "" }
    { slug: "ollama", name: "Ollama", protocol: Ollama, prefix: "OLLAMA",
      url_suffix: "_PROXY_URL", address: "http://127.0.0.1:11434" }
    { slug: "lmstudio", name: "LM Studio", protocol: OpenAi, prefix: "LMSTUDIO",
      url_suffix: "_PROXY_URL", address: "http://127.0.0.1:1234/v1" }
    { slug: "llamacpp", name: "llama.cpp", protocol: OpenAi, prefix: "LLAMACPP",
      url_suffix: "_PROXY_URL", address: "http://127.0.0.1:8080/v1" }
    { slug: "vllm", name: "vLLM", protocol: OpenAi, prefix: "VLLM",
      url_suffix: "_PROXY_URL", address: "http://127.0.0.1:8000/v1" }
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

/// The known providers that are configured: those whose key or whose address is given.
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
        // An app has one model, which its key chooses; what the request calls it does not matter.
        models.push("app".to_owned());
    }
    if known.protocol == Protocol::Azure && models.is_empty() {
        reader.reject(known.models, "is missing; Azure does not list deployments, so name those to offer");
        return None;
    }
    Some(ProviderSettings {
        slug: known.slug.to_owned(),
        name: known.name.to_owned(),
        protocol: known.protocol,
        url,
        key,
        models,
        lists: !matches!(known.protocol, Protocol::Azure | Protocol::FastGpt),
        api_version: api_version.filter(|_| known.protocol == Protocol::Azure).map(str::to_owned),
        variable: known.key.name,
    })
}

/// A key, if one is given and can travel in a header.
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

impl fmt::Debug for ProviderSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderSettings")
            .field("slug", &self.slug)
            .field("protocol", &self.protocol)
            .finish_non_exhaustive()
    }
}
