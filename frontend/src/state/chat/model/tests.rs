use kaiwa_shared::{
    Code, Problem,
    conversation::{Conversation, ConversationSettings, Transcript},
    message::{Author, Message, MessageOptions, Part, Status},
    stream::{Parent, Started, StreamEnd, StreamEvent, TextDelta},
    time::Millis,
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
    Transcript {
        conversation,
        settings: ConversationSettings::default(),
        messages,
        has_earlier,
        running: None,
        parallel: Vec::new(),
        queued: Vec::new(),
    }
}

fn texts(chat: &Chat) -> Vec<String> {
    chat.messages().read_untracked().iter().map(MessageHandle::text).collect()
}

fn started(model: &str) -> Started {
    Started { message_id: MessageId::new(), generation_id: GenerationId::new(), model: model.into() }
}

fn accept(chat: &Chat) -> MessageHandle {
    accept_all(chat, 0).remove(0).0
}

fn accept_all(chat: &Chat, parallel: usize) -> Begun {
    let others = (0..parallel).map(|_| started("b")).collect();
    chat.accept(MessageId::new(), started("a"), others, Millis(1)).0
}

fn siblings(message: &MessageHandle) -> Vec<MessageId> {
    message.details.read_untracked().siblings.clone()
}

/// A conversation of a question and its answer.
fn asked() -> (Chat, MessageHandle, MessageHandle) {
    let chat = Chat::of(ConversationId::new());
    let question = message(Author::User, None, "Why?");
    let answer = message(Author::Assistant, Some(question.id), "Because.");
    let (question_id, answer_id) = (question.id, answer.id);
    chat.show(transcript(vec![question, answer], false));
    let find = |id| chat.find(id).unwrap();
    (chat.clone(), find(question_id), find(answer_id))
}

fn queued_message(content: &str) -> QueuedMessage {
    QueuedMessage {
        id: kaiwa_shared::ClientMessageId::new(),
        conversation_id: ConversationId::new(),
        content: content.into(),
        files: Vec::new(),
        model: None,
        options: MessageOptions::default(),
        created_at: Millis(0),
    }
}

fn queued(chat: &Chat) -> Vec<String> {
    chat.queued().read_untracked().iter().map(|message| message.content.text()).collect()
}

#[test]
fn a_message_is_shown_before_the_server_accepts_it() {
    let chat = Chat::blank();
    chat.send("Hello".into(), None);
    assert_eq!(chat.outgoing().read_untracked().as_ref().unwrap().content.text(), "Hello");
    assert!(chat.is_running_untracked());

    let reply = accept(&chat);
    reply.apply(&StreamEvent::Delta(TextDelta { text: "Hi".into() }));
    assert_eq!(texts(&chat), ["Hello", "Hi"]);
    assert!(chat.outgoing().read_untracked().is_none());
}

#[test]
fn a_failed_message_returns_to_the_composer_and_keeps_its_id() {
    let chat = Chat::blank();
    let first = chat.send("Hello".into(), None);
    chat.draft().set("typed meanwhile".into());
    chat.refuse(Error::Network);

    assert_eq!(chat.draft().get_untracked().text(), "Hello\n\ntyped meanwhile");
    assert_eq!(chat.failure().get_untracked(), Some(Error::Network));
    assert!(!chat.is_running_untracked());

    chat.draft().set(Content::default());
    assert_eq!(chat.send("Hello".into(), None).client_message_id, first.client_message_id);
}

#[test]
fn a_retry_keeps_text_that_was_typed_since() {
    let chat = Chat::blank();
    let first = chat.send("Hello".into(), None);
    chat.draft().set("and more".into());
    chat.refuse(Error::Network);

    let again = chat.retry(None).unwrap();
    assert_eq!(again.client_message_id, first.client_message_id);
    assert_eq!(again.content.text(), "Hello");
    assert_eq!(chat.draft().get_untracked().text(), "and more");
    assert_eq!(chat.failure().get_untracked(), None);
}

#[test]
fn a_retry_sends_the_edited_text() {
    let chat = Chat::blank();
    let first = chat.send("Hello".into(), None);
    chat.refuse(Error::Network);
    chat.draft().set("Good evening".into());

    let again = chat.retry(None).unwrap();
    assert_ne!(again.client_message_id, first.client_message_id);
    assert_eq!(again.content.text(), "Good evening");
    assert_eq!(chat.draft().get_untracked().text(), "");
}

