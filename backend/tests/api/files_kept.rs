//! Files last as long as the messages that use them.

use std::time::{Duration, SystemTime};

use image::ImageFormat;
use kaiwa_shared::{
    ClientMessageId, ConversationId, File,
    message::{Message, Part, Status},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    files::{picture, stored, upload},
    support::{Created, TestApp, TestUser, message, regenerate, within},
};

fn with_file(model: &str, text: &str, file: &File) -> Value {
    let mut body = message(model, text);
    body["content"] = json!([{ "type": "text", "text": text }, { "type": "file", "id": file.id }]);
    body
}

async fn say(app: &TestApp, user: &TestUser, body: &Value) -> Created {
    let mut events = app.say(user, body).await;
    let created = events.created().await;
    assert_eq!(events.rest().await.status, Some(Status::Complete));
    created
}

async fn questions(app: &TestApp, user: &TestUser, conversation: ConversationId) -> Vec<Message> {
    let messages = app.transcript(user, conversation).await.messages;
    messages.into_iter().filter(|message| message.model.is_none()).collect()
}

fn has(message: &Message, file: &File) -> bool {
    message.parts.contains(&Part::File(file.clone()))
}

async fn is_there(app: &TestApp, user: &TestUser, file: &File) -> bool {
    app.get(user, &format!("/api/files/{}/content", file.id)).send().await.unwrap().status() == 200
}

/// Starts the server again, which collects what nobody uses, as if all blobs were stored long ago.
async fn collect(app: TestApp) -> TestApp {
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_hours(24);
    for folder in std::fs::read_dir(app.data.path().join("files")).unwrap() {
        for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            std::fs::File::options()
                .write(true)
                .open(file.unwrap().path())
                .unwrap()
                .set_modified(long_ago)
                .unwrap();
        }
    }
    app.restart(&[]).await
}

/// Waits until the number of blobs is this.
async fn until_stored(app: &TestApp, count: usize) {
    let reached = async {
        while stored(app).len() != count {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(20), reached).await;
    waited.unwrap_or_else(|_elapsed| panic!("{} instead of {count} blobs", stored(app).len()));
}

#[actix_web::test]
async fn a_file_goes_with_the_last_message_that_uses_it() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let used = upload(&app, &user, "used.txt", b"used").await;
    let draft = upload(&app, &user, "draft.txt", b"draft").await;
    let first = say(&app, &user, &with_file("echo", "look", &used)).await;
    let path = format!("/api/conversations/{}/fork", first.conversation);
    let (status, fork) = app.ask(&user, Method::POST, &path, &json!({ "message_id": first.reply })).await;
    assert_eq!(status, 201, "{fork}");
    let fork: ConversationId = fork["id"].as_str().unwrap().parse().unwrap();
    assert!(has(&questions(&app, &user, fork).await[0], &used));
    let delete = async |app: &TestApp, id: ConversationId| {
        app.ask(&user, Method::DELETE, &format!("/api/conversations/{id}"), &Value::Null).await.0
    };
    assert_eq!(delete(&app, first.conversation).await, 204);
    let app = collect(app).await;
    assert!(is_there(&app, &user, &used).await, "the fork uses it");
    let in_use = app.ask(&user, Method::DELETE, &format!("/api/files/{}", used.id), &Value::Null).await;
    assert_eq!(in_use.0, 409);
    assert_eq!(delete(&app, fork).await, 204);
    let app = collect(app).await;
    until_stored(&app, 1).await;
    assert!(!is_there(&app, &user, &used).await);
    assert!(is_there(&app, &user, &draft).await, "a draft may still wait for its message");
}

#[actix_web::test]
async fn blobs_without_a_file_are_collected() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let file = upload(&app, &user, "photo.png", &picture(900, 20, ImageFormat::Png)).await;
    assert_eq!(stored(&app).len(), 3, "the picture, a copy for models and a thumbnail");
    let other = upload(&app, &user, "again.png", &picture(900, 20, ImageFormat::Png)).await;
    assert_eq!(stored(&app).len(), 3, "equal files are stored once");
    for (file, left) in [(file, 3), (other, 0)] {
        assert_eq!(
            app.ask(&user, Method::DELETE, &format!("/api/files/{}", file.id), &Value::Null).await.0,
            204
        );
        if left == 3 {
            assert_eq!(stored(&app).len(), 3);
        }
    }
    let app = collect(app).await;
    until_stored(&app, 0).await;
}

