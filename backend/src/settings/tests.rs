//! The settings as an operator uses them.

use std::time::Duration;

use kaiwa_shared::settings::AppMode;
use secrecy::ExposeSecret;

use super::*;

fn read(pairs: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    Settings::read(&Source::from_pairs(pairs.iter().copied()))
}

#[test]
fn the_defaults_are_a_working_configuration() {
    let settings = read(&[]).unwrap();
    assert_eq!(settings.server.listen.to_string(), "127.0.0.1:8001");
    assert_eq!(settings.storage.database_url, "file:./data/app.db");
    assert_eq!(settings.accounts.app_mode, AppMode::Single);
    assert_eq!(settings.accounts.token_lifetime, Duration::from_hours(7 * 24));
    assert!(settings.models.providers.is_empty());
    assert!(settings.warnings.is_empty());
}

#[test]
fn every_invalid_value_is_reported_with_a_valid_example() {
    let error =
        read(&[("PORT", "80a"), ("APP_MODE", "both"), ("LLM_API_URL", "ftp://x"), ("LLM_MODEL", "m")])
            .err()
            .unwrap()
            .to_string();
    assert_eq!(error.lines().count(), 3, "{error}");
    assert!(error.contains("PORT: ") && error.contains("PORT=8001"), "{error}");
    assert!(error.contains("APP_MODE: `both` is neither `single` nor `multi`"), "{error}");
}

#[test]
fn an_alias_works_and_an_empty_value_counts_as_unset() {
    let settings =
        read(&[("SECRET_KEY", "0123456789abcdef0123456789abcdef"), ("JWT_SECRET", ""), ("PORT", " ")])
            .unwrap();
    let secret = settings.accounts.jwt_secret.unwrap();
    assert_eq!(secret.expose_secret(), "0123456789abcdef0123456789abcdef");
    assert_eq!(settings.server.listen.port(), 8001);
}

#[test]
fn a_secret_can_be_read_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    std::fs::write(&file, "sk-from-a-file\n").unwrap();
    let settings = read(&[
        ("LLM_API_URL", "http://127.0.0.1:1/v1"),
        ("LLM_MODEL", "a, b"),
        ("LLM_API_KEY_FILE", file.to_str().unwrap()),
    ])
    .unwrap();
    let provider = settings.models.providers.first().unwrap();
    assert_eq!(provider.key.as_ref().unwrap().expose_secret(), "sk-from-a-file");
    assert_eq!(provider.models, ["a", "b"]);
}

#[test]
fn presets_come_before_known_providers() {
    let settings = read(&[
        (
            "PRESET_MODELS",
            r#"{"glm":{"name":"GLM","url":"https://glm.example/v4","model":"glm-4","key":"k"}}"#,
        ),
        ("OPENAI_API_KEY", "sk-x"),
    ])
    .unwrap();
    let slugs: Vec<_> = settings.models.providers.iter().map(|provider| provider.slug.as_str()).collect();
    assert_eq!(slugs, ["glm", "openai"]);
}

#[test]
fn unused_variables_are_warned_about() {
    let settings = read(&[("NODE_ENV", "production"), ("REDIS_URL", "redis://x")]).unwrap();
    assert_eq!(
        settings.warnings,
        ["NODE_ENV: set, but Kaiwa does not use it", "REDIS_URL: set, but not supported by this version",]
    );
}

#[test]
fn the_summary_contains_no_secret() {
    let settings = read(&[
        ("DATABASE_URL", "postgres://kaiwa:hunter22@db/kaiwa"),
        ("OPENAI_API_KEY", "sk-very-secret"),
        ("JWT_SECRET", "0123456789abcdef0123456789abcdef"),
    ])
    .unwrap();
    let summary = summary(&settings);
    assert!(summary.contains("postgres://kaiwa:"), "{summary}");
    for secret in ["hunter22", "sk-very-secret", "0123456789abcdef"] {
        assert!(!summary.contains(secret), "{summary}");
    }
}

