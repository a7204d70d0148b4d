//! Branches: regenerated, continued and edited messages, and which branch is shown.

use kaiwa_shared::{
    ConversationId, MessageId,
    message::{Author, Status},
    stream::StreamEvent,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Created, TestApp, TestUser, body, go_on, message, numbered, regenerate, within};

/// Sends a message and waits for the complete reply.
async fn exchange(app: &TestApp, user: &TestUser, message: &Value) -> Created {
    let mut events = app.say(user, message).await;
    let created = events.created().await;
    assert_eq!(events.rest().await.status, Some(Status::Complete));
    created
}

/// The texts of the shown branch.
async fn shown(app: &TestApp, user: &TestUser, id: ConversationId) -> Vec<String> {
    let transcript = app.transcript(user, id).await;
    transcript.messages.iter().map(|message| message.text().trim().to_owned()).collect()
}

async fn show(app: &TestApp, user: &TestUser, id: ConversationId, message: MessageId) -> u16 {
    let path = format!("/api/conversations/{id}/show");
    app.ask(user, Method::POST, &path, &json!({ "message_id": message })).await.0
}

#[actix_web::test]
async fn a_regenerated_reply_is_a_sibling_of_the_first() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let first = exchange(&app, &user, &message("mock-tokens-5-rate-0", "hello")).await;
    let mut events = app.say(&user, &regenerate("echo", first.reply)).await;
    let second = events.created().await;
    let reply = events.rest().await;
    assert_eq!((second.conversation, second.question), (first.conversation, first.question));
    assert_eq!(reply.text(), "hello", "the model is told the question and no other reply");

    let transcript = app.transcript(&user, first.conversation).await;
    let [question, answer] = transcript.messages.as_slice() else { panic!("{transcript:?}") };
    assert_eq!((question.id, question.siblings.len()), (first.question, 0));
    assert_eq!((answer.id, answer.model.as_deref()), (second.reply, Some("llm/echo")));
    assert_eq!(answer.siblings, [first.reply, second.reply]);
    assert_eq!(transcript.conversation.active_leaf_id, Some(second.reply));
    assert_eq!(transcript.conversation.model.as_deref(), Some("llm/echo"), "the next message goes there too");
}

#[actix_web::test]
async fn every_fork_remembers_the_branch_that_was_shown() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let root = exchange(&app, &user, &message("echo", "root")).await;
    let id = root.conversation;
    let under = |text: &str, parent: Option<MessageId>| {
        let mut message = within(message("echo", text), id);
        message["parent_id"] = json!(parent);
        message
    };
    let left = exchange(&app, &user, &under("left", Some(root.reply))).await;
    let below = exchange(&app, &user, &under("below", Some(left.reply))).await;
    let again = exchange(&app, &user, &regenerate("mock-tokens-5-rate-0", below.reply)).await;
    let right = exchange(&app, &user, &under("right", Some(root.reply))).await;
    let top = exchange(&app, &user, &under("top", None)).await;

    assert_eq!(shown(&app, &user, id).await, ["top", "top"]);
    assert_eq!(show(&app, &user, id, root.question).await, 200);
    assert_eq!(shown(&app, &user, id).await, ["root", "root", "right", "right"]);
    assert_eq!(show(&app, &user, id, left.question).await, 200);
    let text = numbered(5);
    let left_branch = ["root", "root", "left", "left", "below", text.as_str()];
    assert_eq!(shown(&app, &user, id).await, left_branch);
    assert_eq!(show(&app, &user, id, right.reply).await, 200);
    assert_eq!(show(&app, &user, id, below.reply).await, 200);
    assert_eq!(shown(&app, &user, id).await[5], "below");

    let app = app.restart(&[]).await;
    assert_eq!(show(&app, &user, id, top.question).await, 200);
    assert_eq!(show(&app, &user, id, root.reply).await, 200);
    let transcript = app.transcript(&user, id).await;
    let siblings: Vec<_> = transcript.messages.iter().map(|message| message.siblings.clone()).collect();
    let expected = [
        vec![root.question, top.question],
        vec![],
        vec![left.question, right.question],
        vec![],
        vec![],
        vec![below.reply, again.reply],
    ];
    assert_eq!(siblings, expected);
    assert_eq!(transcript.messages[5].id, below.reply);
    // The next message continues the shown branch.
    let next = exchange(&app, &user, &within(message("echo", "next"), id)).await;
    let transcript = app.transcript(&user, id).await;
    let place = transcript.messages.iter().find(|message| message.id == next.question).unwrap();
    assert_eq!(place.parent_id, Some(below.reply));
}

