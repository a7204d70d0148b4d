//! How much of a conversation the model receives, and how that is reported.

use kaiwa_shared::{
    ConversationId,
    message::{ContextUse, Status, Usage},
    stream::{StreamEnd, StreamEvent},
};
use serde_json::{Value, json};

use crate::support::{Collected, TestApp, TestUser, message};

fn contexts(reply: &Collected) -> Vec<ContextUse> {
    let context =
        |event: &StreamEvent| if let StreamEvent::Context(context) = event { Some(*context) } else { None };
    reply.events.iter().filter_map(|(_, event)| context(event)).collect()
}

fn usage(reply: &Collected) -> Option<Usage> {
    let usage = |event: &StreamEvent| if let StreamEvent::Usage(usage) = event { Some(*usage) } else { None };
    reply.events.iter().rev().find_map(|(_, event)| usage(event))
}

/// Sends one more message in a conversation and reads the reply.
async fn say_in(
    app: &TestApp,
    user: &TestUser,
    conversation: Option<ConversationId>,
    model: &str,
    content: &str,
) -> (ConversationId, Collected) {
    let mut body = message(model, content);
    if let Some(id) = conversation {
        body["conversation_id"] = json!(id);
    }
    let mut events = app.say(user, &body).await;
    let conversation = events.created().await.conversation;
    (conversation, events.rest().await)
}

