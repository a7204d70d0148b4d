//! Messages that wait for a running reply.

use kaiwa_shared::{
    ClientMessageId, ConversationId, UserId,
    conversation::QueuedMessage,
    message::{MessageOptions, Status},
    stream::Parent,
};
use kaiwa_store::{
    Store,
    chat::Queued,
    chat::{MAX_QUEUED, MAX_QUEUED_BYTES},
    generations::{FinishOutcome, NewTurn, Queueing, Task, Turn, TurnOutcome},
};

use crate::{
    fixture::{NOW, exchange, finish, hung, new_turn, next_turn, outcome, start, user},
    harness::{commit, on_both_engines, read},
};

on_both_engines! {
    a_message_waits_for_the_running_reply_with_all_that_was_asked,
    a_message_that_need_not_wait_is_sent,
    a_message_that_waits_is_queued_once_however_often_it_is_sent,
    the_end_of_a_reply_tells_of_what_waits_for_it,
    what_waits_is_sent_in_order_each_under_the_reply_before_it,
    what_is_sent_for_its_owner_does_not_change_what_they_look_at,
    what_waits_can_be_deleted,
    what_waits_survives_the_reply_that_it_waited_for,
    a_message_goes_behind_those_that_are_about_to_be_sent,
    a_queue_has_an_end,
    nobody_sees_or_sends_what_waits_elsewhere,
}

fn may_wait(turn: NewTurn) -> NewTurn {
    NewTurn { queueing: Queueing::WhenBusy { model: None, parallel: Vec::new() }, ..turn }
}

fn waiting(owner: UserId, turn: &Turn, text: &str) -> NewTurn {
    may_wait(next_turn(owner, turn.conversation_id, text))
}

async fn queue(store: &Store, turn: NewTurn) -> QueuedMessage {
    match outcome(store, turn).await {
        TurnOutcome::Queued { message, ready: None } => message,
        other => panic!("not queued: {other:?}"),
    }
}

async fn list(store: &Store, owner: UserId, id: ConversationId) -> Vec<String> {
    let queued = read!(store, queue().list(owner, id)).unwrap();
    queued.into_iter().map(|message| message.content.text()).collect()
}

/// A message that waited, as a turn at `parent`.
fn sent(owner: UserId, message: &QueuedMessage, parent: Parent) -> NewTurn {
    NewTurn {
        client_message_id: message.id,
        queueing: Queueing::Queued,
        ..hung(next_turn(owner, message.conversation_id, &message.content.text()), parent)
    }
}

async fn a_message_waits_for_the_running_reply_with_all_that_was_asked(store: Store) {
    let ada = user(&store, "ada").await;
    let turn = start(&store, new_turn(ada.id, "hello")).await;
    let options = MessageOptions { temperature: Some(0.5), ..MessageOptions::default() };
    let new = NewTurn {
        queueing: Queueing::WhenBusy { model: Some("large".to_owned()), parallel: vec!["small".to_owned()] },
        options,
        model: "large".to_owned(),
        ..next_turn(ada.id, turn.conversation_id, "and then?")
    };
    let conversation = read!(store, conversations().find(ada.id, turn.conversation_id)).unwrap();
    let message = queue(&store, new.clone()).await;
    let expected = QueuedMessage {
        id: new.client_message_id,
        conversation_id: turn.conversation_id,
        content: "and then?".into(),
        files: Vec::new(),
        model: Some("large".to_owned()),
        options,
        created_at: NOW,
    };
    assert_eq!(message, expected);
    let list = read!(store, queue().list(ada.id, turn.conversation_id)).unwrap();
    assert_eq!(list, std::slice::from_ref(&expected));
    let whole = Queued { message: expected, parallel: vec!["small".to_owned()] };
    assert_eq!(read!(store, queue().next(ada.id, turn.reply_id)).unwrap(), Some(whole.clone()));
    let found = read!(store, queue().find(ada.id, turn.conversation_id, message.id)).unwrap();
    assert_eq!(found, Some(whole));
    let after = read!(store, conversations().find(ada.id, turn.conversation_id)).unwrap();
    assert_eq!(after, conversation, "nothing has happened in it yet");
}

async fn a_message_that_need_not_wait_is_sent(store: Store) {
    let ada = user(&store, "ada").await;
    start(&store, may_wait(new_turn(ada.id, "first"))).await;
    for status in [Status::Complete, Status::Stopped, Status::Failed, Status::Interrupted] {
        let turn = start(&store, new_turn(ada.id, "hello")).await;
        commit!(store, generations().finish(&finish(&turn, "hi", 1, status))).unwrap();
        start(&store, waiting(ada.id, &turn, "more")).await;
    }
}

