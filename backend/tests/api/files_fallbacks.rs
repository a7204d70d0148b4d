//! Which of a message's files a fallback model receives, and in which form.

use image::ImageFormat;
use kaiwa_mock_llm::MockLlm;
use kaiwa_shared::{File, message::Status};
use serde_json::{Value, json};

use crate::{
    files::{picture, upload},
    files_documents::{docx, pdf},
    support::{Collected, TestApp, TestUser, message},
};

/// Reads PDF documents itself and fails.
const PRIMARY: &str = "claude/mock-error-401-claude";
/// Reads them itself.
const NATIVE: &str = "responses/echo-rate-0";
/// Gets their text.
const PLAIN: &str = "chat/echo-rate-0";
/// Cannot see.
const BLIND: &str = "blind/echo-rate-0";

const SCANNED: &[u8] = b"%PDF-1.4\ntrailer<</Root 1 0 R>>\n%%EOF\n";

/// A server whose model that always fails has these fallbacks.
async fn app(fallbacks: &[&str]) -> (TestApp, TestUser, MockLlm) {
    let mock = MockLlm::start(kaiwa_mock_llm::Options::default()).unwrap();
    let root = format!("http://{}/v1", mock.address());
    let preset = |protocol: &str, model: &str| json!({ "url": root, "model": model, "protocol": protocol });
    let presets = json!({
        "claude": preset("anthropic", "mock-error-401-claude"),
        "responses": preset("responses", "echo-rate-0"),
        "chat": preset("openai", "echo-rate-0"),
        "blind": preset("openai", "echo-rate-0"),
    });
    let abilities = json!({ BLIND: { "vision": false } }).to_string();
    let fallbacks = json!({ PRIMARY: fallbacks }).to_string();
    let app = TestApp::spawn_with(&[
        ("PRESET_MODELS", &presets.to_string()),
        ("MODEL_ABILITIES", &abilities),
        ("MODEL_FALLBACKS", &fallbacks),
    ])
    .await;
    let user = app.register("ada").await;
    (app, user, mock)
}

/// A message to the model that fails, with this file.
fn asking(file: &File, temporary: bool) -> Value {
    let mut body = message("", "");
    body["model"] = json!(PRIMARY);
    body["content"] =
        json!([{ "type": "file", "id": file.id }, { "type": "text", "text": "what is it about?" }]);
    if temporary {
        body["temporary"] = json!([]);
    }
    body
}

async fn say(app: &TestApp, user: &TestUser, body: &Value) -> Collected {
    let mut events = app.say(user, body).await;
    events.created().await;
    events.rest().await
}

/// The request that the provider received for the model `of`.
fn sent_to(mock: &MockLlm, of: &str) -> Option<String> {
    let (provider, model) = of.split_once('/').unwrap();
    let is_plain = provider != "responses";
    let requests = mock.requests();
    let mut bodies = requests.iter().map(|seen| &seen.body).filter(|body| body["model"] == model);
    bodies
        .find(|body| {
            body.get("messages").is_some() == is_plain && !body.to_string().contains("Write a title")
        })
        .map(ToString::to_string)
}

#[actix_web::test]
async fn a_fallback_gets_every_file_in_a_form_that_it_takes() {
    let photo = picture(40, 30, ImageFormat::Png);
    let (paper, office) = (pdf("A page that remembers the milk"), docx("A note that remembers the milk"));
    let text = r#"<file name=\"a\">"#;
    for (what, bytes, fallback, mark) in [
        ("picture", photo.as_slice(), PLAIN, r#""image_url":{"url":"data:image/jpeg;base64,"#),
        ("picture", photo.as_slice(), NATIVE, r#""image_url":"data:image/jpeg;base64,"#),
        ("document", paper.as_slice(), PLAIN, "A page that remembers the milk"),
        ("document", paper.as_slice(), BLIND, "A page that remembers the milk"),
        ("document", paper.as_slice(), NATIVE, "data:application/pdf;base64,"),
        ("office document", office.as_slice(), PLAIN, "A note that remembers the milk"),
        ("office document", office.as_slice(), NATIVE, "A note that remembers the milk"),
        ("text", b"Plain words.".as_slice(), PLAIN, text),
        ("text", b"Plain words.".as_slice(), BLIND, text),
    ] {
        for temporary in [false, true] {
            let (app, user, mock) = app(&[fallback]).await;
            let file = upload(&app, &user, "a", bytes).await;
            let reply = say(&app, &user, &asking(&file, temporary)).await;
            assert_eq!(reply.status, Some(Status::Complete), "{what}, {fallback}: {:?}", reply.error());
            let sent = sent_to(&mock, fallback).unwrap();
            assert!(sent.contains(mark), "{what}, {fallback}: {sent}");
        }
    }
}

#[actix_web::test]
async fn a_fallback_that_cannot_read_a_file_is_passed_over() {
    let photo = picture(40, 30, ImageFormat::Png);
    for (what, bytes, unable, able, mark) in [
        ("picture", photo.as_slice(), BLIND, PLAIN, "data:image/jpeg;base64,"),
        ("scanned document", SCANNED, PLAIN, NATIVE, "data:application/pdf;base64,"),
        ("scanned document", SCANNED, BLIND, NATIVE, "data:application/pdf;base64,"),
    ] {
        for temporary in [false, true] {
            let (app, user, mock) = app(&[unable, able]).await;
            let file = upload(&app, &user, "a", bytes).await;
            let reply = say(&app, &user, &asking(&file, temporary)).await;
            assert_eq!(reply.status, Some(Status::Complete), "{what}: {:?}", reply.error());
            assert!(sent_to(&mock, able).unwrap().contains(mark), "{what}");

            let (app, user, mock) = self::app(&[unable]).await;
            let file = upload(&app, &user, "a", bytes).await;
            let reply = say(&app, &user, &asking(&file, temporary)).await;
            assert_eq!(reply.status, Some(Status::Failed), "{what}");
            assert_eq!(sent_to(&mock, unable), None, "{what}: nobody answers without the file");
        }
    }
}
