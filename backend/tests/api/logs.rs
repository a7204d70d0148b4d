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
}
