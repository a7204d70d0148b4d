//! The available models.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{TestApp, TestUser, body, message};

#[actix_web::test]
async fn the_configured_models_and_the_default_are_listed() {
    let app = TestApp::spawn_with(&[("LLM_MODEL", "one, two"), ("DEFAULT_MODEL", "two")]).await;
    let user = app.register("ada").await;
    let models = body(app.get(&user, "/api/models").send().await.unwrap()).await;
    let ids: Vec<_> =
        models["models"].as_array().unwrap().iter().map(|model| model["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["llm/one", "llm/two"]);
    assert_eq!(models["default"], "llm/two");
}

#[actix_web::test]
async fn without_a_provider_the_demo_replies_and_says_so() {
    let app = TestApp::spawn_with(&[("LLM_API_URL", ""), ("LLM_MODEL", "")]).await;
    let user = app.register("ada").await;
    let models = body(app.get(&user, "/api/models").send().await.unwrap()).await;
    assert_eq!(models["default"], "demo");
    assert_eq!(models.pointer("/models/0/demo").unwrap(), &json!(true));
    let mut hello = message("demo", "How do I connect a model?");
    hello.as_object_mut().unwrap().remove("model");
    let reply = app.say(&user, &hello).await.rest().await;
    assert!(reply.text().contains("LLM_API_URL"), "{}", reply.text());
    assert!(reply.text().to_lowercase().contains("demo"), "{}", reply.text());
}

#[actix_web::test]
async fn a_provider_without_named_models_is_asked_for_its_list() {
    let app = TestApp::spawn_with(&[("LLM_MODEL", "")]).await;
    let user = app.register("ada").await;
    for _ in 0..100 {
        let models = body(app.get(&user, "/api/models").send().await.unwrap()).await;
        let all = models["models"].to_string();
        if all.contains("\"llm/mock\"") {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the provider's models never came");
}

#[actix_web::test]
async fn an_administrator_learns_which_provider_failed_and_why() {
    for (url, code) in
        [("http://127.0.0.1:9/v1", "provider_unreachable"), (&mock_refusing().await, "provider_auth")]
    {
        let app =
            TestApp::spawn_with(&[("LLM_API_URL", url), ("LLM_MODEL", ""), ("LLM_API_KEY", "sk-wrong")])
                .await;
        let admin = app.register("ada").await;
        let mut failed = Value::Null;
        for _ in 0..100 {
            let found = body(app.get(&admin, "/api/admin/providers/found").send().await.unwrap()).await;
            assert_eq!(found["none_configured"], false);
            failed = found["failed"].clone();
            if failed != json!([]) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert_eq!(failed[0]["code"], code, "{failed}");
        assert!(!failed.to_string().contains("sk-wrong"), "{failed}");
        let models = body(app.get(&admin, "/api/models").send().await.unwrap()).await;
        assert_eq!(models["configured"], true, "only the demo is left, but a provider is configured");
    }
}

/// A provider that rejects every key, and says which.
async fn mock_refusing() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    actix_web::rt::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = tokio::io::AsyncReadExt::read(&mut connection, &mut request).await;
            let body = r#"{"error":{"message":"Incorrect API key: sk-wrong"}}"#;
            let head = format!(
                "HTTP/1.1 401 No\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
                body.len()
            );
            let answer = format!("{head}Connection: close\r\n\r\n{body}");
            let _ = tokio::io::AsyncWriteExt::write_all(&mut connection, answer.as_bytes()).await;
        }
    });
    url
}

async fn models(app: &TestApp, user: &TestUser) -> Vec<Value> {
    let models = body(app.get(user, "/api/models").send().await.unwrap()).await;
    models["models"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn configured_abilities_override_the_table() {
    let abilities = json!({
        "llm/gpt-5-mini": { "context_tokens": 1000, "prices": { "input": 0.5, "output": 1.5 } },
    });
    let app = TestApp::spawn_with(&[
        ("LLM_MODEL", "gpt-5-mini,gpt-4o,unheard-of"),
        ("MODEL_ABILITIES", &abilities.to_string()),
    ])
    .await;
    let user = app.register("ada").await;
    let models = models(&app, &user).await;
    let [mini, gpt, unheard] = models.as_slice() else { panic!("three models, not {models:?}") };
    assert_eq!(mini["context_tokens"], 1000);
    assert_eq!(mini["prices"], json!({ "input": 0.5, "output": 1.5 }));
    assert_eq!((&mini["vision"], &mini["output_tokens"]), (&json!(true), &json!(128_000)), "the table adds");
    assert_eq!(gpt["context_tokens"], 128_000);
    assert_eq!(gpt.get("prices"), None, "what somebody else than OpenAI takes is not known");
    assert_eq!(unheard.get("context_tokens"), None);
}

#[actix_web::test]
async fn the_model_lists_can_be_refreshed_once_in_ten_seconds() {
    let app = TestApp::spawn_with(&[("LLM_MODEL", "")]).await;
    let user = app.register("ada").await;
    let unknown = app.request(Method::POST, "/api/models/refresh").send().await.unwrap();
    assert_eq!(unknown.status(), 401);
    let empty = json!({});
    let refresh = || app.send(&user, Method::POST, "/api/models/refresh", &empty).send();
    let first = refresh().await.unwrap();
    assert_eq!(first.status(), 200);
    assert!(body(first).await["models"].to_string().contains("\"llm/mock\""));
    let second = refresh().await.unwrap();
    assert_eq!(second.status(), 429);
    let wait: u64 = second.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=10).contains(&wait), "{wait}");
}

#[actix_web::test]
async fn a_provider_that_hangs_delays_nobody() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", silent.local_addr().unwrap());
    let presets = json!({ "hung": { "url": url }, "down": { "url": "http://127.0.0.1:9/v1" } }).to_string();
    let app = TestApp::spawn_with(&[("LLM_MODEL", ""), ("PRESET_MODELS", &presets)]).await;
    let admin = app.register("ada").await;
    // Neither in the background nor on request.
    wait_until(&app, &admin, |found| found["failed"][0]["name"] == "down").await;
    let has_mock = |models: Vec<Value>| models.iter().any(|model| model["id"] == "llm/mock");
    assert!(has_mock(models(&app, &admin).await));
    let refreshed = app.send(&admin, Method::POST, "/api/models/refresh", &json!({})).send();
    let refreshed = tokio::time::timeout(std::time::Duration::from_secs(15), refreshed).await;
    assert_eq!(refreshed.expect("an answer before the provider's time is up").unwrap().status(), 200);
    let found = body(app.get(&admin, "/api/admin/providers/found").send().await.unwrap()).await;
    assert_eq!(found["asking"], true);
    assert_eq!(found["failed"].as_array().unwrap().len(), 1, "{found}");
}

