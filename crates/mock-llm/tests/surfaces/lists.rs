//! Lists of models, and who may read them.

use kaiwa_mock_llm::{MockLlm, Options};
use serde_json::json;

use crate::{PROTOCOLS, ask, call, client::Answer, question, start};

fn get(mock: &MockLlm, path: &str, headers: &str) -> Answer {
    call(mock, "GET", path, headers, "")
}

#[test]
fn each_protocol_lists_the_same_models_in_its_own_way() {
    let mock = start();
    let openai = get(&mock, "/v1/models", "").json();
    let count = openai["data"].as_array().unwrap().len();
    assert_eq!((&openai["object"], &openai["data"][0]["id"]), (&json!("list"), &json!("mock")));
    let anthropic = get(&mock, "/v1/models", "anthropic-version: 2023-06-01\r\n").json();
    assert_eq!((&anthropic["has_more"], &anthropic["data"][0]["type"]), (&json!(false), &json!("model")));
    let gemini = get(&mock, "/v1beta/models", "").json();
    assert_eq!(gemini["models"][0]["name"], "models/mock");
    let ollama = get(&mock, "/api/tags", "").json();
    assert_eq!(ollama["models"][0]["model"], "mock:latest");
    for list in [&anthropic["data"], &gemini["models"], &ollama["models"]] {
        assert_eq!(list.as_array().unwrap().len(), count);
    }
    assert_eq!(get(&mock, "/v1/models/mock-cut-3", "").json()["id"], "mock-cut-3");
    assert_eq!(get(&mock, "/v1beta/models/mock", "").json()["name"], "models/mock");
    let show = |model: &str| call(&mock, "POST", "/api/show", "", &json!({ "model": model }).to_string());
    assert!(show("mock:latest").json()["capabilities"].as_array().unwrap().contains(&json!("thinking")));
    assert_eq!(show("llama3").status, 404);
    assert_eq!(mock.request_count(), 0);
}

#[test]
fn each_protocol_requires_its_key() {
    let mock = MockLlm::start(Options { api_key: Some("secret-key".into()), ..Options::default() }).unwrap();
    for protocol in PROTOCOLS {
        assert_eq!(ask(&mock, protocol, "mock-tokens-1", false).status, 200, "{protocol}");
        let (path, headers, body) = question(protocol, "mock-tokens-1", false);
        let wrong = headers.replace("secret-key", "other-key");
        assert_eq!(call(&mock, "POST", &path, &wrong, &body.to_string()).status, 401, "{protocol}");
        let version = "anthropic-version: 2023-06-01\r\n";
        assert_eq!(call(&mock, "POST", &path, version, &body.to_string()).status, 401, "{protocol}");
    }
    for path in ["/v1/models", "/v1beta/models", "/api/tags"] {
        assert_eq!(get(&mock, path, "").status, 401, "{path}");
    }
    assert_eq!(get(&mock, "/v1beta/models?key=secret-key", "").status, 200);
}
