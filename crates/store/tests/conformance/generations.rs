use kaiwa_shared::{
    ConversationId, GenerationId, MessageId,
    message::{Part, Status},
    problem::{Code, Problem},
    stream::Parent,
};
use kaiwa_store::{
    Store,
    generations::{Generation, NewTurn, Task, Turn, TurnOutcome},
};

use crate::{
    fixture::{
        NOW, checkpoint, ends, exchange, finish, hung, later, more_of, new_turn, next_turn, outcome, start,
        user,
    },
    harness::{commit, on_both_engines, read},
};

on_both_engines! {
    a_turn_stores_its_message_before_any_reply,
    a_turn_says_whether_it_opens_and_whether_a_title_is_missing,
    turns_that_are_stored_together_each_say_what_they_begin,
    a_turn_that_is_sent_twice_is_stored_once,
    a_repeat_is_answered_with_what_was_made_even_after_the_end,
    a_turn_that_is_sent_ten_times_at_once_is_stored_once,
    a_turn_whose_answer_was_lost_is_started_once,
    two_accounts_may_choose_the_same_message_id,
    a_branch_that_is_being_written_takes_no_turn,
    another_branch_takes_a_turn_meanwhile,
    two_different_turns_at_once_never_both_hang_under_one_message,
    a_foreign_or_missing_conversation_takes_no_turn,
    a_parent_from_elsewhere_takes_no_turn,
    a_refused_turn_leaves_no_trace,
    a_turn_makes_its_conversation_the_newest_and_its_model_the_next,
    a_checkpoint_shows_what_has_arrived,
    many_replies_are_saved_together_each_by_its_own_rights,
    a_late_checkpoint_changes_nothing,
    a_reply_ends_once,
    a_reply_may_end_in_every_way,
    what_is_gone_takes_neither_checkpoint_nor_end,
    what_a_dead_process_left_is_marked_interrupted,
    nobody_else_sees_a_generation,
}

async fn parts(store: &Store, owner: kaiwa_shared::UserId, id: MessageId) -> (Status, Vec<Part>) {
    let message = read!(store, messages().find(owner, id)).unwrap().unwrap();
    (message.status, message.parts)
}

fn text(text: &str) -> Vec<Part> {
    vec![Part::Text { text: text.to_owned() }]
}

async fn count(store: &Store, owner: kaiwa_shared::UserId) -> usize {
    read!(store, conversations().list(owner, None, None, 100)).unwrap().items.len()
}

async fn a_turn_stores_its_message_before_any_reply(store: Store) {
    let ada = user(&store, "ada").await;
    let new = new_turn(ada.id, "hello");
    let turn = start(&store, new.clone()).await;
    assert_eq!(turn.conversation_id, new.new_conversation_id);
    assert_eq!((turn.user_message_id, turn.reply_id), (message_of(&new), new.reply_id));
    assert!(turn.needs_title);
    assert_eq!(parts(&store, ada.id, turn.user_message_id).await, (Status::Complete, text("hello")));
    assert_eq!(parts(&store, ada.id, turn.reply_id).await, (Status::Streaming, Vec::new()));
    let stored = Generation {
        id: turn.generation_id,
        conversation_id: turn.conversation_id,
        message_id: turn.reply_id,
        status: Status::Streaming,
        sequence: 0,
    };
    assert_eq!(read!(store, generations().find(ada.id, turn.generation_id)).unwrap(), Some(stored));
}

/// Stores a turn and the end of its reply. Whether a title is missing, whether nothing was said before, and what it made.
async fn begin(store: &Store, turn: NewTurn) -> (bool, bool, Turn) {
    let owner = turn.owner;
    let TurnOutcome::Started { turn, is_first_message, .. } = outcome(store, turn).await else {
        panic!("not started");
    };
    assert_eq!(parts(store, owner, turn.reply_id).await, (Status::Streaming, Vec::new()));
    assert!(ends(store, &finish(&turn, "yes", 1, Status::Complete)).await);
    (turn.needs_title, is_first_message, turn)
}

