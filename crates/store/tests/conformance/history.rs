use kaiwa_shared::{
    ConversationId,
    message::{ContextUse, Finish, Part, Status, Usage},
    stream::Parent,
};
use kaiwa_store::{
    Store,
    chat::{PageLimit, ProviderBlock},
    generations::{Checkpoint, GenerationEnd},
};
use serde_json::json;

use crate::{
    fixture::{
        NOW, another, checkpoint, ends, exchange, finish, hung, new_turn, next_turn, provider_blocks, start,
        user,
    },
    harness::{commit, on_both_engines, read},
};

on_both_engines! {
    native_blocks_are_kept_beside_the_parts_of_their_branch,
    nobody_else_gets_native_blocks,
    a_page_is_limited_in_bytes_and_has_at_least_one_message,
    a_page_of_any_branch_knows_how_many_messages_are_above_it,
    an_end_keeps_the_reason_the_window_the_model_and_every_cost,
}

fn block(text: &str) -> ProviderBlock {
    ProviderBlock { parts: 1, bytes: 3, provider: "openai".to_owned(), block: json!({ "signature": text }) }
}

async fn native_blocks_are_kept_beside_the_parts_of_their_branch(store: Store) {
    let ada = user(&store, "ada").await;
    let first = start(&store, new_turn(ada.id, "hello")).await;
    let state = Checkpoint { provider_blocks: vec![block("half")], ..checkpoint(&first, "Hi", 2) };
    commit!(store, generations().checkpoint(&[state])).unwrap();
    let provider_blocks = || provider_blocks(&store, ada.id, first.conversation_id, first.reply_id);
    assert_eq!(
        provider_blocks().await,
        [(first.reply_id, vec![block("half")])],
        "a crash keeps what a checkpoint had"
    );

    let mut end = finish(&first, "Hi there", 3, Status::Complete);
    end.checkpoint.provider_blocks = vec![block("half"), block("\u{0}whole")];
    assert!(ends(&store, &end).await);
    assert_eq!(provider_blocks().await, [(first.reply_id, end.checkpoint.provider_blocks.clone())]);

    let second = exchange(&store, next_turn(ada.id, first.conversation_id, "more"), "yes").await;
    let whole =
        read!(store, messages().history(ada.id, first.conversation_id, second.reply_id, None, 400)).unwrap();
    let (ids, provider_blocks): (Vec<_>, Vec<_>) =
        whole.into_iter().map(|entry| (entry.message.id, entry.provider_blocks)).unzip();
    let natives_of_first = end.checkpoint.provider_blocks;
    assert_eq!(
        ids,
        [first.user_message_id, first.reply_id, second.user_message_id, second.reply_id],
        "the branch, oldest first"
    );
    assert_eq!(provider_blocks, [vec![], natives_of_first.clone(), vec![], vec![]]);

    let (conversation, leaf) = (first.conversation_id, second.reply_id);
    let near = read!(store, messages().history(ada.id, conversation, leaf, None, 2)).unwrap();
    assert_eq!(near.iter().map(|entry| entry.message.id).collect::<Vec<_>>(), ids[2..]);
    let before = Some(second.user_message_id);
    let above = read!(store, messages().history(ada.id, conversation, leaf, before, 1)).unwrap();
    let above: Vec<_> = above.into_iter().map(|entry| (entry.message.id, entry.provider_blocks)).collect();
    assert_eq!(above, [(first.reply_id, natives_of_first)], "from the last one of the page below on");
}

async fn a_page_is_limited_in_bytes_and_has_at_least_one_message(store: Store) {
    let ada = user(&store, "ada").await;
    let long = "话".repeat(10_000);
    let mut turn = exchange(&store, new_turn(ada.id, "short"), &long).await;
    for _ in 0..4 {
        turn = exchange(&store, next_turn(ada.id, turn.conversation_id, "short"), &long).await;
    }
    let (id, leaf) = (turn.conversation_id, turn.reply_id);
    for (bytes, expected) in [(0, 1), (29_999, 1), (31_000, 2), (59_000, 2), (62_000, 4), (u64::MAX, 10)] {
        let limit = PageLimit { messages: 50, bytes };
        let page = read!(store, messages().branch(ada.id, id, leaf, None, limit)).unwrap();
        let last = page.messages.last().map(|message| message.id);
        assert_eq!((page.messages.len(), last), (expected, Some(leaf)), "{bytes}");
        assert_eq!(page.has_earlier, expected < 10, "{bytes}");
        let history = read!(store, messages().history(ada.id, id, leaf, None, limit)).unwrap();
        assert_eq!(history.len(), expected, "{bytes}");
        let above =
            read!(store, messages().branch(ada.id, id, leaf, Some(page.messages[0].id), limit)).unwrap();
        assert!(expected == 10 || !above.messages.is_empty(), "{bytes}");
    }
}