#[actix_web::test]
async fn regenerating_and_editing_keep_files() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let file = upload(&app, &user, "note.txt", b"remember the milk").await;
    let first = say(&app, &user, &with_file("echo", "look", &file)).await;
    let before = app.mock.request_count();
    say(&app, &user, &regenerate("echo", first.reply)).await;
    let requests = app.mock.requests();
    let asked: Vec<_> = requests.iter().skip(usize::try_from(before).unwrap().min(requests.len())).collect();
    assert!(asked.is_empty() || asked.iter().any(|seen| seen.body.to_string().contains("remember the milk")));
    // Another message under the same parent, with the same file.
    let mut edited = within(with_file("echo", "look closer", &file), first.conversation);
    edited["parent_id"] = Value::Null;
    say(&app, &user, &edited).await;
    let shown = questions(&app, &user, first.conversation).await;
    assert!(shown[0].text() == "look closer" && has(&shown[0], &file));
    // The words alone, in their place.
    let path = format!("/api/messages/{}", shown[0].id);
    let (status, message) =
        app.ask(&user, Method::PATCH, &path, &json!({ "content": "in other words" })).await;
    assert_eq!(status, 200, "{message}");
    let shown = questions(&app, &user, first.conversation).await;
    assert!(shown[0].text() == "in other words" && has(&shown[0], &file));
    let missing = json!({ "content": [{ "type": "file", "id": ClientMessageId::new() }] });
    assert_eq!(app.ask(&user, Method::PATCH, &path, &missing).await.0, 422);
}

#[actix_web::test]
async fn a_queued_message_takes_its_file_along() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let file = upload(&app, &user, "note.txt", b"remember the milk").await;
    let mut feed = app.listen(&user).await;
    let mut events = app.say(&user, &message("mock-tokens-50-rate-50", "hello")).await;
    let first = events.created().await;
    let mut queued = within(with_file("echo", "and this", &file), first.conversation);
    queued["queue"] = json!(true);
    queued["parent_id"] = json!(first.reply);
    let waiting = app.queue(&user, &queued).await;
    assert_eq!(waiting["content"][1], json!({ "type": "file", "id": file.id }));
    assert_eq!(waiting["files"][0]["name"], "note.txt");
    let transcript = app.transcript(&user, first.conversation).await;
    assert_eq!(transcript.queued.first().unwrap().files.first().unwrap().name, "note.txt");
    events.rest().await;
    for _ in 0..2 {
        feed.find(|event| matches!(event, kaiwa_shared::feed::FeedEvent::GenerationEnded(_)).then_some(()))
            .await;
    }
    let shown = questions(&app, &user, first.conversation).await;
    assert!(has(shown.last().unwrap(), &file), "{shown:?}");
    assert!(app.mock.has_seen("remember the milk"));
}

#[actix_web::test]
async fn a_temporary_conversation_has_files_of_which_no_message_is_stored() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let file = upload(&app, &user, "note.txt", b"remember the milk").await;
    let content = json!([{ "type": "file", "id": file.id }]);
    let mut first = with_file("echo", "look", &file);
    first["temporary"] = json!([]);
    say(&app, &user, &first).await;
    let mut second = message("echo", "what was it?");
    second["temporary"] = json!([
        { "author": "user", "content": content },
        { "author": "assistant", "content": "milk" },
    ]);
    say(&app, &user, &second).await;
    let requests = app.mock.requests();
    let last = requests.last().unwrap().body.to_string();
    assert!(last.contains("remember the milk") && last.contains("what was it?"), "{last}");
    let list = app.get(&user, "/api/conversations").send().await.unwrap();
    assert_eq!(crate::support::body(list).await["items"], json!([]));
    let mut missing = first.clone();
    missing["client_message_id"] = json!(ClientMessageId::new());
    missing["content"] = json!([{ "type": "file", "id": ClientMessageId::new() }]);
    assert_eq!(app.refused(&user, &missing).await, (422, "file_not_found".to_owned()));
}