async fn a_turn_says_whether_it_opens_and_whether_a_title_is_missing(store: Store) {
    let ada = user(&store, "ada").await;
    let (needs_title, is_first_message, turn) = begin(&store, new_turn(ada.id, "hello")).await;
    assert_eq!((needs_title, is_first_message), (true, true));
    let title =
        async || read!(store, conversations().find(ada.id, turn.conversation_id)).unwrap().unwrap().title;
    assert_eq!(title().await, "hello", "the first words, until there is a better one");
    let next = || next_turn(ada.id, turn.conversation_id, "more");
    let (needs_title, is_first_message, _) = begin(&store, next()).await;
    assert_eq!((needs_title, is_first_message), (false, false));
    let (needs_title, is_first_message, _) = begin(&store, hung(next(), Parent::Top)).await;
    assert_eq!((needs_title, is_first_message), (false, true));
    assert_eq!(title().await, "hello");
    commit!(store, conversations().set_generated_title(turn.conversation_id, "Greeting")).unwrap();
    let (needs_title, is_first_message, _) = begin(&store, next()).await;
    assert_eq!((needs_title, is_first_message), (false, false));
    let (needs_title, is_first_message, _) = begin(&store, hung(next(), Parent::Top)).await;
    assert_eq!((needs_title, is_first_message), (false, true));
}

async fn turns_that_are_stored_together_each_say_what_they_begin(store: Store) {
    let ada = user(&store, "ada").await;
    let mut turns = tokio::task::JoinSet::new();
    for number in 0..16 {
        let turn = exchange(&store, new_turn(ada.id, "hello"), "hi").await;
        let title = if number % 2 == 0 { "Greeting" } else { "" };
        commit!(store, conversations().set_generated_title(turn.conversation_id, title)).unwrap();
        let next = next_turn(ada.id, turn.conversation_id, "more");
        let next = if number % 3 == 0 { hung(next, Parent::Top) } else { next };
        let store = store.clone();
        turns.spawn(async move {
            let (needs_title, is_first_message, _) = begin(&store, next).await;
            assert_eq!((needs_title, is_first_message), (number % 2 == 1, number % 3 == 0), "{number}");
        });
    }
    turns.join_all().await;
}

/// The id of the message that a turn brings.
fn message_of(turn: &NewTurn) -> MessageId {
    let Task::Send { message_id, .. } = turn.task else { panic!("{turn:?} says nothing") };
    message_id
}

/// The same send, from a client that never got the answer: new ids throughout but its own.
fn again(first: &NewTurn) -> NewTurn {
    let Task::Send { content, .. } = &first.task else { panic!("{first:?} says nothing") };
    NewTurn { client_message_id: first.client_message_id, ..new_turn(first.owner, &content.text()) }
}

async fn a_turn_that_is_sent_twice_is_stored_once(store: Store) {
    let ada = user(&store, "ada").await;
    let new = new_turn(ada.id, "hello");
    let turn = start(&store, new.clone()).await;
    assert_eq!(outcome(&store, again(&new)).await, TurnOutcome::Repeated(turn));
    assert_eq!(count(&store, ada.id).await, 1);
}

async fn a_turn_whose_answer_was_lost_is_started_once(store: Store) {
    let ada = user(&store, "ada").await;
    let new = new_turn(ada.id, "hello");
    let turn = start(&store, new.clone()).await;
    assert_eq!(start(&store, new).await, turn, "it has been stored, and nobody writes it yet");
    assert_eq!(count(&store, ada.id).await, 1);

    commit!(store, generations().finish(&finish(&turn, "half a", 4, Status::Stopped))).unwrap();
    let more = more_of(ada.id, &turn);
    let first = start(&store, more.clone()).await;
    assert_eq!(first.parts, [Part::Text { text: "half a".to_owned() }]);
    assert_eq!(start(&store, more).await, first);
}

async fn a_repeat_is_answered_with_what_was_made_even_after_the_end(store: Store) {
    let ada = user(&store, "ada").await;
    let new = new_turn(ada.id, "hello");
    let mut turn = exchange(&store, new.clone(), "hi").await;
    exchange(&store, next_turn(ada.id, turn.conversation_id, "more"), "yes").await;
    commit!(store, conversations().set_generated_title(turn.conversation_id, "Greeting")).unwrap();
    turn.needs_title = false;
    assert_eq!(outcome(&store, again(&new)).await, TurnOutcome::Repeated(turn));
}