async fn a_page_of_any_branch_knows_how_many_messages_are_above_it(store: Store) {
    let ada = user(&store, "ada").await;
    let first = exchange(&store, new_turn(ada.id, "one"), "yes").await;
    let id = first.conversation_id;
    let second = exchange(&store, next_turn(ada.id, id, "two"), "yes").await;
    let regenerated = exchange(&store, another(ada.id, &second), "no").await;
    let third = exchange(&store, next_turn(ada.id, id, "three"), "yes").await;
    commit!(store, messages().delete(ada.id, third.user_message_id)).unwrap().unwrap();
    let fourth = exchange(&store, next_turn(ada.id, id, "four"), "yes").await;
    let again =
        exchange(&store, hung(next_turn(ada.id, id, "two again"), Parent::Message(first.reply_id)), "yes");
    let again = again.await;
    let top = exchange(&store, hung(next_turn(ada.id, id, "one again"), Parent::Top), "yes").await;
    let fork = commit!(store, conversations().fork(ada.id, id, fourth.reply_id, ConversationId::new(), NOW));
    let fork = fork.unwrap().unwrap();
    let forked = exchange(&store, next_turn(ada.id, fork.id, "five"), "yes").await;
    for (conversation, leaf, depths) in [
        (id, first.reply_id, vec![0, 1]),
        (id, second.reply_id, vec![0, 1, 2, 3]),
        (id, regenerated.reply_id, vec![0, 1, 2, 3]),
        (id, fourth.reply_id, vec![0, 1, 2, 3, 4, 5]),
        (id, again.reply_id, vec![0, 1, 2, 3]),
        (id, top.reply_id, vec![0, 1]),
        (fork.id, forked.reply_id, vec![0, 1, 2, 3, 4, 5, 6, 7]),
    ] {
        let history = read!(store, messages().history(ada.id, conversation, leaf, None, 10)).unwrap();
        assert_eq!(history.iter().map(|entry| entry.depth).collect::<Vec<_>>(), depths);
        let last = read!(store, messages().history(ada.id, conversation, leaf, None, 1)).unwrap();
        assert_eq!(last.first().map(|entry| entry.depth), depths.last().copied(), "of a page of its end");
    }
}

async fn nobody_else_gets_native_blocks(store: Store) {
    let (ada, eve) = (user(&store, "ada").await, user(&store, "eve").await);
    let turn = start(&store, new_turn(ada.id, "hello")).await;
    let state = Checkpoint { provider_blocks: vec![block("secret")], ..checkpoint(&turn, "Hi", 2) };
    commit!(store, generations().checkpoint(&[state])).unwrap();
    let stolen =
        read!(store, messages().history(eve.id, turn.conversation_id, turn.reply_id, None, 400)).unwrap();
    assert_eq!(stolen, []);
}

async fn an_end_keeps_the_reason_the_window_the_model_and_every_cost(store: Store) {
    let ada = user(&store, "ada").await;
    let turn = start(&store, new_turn(ada.id, "hello")).await;
    let usage = Usage {
        input_tokens: 100,
        output_tokens: 20,
        cached_tokens: 64,
        reasoning_tokens: 8,
        cache_write_tokens: 36,
        cost_micros: Some(1234),
        estimated: true,
    };
    let context = ContextUse { used_tokens: 100, window_tokens: 8192, dropped_messages: 4, estimated: false };
    let mut end = GenerationEnd {
        finish: Some(Finish::Length),
        model: Some("other/model".to_owned()),
        usage: Some(usage),
        ..finish(&turn, "Hi", 2, Status::Complete)
    };
    end.checkpoint.context = Some(context);
    assert!(ends(&store, &end).await);
    let message = read!(store, messages().find(ada.id, turn.reply_id)).unwrap().unwrap();
    assert_eq!(message.parts, [Part::Text { text: "Hi".to_owned() }]);
    assert_eq!((message.finish, message.usage), (Some(Finish::Length), Some(usage)));
    assert_eq!((message.context, message.model.as_deref()), (Some(context), Some("other/model")));
}
