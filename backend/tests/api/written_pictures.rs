//! Pictures that a model writes into its reply as data.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use image::ImageFormat;
use kaiwa_shared::{
    ConversationId,
    message::{Message, Status},
    stream::StreamEvent,
};
use serde_json::json;

use crate::{
    files::{picture, upload},
    support::{Collected, TestApp, TestUser, message, within},
};

const ECHO: &str = "echo-rate-0";

fn data_url(format: ImageFormat) -> String {
    let name = format.extensions_str().first().unwrap();
    format!("data:image/{name};base64,{}", STANDARD.encode(picture(60, 40, format)))
}

/// The text of the stored reply to this text, which the model repeats, and what the reader saw.
async fn reply_to(app: &TestApp, user: &TestUser, text: &str) -> (ConversationId, Message, Collected) {
    let mut events = app.say(user, &message(ECHO, text)).await;
    let conversation = events.created().await.conversation;
    let seen = events.rest().await;
    assert_eq!(seen.status, Some(Status::Complete), "{:?}", seen.error());
    let stored = app.transcript(user, conversation).await.messages.pop().unwrap();
    (conversation, stored, seen)
}

/// The addresses of files in a text.
fn addresses(text: &str) -> Vec<String> {
    let starts = text.match_indices("/api/files/").map(|(at, _)| at);
    starts.map(|at| text[at..].split(')').next().unwrap().to_owned()).collect()
}

async fn status(app: &TestApp, user: &TestUser, path: &str) -> u16 {
    app.get(user, path).send().await.unwrap().status().as_u16()
}

#[actix_web::test]
async fn pictures_in_a_reply_become_files() {
    let app = TestApp::spawn_with(&[("LLM_MODEL", ECHO)]).await;
    let user = app.register("ada").await;
    let formats = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif];
    let pictures: Vec<String> =
        formats.map(|format| format!("![猫 {format:?}]({})", data_url(format))).into();
    let text = format!("Look:\n\n{}\n\nThat is all.", pictures.join("\n\n- "));
    let (conversation, stored, seen) = reply_to(&app, &user, &text).await;
    let shown = stored.text();
    assert!(!shown.contains("base64"), "{shown}");
    assert!(shown.starts_with("Look:\n\n![猫 Png](/api/files/") && shown.ends_with("\n\nThat is all."));
    assert_eq!(shown.matches("/content#60x40)").count(), 4, "{shown}");
    assert_eq!(seen.text(), shown, "a page that follows the reply shows the same text");
    let addresses = addresses(&shown);
    assert_eq!(addresses.len(), 4);
    let other = app.register("bob").await;
    for address in &addresses {
        let content = app.get(&user, address).send().await.unwrap();
        assert_eq!(content.status(), 200, "{address}");
        assert!(content.headers()["content-type"].to_str().unwrap().starts_with("image/"));
        assert_eq!(status(&app, &other, address).await, 404);
    }
    // The next request has them once, in what the user wrote.
    let again = within(message(ECHO, "And now?"), conversation);
    app.say(&user, &again).await.rest().await;
    let requests = app.mock.requests();
    let sent =
        requests.iter().map(|seen| seen.body.to_string()).rfind(|body| body.contains("And now?")).unwrap();
    assert_eq!(sent.matches(";base64,").count(), 4);
    assert_eq!(sent.matches("/api/files/").count(), 4);
}

#[actix_web::test]
async fn what_is_not_a_picture_stays_as_it_was_written() {
    let app = TestApp::spawn_with(&[("LLM_MODEL", ECHO)]).await;
    let user = app.register("ada").await;
    let png = data_url(ImageFormat::Png);
    let cut = &png[..png.len() / 2 / 4 * 4 + 2];
    for text in [
        "![broken](data:image/png;base64,AAAA)".to_owned(),
        "![not base64](data:image/png;base64,A*A=)".to_owned(),
        format!("![cut]({cut})"),
        format!("![text](data:image/png;base64,{})", STANDARD.encode("only words")),
        format!(
            "![drawing](data:image/svg+xml;base64,{})",
            STANDARD.encode("<svg xmlns='http://www.w3.org/2000/svg'/>")
        ),
        format!("`![code]({png})`"),
        format!("```html\n<img src=\"{png}\">\n```"),
        format!("[link]({png})"),
    ] {
        let (_, stored, _) = reply_to(&app, &user, &text).await;
        assert_eq!(stored.text(), text);
    }
}

#[actix_web::test]
async fn what_a_person_typed_is_not_changed_and_temporary_conversations_store_nothing() {
    let app = TestApp::spawn_with(&[("LLM_MODEL", ECHO)]).await;
    let user = app.register("ada").await;
    let text = format!("![mine]({})", data_url(ImageFormat::Png));
    let (conversation, _, _) = reply_to(&app, &user, &text).await;
    let asked = app.transcript(&user, conversation).await.messages.swap_remove(0);
    assert_eq!(asked.text(), text);

    let mut temporary = message(ECHO, &text);
    temporary["temporary"] = json!([]);
    let mut events = app.say(&user, &temporary).await;
    let mut said = String::new();
    while let Some((_, event)) = events.next().await {
        if let StreamEvent::Delta(delta) = event {
            said.push_str(&delta.text);
        }
    }
    assert_eq!(said, text);
}

#[actix_web::test]
async fn pictures_beyond_the_quota_stay_in_the_text() {
    let app = TestApp::spawn_with(&[("LLM_MODEL", ECHO), ("FILE_QUOTA_MB", "1")]).await;
    let user = app.register("ada").await;
    upload(&app, &user, "large.txt", &vec![b'a'; 1024 * 1024 - 100]).await;
    let text = format!("![one more]({})", data_url(ImageFormat::Png));
    let (_, stored, _) = reply_to(&app, &user, &text).await;
    assert_eq!(stored.text(), text);
}
