//! The log lines of a request.

use kaiwa_mock_llm::MockLlm;
use serde_json::{Value, json};

use crate::{program::Program, support::TestApp};

#[actix_web::test]
async fn a_line_within_a_request_carries_its_span() {
    let helper = TestApp::spawn().await;
    let mock = MockLlm::start(kaiwa_mock_llm::Options::default()).unwrap();
    let data = tempfile::tempdir().unwrap();
    let program = Program::start(data.path(), &mock, &[("LOG_FORMAT", "json")]);
    let app = helper.at(&program.base);
    let guess = json!({ "login": "nobody", "password": "a wrong guess" });
    let response = app.post("/api/auth/login", &guess).await;
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();

    let log: Vec<Value> = program.kill().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let line = |message: &str| {
        log.iter().find(|line| line["fields"]["message"] == message).unwrap_or_else(|| panic!("{log:#?}"))
    };
    let span = &line("a sign-in failed")["span"];
    assert_eq!(span["name"], "request");
    assert_eq!((&span["request_id"], &span["method"]), (&json!(id), &json!("POST")));
    assert_eq!(span["route"], "/api/auth/login");
    // The request's own line has all fields at the top and no span, as before.
    let request = line("request");
    assert_eq!((&request["fields"]["request_id"], &request["fields"]["status"]), (&json!(id), &json!(401)));
    assert!(request.get("span").is_none(), "{request}");
    assert!(log.iter().all(|line| line.get("spans").is_none()), "the span is there only once: {log:#?}");
}

#[actix_web::test]
async fn an_invented_method_is_not_logged() {
    let helper = TestApp::spawn().await;
    let mock = MockLlm::start(kaiwa_mock_llm::Options::default()).unwrap();
    let data = tempfile::tempdir().unwrap();
    let program = Program::start(data.path(), &mock, &[("LOG_FORMAT", "json")]);
    let app = helper.at(&program.base);
    for method in ["SECRETWORD", "get", "PROPFIND"] {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        assert_eq!(app.request(method, "/api/models").send().await.unwrap().status(), 405);
    }
    let log = program.kill().join("\n");
    assert!(log.contains("(other)"), "{log}");
    for method in ["SECRETWORD", "\"get\"", "PROPFIND"] {
        assert!(!log.contains(method), "{log}");
    }
}

#[actix_web::test]
async fn an_ignored_forwarded_header_is_reported_once() {
    let helper = TestApp::spawn().await;
    let mock = MockLlm::start(kaiwa_mock_llm::Options::default()).unwrap();
    let chain = ("x-forwarded-for", "203.0.113.1, 198.51.100.7");
    for (variables, header, warned) in [
        (vec![], chain, true),
        (vec![("TRUSTED_PROXIES", "10.0.0.1")], ("x-forwarded-for", "198.51.100.7"), true),
        (vec![("TRUSTED_PROXIES", "10.0.0.1")], ("x-forwarded-proto", "https"), true),
        (vec![("TRUSTED_PROXIES", "127.0.0.1,198.51.100.7")], chain, false),
        (vec![], ("x-forwarded-for", "198.51.100.7"), false),
    ] {
        let data = tempfile::tempdir().unwrap();
        let program = Program::start(data.path(), &mock, &variables);
        for _ in 0..3 {
            let request = helper.http().get(format!("{}/health", program.base)).header(header.0, header.1);
            assert_eq!(request.send().await.unwrap().status(), 200);
        }
        let log = program.kill();
        let count = log.iter().filter(|line| line.contains("TRUSTED_PROXIES")).count();
        assert_eq!(count, usize::from(warned), "{variables:?} {header:?}: {log:#?}");
    }
}

#[actix_web::test]
async fn an_unknown_default_model_is_reported_at_start() {
    let helper = TestApp::spawn().await;
    let mock = MockLlm::start(kaiwa_mock_llm::Options::default()).unwrap();
    let mut app = helper;
    for (model, is_known) in [
        ("nonsense", false),
        ("llm/nonsense", false),
        ("openai/mock-tokens-2000-rate-200", false),
        ("mock-tokens-2000-rate-200", true),
        ("llm/mock-tokens-2000-rate-200", true),
    ] {
        let data = tempfile::tempdir().unwrap();
        let program = Program::start(data.path(), &mock, &[("DEFAULT_MODEL", model)]);
        app = app.at(&program.base);
        let user = app.register("ada").await;
        assert_eq!(app.get(&user, "/api/models").send().await.unwrap().status(), 200);
        let log = program.kill().join("\n");
        assert_eq!(log.contains("DEFAULT_MODEL names"), !is_known, "{model}: {log}");
    }
}