#[test]
fn a_message_being_sent_is_still_saved_as_a_draft() {
    let chat = Chat::blank();
    chat.send("Hello".into(), None);
    chat.draft().set("next".into());
    assert_eq!(chat.unsent().text(), "Hello\n\nnext");
    accept(&chat);
    assert_eq!(chat.unsent().text(), "next");
}

#[test]
fn another_answer_replaces_the_shown_one_as_its_sibling() {
    let (chat, question, answer) = asked();
    let request = chat.regenerate(&answer, Some("a".into())).unwrap();
    assert_eq!((request.regenerate, request.content.text().as_str()), (Some(answer.id), ""));
    assert_eq!(chat.complete(&request).parent_id, Parent::ShownEnd, "the reply determines its parent");
    assert_eq!(texts(&chat), ["Why?"]);

    let (mut begun, _) = chat.accept(question.id, started("a"), Vec::new(), Millis(1));
    let new = begun.remove(0).0;
    new.apply(&StreamEvent::Delta(TextDelta { text: "So.".into() }));
    assert_eq!(texts(&chat), ["Why?", "So."]);
    assert_eq!(siblings(&new), [answer.id, new.id]);
}

#[test]
fn a_failed_regeneration_restores_the_old_answer() {
    let (chat, _, answer) = asked();
    chat.regenerate(&answer, None).unwrap();
    chat.refuse(Error::Network);
    assert_eq!(texts(&chat), ["Why?", "Because."]);
    assert_eq!(chat.draft().get_untracked().text(), "");

    let again = chat.retry(None).unwrap();
    assert_eq!(again.regenerate, Some(answer.id));
    assert_eq!(texts(&chat), ["Why?"]);
}

#[test]
fn an_edited_message_is_a_sibling_of_the_original() {
    let (chat, question, _) = asked();
    let request = chat.send_instead(&question, "Why not?".into(), None);
    assert_eq!(chat.complete(&request).parent_id, Parent::Top);
    assert_eq!(texts(&chat), [""; 0]);

    accept(&chat);
    assert_eq!(texts(&chat), ["Why not?", ""]);
    let sent = chat.messages().read_untracked()[0].clone();
    assert_eq!(siblings(&sent), [question.id, sent.id]);
}

#[test]
fn a_failed_edit_keeps_the_original_message() {
    let (chat, question, _) = asked();
    let first = chat.send_instead(&question, "Why not?".into(), None);
    chat.refuse(Error::Problem(Box::new(Problem::new(Code::TooManyRequests, "wait"))));
    assert_eq!(texts(&chat), ["Why?", "Because."]);
    assert_eq!(chat.draft().get_untracked().text(), "", "it did not come from the composer");

    let again = chat.retry(None).unwrap();
    assert_eq!((again.content.text().as_str(), again.parent_id), ("Why not?", Parent::Top));
    assert_eq!(again.client_message_id, first.client_message_id);
    assert_eq!(texts(&chat), [""; 0]);
}

#[test]
fn continuing_keeps_the_reply_and_its_position() {
    let (chat, _, answer) = asked();
    answer.apply(&StreamEvent::End(StreamEnd { status: Status::Stopped, finish: None }));
    let request = chat.continue_reply(&answer, Some("a".into()));
    assert_eq!((request.continues, texts(&chat).len()), (Some(answer.id), 2));
    assert_eq!(answer.status.get_untracked(), Status::Stopped, "nothing has begun yet");

    let same = Started { message_id: answer.id, ..started("a") };
    let (begun, _) = chat.accept(answer.parent_id.unwrap(), same, Vec::new(), Millis(1));
    begun[0].0.apply(&StreamEvent::Delta(TextDelta { text: " Really.".into() }));
    assert_eq!(texts(&chat), ["Why?", "Because. Really."]);
    assert_eq!(answer.status.get_untracked(), Status::Streaming);
}