#[actix_web::test]
async fn a_stopped_reply_is_continued_in_place() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message("mock-tokens-2000-rate-200", "long")).await;
    let first = events.created().await;
    for _ in 0..5 {
        events.next().await.unwrap();
    }
    app.stop(&user, first.generation).await;
    let half = events.rest().await.status;
    assert_eq!(half, Some(Status::Stopped));
    let before = app.transcript(&user, first.conversation).await.messages[1].text();

    let wish = go_on("mock-tokens-5-rate-0", first.reply);
    let mut events = app.say(&user, &wish).await;
    let second = events.created().await;
    assert_eq!((second.reply, second.question), (first.reply, first.question));
    assert_ne!(second.generation, first.generation);
    let more = events.rest().await;
    assert_eq!(more.status, Some(Status::Complete));
    assert!(more.text().starts_with(before.trim_end()), "{before:?} goes on in {:?}", more.text());
    assert!(more.text().len() > before.len());

    let transcript = app.transcript(&user, first.conversation).await;
    let [_, reply] = transcript.messages.as_slice() else { panic!("{transcript:?}") };
    assert_eq!((reply.text(), reply.status), (more.text(), Status::Complete));
    assert_eq!((reply.generation_id, reply.siblings.len()), (Some(second.generation), 0));
    // The model received its own partial reply.
    let asked = app.mock.requests();
    let asked = asked.iter().rev().find(|request| request.body["model"] == "mock-tokens-5-rate-0").unwrap();
    assert!(asked.body["messages"].to_string().contains(before.trim()), "{}", asked.body);

    // Repeating the request returns the same generation. Both generations report their end.
    let mut again = app.say(&user, &wish).await;
    assert_eq!(again.created().await, second);
    assert_eq!(again.rest().await.text(), more.text());
    let ended = app.follow(&user, first.generation, None).await.rest().await;
    assert_eq!(ended.status, Some(Status::Stopped));
}

#[actix_web::test]
async fn continuing_a_cut_off_reply_removes_its_error() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut events = app.say(&user, &message("mock-cut-10", "hello")).await;
    let first = events.created().await;
    assert!(events.rest().await.error().is_some());
    let more = app.say(&user, &go_on("mock-tokens-5-rate-0", first.reply)).await.rest().await;
    assert_eq!(more.status, Some(Status::Complete));
    assert!(more.error().is_none());
    let stored = app.transcript(&user, first.conversation).await.messages.pop().unwrap();
    assert_eq!(stored.parts, *more.parts);
    assert!(stored.text().starts_with(&numbered(10)), "{}", stored.text());
}

#[actix_web::test]
async fn only_an_incomplete_reply_can_be_continued() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let whole = exchange(&app, &user, &message("mock-tokens-5-rate-0", "hello")).await;
    for id in [whole.reply, whole.question] {
        let refused = app.refused(&user, &go_on("echo", id)).await;
        assert_eq!(refused, (409, "nothing_to_continue".to_owned()));
    }
    let mut failed = app.say(&user, &message("mock-error-401", "hello")).await;
    let failed_reply = failed.created().await.reply;
    failed.rest().await;
    let refused = app.refused(&user, &go_on("echo", failed_reply)).await;
    assert_eq!(refused, (409, "nothing_to_continue".to_owned()));
    let refused = app.refused(&user, &go_on("echo", MessageId::new())).await;
    assert_eq!(refused, (404, "not_found".to_owned()));
}

#[actix_web::test]
async fn a_branch_with_a_running_reply_accepts_no_other() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let root = exchange(&app, &user, &message("mock-tokens-5-rate-0", "hello")).await;
    let mut events =
        app.say(&user, &within(message("mock-tokens-2000-rate-200", "long"), root.conversation)).await;
    let running = events.created().await;
    let conflict = (409, "conflict".to_owned());
    for wish in [
        regenerate("echo", running.reply),
        go_on("echo", running.reply),
        regenerate("echo", root.reply),
        within(message("echo", "impatient"), root.conversation),
    ] {
        assert_eq!(app.refused(&user, &wish).await, conflict, "{wish}");
    }
    app.stop(&user, running.generation).await;
    events.rest().await;
    exchange(&app, &user, &regenerate("echo", running.reply)).await;
}

