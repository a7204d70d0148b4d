//! What an operator sees of the settings.

use std::time::Duration;

use kaiwa_shared::settings::AppMode;
use secrecy::ExposeSecret;

use super::*;

fn read(pairs: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    Settings::read(&Source::from_pairs(pairs.iter().copied()))
}

#[test]
fn nothing_set_is_a_working_configuration() {
    let settings = read(&[]).unwrap();
    assert_eq!(settings.server.listen.to_string(), "127.0.0.1:8001");
    assert_eq!(settings.storage.database_url, "file:./data/app.db");
    assert_eq!(settings.accounts.app_mode, AppMode::Single);
    assert_eq!(settings.accounts.token_lifetime, Duration::from_hours(7 * 24));
    assert!(settings.models.providers.is_empty());
    assert!(settings.warnings.is_empty());
}

#[test]
fn every_mistake_is_named_with_what_would_be_right() {
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
fn an_alias_means_the_same_and_an_empty_value_is_absent() {
    let settings =
        read(&[("SECRET_KEY", "0123456789abcdef0123456789abcdef"), ("JWT_SECRET", ""), ("PORT", " ")])
            .unwrap();
    let secret = settings.accounts.jwt_secret.unwrap();
    assert_eq!(secret.expose_secret(), "0123456789abcdef0123456789abcdef");
    assert_eq!(settings.server.listen.port(), 8001);
}

#[test]
fn a_secret_can_be_given_as_a_file() {
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
fn presets_and_known_providers_come_in_order() {
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
fn names_of_other_tools_are_said_to_have_no_effect() {
    let settings = read(&[("NODE_ENV", "production"), ("REDIS_URL", "redis://x")]).unwrap();
    assert_eq!(
        settings.warnings,
        ["NODE_ENV: set, but without meaning for Kaiwa", "REDIS_URL: set, but not supported by this version",]
    );
}

#[test]
fn no_secret_is_in_the_summary() {
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
fn every_variable_has_one_description() {
    let mut names: Vec<_> =
        SECTIONS.iter().flat_map(|section| section.variables).map(|variable| variable.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}