async fn wait_until(app: &TestApp, admin: &TestUser, is_so: impl Fn(&Value) -> bool) -> Value {
    let mut found = Value::Null;
    for _ in 0..200 {
        found = body(app.get(admin, "/api/admin/providers/found").send().await.unwrap()).await;
        if is_so(&found) {
            return found;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("it never came to this: {found}");
}

#[actix_web::test]
async fn an_administrator_learns_of_an_unknown_default_model() {
    let refusing = mock_refusing().await;
    let down = json!({ "down": { "url": refusing } }).to_string();
    for (settings, unknown) in [
        (&[("LLM_MODEL", "one,two"), ("DEFAULT_MODEL", "three")][..], json!("three")),
        (&[("LLM_MODEL", ""), ("DEFAULT_MODEL", "llm/moock")], json!("llm/moock")),
        // Another provider that fails does not hide it.
        (&[("LLM_MODEL", "one"), ("DEFAULT_MODEL", "One"), ("PRESET_MODELS", &down)], json!("One")),
        (&[("LLM_MODEL", "one,two"), ("DEFAULT_MODEL", "two")], Value::Null),
        (&[("LLM_MODEL", ""), ("DEFAULT_MODEL", "mock")], Value::Null),
        // While nobody offers a model, that is what has to be mended.
        (&[("LLM_API_URL", refusing.as_str()), ("LLM_MODEL", ""), ("DEFAULT_MODEL", "three")], Value::Null),
    ] {
        let app = TestApp::spawn_with(settings).await;
        let admin = app.register("ada").await;
        let is_settled = |found: &Value| {
            let fails = settings.iter().any(|(_, value)| value.contains(&refusing));
            found["asking"] == false && fails != (found["failed"] == json!([]))
        };
        let mut found = wait_until(&app, &admin, is_settled).await;
        if !unknown.is_null() {
            found = wait_until(&app, &admin, |found| !found["unknown_default"].is_null()).await;
        }
        assert_eq!(found["unknown_default"], unknown, "{settings:?}: {found}");
        let models = body(app.get(&admin, "/api/models").send().await.unwrap()).await;
        assert!(!models.to_string().contains("three"), "others are not told: {models}");
    }
}

#[actix_web::test]
async fn an_unreachable_provider_keeps_its_models() {
    let list = kaiwa_mock_llm::MockLlm::start(kaiwa_mock_llm::Options::default()).unwrap();
    let presets = json!({ "other": { "url": list.url() } }).to_string();
    let app = TestApp::spawn_with(&[("PRESET_MODELS", &presets)]).await;
    let user = app.register("ada").await;
    let has_other =
        |models: &[Value]| models.iter().any(|model| model["id"].as_str().unwrap().starts_with("other/"));
    let mut tries = 0;
    while !has_other(&models(&app, &user).await) {
        tries += 1;
        assert!(tries < 200, "the provider's models never came");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    list.shutdown();
    let refreshed = app.send(&user, Method::POST, "/api/models/refresh", &json!({})).send().await.unwrap();
    assert_eq!(refreshed.status(), 200);
    assert!(has_other(&models(&app, &user).await));
}

#[actix_web::test]
async fn only_an_administrator_sees_found_servers() {
    let app = TestApp::spawn_with(&[("FIND_LOCAL_SERVERS", "false")]).await;
    let (administrator, other) = (app.register("ada").await, app.register("bob").await);
    let path = "/api/admin/providers/found";
    assert_eq!(app.request(Method::GET, path).send().await.unwrap().status(), 401);
    let refused = app.get(&other, path).send().await.unwrap();
    assert_eq!(refused.status(), 403);
    assert_eq!(body(refused).await["code"], "forbidden");
    let found = body(app.get(&administrator, path).send().await.unwrap()).await;
    assert_eq!(found, json!({ "servers": [], "none_configured": false, "failed": [], "asking": false }));
}

#[actix_web::test]
async fn the_administrator_learns_that_no_provider_is_configured() {
    let app =
        TestApp::spawn_with(&[("LLM_API_URL", ""), ("LLM_MODEL", ""), ("FIND_LOCAL_SERVERS", "no")]).await;
    let administrator = app.register("ada").await;
    let found = body(app.get(&administrator, "/api/admin/providers/found").send().await.unwrap()).await;
    assert_eq!(found["none_configured"], true);
}
