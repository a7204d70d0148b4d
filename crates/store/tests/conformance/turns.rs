//! What a turn may ask for beside an answer to a new message.

use kaiwa_shared::{
    ClientMessageId, GenerationId, MessageId, UserId,
    message::{Effort, Finish, Message, MessageOptions, Part, Status},
    problem::{Code, Problem},
    stream::{Parent, Started},
};
use kaiwa_store::{
    Store,
    generations::{GenerationEnd, NewTurn, Turn, TurnOutcome},
};

use crate::{
    fixture::{
        another, checkpoint, ends, exchange, finish, hung, more_of, new_turn, next_turn, outcome, start, user,
    },
    harness::{commit, on_both_engines, read},
};

on_both_engines! {
    replies_of_several_models_keep_their_order_when_the_answer_was_lost,
    another_reply_hangs_beside_the_first_and_is_shown,
    another_reply_waits_for_what_is_written_beside_and_below,
    only_a_reply_has_others_beside_it,
    a_reply_that_was_cut_off_goes_on_in_its_place,
    a_reply_that_is_whole_or_being_written_does_not_go_on,
    a_reply_above_a_running_one_does_not_go_on,
    several_models_answer_one_message_in_one_turn,
    the_same_request_twice_is_one_request_whatever_it_asks_for,
    an_id_that_belongs_to_another_request_is_refused,
    what_was_asked_of_a_model_is_kept_with_its_reply,
    where_there_is_no_room_only_a_repeat_is_answered,
}

async fn message(store: &Store, owner: UserId, id: MessageId) -> Message {
    read!(store, messages().find(owner, id)).unwrap().unwrap()
}

async fn leaf(store: &Store, owner: UserId, turn: &Turn) -> MessageId {
    let conversation = read!(store, conversations().find(owner, turn.conversation_id)).unwrap().unwrap();
    conversation.active_leaf_id.unwrap()
}

/// Three models beside the first.
fn others() -> Vec<Started> {
    ["b", "c", "d"]
        .map(|model| Started {
            message_id: MessageId::new(),
            generation_id: GenerationId::new(),
            model: model.to_owned(),
        })
        .to_vec()
}

async fn replies_of_several_models_keep_their_order_when_the_answer_was_lost(store: Store) {
    let ada = user(&store, "ada").await;
    let new = NewTurn { parallel: others(), ..new_turn(ada.id, "hello") };
    let turn = start(&store, new.clone()).await;
    assert_eq!(turn.parallel, new.parallel);
    assert_eq!(start(&store, new).await, turn);
}

async fn another_reply_hangs_beside_the_first_and_is_shown(store: Store) {
    let ada = user(&store, "ada").await;
    let first = exchange(&store, new_turn(ada.id, "hello"), "one").await;
    let new = NewTurn { model: "large".to_owned(), ..another(ada.id, &first) };
    let second = exchange(&store, new, "two").await;
    assert_eq!(
        (second.conversation_id, second.user_message_id),
        (first.conversation_id, first.user_message_id)
    );
    let reply = message(&store, ada.id, second.reply_id).await;
    assert_eq!((reply.parent_id, reply.text().as_str()), (Some(first.user_message_id), "two"));
    assert_eq!(reply.model.as_deref(), Some("large"));
    assert_eq!(message(&store, ada.id, first.reply_id).await.text(), "one");
    assert_eq!(leaf(&store, ada.id, &first).await, second.reply_id);
}

async fn another_reply_waits_for_what_is_written_beside_and_below(store: Store) {
    let ada = user(&store, "ada").await;
    let first = start(&store, new_turn(ada.id, "hello")).await;
    let busy = TurnOutcome::Busy(first.generation_id);
    assert_eq!(outcome(&store, another(ada.id, &first)).await, busy);
    commit!(store, generations().finish(&finish(&first, "one", 1, Status::Complete))).unwrap();

    let second = start(&store, another(ada.id, &first)).await;
    let busy = TurnOutcome::Busy(second.generation_id);
    assert_eq!(outcome(&store, another(ada.id, &first)).await, busy, "two clicks are not two replies");
    commit!(store, generations().finish(&finish(&second, "two", 1, Status::Complete))).unwrap();

    let below = start(&store, next_turn(ada.id, first.conversation_id, "and then?")).await;
    let busy = TurnOutcome::Busy(below.generation_id);
    assert_eq!(outcome(&store, another(ada.id, &second)).await, busy);
    // What is written under one reply does not concern the one beside it.
    start(&store, another(ada.id, &first)).await;
}

