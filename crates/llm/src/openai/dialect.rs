//! Which variant of chat completions a service speaks, as far as that changes what is sent.

use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// A variant of OpenAI's interface, named after the service that introduced it or by what sets it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Microsoft Azure: its own addresses, and the key in its own header.
    Azure,
    /// An app made with FastGPT.
    FastGpt,
    /// OpenRouter.
    OpenRouter,
    /// Alibaba's Qwen; SiliconFlow and ModelScope copy it.
    Qwen,
    /// DeepSeek, Zhipu, Moonshot and Volcengine, which switch thinking on and off.
    ThinkingSwitch,
    /// OpenAI and the services that adopted its `reasoning_effort`.
    ReasoningEffort,
    /// Anyone else, usually a self-hosted server.
    Other,
}

/// Domains of services whose dialect is known.
const HOSTS: [(Dialect, &[&str]); 6] = [
    (Dialect::Azure, &["azure.com", "azure.us", "azure.cn"]),
    (Dialect::FastGpt, &["fastgpt.in", "fastgpt.io", "fastgpt.cn", "tryfastgpt.ai"]),
    (Dialect::OpenRouter, &["openrouter.ai"]),
    (Dialect::Qwen, &["aliyuncs.com", "siliconflow.cn", "siliconflow.com", "modelscope.cn"]),
    (
        Dialect::ThinkingSwitch,
        &["bigmodel.cn", "z.ai", "moonshot.cn", "moonshot.ai", "deepseek.com", "volces.com"],
    ),
    (
        Dialect::ReasoningEffort,
        &[
            "openai.com",
            "x.ai",
            "groq.com",
            "googleapis.com",
            "perplexity.ai",
            "cerebras.ai",
            "together.xyz",
            "together.ai",
            "fireworks.ai",
            "mistral.ai",
        ],
    ),
];

impl Dialect {
    /// The dialect at `url`, for a provider whose protocol is not configured. Anyone can host FastGPT, so an app of it
    /// is recognized by its key.
    pub fn detect(url: &Url, key: Option<&SecretString>) -> Self {
        if key.is_some_and(|key| key.expose_secret().trim().starts_with("fastgpt-")) {
            return Self::FastGpt;
        }
        let host = url.host_str().unwrap_or_default().to_lowercase();
        let is_in = |domain: &&str| {
            host.strip_suffix(*domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        if let Some((dialect, _)) = HOSTS.iter().find(|(_, domains)| domains.iter().any(&is_in)) {
            return *dialect;
        }
        // A company's gateway in front of Azure keeps its paths.
        if url.path().contains("/openai/deployments/") { Self::Azure } else { Self::Other }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialect_is_detected_by_host_path_or_key() {
        for (url, key, dialect) in [
            ("https://api.openai.com/v1", "sk-1", Dialect::ReasoningEffort),
            ("https://x.openai.azure.com/", "k", Dialect::Azure),
            ("https://gateway.example/openai/deployments/d", "k", Dialect::Azure),
            ("https://openrouter.ai/api/v1", "sk-or-1", Dialect::OpenRouter),
            ("https://dashscope.aliyuncs.com/compatible-mode/v1", "sk-1", Dialect::Qwen),
            ("https://api.z.ai/api/paas/v4", "k", Dialect::ThinkingSwitch),
            ("https://api.fastgpt.in/api", "k", Dialect::FastGpt),
            ("http://10.0.0.7:3000/api/v1", "fastgpt-abc", Dialect::FastGpt),
            ("http://localhost:8000/v1", "", Dialect::Other),
            ("https://notopenai.com/v1", "", Dialect::Other),
            ("https://openai.com.example/v1", "", Dialect::Other),
        ] {
            let key = SecretString::from(key);
            assert_eq!(Dialect::detect(&Url::parse(url).unwrap(), Some(&key)), dialect, "{url}");
        }
    }
}