#[actix_web::test]
async fn a_repeated_id_is_one_reply_and_cannot_be_reused() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let first = exchange(&app, &user, &message("mock-tokens-5-rate-0", "hello")).await;
    let wish = regenerate("mock-tokens-50-rate-50", first.reply);
    let sends: Vec<_> = (0..6).map(|_| app.say(&user, &wish)).collect();
    let mut replies = Vec::new();
    for mut events in futures_util::future::join_all(sends).await {
        replies.push((events.created().await, events.rest().await.text()));
    }
    assert!(replies.iter().all(|reply| *reply == replies[0]), "{replies:?}");
    let siblings = app.transcript(&user, first.conversation).await.messages[1].siblings.clone();
    assert_eq!(siblings, [first.reply, replies[0].0.reply]);

    let mut other = message("echo", "something else");
    other["client_message_id"] = wish["client_message_id"].clone();
    assert_eq!(app.refused(&user, &other).await, (409, "conflict".to_owned()));
}

#[actix_web::test]
async fn a_message_sent_several_times_in_parallel_is_stored_once() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let new = message("mock-tokens-50-rate-50", "only once");
    let sends: Vec<_> = (0..8).map(|_| app.say(&user, &new)).collect();
    let mut seen = Vec::new();
    for mut events in futures_util::future::join_all(sends).await {
        seen.push((events.created().await, events.rest().await.text()));
    }
    assert!(seen.iter().all(|one| *one == seen[0]), "{seen:?}");
    let list = body(app.get(&user, "/api/conversations").send().await.unwrap()).await;
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert_eq!(app.transcript(&user, seen[0].0.conversation).await.messages.len(), 2);
}

#[actix_web::test]
async fn two_pages_that_send_at_the_same_time_lose_nothing() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let root = exchange(&app, &user, &message("mock-tokens-5-rate-0", "root")).await;
    // At the end of the shown branch one of them is first, and the other is refused.
    let path = "/api/chat/stream";
    let sends = ["one", "two"].map(|text| {
        let message = within(message("mock-tokens-5-rate-0", text), root.conversation);
        let request = app.send(&user, Method::POST, path, &message);
        async move { request.send().await.unwrap().status().as_u16() }
    });
    let mut statuses = futures_util::future::join_all(sends).await;
    statuses.sort_unstable();
    assert!(statuses == [200, 409] || statuses == [200, 200], "{statuses:?}");
    // Below the message that both have seen, both are stored as siblings.
    let sends = ["left", "right"].map(|text| {
        let mut message = within(message("mock-tokens-5-rate-0", text), root.conversation);
        message["parent_id"] = json!(root.reply);
        let app = &app;
        let user = &user;
        async move { exchange(app, user, &message).await }
    });
    let both = futures_util::future::join_all(sends).await;
    let id = root.conversation;
    for (created, text) in both.iter().zip(["left", "right"]) {
        assert_eq!(show(&app, &user, id, created.question).await, 200);
        let branch = app.transcript(&user, id).await.messages;
        assert_eq!(branch[2].text(), text);
        assert!(branch[2].siblings.contains(&both[0].question));
        assert!(branch[2].siblings.contains(&both[1].question));
        assert_eq!(branch[3].author, Author::Assistant);
    }
}