async fn only_a_reply_has_others_beside_it(store: Store) {
    let (ada, eve) = (user(&store, "ada").await, user(&store, "eve").await);
    let turn = exchange(&store, new_turn(ada.id, "hello"), "one").await;
    let elsewhere = exchange(&store, new_turn(ada.id, "other"), "1").await;
    let question = Turn { reply_id: turn.user_message_id, ..turn.clone() };
    let missing = Turn { reply_id: MessageId::new(), ..turn.clone() };
    let misplaced = Turn { conversation_id: elsewhere.conversation_id, ..turn.clone() };
    for wrong in [question, missing, misplaced] {
        assert_eq!(outcome(&store, another(ada.id, &wrong)).await, TurnOutcome::NoMessage);
    }
    assert_eq!(outcome(&store, another(eve.id, &turn)).await, TurnOutcome::NoConversation);
}

async fn a_reply_that_was_cut_off_goes_on_in_its_place(store: Store) {
    let ada = user(&store, "ada").await;
    for status in [Status::Stopped, Status::Interrupted, Status::Failed] {
        let first = start(&store, new_turn(ada.id, "hello")).await;
        let mut end = finish(&first, "half", 4, status);
        let problem = Problem::new(Code::ProviderCutOff, "It broke.");
        end.checkpoint.parts.push(Part::Error { problem });
        assert!(ends(&store, &end).await);

        let more = start(&store, NewTurn { model: "large".to_owned(), ..more_of(ada.id, &first) }).await;
        assert_eq!((more.reply_id, more.user_message_id), (first.reply_id, first.user_message_id));
        let half = vec![Part::Text { text: "half".to_owned() }];
        assert_eq!(more.parts, half, "why it ended is no part of what it becomes");
        let reply = message(&store, ada.id, first.reply_id).await;
        assert_eq!((reply.status, reply.generation_id), (Status::Streaming, Some(more.generation_id)));
        assert_eq!((reply.parts, reply.model.as_deref()), (half, Some("large")));
        let conversation =
            read!(store, conversations().find(ada.id, first.conversation_id)).unwrap().unwrap();
        assert_eq!(conversation.model.as_deref(), Some("demo"), "the next message keeps its model");

        // The generation that wrote the first half writes no more.
        commit!(store, generations().checkpoint(&[checkpoint(&first, "late", 9)])).unwrap();
        assert!(!ends(&store, &finish(&first, "late", 9, Status::Complete)).await);
        assert!(ends(&store, &finish(&more, "half and half", 1, Status::Complete)).await);
        assert_eq!(message(&store, ada.id, first.reply_id).await.text(), "half and half");
        let ended = read!(store, generations().find(ada.id, first.generation_id)).unwrap().unwrap();
        assert_eq!(ended.status, status, "what became of the first half stays known");
    }
}

async fn a_reply_that_is_whole_or_being_written_does_not_go_on(store: Store) {
    let ada = user(&store, "ada").await;
    let turn = start(&store, new_turn(ada.id, "hello")).await;
    assert_eq!(outcome(&store, more_of(ada.id, &turn)).await, TurnOutcome::Busy(turn.generation_id));
    commit!(store, generations().finish(&finish(&turn, "whole", 1, Status::Complete))).unwrap();
    assert_eq!(outcome(&store, more_of(ada.id, &turn)).await, TurnOutcome::NothingToContinue);
    let question = Turn { reply_id: turn.user_message_id, ..turn.clone() };
    assert_eq!(outcome(&store, more_of(ada.id, &question)).await, TurnOutcome::NothingToContinue);

    let silent = start(&store, new_turn(ada.id, "hello")).await;
    let failed = GenerationEnd { status: Status::Failed, ..finish(&silent, "", 1, Status::Failed) };
    commit!(store, generations().finish(&failed)).unwrap();
    assert_eq!(outcome(&store, more_of(ada.id, &silent)).await, TurnOutcome::NothingToContinue);

    let long = start(&store, new_turn(ada.id, "hello")).await;
    let full =
        GenerationEnd { finish: Some(Finish::Length), ..finish(&long, "as long as", 1, Status::Complete) };
    commit!(store, generations().finish(&full)).unwrap();
    let more = start(&store, more_of(ada.id, &long)).await;
    assert_eq!(message(&store, ada.id, more.reply_id).await.finish, None, "it has not stopped again yet");
}

