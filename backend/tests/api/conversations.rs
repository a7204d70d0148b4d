//! The list in the sidebar.

use kaiwa_shared::ConversationId;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{TestApp, TestUser, body, message};

async fn create(app: &TestApp, user: &TestUser, title: &str) -> String {
    let request = app.send(user, Method::POST, "/api/conversations", &json!({ "title": title }));
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 201);
    body(response).await["id"].as_str().unwrap().to_owned()
}

async fn titles(app: &TestApp, user: &TestUser, query: &str) -> Vec<String> {
    let list = body(app.get(user, &format!("/api/conversations{query}")).send().await.unwrap()).await;
    let items = list["items"].as_array().unwrap();
    items.iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn a_conversation_can_be_created_renamed_found_and_deleted() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let id = create(&app, &user, "Draft").await;
    let path = format!("/api/conversations/{id}");

    let renamed =
        app.send(&user, Method::PATCH, &path, &json!({ "title": "  反向代理 100%  " })).send().await.unwrap();
    assert_eq!(renamed.status(), 200);
    assert_eq!(body(renamed).await["title"], "反向代理 100%");
    assert_eq!(titles(&app, &user, "?q=%E4%BB%A3%E7%90%86").await, ["反向代理 100%"]);
    assert_eq!(titles(&app, &user, "?q=100%25").await, ["反向代理 100%"]);
    assert!(titles(&app, &user, "?q=1_0").await.is_empty(), "an underscore is not a wildcard");

    let deleted = app.send(&user, Method::DELETE, &path, &json!({})).send().await.unwrap();
    assert_eq!(deleted.status(), 204);
    assert_eq!(app.get(&user, &path).send().await.unwrap().status(), 404);
    assert_eq!(app.get(&user, &format!("{path}/messages")).send().await.unwrap().status(), 404);
}

#[actix_web::test]
async fn the_pages_of_the_list_have_no_gaps() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    for n in 0..7 {
        create(&app, &user, &format!("c{n}")).await;
    }
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let page =
            body(app.get(&user, &format!("/api/conversations?limit=3{after}")).send().await.unwrap()).await;
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 3);
        seen.extend(items.iter().map(|item| item["title"].as_str().unwrap().to_owned()));
        match page.get("next").and_then(Value::as_str) {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ["c6", "c5", "c4", "c3", "c2", "c1", "c0"]);
}

#[actix_web::test]
async fn a_title_from_the_user_is_never_overwritten() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let id = create(&app, &user, "Mine").await;
    let mut first = message("mock-tokens-5-rate-0", "a question");
    first["conversation_id"] = json!(id);
    app.say(&user, &first).await.rest().await;
    assert_eq!(titles(&app, &user, "").await, ["Mine"]);
}

#[actix_web::test]
async fn users_cannot_see_or_change_the_conversations_of_others() {
    let app = TestApp::spawn().await;
    let ada = app.register("ada").await;
    let eve = app.register("eve").await;
    let id = create(&app, &ada, "Private").await;
    let path = format!("/api/conversations/{id}");
    assert!(titles(&app, &eve, "").await.is_empty());
    let foreign = app.get(&eve, &path).send().await.unwrap();
    assert_eq!(foreign.status(), 404);
    let missing =
        app.get(&eve, &format!("/api/conversations/{}", ConversationId::new())).send().await.unwrap();
    let without_id = |mut value: Value| {
        value.as_object_mut().unwrap().remove("request_id");
        value
    };
    assert_eq!(without_id(body(foreign).await), without_id(body(missing).await));
    for (method, change) in [(Method::PATCH, json!({ "title": "Stolen" })), (Method::DELETE, json!({}))] {
        assert_eq!(app.send(&eve, method, &path, &change).send().await.unwrap().status(), 404);
    }
    let mut intrusion = message("mock", "let me in");
    intrusion["conversation_id"] = json!(id);
    assert_eq!(
        app.send(&eve, Method::POST, "/api/chat/stream", &intrusion).send().await.unwrap().status(),
        404
    );
    assert_eq!(titles(&app, &ada, "").await, ["Private"]);
}

#[actix_web::test]
async fn deleting_a_conversation_stops_its_reply() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message("mock-tokens-2000-rate-200", "long")).await;
    let created = events.created().await;
    events.next().await.expect("the provider to have begun");
    let path = format!("/api/conversations/{}", created.conversation);
    assert_eq!(app.send(&user, Method::DELETE, &path, &json!({})).send().await.unwrap().status(), 204);
    events.rest().await;
    app.provider_saw_aborted(1).await;
    assert!(titles(&app, &user, "").await.is_empty(), "nothing comes back to life");
}

#[actix_web::test]
async fn an_invalid_title_or_limit_is_reported() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let id = create(&app, &user, "Draft").await;
    for title in [String::new(), "x".repeat(201), "a\nb".to_owned()] {
        let path = format!("/api/conversations/{id}");
        let response =
            app.send(&user, Method::PATCH, &path, &json!({ "title": title })).send().await.unwrap();
        assert_eq!(response.status(), 422);
        assert_eq!(body(response).await.pointer("/errors/0/field").unwrap(), "title");
    }
    for query in ["?limit=0", "?limit=101", "?limit=many", "?user_id=1"] {
        let response = app.get(&user, &format!("/api/conversations{query}")).send().await.unwrap();
        assert_eq!(response.status(), 422, "{query}");
    }
}
