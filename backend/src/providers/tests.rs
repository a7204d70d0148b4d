//! Tests of a set of providers that is replaced while the server runs.

use std::time::Duration;

use futures_util::StreamExt as _;
use kaiwa_bus::LocalBus;
use kaiwa_llm::{Event, Finish, Message, Request, Role};
use kaiwa_mock_llm::{MockLlm, Options};
use serde_json::json;

use super::*;
use crate::settings::source::Source;

/// Settings with a provider for each name, at its address, with or without a named model.
fn settings(presets: &[(&str, &str, &str)], others: &[(&str, &str)]) -> Settings {
    let presets = presets
        .iter()
        .map(|(slug, url, model)| ((*slug).to_owned(), json!({ "url": url, "key": "k", "model": model })));
    let presets = serde_json::Value::Object(presets.collect()).to_string();
    let pairs =
        others.iter().copied().chain([("PRESET_MODELS", presets.as_str()), ("FIND_LOCAL_SERVERS", "false")]);
    Settings::read(&Source::from_pairs(pairs)).unwrap()
}

fn start(settings: &Settings) -> Providers {
    Providers::start(settings, Arc::new(LocalBus::new())).unwrap()
}

fn ids(providers: &Providers) -> Vec<String> {
    providers.catalog().models().models.into_iter().map(|model| model.id).collect()
}

async fn wait_for_model(providers: &Providers, id: &str) {
    for _ in 0..200 {
        if providers.catalog().find(id).is_some() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{id} was never offered");
}

#[tokio::test]
async fn the_models_the_default_and_the_fallbacks_are_replaced() {
    let mock = MockLlm::start(Options::default()).unwrap();
    let url = mock.url();
    let first = settings(&[("one", &url, "a,b")], &[("DEFAULT_MODEL", "b")]);
    let providers = start(&first);
    let catalog = providers.catalog().clone();
    assert_eq!(
        (ids(&providers), catalog.models().default.as_str()),
        (vec!["one/a".into(), "one/b".into()], "one/b")
    );
    assert!(catalog.fallbacks("one/a").is_empty());

    let fallbacks = ("MODEL_FALLBACKS", r#"{"one/a":["two/c"]}"#);
    let second = settings(&[("one", &url, "a"), ("two", &url, "c")], &[("DEFAULT_MODEL", "c"), fallbacks]);
    providers.replace(SetSettings::of(&second)).unwrap();
    assert_eq!(
        (ids(&providers), catalog.models().default.as_str()),
        (vec!["one/a".into(), "two/c".into()], "two/c")
    );
    let [other] = &catalog.fallbacks("one/a")[..] else { panic!("one fallback") };
    assert_eq!(other.model.id, "two/c");

    providers.replace(SetSettings::default()).unwrap();
    assert_eq!(ids(&providers), ["demo"]);
    assert!(providers.found().none_configured);
}

#[tokio::test]
async fn a_default_model_that_no_provider_offers_is_missing() {
    let mock = MockLlm::start(Options::default()).unwrap();
    for (model, is_missing) in [
        ("nonsense", true),
        ("one/nonsense", true),
        ("two/a", true),
        ("A", true),
        ("a", false),
        ("one/a", false),
        ("one/b", false),
    ] {
        let providers = start(&settings(&[("one", &mock.url(), "a,b")], &[("DEFAULT_MODEL", model)]));
        let missing = providers.catalog().missing_default();
        assert_eq!(missing.as_deref(), is_missing.then_some(model));
    }
}

#[tokio::test]
async fn a_bad_set_changes_nothing() {
    let mock = MockLlm::start(Options::default()).unwrap();
    let url = mock.url();
    let providers = start(&settings(&[("one", &url, "a")], &[]));
    let mut bad = SetSettings::of(&settings(&[("one", &url, "b"), ("two", &url, "c")], &[]));
    bad.providers[1].url = "ftp://models.example".parse().unwrap();
    let error = providers.replace(bad).unwrap_err();
    assert!(error.contains("PRESET_MODELS") && error.contains("`two`"), "{error}");
    assert_eq!(ids(&providers), ["one/a"]);
}

#[tokio::test]
async fn an_unchanged_provider_keeps_its_list_and_a_new_one_is_asked() {
    let (mock, other) =
        (MockLlm::start(Options::default()).unwrap(), MockLlm::start(Options::default()).unwrap());
    let (url, other_url) = (mock.url(), other.url());
    let providers = start(&settings(&[("one", &url, "")], &[]));
    wait_for_model(&providers, "one/mock").await;
    mock.shutdown();
    providers
        .replace(SetSettings::of(&settings(&[("one", &url, ""), ("two", &other_url, "")], &[])))
        .unwrap();
    assert!(providers.catalog().find("one/mock").is_some(), "the list is there at once");
    wait_for_model(&providers, "two/mock").await;
    assert!(providers.catalog().find("one/mock").is_some());
}

#[tokio::test]
async fn a_found_server_is_not_suggested_once_it_is_configured() {
    let mut settings = settings(&[], &[]);
    let providers = start(&settings);
    let url = "http://127.0.0.1:11434/";
    let ollama = FoundServer { name: "Ollama".into(), url: url.into(), models: 1, line: String::new() };
    providers.0.found.lock().unwrap().push(ollama.clone());
    assert_eq!(providers.found().servers, [ollama]);
    let source = Source::from_pairs([("OLLAMA_PROXY_URL", url)]);
    settings.models = Settings::read(&source).unwrap().models;
    providers.replace(SetSettings::of(&settings)).unwrap();
    assert_eq!(providers.found(), FoundServers::default());
}

#[tokio::test]
async fn a_running_reply_ends_with_the_provider_it_began_with() {
    let mock = MockLlm::start(Options::default()).unwrap();
    let providers = start(&settings(&[("one", &mock.url(), "mock-tokens-20-rate-100")], &[]));
    let offer = providers.catalog().default_offer();
    let request = Request {
        model: offer.provider_model.clone(),
        messages: vec![Message::text(Role::User, "Hi")],
        ..Request::default()
    };
    let mut events = offer.provider.stream(request).await.unwrap();
    drop(offer);
    events.next().await.unwrap().unwrap();
    providers.replace(SetSettings::default()).unwrap();
    assert_eq!(ids(&providers), ["demo"]);
    let mut last = None;
    while let Some(event) = events.next().await {
        if let Event::Finish(reason) = event.unwrap() {
            last = Some(reason);
        }
    }
    assert_eq!(last, Some(Finish::Stop));
}
