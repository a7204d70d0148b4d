//! Files in messages, and what models get of them.

use image::ImageFormat;
use kaiwa_mock_llm::MockLlm;
use kaiwa_shared::{ConversationId, File, FileId, feed::FeedEvent, message::Status};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    files::{picture, upload},
    support::{Collected, TestApp, TestUser, body, message, within},
};

/// The name of each provider, its protocol, the path below the mock's root, and the model.
const PROVIDERS: [(&str, &str, &str, &str); 7] = [
    ("chat", "openai", "/v1", "echo-rate-0"),
    ("router", "openrouter", "/v1", "echo-rate-0"),
    ("responses", "responses", "/v1", "echo-rate-0"),
    ("claude", "anthropic", "/v1", "echo-rate-0-claude"),
    ("imitation", "anthropic", "/v1", "echo-rate-0"),
    ("gemini", "gemini", "/v1beta", "echo-rate-0"),
    ("blind", "openai", "/v1", "echo-rate-0"),
];

/// A model of each provider that says little, whatever it gets.
const TERSE: &str = "mock-tokens-1-rate-0";

/// A server with one provider for each protocol, and one that cannot see.
async fn app() -> (TestApp, TestUser, MockLlm) {
    let mock = MockLlm::start(kaiwa_mock_llm::Options::default()).unwrap();
    let root = format!("http://{}", mock.address());
    let mut presets = serde_json::Map::new();
    for (name, protocol, path, model) in PROVIDERS {
        let models = format!("{model},{TERSE}");
        let preset = json!({ "url": format!("{root}{path}"), "model": models, "protocol": protocol });
        presets.insert(name.to_owned(), preset);
    }
    let presets = Value::Object(presets).to_string();
    let abilities = json!({ (model_of("blind")): { "vision": false } }).to_string();
    let app = TestApp::spawn_with(&[("PRESET_MODELS", &presets), ("MODEL_ABILITIES", &abilities)]).await;
    let user = app.register("ada").await;
    (app, user, mock)
}

fn model_of(provider: &str) -> String {
    let (_, _, _, model) = PROVIDERS.iter().find(|(name, ..)| *name == provider).unwrap();
    format!("{provider}/{model}")
}

/// A message to this provider with these files and then a text.
fn saying(provider: &str, files: &[&File], text: &str) -> Value {
    let mut body = message("", text);
    body["model"] = json!(model_of(provider));
    let files = files.iter().map(|file| json!({ "type": "file", "id": file.id }));
    let parts: Vec<Value> = files.chain([json!({ "type": "text", "text": text })]).collect();
    body["content"] = json!(parts);
    body
}

async fn say(app: &TestApp, user: &TestUser, body: &Value) -> (ConversationId, Collected) {
    let mut events = app.say(user, body).await;
    let conversation = events.created().await.conversation;
    let reply = events.rest().await;
    assert_eq!(reply.status, Some(Status::Complete), "{:?}", reply.error());
    (conversation, reply)
}

/// The latest request for a reply that is not for a title.
fn asked(mock: &MockLlm, text: &str) -> String {
    let requests = mock.requests();
    let about = |body: &str| body.contains(text) && !body.contains("Write a title");
    requests.iter().rev().map(|seen| seen.body.to_string()).find(|body| about(body)).unwrap()
}

const PDF: &[u8] = b"%PDF-1.4\ntrailer<</Root 1 0 R>>\n%%EOF\n";