async fn a_turn_that_is_sent_ten_times_at_once_is_stored_once(store: Store) {
    let ada = user(&store, "ada").await;
    let new = new_turn(ada.id, "hello");
    let mut sends = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let (store, turn) = (store.clone(), again(&new));
        sends.spawn(async move { outcome(&store, turn).await });
    }
    let (mut started, mut repeated): (Vec<Turn>, Vec<Turn>) = (Vec::new(), Vec::new());
    for outcome in sends.join_all().await {
        match outcome {
            TurnOutcome::Started { turn, .. } => started.push(turn),
            TurnOutcome::Repeated(turn) => repeated.push(turn),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((started.len(), repeated.len()), (1, 9));
    assert!(repeated.iter().all(|turn| *turn == started[0]));
    assert_eq!(count(&store, ada.id).await, 1);
}

async fn two_accounts_may_choose_the_same_message_id(store: Store) {
    let (ada, eve) = (user(&store, "ada").await, user(&store, "eve").await);
    let new = new_turn(ada.id, "hello");
    let first = start(&store, new.clone()).await;
    let second = start(&store, NewTurn { owner: eve.id, ..again(&new) }).await;
    assert_ne!(first.generation_id, second.generation_id);
}

async fn a_branch_that_is_being_written_takes_no_turn(store: Store) {
    let ada = user(&store, "ada").await;
    let turn = start(&store, new_turn(ada.id, "hello")).await;
    let impatient = next_turn(ada.id, turn.conversation_id, "and?");
    let busy = TurnOutcome::Busy(turn.generation_id);
    assert_eq!(outcome(&store, impatient.clone()).await, busy);
    let named = hung(impatient.clone(), Parent::Message(turn.reply_id));
    assert_eq!(outcome(&store, named).await, busy);
    // The same send is welcome once the reply has ended: a refusal does not use the message's id up.
    commit!(store, generations().finish(&finish(&turn, "hi", 1, Status::Stopped))).unwrap();
    assert!(matches!(outcome(&store, impatient).await, TurnOutcome::Started { .. }));
}

async fn another_branch_takes_a_turn_meanwhile(store: Store) {
    let ada = user(&store, "ada").await;
    let root = exchange(&store, new_turn(ada.id, "root"), "reply").await;
    let one = start(&store, next_turn(ada.id, root.conversation_id, "one")).await;
    let other = next_turn(ada.id, root.conversation_id, "two");
    let two = start(&store, hung(other, Parent::Message(root.reply_id))).await;
    for turn in [one, two] {
        assert!(ends(&store, &finish(&turn, "yes", 1, Status::Complete)).await);
    }
}

async fn two_different_turns_at_once_never_both_hang_under_one_message(store: Store) {
    let ada = user(&store, "ada").await;
    let root = exchange(&store, new_turn(ada.id, "root"), "reply").await;
    let mut sends = tokio::task::JoinSet::new();
    for n in 0..8 {
        let store = store.clone();
        let turn = next_turn(ada.id, root.conversation_id, &n.to_string());
        sends.spawn(async move { outcome(&store, turn).await });
    }
    let outcomes = sends.join_all().await;
    let started: Vec<_> = outcomes
        .iter()
        .filter_map(|outcome| {
            if let TurnOutcome::Started { turn, .. } = outcome { Some(turn.generation_id) } else { None }
        })
        .collect();
    let [started] = started.as_slice() else { panic!("{outcomes:?}") };
    let busy = TurnOutcome::Busy(*started);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == busy).count(), 7);
}

async fn a_foreign_or_missing_conversation_takes_no_turn(store: Store) {
    let (ada, eve) = (user(&store, "ada").await, user(&store, "eve").await);
    let turn = exchange(&store, new_turn(ada.id, "mine"), "yes").await;
    for conversation in [turn.conversation_id, ConversationId::new()] {
        let intruder = next_turn(eve.id, conversation, "hello?");
        assert_eq!(outcome(&store, intruder).await, TurnOutcome::NoConversation);
    }
}

async fn a_parent_from_elsewhere_takes_no_turn(store: Store) {
    let ada = user(&store, "ada").await;
    let one = exchange(&store, new_turn(ada.id, "one"), "1").await;
    let two = exchange(&store, new_turn(ada.id, "two"), "2").await;
    for parent in [two.reply_id, MessageId::new()] {
        for conversation in [Some(one.conversation_id), None] {
            let turn = NewTurn { conversation_id: conversation, ..new_turn(ada.id, "lost") };
            let turn = hung(turn, Parent::Message(parent));
            assert_eq!(outcome(&store, turn).await, TurnOutcome::NoMessage);
        }
    }
}

