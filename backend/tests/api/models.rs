//! The models that can be chosen.

use serde_json::json;

use crate::support::{TestApp, body, message};

#[actix_web::test]
async fn the_configured_models_are_offered_and_the_default_is_marked() {
    let app = TestApp::spawn_with(&[("LLM_MODEL", "one, two"), ("DEFAULT_MODEL", "two")]).await;
    let user = app.register("ada").await;
    let models = body(app.get(&user, "/api/models").send().await.unwrap()).await;
    let ids: Vec<_> =
        models["models"].as_array().unwrap().iter().map(|model| model["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["llm/one", "llm/two"]);
    assert_eq!(models["default"], "llm/two");
}

#[actix_web::test]
async fn without_a_provider_the_demonstration_answers_and_says_that_it_is_one() {
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
async fn a_provider_that_names_no_models_is_asked_for_its_list() {
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
