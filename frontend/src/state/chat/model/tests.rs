use kaiwa_shared::{
    Code, Problem,
    conversation::Conversation,
    message::{MessageOptions, Part},
    stream::StreamEvent,
};

use super::*;

fn message(author: Author, parent_id: Option<MessageId>, text: &str) -> Message {
    Message {
        id: MessageId::new(),
        conversation_id: ConversationId::new(),
        parent_id,
        author,
        status: Status::Complete,
        parts: vec![Part::Text { text: text.into() }],
        model: None,
        generation_id: None,
        usage: None,
        finish: None,
        options: MessageOptions::default(),
        context: None,
        siblings: Vec::new(),
        created_at: Millis(0),
    }
}

fn transcript(messages: Vec<Message>, has_earlier: bool) -> Transcript {
    let conversation = Conversation {
        id: ConversationId::new(),
        title: String::new(),
        model: None,
        active_leaf_id: None,
        created_at: Millis(0),
        updated_at: Millis(0),
    };
    Transcript { conversation, messages, has_earlier, running: None, beside: Vec::new(), queued: Vec::new() }
}

fn texts(chat: &Chat) -> Vec<String> {
    chat.messages().read_untracked().iter().map(MessageHandle::text).collect()
}

fn accept(chat: &Chat) -> MessageHandle {
    chat.accepted(MessageId::new(), MessageId::new(), GenerationId::new(), Millis(1)).0
}

#[test]
fn a_message_is_shown_at_once_and_takes_its_place_when_the_server_has_it() {
    let chat = Chat::blank();
    chat.say("Hello".into(), None);
    assert_eq!(chat.outgoing().read_untracked().as_ref().unwrap().content, "Hello");
    assert!(chat.is_running_untracked());

    let reply = accept(&chat);
    reply.apply(&StreamEvent::Delta { text: "Hi".into() });
    assert_eq!(texts(&chat), ["Hello", "Hi"]);
    assert!(chat.outgoing().read_untracked().is_none());
}

#[test]
fn a_message_that_could_not_be_sent_returns_to_the_composer_and_keeps_its_name() {
    let chat = Chat::blank();
    let first = chat.say("Hello".into(), None);
    chat.draft().set("typed meanwhile".into());
    chat.refused(Error::Network);

    assert_eq!(chat.draft().get_untracked(), "Hello\n\ntyped meanwhile");
    assert_eq!(chat.failure().get_untracked(), Some(Error::Network));
    assert!(!chat.is_running_untracked());

    chat.draft().set(String::new());
    assert_eq!(chat.say("Hello".into(), None).client_message_id, first.client_message_id);
}

#[test]
fn trying_again_leaves_what_was_typed_since() {
    let chat = Chat::blank();
    let first = chat.say("Hello".into(), None);
    chat.draft().set("and more".into());
    chat.refused(Error::Network);

    let again = chat.try_again(None).unwrap();
    assert_eq!(again.client_message_id, first.client_message_id);
    assert_eq!(again.content, "Hello");
    assert_eq!(chat.draft().get_untracked(), "and more");
    assert_eq!(chat.failure().get_untracked(), None);
}

#[test]
fn trying_again_sends_the_text_as_the_reader_has_changed_it() {
    let chat = Chat::blank();
    let first = chat.say("Hello".into(), None);
    chat.refused(Error::Network);
    chat.draft().set("Good evening".into());

    let again = chat.try_again(None).unwrap();
    assert_ne!(again.client_message_id, first.client_message_id);
    assert_eq!(again.content, "Good evening");
    assert_eq!(chat.draft().get_untracked(), "");
}

#[test]
fn what_is_on_its_way_is_still_kept_as_a_draft() {
    let chat = Chat::blank();
    chat.say("Hello".into(), None);
    chat.draft().set("next".into());
    assert_eq!(chat.unsent(), "Hello\n\nnext");
    accept(&chat);
    assert_eq!(chat.unsent(), "next");
}