async fn a_refused_turn_leaves_no_trace(store: Store) {
    let ada = user(&store, "ada").await;
    let turn = exchange(&store, new_turn(ada.id, "one"), "1").await;
    let before = read!(store, conversations().find(ada.id, turn.conversation_id)).unwrap();
    let refused = NewTurn {
        model: "other".to_owned(),
        now: later(5000),
        ..hung(next_turn(ada.id, turn.conversation_id, "lost"), Parent::Message(MessageId::new()))
    };
    assert_eq!(outcome(&store, refused.clone()).await, TurnOutcome::NoMessage);
    assert_eq!(read!(store, conversations().find(ada.id, turn.conversation_id)).unwrap(), before);
    assert_eq!(read!(store, messages().find(ada.id, message_of(&refused))).unwrap(), None);
    assert_eq!(outcome(&store, NewTurn { conversation_id: None, ..refused }).await, TurnOutcome::NoMessage);
    assert_eq!(count(&store, ada.id).await, 1);
}

async fn a_turn_makes_its_conversation_the_newest_and_its_model_the_next(store: Store) {
    let ada = user(&store, "ada").await;
    let old = exchange(&store, new_turn(ada.id, "old"), "1").await;
    exchange(&store, NewTurn { now: later(10), ..new_turn(ada.id, "new") }, "2").await;
    let again =
        NewTurn { now: later(20), model: "large".to_owned(), ..next_turn(ada.id, old.conversation_id, "x") };
    let turn = start(&store, again).await;
    let page = read!(store, conversations().list(ada.id, None, None, 1)).unwrap();
    let newest = &page.items[0];
    assert_eq!((newest.id, newest.updated_at, newest.created_at), (old.conversation_id, later(20), NOW));
    assert_eq!((newest.model.as_deref(), newest.active_leaf_id), (Some("large"), Some(turn.reply_id)));
}

async fn a_checkpoint_shows_what_has_arrived(store: Store) {
    let ada = user(&store, "ada").await;
    let (one, two) = (start(&store, new_turn(ada.id, "1")).await, start(&store, new_turn(ada.id, "2")).await);
    let states = [checkpoint(&one, "first", 4), checkpoint(&two, "second", 9)];
    commit!(store, generations().checkpoint(&states)).unwrap();
    commit!(store, generations().checkpoint(&[])).unwrap();
    assert_eq!(parts(&store, ada.id, one.reply_id).await, (Status::Streaming, text("first")));
    assert_eq!(parts(&store, ada.id, two.reply_id).await, (Status::Streaming, text("second")));
    assert_eq!(read!(store, generations().find(ada.id, two.generation_id)).unwrap().unwrap().sequence, 9);
}

async fn many_replies_are_saved_together_each_by_its_own_rights(store: Store) {
    let ada = user(&store, "ada").await;
    let mut turns = Vec::new();
    for n in 0..75 {
        turns.push(start(&store, new_turn(ada.id, &n.to_string())).await);
    }
    let (ended, further) = (&turns[3], &turns[70]);
    assert!(ends(&store, &finish(ended, "whole", 8, Status::Complete)).await);
    commit!(store, generations().checkpoint(&[checkpoint(further, "further", 50)])).unwrap();
    let states: Vec<_> = turns.iter().map(|turn| checkpoint(turn, &turn.reply_id.to_string(), 9)).collect();
    commit!(store, generations().checkpoint(&states)).unwrap();
    for turn in &turns {
        let stored = parts(&store, ada.id, turn.reply_id).await;
        let sequence =
            read!(store, generations().find(ada.id, turn.generation_id)).unwrap().unwrap().sequence;
        if turn == ended {
            assert_eq!((stored, sequence), ((Status::Complete, text("whole")), 8));
        } else if turn == further {
            assert_eq!((stored, sequence), ((Status::Streaming, text("further")), 50));
        } else {
            assert_eq!((stored, sequence), ((Status::Streaming, text(&turn.reply_id.to_string())), 9));
        }
    }
}

