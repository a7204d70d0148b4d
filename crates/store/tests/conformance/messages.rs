use kaiwa_shared::{
    ConversationId, MessageId,
    message::{Author, Status, Usage},
    stream::Parent,
};
use kaiwa_store::Store;

use crate::{
    fixture::{NOW, exchange, hung, new_turn, next_turn, user},
    harness::{on_both_engines, read},
};

on_both_engines! {
    a_turn_reads_back_as_two_messages,
    a_branch_is_read_page_by_page_from_its_end,
    alternatives_stay_out_of_each_others_branches,
    the_next_turn_continues_what_is_shown,
    nobody_else_reads_a_branch_or_a_message,
    a_message_of_another_conversation_is_not_in_the_branch,
}

async fn texts(
    store: &Store,
    owner: kaiwa_shared::UserId,
    id: ConversationId,
    leaf: MessageId,
) -> Vec<String> {
    let branch = read!(store, messages().branch(owner, id, leaf, None, 1000)).unwrap();
    assert!(!branch.has_earlier);
    branch.messages.iter().map(kaiwa_shared::message::Message::text).collect()
}

async fn a_turn_reads_back_as_two_messages(store: Store) {
    let ada = user(&store, "ada").await;
    let turn = exchange(&store, new_turn(ada.id, "hello"), "hi there").await;
    let branch =
        read!(store, messages().branch(ada.id, turn.conversation_id, turn.reply_id, None, 50)).unwrap();
    assert!(!branch.has_earlier);
    let [question, reply] = branch.messages.as_slice() else { panic!("{branch:?}") };

    assert_eq!((question.id, question.parent_id), (turn.user_message_id, None));
    assert_eq!(
        (question.author, question.status, question.created_at),
        (Author::User, Status::Complete, NOW)
    );
    assert_eq!((question.text().as_str(), &question.model, question.usage), ("hello", &None, None));
    assert_eq!((question.conversation_id, question.generation_id), (turn.conversation_id, None));

    assert_eq!((reply.id, reply.parent_id), (turn.reply_id, Some(turn.user_message_id)));
    assert_eq!(
        (reply.author, reply.status, reply.text().as_str()),
        (Author::Assistant, Status::Complete, "hi there")
    );
    assert_eq!((reply.model.as_deref(), reply.generation_id), (Some("demo"), Some(turn.generation_id)));
    let usage = Usage {
        input_tokens: 11,
        output_tokens: 7,
        cached_tokens: 5,
        reasoning_tokens: 3,
        ..Usage::default()
    };
    assert_eq!(reply.usage, Some(usage));

    assert_eq!(read!(store, messages().find(ada.id, reply.id)).unwrap().as_ref(), Some(reply));
    assert_eq!(read!(store, messages().find(ada.id, MessageId::new())).unwrap(), None);
}

async fn a_branch_is_read_page_by_page_from_its_end(store: Store) {
    let ada = user(&store, "ada").await;
    let mut turn = exchange(&store, new_turn(ada.id, "q0"), "a0").await;
    for n in 1..10 {
        let next = next_turn(ada.id, turn.conversation_id, &format!("q{n}"));
        turn = exchange(&store, next, &format!("a{n}")).await;
    }
    let expected: Vec<String> = (0..10).flat_map(|n| [format!("q{n}"), format!("a{n}")]).collect();
    for limit in [1, 3, 7, 19, 20, 21] {
        let mut read: Vec<String> = Vec::new();
        let mut before = None;
        loop {
            let branch =
                read!(store, messages().branch(ada.id, turn.conversation_id, turn.reply_id, before, limit))
                    .unwrap();
            assert!(branch.messages.len() <= usize::try_from(limit).unwrap());
            read.splice(0..0, branch.messages.iter().map(kaiwa_shared::message::Message::text));
            before = branch.messages.first().map(|first| first.id);
            if !branch.has_earlier {
                break;
            }
        }
        assert_eq!(read, expected, "{limit} on a page");
    }
    let top = read!(store, messages().branch(ada.id, turn.conversation_id, turn.reply_id, None, 20)).unwrap();
    let first = top.messages[0].id;
    let above =
        read!(store, messages().branch(ada.id, turn.conversation_id, turn.reply_id, Some(first), 5)).unwrap();
    assert_eq!(above.messages, []);
}

async fn alternatives_stay_out_of_each_others_branches(store: Store) {
    let ada = user(&store, "ada").await;
    let root = exchange(&store, new_turn(ada.id, "root"), "root reply").await;
    let id = root.conversation_id;
    let left = exchange(&store, next_turn(ada.id, id, "left"), "left reply").await;
    let edited = hung(next_turn(ada.id, id, "right"), Parent::Message(root.reply_id));
    let right = exchange(&store, edited, "right reply").await;

    assert_eq!(texts(&store, ada.id, id, left.reply_id).await, ["root", "root reply", "left", "left reply"]);
    assert_eq!(
        texts(&store, ada.id, id, right.reply_id).await,
        ["root", "root reply", "right", "right reply"]
    );
    let shown = read!(store, conversations().find(ada.id, id)).unwrap().unwrap();
    assert_eq!(shown.active_leaf_id, Some(right.reply_id));
    // Even the first message may have an alternative.
    let other_root = hung(next_turn(ada.id, id, "other root"), Parent::Top);
    let other = exchange(&store, other_root, "other reply").await;
    assert_eq!(texts(&store, ada.id, id, other.reply_id).await, ["other root", "other reply"]);
}

async fn the_next_turn_continues_what_is_shown(store: Store) {
    let ada = user(&store, "ada").await;
    let root = exchange(&store, new_turn(ada.id, "root"), "root reply").await;
    let id = root.conversation_id;
    exchange(&store, next_turn(ada.id, id, "left"), "left reply").await;
    let edited = hung(next_turn(ada.id, id, "right"), Parent::Message(root.reply_id));
    exchange(&store, edited, "right reply").await;
    let next = exchange(&store, next_turn(ada.id, id, "more"), "more reply").await;
    assert_eq!(texts(&store, ada.id, id, next.user_message_id).await[2..], ["right", "right reply", "more"]);
}

async fn nobody_else_reads_a_branch_or_a_message(store: Store) {
    let (ada, eve) = (user(&store, "ada").await, user(&store, "eve").await);
    let turn = exchange(&store, new_turn(ada.id, "secret"), "secret").await;
    let id = turn.conversation_id;
    for before in [None, Some(turn.reply_id)] {
        let branch = read!(store, messages().branch(eve.id, id, turn.reply_id, before, 50)).unwrap();
        assert_eq!((branch.messages, branch.has_earlier), (Vec::new(), false));
    }
    assert_eq!(read!(store, messages().find(eve.id, turn.reply_id)).unwrap(), None);
}

async fn a_message_of_another_conversation_is_not_in_the_branch(store: Store) {
    let ada = user(&store, "ada").await;
    let one = exchange(&store, new_turn(ada.id, "one"), "1").await;
    let two = exchange(&store, new_turn(ada.id, "two"), "2").await;
    for (leaf, before) in
        [(two.reply_id, None), (one.reply_id, Some(two.reply_id)), (two.reply_id, Some(one.reply_id))]
    {
        let branch = read!(store, messages().branch(ada.id, one.conversation_id, leaf, before, 50)).unwrap();
        assert_eq!(branch.messages, [], "{leaf} {before:?}");
    }
}