/// The messages of the last request for a reply of `model`.
fn told(app: &TestApp, model: &str) -> Vec<Value> {
    let requests = app.mock.requests();
    let is_reply = |body: &Value| body["model"] == model && body["messages"][0]["role"] != "system";
    let last = requests.iter().rev().find(|seen| is_reply(&seen.body)).unwrap();
    last.body["messages"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn the_oldest_messages_are_dropped_first_and_this_is_reported() {
    let app = TestApp::spawn_with(&[("DEFAULT_CONTEXT_TOKEN_LIMIT", "1000")]).await;
    let user = app.register("ada").await;
    let long = |letter: &str| letter.repeat(900);
    let (conversation, first) = say_in(&app, &user, None, "echo", &long("a")).await;
    let before_a_token = contexts(&first)[0];
    assert_eq!((before_a_token.window_tokens, before_a_token.dropped_messages), (1000, 0));
    let first_of =
        |wanted: fn(&StreamEvent) -> bool| first.events.iter().position(|(_, event)| wanted(event));
    let [context, token] = [
        first_of(|event| matches!(event, StreamEvent::Context(_))),
        first_of(|event| matches!(event, StreamEvent::Delta(_))),
    ];
    assert!(context < token, "it comes before the first token");
    say_in(&app, &user, Some(conversation), "echo", &long("b")).await;
    let (_, third) = say_in(&app, &user, Some(conversation), "echo", &long("c")).await;
    assert_eq!(contexts(&third)[0].dropped_messages, 2);
    assert_eq!(told(&app, "echo").len(), 3);
    let stored = app.transcript(&user, conversation).await.messages;
    assert_eq!(stored.last().unwrap().context, contexts(&third).last().copied(), "it is kept with the reply");
}

#[actix_web::test]
async fn a_conversation_can_be_limited_to_fewer_tokens_than_the_model_takes() {
    let abilities = json!({ "llm/echo": { "context_tokens": 100_000 } }).to_string();
    let app = TestApp::spawn_with(&[("MODEL_ABILITIES", &abilities)]).await;
    let user = app.register("ada").await;
    let long = |letter: &str| letter.repeat(900);
    let mut new = message("echo", &long("a"));
    new["settings"] = json!({ "options": { "context_tokens": 1000 } });
    let mut events = app.say(&user, &new).await;
    let conversation = events.created().await.conversation;
    assert_eq!(contexts(&events.rest().await)[0].window_tokens, 1000);
    say_in(&app, &user, Some(conversation), "echo", &long("b")).await;
    let (_, third) = say_in(&app, &user, Some(conversation), "echo", &long("c")).await;
    let context = contexts(&third)[0];
    assert_eq!((context.window_tokens, context.dropped_messages), (1000, 2));
    assert_eq!(told(&app, "echo").len(), 3);

    for (limit, window, messages) in [(json!(2000), 2000, 7), (json!(200_000), 95_904, 9), (json!(1), 1, 1)] {
        let change = json!({ "options": { "context_tokens": limit } });
        let path = format!("/api/conversations/{conversation}");
        let changed = app.send(&user, reqwest::Method::PATCH, &path, &change).send().await.unwrap();
        assert_eq!(changed.status(), 200);
        let (_, reply) = say_in(&app, &user, Some(conversation), "echo", "more").await;
        assert_eq!(contexts(&reply)[0].window_tokens, window, "never more than the model takes");
        assert_eq!(told(&app, "echo").len(), messages, "{limit}");
    }
}

#[actix_web::test]
async fn token_counts_from_the_provider_replace_estimates() {
    let (long, short) = ("mock-tokens-200-rate-0", "mock-tokens-5-rate-0");
    let app = TestApp::spawn_with(&[("LLM_MODEL", &format!("{long},{short}"))]).await;
    let user = app.register("ada").await;
    let (conversation, first) = say_in(&app, &user, None, long, "How many?").await;
    let counted = usage(&first).unwrap();
    let [guess, count] = contexts(&first)[..] else { panic!("{:?}", contexts(&first)) };
    assert!(guess.estimated);
    assert_eq!(count, ContextUse { used_tokens: counted.input_tokens, estimated: false, ..guess });

    // Only the new message is estimated; the others have been counted already.
    let (_, second) = say_in(&app, &user, Some(conversation), short, "abcdefgh").await;
    let expected = counted.input_tokens + counted.output_tokens + 2 + 4;
    assert_eq!(contexts(&second)[0].used_tokens, expected);
}

#[actix_web::test]
async fn a_context_length_error_is_retried_once_with_less_history() {
    let model = "echo-first-1-error-413";
    let app = TestApp::spawn_with(&[("LLM_MODEL", &format!("echo,{model}"))]).await;
    let user = app.register("ada").await;
    let (conversation, _) = say_in(&app, &user, None, "echo", &"a".repeat(2000)).await;
    say_in(&app, &user, Some(conversation), "echo", &"b".repeat(2000)).await;
    let (_, reply) = say_in(&app, &user, Some(conversation), model, "and now?").await;
    assert_eq!((reply.status, reply.text().as_str()), (Some(Status::Complete), "and now?"));
    let [all, less, ..] = contexts(&reply)[..] else { panic!("{:?}", contexts(&reply)) };
    assert_eq!(all.dropped_messages, 0);
    assert!(less.dropped_messages > 0 && less.window_tokens < all.window_tokens, "{less:?}");
    assert!(reply.events.iter().any(|(_, event)| matches!(event, StreamEvent::Retrying(_))));
}

#[actix_web::test]
async fn a_single_message_that_is_too_long_is_not_retried() {
    let model = "echo-error-413";
    let app = TestApp::spawn_with(&[("LLM_MODEL", model)]).await;
    let user = app.register("ada").await;
    let (_, reply) = say_in(&app, &user, None, model, "too long").await;
    assert_eq!(reply.status, Some(Status::Failed));
    assert_eq!(reply.error().unwrap().code, kaiwa_shared::Code::ContextLength);
    assert_eq!(app.mock.request_count(), 1);
}

#[actix_web::test]
async fn an_unreported_cost_is_estimated_and_marked_as_such() {
    let models = "mock-nousage,mock-negative,mock-cut-10,mock";
    let app = TestApp::spawn_with(&[("LLM_MODEL", models)]).await;
    let user = app.register("ada").await;
    for (model, estimated) in
        [("mock-nousage", true), ("mock-negative", true), ("mock-cut-10", true), ("mock", false)]
    {
        let (conversation, reply) = say_in(&app, &user, None, model, "How much is it?").await;
        let shown = usage(&reply).unwrap();
        assert_eq!(shown.estimated, estimated, "{model}");
        assert!(shown.input_tokens > 0 && shown.output_tokens > 0, "{model}: {shown:?}");
        let stored = app.transcript(&user, conversation).await.messages;
        assert_eq!(stored.last().unwrap().usage, Some(shown), "{model}");
    }
}

#[actix_web::test]
async fn the_finish_reason_is_reported_and_stored() {
    let app = TestApp::spawn_with(&[("LLM_MODEL", "mock,mock-length,tools")]).await;
    let user = app.register("ada").await;
    for (model, why) in [("mock", "stop"), ("mock-length", "length"), ("tools", "tool_calls")] {
        let (conversation, reply) = say_in(&app, &user, None, model, "hello").await;
        let Some((_, StreamEvent::End(StreamEnd { finish: Some(finish), .. }))) = reply.events.last() else {
            panic!("{model}")
        };
        assert_eq!(finish.as_str(), why);
        let stored = app.transcript(&user, conversation).await.messages;
        assert_eq!(stored.last().unwrap().finish, Some(*finish), "{model}");
    }
}

#[actix_web::test]
async fn a_tool_call_without_a_result_is_not_sent_back() {
    let app = TestApp::spawn().await;
    let user = app.register("ada").await;
    let (conversation, _) = say_in(&app, &user, None, "tools", "What is the weather?").await;
    let (_, reply) = say_in(&app, &user, Some(conversation), "echo", "never mind").await;
    assert_eq!((reply.status, reply.text().as_str()), (Some(Status::Complete), "never mind"));
    let said: Vec<_> = told(&app, "echo").iter().map(|message| message["content"].clone()).collect();
    assert_eq!(said, ["What is the weather?", "I look that up.", "never mind"]);
}
