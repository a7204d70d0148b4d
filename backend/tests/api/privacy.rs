//! Privacy of the log: it never contains what users or models said.

use kaiwa_mock_llm::MockLlm;
use reqwest::Method;
use serde_json::json;

use crate::{
    program::Program,
    support::{PASSWORD, body, message},
};

#[actix_web::test]
async fn the_log_contains_no_content_and_no_secret() {
    let mock = MockLlm::start(kaiwa_mock_llm::Options::default()).unwrap();
    let data = tempfile::tempdir().unwrap();
    let variables = [
        ("LOG_LEVEL", "trace"),
        ("LLM_MODEL", "echo,mock-error-500,mock-cut-2"),
        ("LLM_API_KEY", "sk-canary-key"),
        ("JWT_SECRET", "kRk8p3V1sJm0bZq7xT5yW2nE4uH6cL9d"),
        ("APP_MODE", "multi"),
    ];
    let program = Program::start(data.path(), &mock, &variables);
    let account = json!({ "email": "canary@example.org", "password": PASSWORD });
    let session = body(program.post("/api/auth/register", &account).await).await;
    let user = crate::support::user_of(&session);
    for model in ["echo", "mock-error-500", "mock-cut-2"] {
        program.say(&user, &message(model, "canary words that nobody may log")).await.rest().await;
    }
    program
        .post("/api/auth/login", &json!({ "login": "canary@example.org", "password": "canary guess" }))
        .await;
    program
        .send(&user, Method::POST, "/api/conversations", &json!({ "title": "canary title" }))
        .send()
        .await
        .unwrap();
    let prompt = json!({ "name": "canary name", "text": "canary text" });
    program.send(&user, Method::POST, "/api/prompts", &prompt).send().await.unwrap();
    program.get(&user, "/api/conversations?q=canary").send().await.unwrap();
    program.get(&user, "/api/canary/path").send().await.unwrap();

    let log = program.kill().join("\n");
    assert!(log.contains("/api/chat/stream"), "the log tells which routes were used: {log}");
    for secret in ["canary", PASSWORD, user.token.as_str(), "kRk8p3V1sJm0bZq7xT5yW2nE4uH6cL9d"] {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
}
