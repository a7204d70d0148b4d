//! Which service an endpoint belongs to, as far as that changes what is sent.

use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// A service, or a family of services that want the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    /// Microsoft's: other addresses, and the key in a header of its own.
    Azure,
    /// An app made with FastGPT.
    FastGpt,
    /// OpenRouter.
    OpenRouter,
    /// Alibaba's Qwen, and SiliconFlow and ModelScope, which imitate it.
    Qwen,
    /// Zhipu, Moonshot, DeepSeek and Volcengine, which switch thinking on and off.
    Switch,
    /// OpenAI, and those that took over its `reasoning_effort`.
    Effort,
    /// Anyone else, most often a server of one's own.
    Other,
}

/// Ends of the hosts' names.
const HOSTS: [(Service, &[&str]); 6] = [
    (Service::Azure, &["azure.com", "azure.us", "azure.cn"]),
    (Service::FastGpt, &["fastgpt.in", "fastgpt.io", "fastgpt.cn", "tryfastgpt.ai"]),
    (Service::OpenRouter, &["openrouter.ai"]),
    (Service::Qwen, &["aliyuncs.com", "siliconflow.cn", "siliconflow.com", "modelscope.cn"]),
    (Service::Switch, &["bigmodel.cn", "z.ai", "moonshot.cn", "moonshot.ai", "deepseek.com", "volces.com"]),
    (
        Service::Effort,
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

impl Service {
    /// The service at `url`. A FastGPT app has its key as its mark: anyone may run FastGPT.
    pub(crate) fn of(url: &Url, key: Option<&SecretString>) -> Self {
        if key.is_some_and(|key| key.expose_secret().trim().starts_with("fastgpt-")) {
            return Self::FastGpt;
        }
        let host = url.host_str().unwrap_or_default().to_lowercase();
        let is_in = |domain: &&str| {
            host.strip_suffix(*domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        if let Some((service, _)) = HOSTS.iter().find(|(_, domains)| domains.iter().any(&is_in)) {
            return *service;
        }
        // A company's gateway in front of Azure keeps its paths.
        if url.path().contains("/openai/deployments/") { Self::Azure } else { Self::Other }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_known_by_its_host_its_path_or_its_key() {
        for (url, key, service) in [
            ("https://api.openai.com/v1", "sk-1", Service::Effort),
            ("https://x.openai.azure.com/", "k", Service::Azure),
            ("https://gateway.example/openai/deployments/d", "k", Service::Azure),
            ("https://openrouter.ai/api/v1", "sk-or-1", Service::OpenRouter),
            ("https://dashscope.aliyuncs.com/compatible-mode/v1", "sk-1", Service::Qwen),
            ("https://api.z.ai/api/paas/v4", "k", Service::Switch),
            ("https://api.fastgpt.in/api", "k", Service::FastGpt),
            ("http://10.0.0.7:3000/api/v1", "fastgpt-abc", Service::FastGpt),
            ("http://localhost:8000/v1", "", Service::Other),
            ("https://notopenai.com/v1", "", Service::Other),
            ("https://openai.com.example/v1", "", Service::Other),
        ] {
            let key = SecretString::from(key);
            assert_eq!(Service::of(&Url::parse(url).unwrap(), Some(&key)), service, "{url}");
        }
    }
}
