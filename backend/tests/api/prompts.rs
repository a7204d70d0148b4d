//! Saved prompts over HTTP.

use kaiwa_shared::feed::FeedEvent;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{TestApp, TestUser, body};

const PATH: &str = "/api/prompts";

async fn create(app: &TestApp, user: &TestUser, name: &str, text: &str) -> Value {
    let (status, prompt) = app.ask(user, Method::POST, PATH, &json!({ "name": name, "text": text })).await;
    assert_eq!(status, 201, "{prompt}");
    prompt
}

async fn list(app: &TestApp, user: &TestUser) -> Value {
    body(app.get(user, PATH).send().await.unwrap()).await["prompts"].take()
}

#[actix_web::test]
async fn prompts_are_saved_changed_and_deleted_and_other_pages_hear_of_it() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    assert_eq!(list(&app, &user).await, json!([]));
    let mut feed = app.listen(&user).await;
    let review = create(&app, &user, "  Review ", "Review {{code}}.\n").await;
    assert_eq!((&review["name"], &review["text"]), (&json!("Review"), &json!("Review {{code}}.\n")));
    assert_eq!(feed.next().await, Some(FeedEvent::PromptsChanged));
    let daily = create(&app, &user, "日报", "写日报").await;
    assert_eq!(feed.next().await, Some(FeedEvent::PromptsChanged));
    assert_eq!(list(&app, &user).await, json!([review, daily]));

    let path = format!("{PATH}/{}", review["id"].as_str().unwrap());
    let (status, renamed) = app.ask(&user, Method::PATCH, &path, &json!({ "name": "review" })).await;
    assert_eq!((status, &renamed["name"], &renamed["text"]), (200, &json!("review"), &review["text"]));
    assert_eq!(feed.next().await, Some(FeedEvent::PromptsChanged));
    let (status, changed) = app.ask(&user, Method::PATCH, &path, &json!({ "text": "Check." })).await;
    assert_eq!((status, &changed["name"], &changed["text"]), (200, &json!("review"), &json!("Check.")));
    assert_eq!(feed.next().await, Some(FeedEvent::PromptsChanged));
    let (status, _) = app.ask(&user, Method::DELETE, &path, &json!({})).await;
    assert_eq!(status, 204);
    assert_eq!(feed.next().await, Some(FeedEvent::PromptsChanged));
    assert_eq!(list(&app, &user).await, json!([daily]));
}

#[actix_web::test]
async fn prompts_that_cannot_be_saved_are_refused() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let taken = create(&app, &user, "Übersetzen", "one").await;
    let other = create(&app, &user, "other", "two").await;
    let path = format!("{PATH}/{}", other["id"].as_str().unwrap());
    let long = "名".repeat(65);
    let large = "x".repeat(16 * 1024 + 1);
    for (prompt, status, field, code) in [
        (json!({ "name": "", "text": "a" }), 422, "name", "required"),
        (json!({ "name": " \t ", "text": "a" }), 422, "name", "required"),
        (json!({ "name": long, "text": "a" }), 422, "name", "too_long"),
        (json!({ "name": "a\nb", "text": "a" }), 422, "name", "malformed"),
        (json!({ "name": "a\u{0}b", "text": "a" }), 422, "name", "malformed"),
        (json!({ "name": "a", "text": "" }), 422, "text", "required"),
        (json!({ "name": "a", "text": " \n" }), 422, "text", "required"),
        (json!({ "name": "a", "text": large }), 422, "text", "too_long"),
        (json!({ "name": "a", "text": "a\u{0}b" }), 422, "text", "malformed"),
        (json!({ "name": "übersetzen", "text": "a" }), 409, "name", "taken"),
        (json!({ "name": " ÜBERSETZEN ", "text": "a" }), 409, "name", "taken"),
    ] {
        for (method, path) in [(Method::POST, PATH), (Method::PATCH, &path)] {
            let (found, problem) = app.ask(&user, method.clone(), path, &prompt).await;
            let fault = &problem["errors"][0];
            assert_eq!(
                (found, &fault["field"], &fault["code"]),
                (status, &json!(field), &json!(code)),
                "{method} {problem}"
            );
        }
    }
    let (status, problem) = app.ask(&user, Method::POST, PATH, &json!({ "name": "", "text": "" })).await;
    assert_eq!((status, problem["errors"].as_array().map(Vec::len)), (422, Some(2)), "{problem}");
    for incomplete in
        [json!({ "name": "a" }), json!({ "text": "a" }), json!({ "name": "a", "text": "a", "b": 1 })]
    {
        let (status, problem) = app.ask(&user, Method::POST, PATH, &incomplete).await;
        assert_eq!(status, 422, "{problem}");
    }
    create(&app, &user, &"名".repeat(64), &"x".repeat(16 * 1024)).await;
    let listed = list(&app, &user).await;
    assert_eq!(listed.as_array().unwrap().len(), 3);
    assert!(listed.as_array().unwrap().contains(&taken) && listed.as_array().unwrap().contains(&other));
}

#[actix_web::test]
async fn an_account_can_save_a_limited_number_of_prompts() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let names: Vec<String> = (0..200).map(|n| format!("prompt {n}")).collect();
    futures_util::future::join_all(names.iter().map(|name| create(&app, &user, name, "text"))).await;
    let (status, problem) = app.ask(&user, Method::POST, PATH, &json!({ "name": "a", "text": "a" })).await;
    assert_eq!((status, &problem["code"]), (409, &json!("too_many_prompts")));
}

#[actix_web::test]
async fn prompts_of_others_look_as_if_they_did_not_exist() {
    let app = TestApp::spawn().await;
    let (ada, eve) = (app.register("ada").await, app.register("eve").await);
    let prompt = create(&app, &ada, "Secret", "Nobody else reads this.").await;
    let mut feed = app.listen(&eve).await;
    assert_eq!(list(&app, &eve).await, json!([]));
    let own = format!("{PATH}/{}", prompt["id"].as_str().unwrap());
    let unknown = format!("{PATH}/0198a0b0-0000-7000-8000-000000000000");
    for (method, change) in [(Method::PATCH, json!({ "text": "Mine." })), (Method::DELETE, json!({}))] {
        let mut problems = Vec::new();
        for path in [&own, &unknown, &format!("{PATH}/nonsense")] {
            let (status, mut problem) = app.ask(&eve, method.clone(), path, &change).await;
            problem["request_id"].take();
            problems.push((status, problem));
        }
        assert_eq!(problems[0].0, 404);
        assert!(problems.iter().all(|problem| *problem == problems[0]), "{problems:?}");
    }
    assert_eq!(list(&app, &ada).await, json!([prompt]));
    create(&app, &eve, "secret", "The name is free in another account.").await;
    assert_eq!(
        feed.next().await,
        Some(FeedEvent::PromptsChanged),
        "the first thing that Eve hears is her own"
    );
    assert_eq!(app.request(Method::GET, PATH).send().await.unwrap().status(), 401);
}