async fn a_message_that_waits_is_queued_once_however_often_it_is_sent(store: Store) {
    let ada = user(&store, "ada").await;
    let turn = start(&store, new_turn(ada.id, "hello")).await;
    let new = waiting(ada.id, &turn, "more");
    let mut sends = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (store, new) = (store.clone(), new.clone());
        sends.spawn(async move { queue(&store, new).await });
    }
    let queued = sends.join_all().await;
    assert!(queued.iter().all(|message| *message == queued[0]));
    assert_eq!(list(&store, ada.id, turn.conversation_id).await, ["more"]);
    let other = NewTurn { client_message_id: new.client_message_id, ..waiting(ada.id, &turn, "other") };
    assert_eq!(outcome(&store, other).await, TurnOutcome::IdReused);

    // After it was sent, a repeat gives what it started.
    commit!(store, generations().finish(&finish(&turn, "hi", 1, Status::Complete))).unwrap();
    let message = queued[0].clone();
    let started = start(&store, sent(ada.id, &message, Parent::ShownEnd)).await;
    let repeated = TurnOutcome::Repeated(started.clone());
    assert_eq!(outcome(&store, new).await, repeated);
    assert_eq!(outcome(&store, sent(ada.id, &message, Parent::ShownEnd)).await, repeated);
    assert_eq!(read!(store, generations().find_turn(ada.id, message.id)).unwrap(), Some(started));
}

async fn the_end_of_a_reply_tells_of_what_waits_for_it(store: Store) {
    let ada = user(&store, "ada").await;
    let mut ends = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let turn = start(&store, new_turn(ada.id, "hello")).await;
        queue(&store, waiting(ada.id, &turn, "more")).await;
        let store = store.clone();
        ends.spawn(async move {
            let end = finish(&turn, "hi", 1, Status::Complete);
            let finished = commit!(store, generations().finish(&end)).unwrap();
            assert_eq!(finished, FinishOutcome::Stored { has_queued: true });
            let reply = read!(store, messages().find(ada.id, turn.reply_id)).unwrap().unwrap();
            assert_eq!((reply.status, reply.text()), (Status::Complete, "hi".to_owned()));
        });
    }
    ends.join_all().await;
}

async fn what_waits_is_sent_in_order_each_under_the_reply_before_it(store: Store) {
    let ada = user(&store, "ada").await;
    let mut turn = start(&store, new_turn(ada.id, "0")).await;
    let id = turn.conversation_id;
    for text in ["1", "2", "3"] {
        queue(&store, waiting(ada.id, &turn, text)).await;
    }
    for text in ["1", "2", "3"] {
        let next = read!(store, queue().next(ada.id, turn.reply_id)).unwrap().unwrap().message;
        assert_eq!(next.content.text(), text);
        let early = outcome(&store, sent(ada.id, &next, Parent::Message(turn.reply_id))).await;
        assert_eq!(early, TurnOutcome::Busy(turn.generation_id));
        commit!(store, generations().finish(&finish(&turn, "yes", 1, Status::Complete))).unwrap();
        turn = start(&store, sent(ada.id, &next, Parent::Message(turn.reply_id))).await;
    }
    assert_eq!(list(&store, ada.id, id).await, Vec::<String>::new());
    let branch = read!(store, messages().branch(ada.id, id, turn.user_message_id, None, 50)).unwrap();
    let texts: Vec<_> = branch.messages.iter().map(kaiwa_shared::message::Message::text).collect();
    assert_eq!(texts, ["0", "yes", "1", "yes", "2", "yes", "3"]);
}

async fn what_is_sent_for_its_owner_does_not_change_what_they_look_at(store: Store) {
    let ada = user(&store, "ada").await;
    let root = exchange(&store, new_turn(ada.id, "root"), "ROOT").await;
    let id = root.conversation_id;
    let left = exchange(&store, next_turn(ada.id, id, "left"), "LEFT").await;
    let right = hung(next_turn(ada.id, id, "right"), Parent::Message(root.reply_id));
    let right = start(&store, right).await;
    let message = queue(&store, waiting(ada.id, &right, "more")).await;
    commit!(store, conversations().show(ada.id, id, left.reply_id)).unwrap();
    commit!(store, generations().finish(&finish(&right, "RIGHT", 1, Status::Complete))).unwrap();
    let turn = start(&store, sent(ada.id, &message, Parent::Message(right.reply_id))).await;
    let leaf = async || read!(store, conversations().find(ada.id, id)).unwrap().unwrap().active_leaf_id;
    assert_eq!(leaf().await, Some(left.reply_id));
    commit!(store, conversations().show(ada.id, id, right.user_message_id)).unwrap();
    assert_eq!(leaf().await, Some(turn.reply_id), "and is there when they look");
}

async fn what_waits_can_be_deleted(store: Store) {
    let ada = user(&store, "ada").await;
    let turn = start(&store, new_turn(ada.id, "0")).await;
    let id = turn.conversation_id;
    let one = queue(&store, waiting(ada.id, &turn, "1")).await;
    queue(&store, waiting(ada.id, &turn, "2")).await;
    assert!(commit!(store, queue().delete(ada.id, id, one.id)).unwrap());
    assert!(!commit!(store, queue().delete(ada.id, id, one.id)).unwrap());
    assert_eq!(list(&store, ada.id, id).await, ["2"]);
    let late = outcome(&store, sent(ada.id, &one, Parent::Message(turn.reply_id))).await;
    assert_eq!(late, TurnOutcome::Busy(turn.generation_id));
    commit!(store, generations().finish(&finish(&turn, "yes", 1, Status::Complete))).unwrap();
    let late = outcome(&store, sent(ada.id, &one, Parent::Message(turn.reply_id))).await;
    assert_eq!(late, TurnOutcome::NoMessage, "what was deleted is not sent");
    assert!(commit!(store, conversations().delete(ada.id, id)).unwrap());
    assert_eq!(list(&store, ada.id, id).await, Vec::<String>::new());
}