#[actix_web::test]
async fn another_users_branch_is_not_found() {
    let app = TestApp::spawn().await;
    let (ada, eve) = (app.register("ada").await, app.register("eve").await);
    let mine = exchange(&app, &ada, &message("mock-tokens-5-rate-0", "private")).await;
    let absent = (404, "not_found".to_owned());
    for wish in [
        regenerate("echo", mine.reply),
        go_on("echo", mine.reply),
        within(regenerate("echo", mine.reply), mine.conversation),
    ] {
        assert_eq!(app.refused(&eve, &wish).await, absent, "{wish}");
    }
    let without_id = |mut value: Value| {
        value.as_object_mut().unwrap().remove("request_id");
        value
    };
    for (method, path, body) in [
        (
            Method::POST,
            format!("/api/conversations/{}/show", mine.conversation),
            json!({ "message_id": mine.reply }),
        ),
        (
            Method::POST,
            format!("/api/conversations/{}/fork", mine.conversation),
            json!({ "message_id": mine.reply }),
        ),
        (Method::PATCH, format!("/api/messages/{}", mine.reply), json!({ "content": "stolen" })),
        (Method::DELETE, format!("/api/messages/{}", mine.question), json!({})),
        (Method::GET, format!("/api/messages/{}/subtree", mine.question), json!({})),
    ] {
        let foreign = app.ask(&eve, method.clone(), &path, &body).await;
        let missing_path = path
            .replace(&mine.conversation.to_string(), &ConversationId::new().to_string())
            .replace(&mine.reply.to_string(), &MessageId::new().to_string())
            .replace(&mine.question.to_string(), &MessageId::new().to_string());
        let missing = app.ask(&eve, method, &missing_path, &body).await;
        assert_eq!(foreign.0, 404, "{path}");
        assert_eq!(without_id(foreign.1), without_id(missing.1), "{path}");
    }
    assert_eq!(shown(&app, &ada, mine.conversation).await, ["private", numbered(5).as_str()]);
}

#[actix_web::test]
async fn message_options_are_checked_and_stored() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let mut new = message("mock-tokens-5-rate-0", "hello");
    new["options"] = json!({ "temperature": 0.5, "max_tokens": 100, "effort": "low" });
    let created = exchange(&app, &user, &new).await;
    let stored = app.transcript(&user, created.conversation).await.messages.pop().unwrap();
    assert_eq!((stored.options.temperature, stored.options.max_tokens), (Some(0.5), Some(100)));
    let asked = app.mock.requests();
    assert!(
        asked.iter().any(|request| request.body["temperature"] == json!(0.5)),
        "the model is asked for it"
    );
    for (options, field) in [
        (json!({ "temperature": -0.1 }), "options.temperature"),
        (json!({ "temperature": 2.5 }), "options.temperature"),
        (json!({ "max_tokens": 0 }), "options.max_tokens"),
    ] {
        let mut wrong = message("mock", "hello");
        wrong["options"] = options;
        let (status, problem) = app.ask(&user, Method::POST, "/api/chat/stream", &wrong).await;
        assert_eq!((status, problem.pointer("/errors/0/field").unwrap()), (422, &json!(field)));
    }
}

#[actix_web::test]
async fn contradictory_requests_are_refused() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let first = exchange(&app, &user, &message("mock-tokens-5-rate-0", "hello")).await;
    let mut both = regenerate("echo", first.reply);
    both["content"] = json!("and this");
    let mut two = regenerate("echo", first.reply);
    two["continue"] = json!(first.reply);
    let mut waiting = regenerate("echo", first.reply);
    waiting["queue"] = json!(true);
    let mut crowd = message("echo", "hello");
    crowd["beside"] = json!(["llm/echo", "llm/echo", "llm/echo", "llm/echo"]);
    let mut together = go_on("echo", first.reply);
    together["beside"] = json!(["llm/echo"]);
    let mut nothing = message("echo", "");
    nothing["content"] = json!("");
    for wrong in [both, two, waiting, crowd, together, nothing] {
        assert_eq!(app.refused(&user, &wrong).await, (422, "invalid".to_owned()), "{wrong}");
    }
}

#[actix_web::test]
async fn a_sibling_reply_ends_for_its_followers() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let first = exchange(&app, &user, &message("mock-tokens-5-rate-0", "hello")).await;
    let mut events = app.say(&user, &regenerate("mock-tokens-200-rate-50", first.reply)).await;
    let second = events.created().await;
    assert_eq!(app.transcript(&user, first.conversation).await.running, Some(second.generation));
    // Now another branch is shown, without a running reply.
    assert_eq!(show(&app, &user, first.conversation, first.reply).await, 200);
    assert_eq!(app.transcript(&user, first.conversation).await.running, None);
    let mut follower = app.follow(&user, second.generation, None).await;
    assert!(matches!(follower.next().await, Some((_, StreamEvent::Snapshot(_)))));
    assert_eq!(follower.rest().await.status, Some(Status::Complete));
    assert_eq!(events.rest().await.text().trim(), numbered(200));
}