#[actix_web::test]
async fn every_protocol_gets_pictures_documents_and_texts() {
    let (app, user, mock) = app().await;
    let photo = upload(&app, &user, "photo.png", &picture(40, 30, ImageFormat::Png)).await;
    let paper = upload(&app, &user, "paper.pdf", PDF).await;
    let code = upload(&app, &user, "main \"1\".rs", "fn main() {} // 会话".as_bytes()).await;
    assert_eq!([photo.has_text, paper.has_text, code.has_text], [None, Some(false), None]);
    let models = body(app.get(&user, "/api/models").send().await.unwrap()).await;
    let offered = |provider: &str| {
        let id = json!(model_of(provider));
        models["models"].as_array().unwrap().iter().find(|model| model["id"] == id).unwrap().clone()
    };
    for (provider, mark, reads_pdf) in [
        ("chat", r#""image_url":{"url":"data:image/jpeg;base64,"#, false),
        ("router", r#""image_url":{"url":"data:image/jpeg;base64,"#, true),
        ("responses", r#""image_url":"data:image/jpeg;base64,"#, true),
        ("claude", r#""media_type":"image/jpeg""#, true),
        ("imitation", r#""media_type":"image/jpeg""#, false),
        ("gemini", r#""mimeType":"image/jpeg""#, true),
    ] {
        assert_eq!(offered(provider)["reads_pdf"], json!(reads_pdf), "{provider}");
        let text = format!("look here, {provider}");
        let (_, reply) = say(&app, &user, &saying(provider, &[&photo, &code], &text)).await;
        assert!(reply.text().contains(&text), "{provider}: {}", reply.text());
        let sent = asked(&mock, &text);
        assert!(sent.contains(mark), "{provider}: {sent}");
        assert!(
            sent.contains(r#"<file name=\"main '1'.rs\">\nfn main() {} // 会话\n</file>"#),
            "{provider}: {sent}"
        );
        let with_pdf = saying(provider, &[&paper], &format!("read this, {provider}"));
        if reads_pdf {
            say(&app, &user, &with_pdf).await;
            let sent = asked(&mock, &format!("read this, {provider}"));
            assert!(sent.contains("JVBERi0xLjQ"), "{provider}: {sent}");
        } else {
            assert_eq!(
                app.refused(&user, &with_pdf).await,
                (422, "model_cannot_read".to_owned()),
                "{provider}"
            );
        }
    }
}

#[actix_web::test]
async fn a_model_that_cannot_see_is_not_asked_and_gets_older_pictures_by_name() {
    let (app, user, mock) = app().await;
    let photo = upload(&app, &user, "sunset.png", &picture(40, 30, ImageFormat::Png)).await;
    let before = mock.request_count();
    let refused = saying("blind", &[&photo], "what is this?");
    assert_eq!(app.refused(&user, &refused).await, (422, "model_cannot_read".to_owned()));
    let mut compared = saying("chat", &[&photo], "what is this?");
    compared["beside"] = json!([model_of("blind")]);
    assert_eq!(app.refused(&user, &compared).await, (422, "model_cannot_read".to_owned()));
    let mut temporary = saying("blind", &[&photo], "what is this?");
    temporary["temporary"] = json!([]);
    assert_eq!(app.refused(&user, &temporary).await, (422, "model_cannot_read".to_owned()));
    assert_eq!(mock.request_count(), before, "nobody was asked");

    let mut events = app.say(&user, &saying("chat", &[&photo], "what is this?")).await;
    let created = events.created().await;
    events.rest().await;
    let again = json!({
        "client_message_id": FileId::new(), "regenerate": created.reply, "model": model_of("blind"),
    });
    assert_eq!(app.refused(&user, &again).await, (422, "model_cannot_read".to_owned()));
    let next = within(saying("blind", &[], "and in words?"), created.conversation);
    say(&app, &user, &next).await;
    let sent = asked(&mock, "and in words?");
    assert!(sent.contains("[picture: sunset.png]") && !sent.contains("base64"), "{sent}");
}

#[actix_web::test]
async fn the_twenty_newest_pictures_are_sent_and_older_ones_named() {
    let (app, user, mock) = app().await;
    let mut files = Vec::new();
    for n in 0..22 {
        let bytes = picture(10 + n, 10, ImageFormat::Png);
        files.push(upload(&app, &user, &format!("photo-{n}.png"), &bytes).await);
    }
    let all: Vec<&File> = files.iter().collect();
    let (conversation, _) = say(&app, &user, &saying("chat", &all[..12], "first")).await;
    say(&app, &user, &within(saying("chat", &all[12..], "second"), conversation)).await;
    let sent = asked(&mock, "second");
    assert_eq!(sent.matches("data:image/jpeg;base64,").count(), 20);
    for (n, file) in files.iter().enumerate() {
        assert_eq!(sent.contains(&format!("[picture: {}]", file.name)), n < 2, "{n}");
    }
    let many = saying("chat", &all, "more than a message can have");
    assert_eq!(app.refused(&user, &many).await, (422, "invalid".to_owned()));
}

#[actix_web::test]
async fn a_long_text_is_cut_off_and_says_so() {
    let (app, user, mock) = app().await;
    let text = "line of text\n".repeat(100_000);
    let file = upload(&app, &user, "log.txt", text.as_bytes()).await;
    let mut body = saying("gemini", &[&file], "what happened?");
    body["model"] = json!(format!("gemini/{TERSE}"));
    say(&app, &user, &body).await;
    let sent = asked(&mock, "what happened?");
    assert!(sent.contains("[The rest of the file was left out.]"));
    assert!(sent.len() > 300_000 && sent.len() < 500_000, "{}", sent.len());
}

#[actix_web::test]
async fn messages_name_files_that_exist_and_may_be_without_words() {
    let (app, user, mock) = app().await;
    let photo = upload(&app, &user, "photo.png", &picture(40, 30, ImageFormat::Png)).await;
    let missing = File { id: FileId::new(), ..photo.clone() };
    for files in [vec![&missing], vec![&photo, &missing]] {
        let refused = app.refused(&user, &saying("chat", &files, "look")).await;
        assert_eq!(refused, (422, "file_not_found".to_owned()));
    }
    let mut wordless = saying("chat", &[&photo], "");
    wordless["content"] = json!([{ "type": "file", "id": photo.id }]);
    wordless["model"] = json!(format!("chat/{TERSE}"));
    let (conversation, _) = say(&app, &user, &wordless).await;
    assert_eq!(mock.requests().iter().filter(|seen| seen.body.to_string().contains("base64")).count(), 1);
    let shown = serde_json::to_value(app.transcript(&user, conversation).await).unwrap();
    let expected = json!([{
        "type": "file", "id": photo.id, "name": "photo.png", "media_type": "image/png", "size": photo.size,
        "width": 40, "height": 30,
    }]);
    assert_eq!(shown["messages"][0]["parts"], expected);
    for content in [
        json!([{ "type": "file" }]),
        json!([{ "type": "file", "id": "1" }]),
        json!([{ "type": "file", "id": photo.id, "name": "x" }]),
    ] {
        let mut wrong = wordless.clone();
        wrong["content"] = content;
        assert_eq!(app.refused(&user, &wrong).await.0, 422);
    }
}

#[actix_web::test]
async fn a_queued_message_waits_while_its_model_cannot_read_its_files() {
    let (app, user, mock) = app().await;
    let photo = upload(&app, &user, "photo.png", &picture(40, 30, ImageFormat::Png)).await;
    let scan = upload(&app, &user, "scan.pdf", PDF).await;
    for (file, unable, able) in
        [(&photo, "blind", "chat"), (&scan, "chat", "router"), (&scan, "imitation", "claude")]
    {
        let mut feed = app.listen(&user).await;
        let first = message("mock-tokens-50-rate-50", "first");
        let mut events = app.say(&user, &first).await;
        let id = events.created().await.conversation;
        let path = format!("/api/conversations/{id}");
        let choose = async |provider: &str| {
            let model = json!({ "model": model_of(provider) });
            assert_eq!(app.ask(&user, Method::PATCH, &path, &model).await.0, 200);
        };
        choose(able).await;
        let text = format!("what is it, {unable}?");
        let mut queued = within(saying(able, &[file], &text), id);
        queued["queue"] = json!(true);
        // The conversation's model when it is sent.
        queued.as_object_mut().unwrap().remove("model");
        app.queue(&user, &queued).await;
        choose(unable).await;
        let before = mock.request_count();
        events.rest().await;
        feed.find(|event| matches!(event, FeedEvent::GenerationEnded(_)).then_some(())).await;
        let send = format!("{path}/queue/{}/send", queued["client_message_id"].as_str().unwrap());
        let (status, problem) = app.ask(&user, Method::POST, &send, &json!({})).await;
        assert_eq!((status, &problem["code"]), (422, &json!("model_cannot_read")), "{unable}");
        let waiting = app.transcript(&user, id).await.queued;
        assert_eq!(waiting.len(), 1, "{unable}: it is still there, with its file");
        assert_eq!(waiting[0].files.len(), 1);
        assert_eq!(mock.request_count(), before, "{unable} was not asked");
        choose(able).await;
        assert_eq!(app.ask(&user, Method::POST, &send, &json!({})).await.0, 202);
        feed.find(|event| matches!(event, FeedEvent::GenerationEnded(_)).then_some(())).await;
        assert!(asked(&mock, &text).contains("base64"), "{able} got the file");
    }
}