#[test]
fn several_models_answer_in_parallel_and_one_is_picked() {
    let (chat, ..) = asked();
    chat.compared().set(vec!["a".into(), "b".into(), "c".into()]);
    let request = chat.send("And?".into(), Some("a".into()));
    assert_eq!(request.parallel, ["b", "c"], "the chosen model answers once");

    let replies: Vec<_> = accept_all(&chat, 2).into_iter().map(|(reply, _)| reply.id).collect();
    let order = |chat: &Chat| chat.columns().iter().map(|column| column.id).collect::<Vec<_>>();
    assert_eq!(order(&chat), replies);
    assert_eq!(chat.messages().read_untracked().last().unwrap().id, replies[0]);

    assert_eq!(chat.pick(replies[2]), Some(replies[0]));
    assert_eq!(chat.messages().read_untracked().last().unwrap().id, replies[2]);
    assert_eq!(order(&chat), replies, "the columns stay where they are");
    assert_eq!(chat.pick(replies[2]), None, "it is chosen already");
}

#[test]
fn a_failed_message_restores_the_parallel_replies() {
    let (chat, ..) = asked();
    chat.compared().set(vec!["b".into()]);
    chat.send("And?".into(), Some("a".into()));
    let first = accept_all(&chat, 1);
    for (_, generation) in &first {
        chat.finish(*generation);
    }
    chat.send("So?".into(), None);
    assert!(chat.columns().is_empty());
    chat.refuse(Error::Network);
    assert_eq!(chat.columns().len(), 2);
}

#[test]
fn a_conversation_runs_until_its_last_reply_has_ended() {
    let chat = Chat::blank();
    chat.compared().set(vec!["b".into()]);
    chat.send("Hello".into(), Some("a".into()));
    let begun = accept_all(&chat, 1);
    assert_eq!(chat.live().len(), 2);
    chat.finish(begun[1].1);
    assert!(chat.is_running_untracked());
    chat.finish(begun[0].1);
    assert!(!chat.is_running_untracked());
}

#[test]
fn a_temporary_request_carries_all_messages_and_no_ids() {
    let chat = Chat::temporary();
    chat.send("Hello".into(), None);
    let reply = accept(&chat);
    reply.apply(&StreamEvent::Delta(TextDelta { text: "Hi".into() }));
    chat.finish(chat.live()[0]);

    let request = chat.complete(&chat.send("And you?".into(), None));
    let history: Vec<_> =
        request.temporary.unwrap().into_iter().map(|message| message.content.text()).collect();
    assert_eq!(history, ["Hello", "Hi"]);
    assert_eq!((request.conversation_id, request.parent_id), (None, Parent::ShownEnd));
    assert_eq!(request.content.text(), "And you?");

    chat.refuse(Error::Network);
    let again = chat.complete(&chat.regenerate(&reply, None).unwrap());
    assert_eq!((again.content.text().as_str(), again.regenerate), ("Hello", None));
    assert_eq!(again.temporary, Some(Vec::new()));
}

#[test]
fn a_queued_message_is_shown_until_the_server_removes_it() {
    let (chat, ..) = asked();
    let id = chat.id().get_untracked().unwrap();
    chat.send("And?".into(), None);
    assert_eq!(chat.queue_target(), None, "the reply has not begun");
    accept(&chat);
    assert_eq!(chat.queue_target(), Some(id));

    let request = chat.enqueue(id, "So?".into(), None, Millis(2));
    assert!(request.queue);
    assert_eq!(chat.unsent().text(), "So?", "it is not safe yet");
    chat.set_queued(vec![queued_message("from another tab")]);
    assert_eq!(queued(&chat), ["from another tab", "So?"]);

    chat.confirm_queued(request.client_message_id);
    assert_eq!(chat.unsent().text(), "");
    chat.set_queued(Vec::new());
    assert_eq!(queued(&chat), [""; 0]);
}

#[test]
fn messages_are_queued_one_at_a_time() {
    let (chat, ..) = asked();
    let [one, two, three] = ["One", "Two", "Three"]
        .map(|content| chat.enqueue(ConversationId::new(), content.into(), None, Millis(2)));
    assert!(chat.push_outbox(one), "the first caller sends them all");
    assert!(!chat.push_outbox(two));
    let next = || chat.pop_outbox().map(|request| request.content.text());
    assert_eq!((next(), next()), (Some("One".to_owned()), Some("Two".to_owned())));
    assert!(!chat.push_outbox(three), "the second one is still on its way");
    let next = || chat.pop_outbox().map(|request| request.content.text());
    assert_eq!((next(), next()), (Some("Three".to_owned()), None));
    let four = chat.enqueue(ConversationId::new(), "Four".into(), None, Millis(2));
    assert!(chat.push_outbox(four), "nothing is on its way any more");
}

