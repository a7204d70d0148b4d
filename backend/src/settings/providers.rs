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

/// The heading of this section.
pub const TITLE: &str = "Known providers";

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
    pub key: &'static str,
    /// The variable of another address.
    pub url: &'static str,
    /// The variable of the models.
    pub models: &'static str,
}

impl Known {
    /// It runs on the administrator's own machine.
    pub fn is_local(&self) -> bool {
        self.address.starts_with("http://127.0.0.1:")
    }
}

const AZURE_VERSION: &str = "AZURE_OPENAI_API_VERSION";

macro_rules! known {
    ($($slug:literal, $name:literal, $protocol:ident, $prefix:literal, $ending:literal,
        [$($alias:literal),*], $address:literal;)*) => {
        /// Every provider that is ready by its key alone.
        pub const KNOWN: &[Known] = &[$(Known {
            slug: $slug,
            name: $name,
            protocol: Protocol::$protocol,
            address: $address,
            key: concat!($prefix, "_API_KEY"),
            url: concat!($prefix, $ending),
            models: concat!($prefix, "_MODEL_NAMES"),
        }),*];

        /// The variables of this section.
        pub const SECTION: Section = Section {
            title: TITLE,
            variables: &[
                $(
                    Variable::new(concat!($prefix, "_API_KEY"), "none", "sk-…", concat!("The key of ", $name, "."))
                        .aliases(&[$(concat!($alias, "_API_KEY")),*])
                        .secret(),
                    Variable::new(
                        concat!($prefix, $ending),
                        if $address.is_empty() { "none" } else { concat!("`", $address, "`") },
                        if $address.is_empty() { "https://models.example.org" } else { $address },
                        concat!("The address of ", $name, ", where it is not the usual one."),
                    )
                    .aliases(&[$(concat!($alias, $ending)),*]),
                    Variable::new(
                        concat!($prefix, "_MODEL_NAMES"),
                        "its own list",
                        "model-a,model-b",
                        concat!("The models of ", $name, " that are offered, separated by commas."),
                    )
                    .aliases(&[$(concat!($alias, "_MODEL_NAMES")),*]),
                )*
                Variable::new(AZURE_VERSION, "the current one", "2025-04-01-preview", "The version of Azure's API.")
                    .aliases(&["AZURE_API_VERSION"]),
            ],
        };
    };
}

known! {
    "openai", "OpenAI", OpenAi, "OPENAI", "_PROXY_URL", [], "https://api.openai.com/v1";
    "anthropic", "Anthropic", Anthropic, "ANTHROPIC", "_PROXY_URL", [], "https://api.anthropic.com/v1";
    "gemini", "Google Gemini", Gemini, "GEMINI", "_PROXY_URL", ["GOOGLE"], "https://generativelanguage.googleapis.com/v1beta";
    "deepseek", "DeepSeek", OpenAi, "DEEPSEEK", "_PROXY_URL", [], "https://api.deepseek.com/v1";
    "qwen", "Qwen (DashScope)", OpenAi, "QWEN", "_PROXY_URL", ["DASHSCOPE"], "https://dashscope.aliyuncs.com/compatible-mode/v1";
    "zhipu", "Zhipu GLM", OpenAi, "ZHIPU", "_PROXY_URL", ["ZHIPUAI"], "https://open.bigmodel.cn/api/paas/v4";
    "moonshot", "Moonshot Kimi", OpenAi, "MOONSHOT", "_PROXY_URL", [], "https://api.moonshot.cn/v1";
    "siliconflow", "SiliconFlow", OpenAi, "SILICONFLOW", "_PROXY_URL", ["SILICONCLOUD"], "https://api.siliconflow.cn/v1";
    "volcengine", "Volcengine Doubao", OpenAi, "VOLCENGINE", "_PROXY_URL", ["ARK"], "https://ark.cn-beijing.volces.com/api/v3";
    "hunyuan", "Tencent Hunyuan", OpenAi, "HUNYUAN", "_PROXY_URL", [], "https://api.hunyuan.cloud.tencent.com/v1";
    "minimax", "MiniMax", OpenAi, "MINIMAX", "_PROXY_URL", [], "https://api.minimaxi.com/v1";
    "stepfun", "StepFun", OpenAi, "STEPFUN", "_PROXY_URL", [], "https://api.stepfun.com/v1";
    "openrouter", "OpenRouter", OpenAi, "OPENROUTER", "_PROXY_URL", [], "https://openrouter.ai/api/v1";
    "groq", "Groq", OpenAi, "GROQ", "_PROXY_URL", [], "https://api.groq.com/openai/v1";
    "mistral", "Mistral", OpenAi, "MISTRAL", "_PROXY_URL", [], "https://api.mistral.ai/v1";
    "xai", "xAI", OpenAi, "XAI", "_PROXY_URL", [], "https://api.x.ai/v1";
    "fireworks", "Fireworks", OpenAi, "FIREWORKS", "_PROXY_URL", ["FIREWORKSAI"], "https://api.fireworks.ai/inference/v1";
    "cerebras", "Cerebras", OpenAi, "CEREBRAS", "_PROXY_URL", [], "https://api.cerebras.ai/v1";
    "nvidia", "NVIDIA", OpenAi, "NVIDIA", "_PROXY_URL", [], "https://integrate.api.nvidia.com/v1";
    "azure", "Azure OpenAI", Azure, "AZURE_OPENAI", "_ENDPOINT", ["AZURE"], "";
    "fastgpt", "FastGPT", FastGpt, "FASTGPT", "_PROXY_URL", [], "";
    "ollama", "Ollama", Ollama, "OLLAMA", "_PROXY_URL", [], "http://127.0.0.1:11434";
    "lmstudio", "LM Studio", OpenAi, "LMSTUDIO", "_PROXY_URL", [], "http://127.0.0.1:1234/v1";
    "llamacpp", "llama.cpp", OpenAi, "LLAMACPP", "_PROXY_URL", [], "http://127.0.0.1:8080/v1";
    "vllm", "vLLM", OpenAi, "VLLM", "_PROXY_URL", [], "http://127.0.0.1:8000/v1";
}

/// The known providers that are configured: those whose key or whose address is given.
pub(super) fn read(reader: &mut Reader<'_>) -> Vec<ProviderSettings> {
    let api_version = reader.text(AZURE_VERSION);
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
        reader.reject(known.url, &format!("is missing beside {}", known.key));
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
        variable: known.key,
    })
}

/// A key, if one is given and can travel in a header.
pub(super) fn read_key(reader: &mut Reader<'_>, name: &str) -> Option<SecretString> {
    let key = reader.secret(name)?;
    match check_key(&key) {
        Ok(()) => Some(key),
        Err(reason) => {
            reader.reject(name, reason);
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