#[test]
fn saying_it_again_replaces_the_failed_reply_under_the_same_parent() {
    let chat = Chat::of(ConversationId::new());
    let top = message(Author::Assistant, None, "before");
    let question = message(Author::User, Some(top.id), "Why?");
    let mut failed = message(Author::Assistant, Some(question.id), "");
    failed.status = Status::Failed;
    let (top_id, failed_id) = (top.id, failed.id);
    chat.show(transcript(vec![top, question, failed], false));

    let reply = chat.find(failed_id).unwrap();
    let attempt = chat.say_again(&reply, None).unwrap();
    assert_eq!((attempt.content.as_str(), attempt.parent), ("Why?", Parent::Message(top_id)));
    assert_eq!(texts(&chat), ["before"]);

    accept(&chat).apply(&StreamEvent::Delta { text: "Because.".into() });
    assert_eq!(texts(&chat), ["before", "Why?", "Because."]);
}

#[test]
fn saying_the_first_message_again_puts_it_beside_the_first_time() {
    let chat = Chat::of(ConversationId::new());
    let question = message(Author::User, None, "Why?");
    let failed = message(Author::Assistant, Some(question.id), "half");
    let failed_id = failed.id;
    chat.show(transcript(vec![question, failed], false));

    let attempt = chat.say_again(&chat.find(failed_id).unwrap(), None).unwrap();
    assert_eq!(attempt.parent, Parent::Top);
    assert_eq!(texts(&chat), [""; 0]);
}

#[test]
fn saying_it_again_in_vain_brings_the_old_reply_back() {
    let chat = Chat::of(ConversationId::new());
    let top = message(Author::Assistant, None, "before");
    let question = message(Author::User, Some(top.id), "Why?");
    let failed = message(Author::Assistant, Some(question.id), "half");
    let failed_id = failed.id;
    chat.show(transcript(vec![top, question, failed], false));

    chat.say_again(&chat.find(failed_id).unwrap(), None).unwrap();
    let problem = Problem::new(Code::TooManyRequests, "wait");
    chat.refused(Error::Problem(Box::new(problem)));
    assert_eq!(texts(&chat), ["before", "Why?", "half"]);
    assert_eq!(chat.draft().get_untracked(), "");
}

#[test]
fn a_stop_before_the_reply_has_begun_is_not_forgotten() {
    let chat = Chat::blank();
    chat.say("Hello".into(), None);
    chat.run().set(Run::Starting { stop: true });
    let (_, stop) = chat.accepted(MessageId::new(), MessageId::new(), GenerationId::new(), Millis(1));
    assert!(stop);
}

#[test]
fn fetching_again_keeps_what_is_shown_and_adds_what_is_new() {
    let chat = Chat::of(ConversationId::new());
    let (old, first) = (message(Author::User, None, "old"), message(Author::User, None, "one"));
    let second = message(Author::Assistant, Some(first.id), "two");
    chat.show(transcript(vec![first.clone()], true));
    chat.prepend(transcript(vec![old], false));
    let before = chat.find(first.id).unwrap();

    let mut changed = first.clone();
    changed.parts = vec![Part::Text { text: "one!".into() }];
    chat.show(transcript(vec![changed, second], true));
    assert_eq!(texts(&chat), ["old", "one!", "two"]);
    assert_eq!(before.text(), "one!");
    assert!(!chat.has_earlier().get_untracked());
}

#[test]
fn a_reload_in_mid_reply_finds_the_reply_that_is_being_written() {
    let chat = Chat::of(ConversationId::new());
    let question = message(Author::User, None, "Why?");
    let reply = message(Author::Assistant, Some(question.id), "Be");
    let (reply_id, generation) = (reply.id, GenerationId::new());
    let mut answer = transcript(vec![question, reply], false);
    answer.running = Some(generation);

    let (handle, running) = chat.show(answer).unwrap();
    assert_eq!((handle.id, running), (reply_id, generation));
    assert_eq!(handle.status.get_untracked(), Status::Streaming);
    assert!(chat.is_running_untracked());
}

#[test]
fn a_repeat_that_the_server_already_has_doubles_nothing() {
    let chat = Chat::blank();
    chat.say("Hello".into(), None);
    let (user, reply, generation) = (MessageId::new(), MessageId::new(), GenerationId::new());
    chat.accepted(user, reply, generation, Millis(1));
    chat.accepted(user, reply, generation, Millis(2));
    assert_eq!(texts(&chat), ["Hello", ""]);
}