async fn a_reply_above_a_running_one_does_not_go_on(store: Store) {
    let ada = user(&store, "ada").await;
    let first = start(&store, new_turn(ada.id, "hello")).await;
    commit!(store, generations().finish(&finish(&first, "half", 1, Status::Stopped))).unwrap();
    let below = start(&store, next_turn(ada.id, first.conversation_id, "never mind")).await;
    assert_eq!(outcome(&store, more_of(ada.id, &first)).await, TurnOutcome::Busy(below.generation_id));
    commit!(store, generations().finish(&finish(&below, "all right", 1, Status::Complete))).unwrap();
    start(&store, more_of(ada.id, &first)).await;
    assert_eq!(leaf(&store, ada.id, &first).await, below.reply_id, "what hangs below stays shown");
}

async fn several_models_answer_one_message_in_one_turn(store: Store) {
    let ada = user(&store, "ada").await;
    let new = NewTurn { parallel: others(), ..new_turn(ada.id, "hello") };
    let turn = start(&store, new.clone()).await;
    assert_eq!(turn.parallel, new.parallel);
    assert_eq!(leaf(&store, ada.id, &turn).await, turn.reply_id);
    let parallel = read!(store, messages().parallel_replies(ada.id, turn.reply_id, u64::MAX)).unwrap();
    let ids: Vec<_> = parallel.iter().map(|reply| reply.id).collect();
    assert_eq!(ids, new.parallel.iter().map(|other| other.message_id).collect::<Vec<_>>());
    for (reply, other) in parallel.iter().zip(&new.parallel) {
        assert_eq!((reply.parent_id, reply.status), (Some(turn.user_message_id), Status::Streaming));
        assert_eq!(reply.generation_id, Some(other.generation_id));
        assert_eq!(reply.model.as_deref(), Some(other.model.as_str()));
        assert!(read!(store, generations().find(ada.id, other.generation_id)).unwrap().is_some());
    }
    assert_eq!(
        read!(store, messages().parallel_replies(ada.id, ids[0], u64::MAX)).unwrap().len(),
        3,
        "from wherever one looks"
    );

    // Sent again, it names the same replies.
    let again =
        NewTurn { reply_id: MessageId::new(), generation_id: GenerationId::new(), parallel: others(), ..new };
    assert_eq!(outcome(&store, again).await, TurnOutcome::Repeated(turn.clone()));

    // Another reply that was asked for by itself stands for itself.
    for (reply, generation) in std::iter::once((turn.reply_id, turn.generation_id))
        .chain(turn.parallel.iter().map(|other| (other.message_id, other.generation_id)))
    {
        let one = Turn { reply_id: reply, generation_id: generation, ..turn.clone() };
        assert!(ends(&store, &finish(&one, "yes", 1, Status::Complete)).await);
    }
    let alone = exchange(&store, another(ada.id, &turn), "no").await;
    assert_eq!(read!(store, messages().parallel_replies(ada.id, alone.reply_id, u64::MAX)).unwrap(), []);
    let together = NewTurn { parallel: others(), ..another(ada.id, &turn) };
    let together = start(&store, together).await;
    assert_eq!(
        read!(store, messages().parallel_replies(ada.id, together.reply_id, u64::MAX)).unwrap().len(),
        3
    );
}

