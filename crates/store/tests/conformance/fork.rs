//! A new conversation from a branch of another one.

use kaiwa_shared::{
    ConversationId, MessageId,
    conversation::UpdateConversation,
    message::{Message, MessageOptions, Status},
    stream::Parent,
};
use kaiwa_store::{Store, generations::NewTurn};

use crate::{
    fixture::{checkpoint, ends, exchange, finish, hung, later, new_turn, next_turn, start, user},
    harness::{commit, on_both_engines, read},
};

on_both_engines! {
    a_fork_is_a_copy_of_the_branch_down_to_its_message,
    a_fork_and_its_original_go_their_own_ways,
    a_fork_keeps_the_title_and_whose_it_is,
    a_running_reply_is_copied_as_far_as_it_has_come,
    nobody_forks_what_is_not_theirs,
}

/// What a copy has alike: everything but its place and its generation.
fn alike(message: &Message) -> Message {
    let mut message = message.clone();
    let nowhere = ConversationId::from_uuid(MessageId::new().as_uuid());
    message.id = MessageId::from_uuid(nowhere.as_uuid());
    (message.conversation_id, message.parent_id, message.generation_id) = (nowhere, None, None);
    message.siblings = Vec::new();
    message
}

fn same(one: &Message, other: &Message) -> bool {
    let (mut one, other) = (alike(one), alike(other));
    (one.id, one.conversation_id) = (other.id, other.conversation_id);
    one == other
}

async fn a_fork_is_a_copy_of_the_branch_down_to_its_message(store: Store) {
    let ada = user(&store, "ada").await;
    let options = MessageOptions { max_tokens: Some(5), ..MessageOptions::default() };
    let root = exchange(&store, NewTurn { options, ..new_turn(ada.id, "root") }, "ROOT").await;
    let id = root.conversation_id;
    let left = exchange(&store, next_turn(ada.id, id, "left"), "LEFT").await;
    exchange(&store, next_turn(ada.id, id, "below"), "BELOW").await;
    let right = hung(next_turn(ada.id, id, "right"), Parent::Message(root.reply_id));
    exchange(&store, right, "RIGHT").await;

    let new = ConversationId::new();
    let copy =
        commit!(store, conversations().fork(ada.id, id, left.reply_id, new, later(7))).unwrap().unwrap();
    assert_eq!((copy.id, copy.created_at, copy.updated_at), (new, later(7), later(7)));
    assert_eq!(copy.model.as_deref(), Some("demo"));
    let leaf = copy.active_leaf_id.unwrap();
    let copied = read!(store, messages().branch(ada.id, new, leaf, None, 100)).unwrap().messages;
    let original = read!(store, messages().branch(ada.id, id, left.reply_id, None, 100)).unwrap().messages;
    assert_eq!(copied.len(), 4);
    for (n, (one, other)) in copied.iter().zip(&original).enumerate() {
        assert!(same(one, other), "{one:?} {other:?}");
        assert_ne!(one.id, other.id);
        assert_eq!(one.conversation_id, new);
        assert_eq!(one.parent_id, n.checked_sub(1).map(|above| copied[above].id));
        assert_eq!((one.generation_id, one.siblings.len()), (None, 0));
    }
}

async fn a_fork_and_its_original_go_their_own_ways(store: Store) {
    let ada = user(&store, "ada").await;
    let root = exchange(&store, new_turn(ada.id, "root"), "ROOT").await;
    let new = ConversationId::new();
    commit!(store, conversations().fork(ada.id, root.conversation_id, root.reply_id, new, later(1)))
        .unwrap()
        .unwrap();
    let more = exchange(&store, next_turn(ada.id, new, "more"), "MORE").await;
    let original = read!(store, conversations().find(ada.id, root.conversation_id)).unwrap().unwrap();
    assert_eq!(original.active_leaf_id, Some(root.reply_id));
    assert!(commit!(store, conversations().delete(ada.id, root.conversation_id)).unwrap());
    let copy = read!(store, messages().branch(ada.id, new, more.reply_id, None, 100)).unwrap();
    assert_eq!(copy.messages.iter().map(Message::text).collect::<Vec<_>>(), ["root", "ROOT", "more", "MORE"]);
}

async fn a_fork_keeps_the_title_and_whose_it_is(store: Store) {
    let ada = user(&store, "ada").await;
    let root = exchange(&store, new_turn(ada.id, "root"), "ROOT").await;
    let fork = async || {
        let new = ConversationId::new();
        let id = root.conversation_id;
        commit!(store, conversations().fork(ada.id, id, root.reply_id, new, later(1))).unwrap().unwrap()
    };
    assert_eq!(fork().await.title, "root");
    commit!(store, conversations().set_generated_title(root.conversation_id, "Generated")).unwrap();
    let copy = fork().await;
    assert_eq!(copy.title, "Generated");
    assert!(commit!(store, conversations().set_generated_title(copy.id, "Generated anew")).unwrap());
    let own = UpdateConversation { title: Some("My own".to_owned()), ..UpdateConversation::default() };
    commit!(store, conversations().update(ada.id, root.conversation_id, &own)).unwrap();
    let copy = fork().await;
    assert_eq!(copy.title, "My own");
    assert!(!commit!(store, conversations().set_generated_title(copy.id, "Generated")).unwrap());
    let found = read!(store, conversations().list(ada.id, Some("MY OWN"), None, 10)).unwrap();
    assert_eq!(found.items.len(), 2, "a copy is found by its title");
}

async fn a_running_reply_is_copied_as_far_as_it_has_come(store: Store) {
    let ada = user(&store, "ada").await;
    let turn = start(&store, new_turn(ada.id, "root")).await;
    commit!(store, generations().checkpoint(&[checkpoint(&turn, "half a re", 3)])).unwrap();
    let new = ConversationId::new();
    let copy =
        commit!(store, conversations().fork(ada.id, turn.conversation_id, turn.reply_id, new, later(1)));
    let leaf = copy.unwrap().unwrap().active_leaf_id.unwrap();
    let copied = read!(store, messages().find(ada.id, leaf)).unwrap().unwrap();
    assert_eq!((copied.status, copied.text().as_str()), (Status::Interrupted, "half a re"));
    assert!(ends(&store, &finish(&turn, "half a reply", 4, Status::Complete)).await);
    assert_eq!(read!(store, messages().find(ada.id, leaf)).unwrap().unwrap(), copied);
    exchange(&store, next_turn(ada.id, new, "go on"), "ply").await;
}

async fn nobody_forks_what_is_not_theirs(store: Store) {
    let (ada, eve) = (user(&store, "ada").await, user(&store, "eve").await);
    let turn = exchange(&store, new_turn(ada.id, "mine"), "MINE").await;
    let other = exchange(&store, new_turn(ada.id, "other"), "OTHER").await;
    for (owner, id, message) in [
        (eve.id, turn.conversation_id, turn.reply_id),
        (ada.id, other.conversation_id, turn.reply_id),
        (ada.id, turn.conversation_id, MessageId::new()),
    ] {
        let new = ConversationId::new();
        assert_eq!(commit!(store, conversations().fork(owner, id, message, new, later(1))).unwrap(), None);
        assert_eq!(read!(store, conversations().find(owner, new)).unwrap(), None);
    }
}