async fn a_late_checkpoint_changes_nothing(store: Store) {
    let ada = user(&store, "ada").await;
    let turn = start(&store, new_turn(ada.id, "hello")).await;
    commit!(store, generations().checkpoint(&[checkpoint(&turn, "newer", 5)])).unwrap();
    commit!(store, generations().checkpoint(&[checkpoint(&turn, "older", 3)])).unwrap();
    assert_eq!(parts(&store, ada.id, turn.reply_id).await.1, text("newer"));
    assert!(ends(&store, &finish(&turn, "whole", 8, Status::Complete)).await);
    commit!(store, generations().checkpoint(&[checkpoint(&turn, "late", 9)])).unwrap();
    assert_eq!(parts(&store, ada.id, turn.reply_id).await, (Status::Complete, text("whole")));
    let generation = read!(store, generations().find(ada.id, turn.generation_id)).unwrap().unwrap();
    assert_eq!((generation.status, generation.sequence), (Status::Complete, 8));
}

async fn a_reply_ends_once(store: Store) {
    let ada = user(&store, "ada").await;
    let turn = exchange(&store, new_turn(ada.id, "hello"), "whole").await;
    assert!(!ends(&store, &finish(&turn, "other", 9, Status::Stopped)).await);
    assert_eq!(parts(&store, ada.id, turn.reply_id).await, (Status::Complete, text("whole")));
}

async fn a_reply_may_end_in_every_way(store: Store) {
    let ada = user(&store, "ada").await;
    for status in [Status::Complete, Status::Stopped, Status::Interrupted, Status::Failed] {
        let turn = start(&store, new_turn(ada.id, "hello")).await;
        let mut end = finish(&turn, "so far", 3, status);
        end.usage = None;
        end.checkpoint.parts = vec![
            Part::Reasoning { text: "hm".to_owned(), duration_ms: Some(1200) },
            Part::Text { text: "so far".to_owned() },
            Part::ToolCall {
                id: "c1".to_owned(),
                name: "search".to_owned(),
                arguments: "{\"q\":".to_owned(),
            },
            Part::Error { problem: Problem::new(Code::ProviderCutOff, "the provider went away") },
        ];
        assert!(ends(&store, &end).await);
        assert_eq!(parts(&store, ada.id, turn.reply_id).await, (status, end.checkpoint.parts));
        assert_eq!(read!(store, messages().find(ada.id, turn.reply_id)).unwrap().unwrap().usage, None);
    }
}

async fn what_is_gone_takes_neither_checkpoint_nor_end(store: Store) {
    let ada = user(&store, "ada").await;
    let (gone, live) =
        (start(&store, new_turn(ada.id, "1")).await, start(&store, new_turn(ada.id, "2")).await);
    commit!(store, conversations().delete(ada.id, gone.conversation_id)).unwrap();
    commit!(store, generations().checkpoint(&[checkpoint(&gone, "x", 1), checkpoint(&live, "y", 1)]))
        .unwrap();
    assert_eq!(parts(&store, ada.id, live.reply_id).await.1, text("y"), "the rest of the batch is stored");
    assert!(!ends(&store, &finish(&gone, "x", 2, Status::Complete)).await);
}

async fn what_a_dead_process_left_is_marked_interrupted(store: Store) {
    let ada = user(&store, "ada").await;
    let whole = exchange(&store, new_turn(ada.id, "0"), "whole").await;
    let one = start(&store, new_turn(ada.id, "1")).await;
    let two = start(&store, new_turn(ada.id, "2")).await;
    commit!(store, generations().checkpoint(&[checkpoint(&one, "half a re", 2)])).unwrap();
    assert_eq!(commit!(store, runners().interrupt_abandoned(later(1))).unwrap(), 2);
    assert_eq!(commit!(store, runners().interrupt_abandoned(later(2))).unwrap(), 0);
    assert_eq!(parts(&store, ada.id, one.reply_id).await, (Status::Interrupted, text("half a re")));
    assert_eq!(parts(&store, ada.id, two.reply_id).await, (Status::Interrupted, Vec::new()));
    assert_eq!(parts(&store, ada.id, whole.reply_id).await.0, Status::Complete);
    let generation = read!(store, generations().find(ada.id, one.generation_id)).unwrap().unwrap();
    assert_eq!(generation.status, Status::Interrupted);
    // The branch goes on from there.
    exchange(&store, next_turn(ada.id, one.conversation_id, "go on"), "ply").await;
}

async fn nobody_else_sees_a_generation(store: Store) {
    let (ada, eve) = (user(&store, "ada").await, user(&store, "eve").await);
    let turn = start(&store, new_turn(ada.id, "secret")).await;
    assert_eq!(read!(store, generations().find(eve.id, turn.generation_id)).unwrap(), None);
    assert_eq!(read!(store, generations().find(ada.id, GenerationId::new())).unwrap(), None);
}
