//! Limits on the open responses of one account.

use kaiwa_shared::{ConversationId, conversation::Transcript, message::Status};
use reqwest::Method;
use serde_json::json;

use crate::support::{TestApp, TestUser, body, message, numbered, within};

const SHORT: &str = "mock-tokens-5-rate-0";

/// A conversation of `count` large questions with short answers.
async fn talk(app: &TestApp, user: &TestUser, count: usize, bytes: usize) -> ConversationId {
    let mut conversation = None;
    for n in 0..count {
        let letter = char::from(b'a' + u8::try_from(n % 26).unwrap());
        let new = message(SHORT, &letter.to_string().repeat(bytes));
        let new = match conversation {
            Some(id) => within(new, id),
            None => new,
        };
        let mut events = app.say(user, &new).await;
        conversation = Some(events.created().await.conversation);
        assert_eq!(events.rest().await.status, Some(Status::Complete));
    }
    conversation.unwrap()
}

#[actix_web::test]
async fn a_page_of_large_messages_has_few_of_them_and_the_next_pages_have_the_rest() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    for (count, bytes) in [(6, 300_000), (3, 1_000_000), (40, 100)] {
        let id = talk(&app, &user, count, bytes).await;
        let (mut before, mut lengths) = (None, Vec::new());
        loop {
            let mut path = format!("/api/conversations/{id}/messages?limit=100");
            if let Some(before) = before {
                path = format!("{path}&before={before}");
            }
            let text = app.get(&user, &path).send().await.unwrap().text().await.unwrap();
            assert!(text.len() < 1_200_000 + bytes, "{}", text.len());
            let page: Transcript = serde_json::from_str(&text).unwrap();
            lengths.extend(page.messages.iter().rev().map(|message| message.text().len()));
            assert!(page.messages.len() < 2 * count || count == 40, "{count} of {bytes} bytes");
            before = page.messages.first().map(|message| message.id);
            if !page.has_earlier {
                break;
            }
            assert!(before.is_some(), "a page has at least one message");
        }
        assert_eq!(lengths, [numbered(5).len(), bytes].repeat(count));
    }
}

#[actix_web::test]
async fn an_account_has_a_limit_on_open_streams() {
    let app = TestApp::spawn().await;
    let (ada, eve) = (app.register("ada").await, app.register("eve").await);
    let mut open = Vec::new();
    for _ in 0..100 {
        open.push(app.listen(&ada).await);
    }
    let refused = app.get(&ada, "/api/events").send().await.unwrap();
    assert_eq!(refused.status(), 429);
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(body(refused).await["code"], "too_many_requests");
    assert_eq!(app.refused(&ada, &message("echo", "hi")).await.0, 429, "nothing is stored without a stream");
    let list = body(app.get(&ada, "/api/conversations").send().await.unwrap()).await;
    assert_eq!(list["items"], json!([]));
    drop(app.listen(&eve).await);
    // A closed connection is noticed when something is written to it.
    drop(open);
    app.ask(&ada, Method::POST, "/api/conversations", &json!({})).await;
    let again = async {
        while app.get(&ada, "/api/events").send().await.unwrap().status() != 200 {
            app.ask(&ada, Method::POST, "/api/conversations", &json!({})).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), again).await.expect("room for a stream");
}

#[actix_web::test]
async fn responses_that_nobody_reads_hold_up_nobody_else() {
    let app = TestApp::spawn().await;
    let (ada, eve) = (app.register("ada").await, app.register("eve").await);
    let id = talk(&app, &eve, 2, 1_000_000).await;
    let path = format!("/api/conversations/{id}/messages");
    // The operating system's buffers take less than a page.
    let mut unread = Vec::new();
    for _ in 0..4 {
        unread.push(app.get(&eve, &path).send().await.unwrap());
    }
    let fifth = app.get(&eve, &path).send().await.unwrap();
    assert!([200, 429].contains(&fifth.status().as_u16()));
    let reply = app.say(&ada, &message(SHORT, "hi")).await.rest().await;
    assert_eq!(reply.text(), numbered(5));
    let whole = unread.pop().unwrap().text().await.unwrap();
    assert!(serde_json::from_str::<Transcript>(&whole).is_ok());
}
