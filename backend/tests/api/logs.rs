//! The log lines of a request.

use reqwest::Method;
use serde_json::{Value, json};

use crate::program::Program;

#[actix_web::test]
async fn a_line_within_a_request_carries_its_span() {
    let program = Program::spawn(&[("LOG_FORMAT", "json")]);
    let guess = json!({ "login": "nobody", "password": "a wrong guess" });
    let response = program.post("/api/auth/login", &guess).await;
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
    let program = Program::spawn(&[("LOG_FORMAT", "json")]);
    for method in ["SECRETWORD", "get", "PROPFIND"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        assert_eq!(program.request(method, "/api/models").send().await.unwrap().status(), 405);
    }
    let log = program.kill().join("\n");
    assert!(log.contains("(other)"), "{log}");
    for method in ["SECRETWORD", "\"get\"", "PROPFIND"] {
        assert!(!log.contains(method), "{log}");
    }
}

#[actix_web::test]
async fn an_ignored_forwarded_header_is_reported_once() {
    let chain = ("x-forwarded-for", "203.0.113.1, 198.51.100.7");
    for (variables, headers, warned) in [
        (vec![], vec![("x-forwarded-for", "198.51.100.7"), chain], true),
        (vec![("TRUSTED_PROXIES", "10.0.0.1")], vec![("x-forwarded-proto", "https"), chain], true),
        (vec![("TRUSTED_PROXIES", "127.0.0.1,198.51.100.7")], vec![chain], false),
    ] {
        let program = Program::spawn(&variables);
        for (name, value) in headers.iter().cycle().take(6) {
            let request = program.request(Method::GET, "/health").header(*name, *value);
            assert_eq!(request.send().await.unwrap().status(), 200);
        }
        let log = program.kill();
        let count = log.iter().filter(|line| line.contains("TRUSTED_PROXIES")).count();
        assert_eq!(count, usize::from(warned), "{variables:?} {headers:?}: {log:#?}");
    }
}

#[actix_web::test]
async fn an_unknown_default_model_is_reported_at_start() {
    let mut program = Program::spawn(&[("DEFAULT_MODEL", "nonsense")]);
    let line = program.wait_for_line("DEFAULT_MODEL names a model that no provider offers");
    assert!(line.contains("nonsense") && line.contains("llm/mock-tokens-2000-rate-200"), "{line}");
}