#[test]
fn every_variable_is_declared_once() {
    let mut names: Vec<_> =
        SECTIONS.iter().flat_map(|section| section.variables).map(|variable| variable.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

fn error_of(pairs: &[(&str, &str)]) -> String {
    read(pairs).err().unwrap().to_string()
}

#[test]
fn a_known_provider_needs_only_its_key() {
    for known in providers::KNOWN.iter().filter(|known| !known.address.is_empty()) {
        let settings = read(&[(known.key.name, "sk-x")]).unwrap();
        let [provider] = settings.models.providers.as_slice() else { panic!("{}: one provider", known.slug) };
        assert_eq!((provider.slug.as_str(), provider.protocol), (known.slug, known.protocol));
        assert_eq!(provider.url.as_str().trim_end_matches('/'), known.address);
        assert!(provider.models.is_empty() && provider.lists);
        assert_eq!(known.is_local(), known.address.contains("127.0.0.1"));
    }
}

#[test]
fn a_known_provider_can_have_another_address_and_fewer_models() {
    let settings = read(&[
        ("OLLAMA_PROXY_URL", "http://10.0.0.5:11434"),
        ("DASHSCOPE_API_KEY", "sk-x"),
        ("QWEN_MODEL_NAMES", "qwen-max, qwen-plus"),
    ])
    .unwrap();
    let [qwen, ollama] = settings.models.providers.as_slice() else { panic!("two providers") };
    assert_eq!((qwen.slug.as_str(), qwen.models.len(), qwen.lists), ("qwen", 2, true));
    assert_eq!((ollama.url.as_str(), ollama.key.is_none()), ("http://10.0.0.5:11434/", true));
}

#[test]
fn azure_needs_its_endpoint_and_its_deployments() {
    assert!(error_of(&[("AZURE_API_KEY", "k")]).contains("AZURE_OPENAI_ENDPOINT: is missing"));
    let endpoint = ("AZURE_ENDPOINT", "https://mine.openai.azure.com");
    assert!(error_of(&[("AZURE_API_KEY", "k"), endpoint]).contains("AZURE_OPENAI_MODEL_NAMES: is missing"));
    let settings = read(&[
        ("AZURE_API_KEY", "k"),
        endpoint,
        ("AZURE_OPENAI_MODEL_NAMES", "gpt"),
        ("AZURE_API_VERSION", "2025-04-01-preview"),
    ])
    .unwrap();
    let azure = settings.models.providers.first().unwrap();
    assert_eq!(azure.api_version.as_deref(), Some("2025-04-01-preview"));
}

#[test]
fn an_invalid_value_is_named_and_a_secret_is_never_repeated() {
    for (name, value, part) in [
        ("OPENAI_PROXY_URL", "file:///etc/passwd", "must begin with http"),
        ("OPENAI_PROXY_URL", "https://user:hunter22@host/v1", "user name or password"),
        ("LLM_API_URL", "https://user:hunter22@host/v1", "user name or password"),
        ("OPENAI_API_KEY", "sk-hunter22\nX: y", "no key has"),
        ("LLM_API_KEY", "sk-hunter22–", "no key has"),
        ("PRESET_MODELS", r#"{"x":{"url":"https://h","protocol":"soap"}}"#, "unknown variant"),
        ("PRESET_MODELS", r#"{"a/b":{"url":"https://h"}}"#, "not a valid name"),
        ("PRESET_MODELS", r#"{"x":{"url":"https://h","key":"hunter22\n"}}"#, "no key has"),
        ("PRESET_MODELS", r#"{"x":{"url":"https://h","protocol":"azure"}}"#, "needs a `model`"),
        ("MODEL_ABILITIES", r#"{"x/y":{"visions":true}}"#, "unknown field"),
        ("MODEL_ABILITIES", r#"{"x/y":{"prices":{"input":-1,"output":2}}}"#, "below zero"),
        ("MODEL_FALLBACKS", r#"{"x/y":"z"}"#, "is not the expected JSON"),
        ("MAX_GENERATIONS", "0", "from 1 to"),
        ("HTTPS_PROXY", "gopher://proxy", "must begin with http://"),
        ("PROVIDER_IDLE_SECONDS", "0", "from 1 to 3600"),
    ] {
        let error = error_of(&[(name, value)]);
        assert!(error.contains(name) && error.contains(part), "{name}={value}: {error}");
        assert!(!error.contains("hunter22"), "{error}");
    }
}

#[test]
fn two_providers_with_the_same_name_are_refused() {
    let error =
        error_of(&[("PRESET_MODELS", r#"{"openai":{"url":"https://h"}}"#), ("OPENAI_API_KEY", "sk-x")]);
    assert!(error.contains("`openai` is also the name of the provider of OPENAI_API_KEY"), "{error}");
}

#[test]
fn the_limits_of_generations_can_be_configured() {
    let defaults = read(&[]).unwrap().generations;
    assert_eq!((defaults.limits, defaults.auto_continue), (kaiwa_engine::Limits::default(), false));
    let chosen = read(&[
        ("MAX_GENERATIONS_PER_USER", "2"),
        ("MAX_GENERATIONS", "30"),
        ("MAX_REPLY_BYTES", "2048"),
        ("MAX_REPLY_MINUTES", "5"),
        ("AUTO_CONTINUE", "yes"),
        ("MODEL_FALLBACKS", r#"{"a/x":["b/x","c/x"]}"#),
    ])
    .unwrap()
    .generations;
    assert_eq!((chosen.limits.per_user, chosen.limits.global, chosen.limits.reply_bytes), (2, 30, 2048));
    assert_eq!((chosen.limits.reply_time, chosen.auto_continue), (Duration::from_mins(5), true));
    assert_eq!(chosen.fallbacks["a/x"], ["b/x", "c/x"]);
}

#[test]
fn the_reference_page_lists_every_known_provider() {
    let page = reference_page();
    for known in providers::KNOWN {
        for variable in [known.key, known.url, known.models] {
            let name = variable.name;
            assert!(page.contains(&format!("`{name}`")), "{name}");
        }
    }
}