async fn the_same_request_twice_is_one_request_whatever_it_asks_for(store: Store) {
    let ada = user(&store, "ada").await;
    let first = exchange(&store, new_turn(ada.id, "hello"), "one").await;
    let new = another(ada.id, &first);
    let second = start(&store, new.clone()).await;
    let again = || NewTurn { reply_id: MessageId::new(), generation_id: GenerationId::new(), ..new.clone() };
    let mut repeated = TurnOutcome::Repeated(second.clone());
    assert_eq!(outcome(&store, again()).await, repeated);
    commit!(store, generations().finish(&finish(&second, "half", 1, Status::Stopped))).unwrap();
    assert_eq!(outcome(&store, again()).await, repeated);

    let more = more_of(ada.id, &second);
    let third = start(&store, more.clone()).await;
    let again = || NewTurn { generation_id: GenerationId::new(), ..more.clone() };
    repeated = TurnOutcome::Repeated(third.clone());
    assert_eq!(outcome(&store, again()).await, without_parts(&repeated));
    commit!(store, generations().finish(&finish(&third, "whole", 1, Status::Complete))).unwrap();
    assert_eq!(outcome(&store, again()).await, without_parts(&repeated));
}

/// A repeat does not say what the reply said when it went on.
fn without_parts(outcome: &TurnOutcome) -> TurnOutcome {
    match outcome {
        TurnOutcome::Repeated(turn) => TurnOutcome::Repeated(Turn { parts: Vec::new(), ..turn.clone() }),
        other => other.clone(),
    }
}

async fn an_id_that_belongs_to_another_request_is_refused(store: Store) {
    let ada = user(&store, "ada").await;
    let new = new_turn(ada.id, "hello");
    let id = new.client_message_id;
    let first = exchange(&store, new, "one").await;
    let other_words = NewTurn { client_message_id: id, ..new_turn(ada.id, "hallo") };
    assert_eq!(outcome(&store, other_words).await, TurnOutcome::IdReused);
    let other_wish = NewTurn { client_message_id: id, ..another(ada.id, &first) };
    assert_eq!(outcome(&store, other_wish).await, TurnOutcome::IdReused);

    // What was made under it may be gone: nothing comes back to life.
    commit!(store, messages().delete(ada.id, first.reply_id)).unwrap().unwrap();
    let again = NewTurn { client_message_id: id, ..new_turn(ada.id, "hello") };
    assert_eq!(outcome(&store, again).await, TurnOutcome::IdReused);
}

async fn what_was_asked_of_a_model_is_kept_with_its_reply(store: Store) {
    let ada = user(&store, "ada").await;
    let options = MessageOptions {
        effort: Some(Effort::High),
        temperature: Some(0.7),
        max_tokens: Some(1000),
        context_tokens: Some(8000),
    };
    let turn = start(&store, NewTurn { options, parallel: others(), ..new_turn(ada.id, "hello") }).await;
    assert_eq!(message(&store, ada.id, turn.reply_id).await.options, options);
    assert_eq!(message(&store, ada.id, turn.user_message_id).await.options, MessageOptions::default());
    for reply in read!(store, messages().parallel_replies(ada.id, turn.reply_id, u64::MAX)).unwrap() {
        assert_eq!(reply.options, options);
    }
}

async fn where_there_is_no_room_only_a_repeat_is_answered(store: Store) {
    let ada = user(&store, "ada").await;
    let first = exchange(&store, new_turn(ada.id, "hello"), "one").await;
    let crowded = |turn: NewTurn| NewTurn { has_capacity: false, ..turn };
    let new = next_turn(ada.id, first.conversation_id, "more");
    assert_eq!(outcome(&store, crowded(new.clone())).await, TurnOutcome::OverLimit);
    assert_eq!(outcome(&store, crowded(another(ada.id, &first))).await, TurnOutcome::OverLimit);
    let lost = hung(new.clone(), Parent::Message(MessageId::new()));
    assert_eq!(outcome(&store, crowded(lost)).await, TurnOutcome::NoMessage);
    assert_eq!(outcome(&store, crowded(new_turn(ada.id, "new"))).await, TurnOutcome::OverLimit);
    assert_eq!(read!(store, conversations().list(ada.id, None, None, 10)).unwrap().items.len(), 1);
    // The id was not used up, and a repeat needs no room.
    let (id, second) = (new.client_message_id, start(&store, new).await);
    let repeat = NewTurn { client_message_id: id, ..next_turn(ada.id, first.conversation_id, "more") };
    assert_eq!(outcome(&store, crowded(repeat)).await, TurnOutcome::Repeated(second));
    let unknown = ClientMessageId::new();
    assert_eq!(read!(store, generations().find_turn(ada.id, unknown)).unwrap(), None);
}
