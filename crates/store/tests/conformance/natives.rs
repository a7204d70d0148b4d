use kaiwa_shared::message::{ContextUse, Finish, Part, Status, Usage};
use kaiwa_store::{
    Store,
    entities::{Checkpoint, Finish as End, NativeBlock},
};
use serde_json::json;

use crate::{
    fixture::{checkpoint, exchange, finish, natives, new_turn, next_turn, start, user},
    harness::on_both_engines,
};

on_both_engines! {
    native_blocks_are_kept_beside_the_parts_of_their_branch,
    nobody_else_gets_native_blocks,
    an_end_keeps_the_reason_the_window_the_model_and_every_cost,
}

fn block(text: &str) -> NativeBlock {
    NativeBlock { parts: 1, bytes: 3, provider: "openai".to_owned(), block: json!({ "signature": text }) }
}

async fn native_blocks_are_kept_beside_the_parts_of_their_branch(store: Store) {
    let ada = user(&store, "ada").await;
    let first = start(&store, new_turn(ada.id, "hello")).await;
    let state = Checkpoint { natives: vec![block("half")], ..checkpoint(&first, "Hi", 2) };
    store.generations().checkpoint([state]).await.unwrap();
    let natives = || natives(&store, ada.id, first.conversation_id, first.reply_id);
    assert_eq!(
        natives().await,
        [(first.reply_id, vec![block("half")])],
        "a crash keeps what a checkpoint had"
    );

    let mut end = finish(&first, "Hi there", 3, Status::Complete);
    end.checkpoint.natives = vec![block("half"), block("\u{0}whole")];
    assert!(store.generations().finish(&end).await.unwrap().stored);
    assert_eq!(natives().await, [(first.reply_id, end.checkpoint.natives.clone())]);

    let second = exchange(&store, next_turn(ada.id, first.conversation_id, "more"), "yes").await;
    let whole =
        store.messages().told(ada.id, first.conversation_id, second.reply_id, None, 400).await.unwrap();
    let (ids, natives): (Vec<_>, Vec<_>) =
        whole.into_iter().map(|(message, natives)| (message.id, natives)).unzip();
    let natives_of_first = end.checkpoint.natives;
    assert_eq!(
        ids,
        [first.user_message_id, first.reply_id, second.user_message_id, second.reply_id],
        "the branch, oldest first"
    );
    assert_eq!(natives, [vec![], natives_of_first.clone(), vec![], vec![]]);

    let (conversation, leaf) = (first.conversation_id, second.reply_id);
    let near = store.messages().told(ada.id, conversation, leaf, None, 2).await.unwrap();
    assert_eq!(near.iter().map(|(message, _)| message.id).collect::<Vec<_>>(), ids[2..]);
    let before = Some(second.user_message_id);
    let above = store.messages().told(ada.id, conversation, leaf, before, 1).await.unwrap();
    let above: Vec<_> = above.into_iter().map(|(message, natives)| (message.id, natives)).collect();
    assert_eq!(above, [(first.reply_id, natives_of_first)], "from the last one of the page below on");
}

async fn nobody_else_gets_native_blocks(store: Store) {
    let (ada, eve) = (user(&store, "ada").await, user(&store, "eve").await);
    let turn = start(&store, new_turn(ada.id, "hello")).await;
    let state = Checkpoint { natives: vec![block("secret")], ..checkpoint(&turn, "Hi", 2) };
    store.generations().checkpoint([state]).await.unwrap();
    let stolen = store.messages().told(eve.id, turn.conversation_id, turn.reply_id, None, 400).await.unwrap();
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
    let mut end = End {
        finish: Some(Finish::Length),
        model: Some("other/model".to_owned()),
        usage: Some(usage),
        ..finish(&turn, "Hi", 2, Status::Complete)
    };
    end.checkpoint.context = Some(context);
    assert!(store.generations().finish(&end).await.unwrap().stored);
    let message = store.messages().find(ada.id, turn.reply_id).await.unwrap().unwrap();
    assert_eq!(message.parts, [Part::Text { text: "Hi".to_owned() }]);
    assert_eq!((message.finish, message.usage), (Some(Finish::Length), Some(usage)));
    assert_eq!((message.context, message.model.as_deref()), (Some(context), Some("other/model")));
}