#[test]
fn a_message_that_could_not_be_queued_returns_to_the_composer() {
    let (chat, ..) = asked();
    chat.send("And?".into(), None);
    accept(&chat);
    let request = chat.enqueue(ConversationId::new(), "So?".into(), None, Millis(2));
    chat.draft().set("typed meanwhile".into());
    chat.fail_queued(&request, Error::Network);
    assert_eq!(queued(&chat), [""; 0]);
    assert_eq!(chat.draft().get_untracked().text(), "So?\n\ntyped meanwhile");
    assert!(chat.is_running_untracked(), "the reply continues");
}

#[test]
fn changes_elsewhere_are_fetched_now_or_after_the_reply() {
    let (chat, ..) = asked();
    let elsewhere = GenerationId::new();
    assert!(chat.note_generation(elsewhere));
    assert!(chat.start_fetch());
    assert!(!chat.note_generation(elsewhere), "the messages are on their way");
    assert!(!chat.start_fetch());
    assert!(chat.end_fetch());
    assert!(chat.needs_refetch(), "it was not among them");
    assert!(!chat.needs_refetch());

    chat.send("And?".into(), None);
    let (_, own) = accept_all(&chat, 0).remove(0);
    assert!(!chat.note_generation(own), "it is followed");
    assert!(!chat.finish(own));

    chat.send("So?".into(), None);
    let (_, own) = accept_all(&chat, 0).remove(0);
    assert!(!chat.invalidate());
    assert!(chat.finish(own));
}

#[test]
fn a_generation_is_followed_once_however_often_it_is_reported() {
    let chat = Chat::of(ConversationId::new());
    let question = message(Author::User, None, "Why?");
    let mut reply = message(Author::Assistant, Some(question.id), "Be");
    reply.status = Status::Streaming;
    let mut other = reply.clone();
    (other.id, other.generation_id) = (MessageId::new(), Some(GenerationId::new()));
    let mut answer = transcript(vec![question, reply], false);
    answer.running = Some(GenerationId::new());
    answer.parallel = vec![other];
    assert_eq!(chat.show(answer.clone()).len(), 2);
    assert!(chat.show(answer).is_empty());
    assert_eq!(chat.columns().len(), 2);
}

#[test]
fn a_stop_before_the_reply_begins_is_kept() {
    let chat = Chat::blank();
    chat.send("Hello".into(), None);
    chat.advance(Run::stop);
    let (_, stop) = chat.accept(MessageId::new(), started("a"), Vec::new(), Millis(1));
    assert!(stop);
}

#[test]
fn refetching_keeps_shown_messages_and_adds_new_ones() {
    let chat = Chat::of(ConversationId::new());
    let (old, first) = (message(Author::User, None, "old"), message(Author::User, None, "one"));
    let second = message(Author::Assistant, Some(first.id), "two");
    chat.show(transcript(vec![first.clone()], true));
    chat.prepend(vec![old], false);
    let before = chat.find(first.id).unwrap();

    let mut changed = first.clone();
    changed.parts = vec![Part::Text { text: "one!".into() }];
    chat.show(transcript(vec![changed, second], true));
    assert_eq!(texts(&chat), ["old", "one!", "two"]);
    assert_eq!(before.text(), "one!");
    assert_eq!(chat.earlier().get_untracked(), Earlier::None);
}

#[test]
fn a_reload_during_a_reply_finds_the_running_reply() {
    let chat = Chat::of(ConversationId::new());
    let question = message(Author::User, None, "Why?");
    let reply = message(Author::Assistant, Some(question.id), "Be");
    let (reply_id, generation) = (reply.id, GenerationId::new());
    let mut answer = transcript(vec![question, reply], false);
    answer.running = Some(generation);

    let (handle, running) = chat.show(answer).remove(0);
    assert_eq!((handle.id, running), (reply_id, generation));
    assert_eq!(handle.status.get_untracked(), Status::Streaming);
    assert!(chat.is_running_untracked());
}

#[test]
fn a_repeated_message_is_not_shown_twice() {
    let chat = Chat::blank();
    chat.send("Hello".into(), None);
    let (user, reply) = (MessageId::new(), started("a"));
    assert_eq!(chat.accept(user, reply.clone(), Vec::new(), Millis(1)).0.len(), 1);
    assert!(chat.accept(user, reply, Vec::new(), Millis(2)).0.is_empty());
    assert_eq!(texts(&chat), ["Hello", ""]);
}