async fn what_waits_survives_the_reply_that_it_waited_for(store: Store) {
    let ada = user(&store, "ada").await;
    let turn = start(&store, new_turn(ada.id, "0")).await;
    let id = turn.conversation_id;
    let one = queue(&store, waiting(ada.id, &turn, "1")).await;
    queue(&store, waiting(ada.id, &turn, "2")).await;
    commit!(store, generations().finish(&finish(&turn, "", 1, Status::Stopped))).unwrap();
    commit!(store, messages().delete(ada.id, turn.user_message_id)).unwrap().unwrap();
    assert_eq!(list(&store, ada.id, id).await, ["1", "2"]);
    assert_eq!(read!(store, queue().next(ada.id, turn.reply_id)).unwrap(), None);
    let turn = start(&store, sent(ada.id, &one, Parent::ShownEnd)).await;
    assert_eq!(list(&store, ada.id, id).await, ["2"]);
    let next = read!(store, queue().next(ada.id, turn.reply_id)).unwrap().unwrap();
    assert_eq!(next.message.content.text(), "2", "the queue goes on");
}

async fn a_message_goes_behind_those_that_are_about_to_be_sent(store: Store) {
    let ada = user(&store, "ada").await;
    let turn = start(&store, new_turn(ada.id, "0")).await;
    queue(&store, waiting(ada.id, &turn, "1")).await;
    commit!(store, generations().finish(&finish(&turn, "yes", 1, Status::Complete))).unwrap();
    let late = outcome(&store, waiting(ada.id, &turn, "2")).await;
    let TurnOutcome::Queued { message, ready } = late else { panic!("{late:?}") };
    assert_eq!((message.content.text().as_str(), ready), ("2", Some(turn.reply_id)));
    assert_eq!(list(&store, ada.id, turn.conversation_id).await, ["1", "2"]);
}

async fn a_queue_has_an_end(store: Store) {
    let ada = user(&store, "ada").await;
    let turn = start(&store, new_turn(ada.id, "0")).await;
    for _ in 0..MAX_QUEUED {
        queue(&store, waiting(ada.id, &turn, "x")).await;
    }
    let more = outcome(&store, waiting(ada.id, &turn, "one more")).await;
    assert_eq!(more, TurnOutcome::QueueFull);

    // Every page of the conversation lists them all, so they have a size.
    let large = "x".repeat(usize::try_from(MAX_QUEUED_BYTES).unwrap() / 2);
    for (texts, accepted) in [([large.repeat(3).as_str(), "x"], 1), ([&large, &large], 1), ([&large, "x"], 2)]
    {
        let turn = start(&store, new_turn(ada.id, "0")).await;
        let mut queued = 0;
        for text in texts {
            let outcome = outcome(&store, waiting(ada.id, &turn, text)).await;
            queued += usize::from(matches!(outcome, TurnOutcome::Queued { .. }));
        }
        assert_eq!(queued, accepted);
    }
}

async fn nobody_sees_or_sends_what_waits_elsewhere(store: Store) {
    let (ada, eve) = (user(&store, "ada").await, user(&store, "eve").await);
    let turn = start(&store, new_turn(ada.id, "0")).await;
    let other = exchange(&store, new_turn(ada.id, "other"), "yes").await;
    let message = queue(&store, waiting(ada.id, &turn, "1")).await;
    let id = turn.conversation_id;
    assert_eq!(read!(store, queue().list(eve.id, id)).unwrap(), []);
    assert_eq!(read!(store, queue().find(eve.id, id, message.id)).unwrap(), None);
    assert_eq!(read!(store, queue().find(ada.id, other.conversation_id, message.id)).unwrap(), None);
    assert_eq!(read!(store, queue().find(ada.id, id, ClientMessageId::new())).unwrap(), None);
    assert_eq!(read!(store, queue().next(eve.id, turn.reply_id)).unwrap(), None);
    assert!(!commit!(store, queue().delete(eve.id, id, message.id)).unwrap());
    assert!(!commit!(store, queue().delete(ada.id, other.conversation_id, message.id)).unwrap());
    let stolen =
        NewTurn { conversation_id: Some(other.conversation_id), ..sent(ada.id, &message, Parent::ShownEnd) };
    assert!(matches!(stolen.task, Task::Send { .. }));
    assert_eq!(outcome(&store, stolen).await, TurnOutcome::NoMessage);
    assert_eq!(list(&store, ada.id, id).await, ["1"]);
}
