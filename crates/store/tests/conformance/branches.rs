//! Which branch is shown, what is beside a message, and what goes with one.

use kaiwa_shared::{
    ConversationId, MessageId, UserId,
    conversation::Subtree,
    message::{Citation, Part, Status},
    stream::Parent,
};
use kaiwa_store::{Store, chat::EditOutcome, generations::Turn};

use crate::{
    fixture::{
        another, ends, exchange, finish, hung, later, new_turn, next_turn, provider_blocks, start, user,
    },
    harness::{commit, on_both_engines, read},
};

on_both_engines! {
    every_message_names_those_beside_it,
    a_branch_is_shown_again_as_far_down_as_it_was_shown_last,
    a_turn_elsewhere_is_remembered_at_every_fork_above_it,
    nobody_shows_what_is_not_in_their_conversation,
    what_goes_with_a_message_is_counted,
    a_deleted_message_takes_along_what_is_below_it,
    a_deleted_branch_gives_way_to_the_one_beside_it,
    a_hidden_branch_goes_without_a_change_of_what_is_shown,
    what_is_being_written_can_be_deleted,
    nobody_deletes_or_edits_what_is_somebody_elses,
    a_very_long_branch_is_shown_counted_and_deleted,
    an_edit_changes_the_words_and_nothing_else,
    a_reply_that_is_being_written_is_not_edited,
}

async fn shown(store: &Store, owner: UserId, id: ConversationId) -> Vec<String> {
    let conversation = read!(store, conversations().find(owner, id)).unwrap().unwrap();
    let Some(leaf) = conversation.active_leaf_id else { return Vec::new() };
    let branch = read!(store, messages().branch(owner, id, leaf, None, 100)).unwrap();
    branch.messages.iter().map(kaiwa_shared::message::Message::text).collect()
}

/// A reply to `text` under `parent`, and its turn.
async fn under(store: &Store, owner: UserId, parent: &Turn, text: &str) -> Turn {
    let new = next_turn(owner, parent.conversation_id, text);
    exchange(store, hung(new, Parent::Message(parent.reply_id)), &text.to_uppercase()).await
}

async fn every_message_names_those_beside_it(store: Store) {
    let ada = user(&store, "ada").await;
    let root = exchange(&store, new_turn(ada.id, "root"), "ROOT").await;
    let id = root.conversation_id;
    let left = under(&store, ada.id, &root, "left").await;
    let right = under(&store, ada.id, &root, "right").await;
    let again = exchange(&store, another(ada.id, &right), "RIGHT 2").await;
    let top = exchange(&store, hung(next_turn(ada.id, id, "top"), Parent::Top), "TOP").await;
    // Another conversation's top is not beside this one's.
    exchange(&store, new_turn(ada.id, "elsewhere"), "ELSEWHERE").await;

    let branch = read!(store, messages().branch(ada.id, id, again.reply_id, None, 50)).unwrap();
    let siblings: Vec<_> = branch.messages.into_iter().map(|message| message.siblings).collect();
    let expected = [
        vec![root.user_message_id, top.user_message_id],
        vec![],
        vec![left.user_message_id, right.user_message_id],
        vec![right.reply_id, again.reply_id],
    ];
    assert_eq!(siblings, expected);
    let page = read!(store, messages().branch(ada.id, id, again.reply_id, Some(right.user_message_id), 1));
    assert_eq!(page.unwrap().messages[0].siblings, Vec::<MessageId>::new());
    let page = read!(store, messages().branch(ada.id, id, again.reply_id, None, 1)).unwrap();
    assert_eq!(page.messages[0].siblings, [right.reply_id, again.reply_id]);
}

async fn a_branch_is_shown_again_as_far_down_as_it_was_shown_last(store: Store) {
    let ada = user(&store, "ada").await;
    let root = exchange(&store, new_turn(ada.id, "root"), "ROOT").await;
    let id = root.conversation_id;
    let left = under(&store, ada.id, &root, "left").await;
    let older = under(&store, ada.id, &left, "older").await;
    let newer = under(&store, ada.id, &left, "newer").await;
    let right = under(&store, ada.id, &root, "right").await;
    let show = async |message: MessageId| {
        let conversation = commit!(store, conversations().show(ada.id, id, message)).unwrap().unwrap();
        let read = read!(store, conversations().find(ada.id, id)).unwrap().unwrap();
        assert_eq!(conversation, read);
        shown(&store, ada.id, id).await
    };
    let left_newer = ["root", "ROOT", "left", "LEFT", "newer", "NEWER"];
    let left_older = ["root", "ROOT", "left", "LEFT", "older", "OLDER"];
    assert_eq!(shown(&store, ada.id, id).await, ["root", "ROOT", "right", "RIGHT"]);
    assert_eq!(show(left.user_message_id).await, left_newer, "the one that was shown last");
    assert_eq!(show(older.user_message_id).await, left_older);
    assert_eq!(show(right.user_message_id).await, ["root", "ROOT", "right", "RIGHT"]);
    assert_eq!(show(left.reply_id).await, left_older, "remembered while another branch was shown");
    assert_eq!(show(root.user_message_id).await, left_older, "what is above the fork changes nothing");
    assert_eq!(show(newer.reply_id).await, left_newer);
    // What was remembered may be gone.
    show(right.reply_id).await;
    commit!(store, messages().delete(ada.id, newer.user_message_id)).unwrap().unwrap();
    assert_eq!(show(left.user_message_id).await, left_older);
}

async fn a_turn_elsewhere_is_remembered_at_every_fork_above_it(store: Store) {
    let ada = user(&store, "ada").await;
    let root = exchange(&store, new_turn(ada.id, "root"), "ROOT").await;
    let id = root.conversation_id;
    let left = under(&store, ada.id, &root, "left").await;
    let right = under(&store, ada.id, &root, "right").await;
    // A message under the branch that is not shown shows that branch, here and at the fork above.
    under(&store, ada.id, &left, "more").await;
    let top = exchange(&store, hung(next_turn(ada.id, id, "top"), Parent::Top), "TOP").await;
    assert_eq!(shown(&store, ada.id, id).await, ["top", "TOP"]);
    commit!(store, conversations().show(ada.id, id, root.user_message_id)).unwrap().unwrap();
    assert_eq!(shown(&store, ada.id, id).await, ["root", "ROOT", "left", "LEFT", "more", "MORE"]);
    exchange(&store, another(ada.id, &right), "RIGHT 2").await;
    commit!(store, conversations().show(ada.id, id, top.reply_id)).unwrap().unwrap();
    commit!(store, conversations().show(ada.id, id, root.reply_id)).unwrap().unwrap();
    assert_eq!(shown(&store, ada.id, id).await, ["root", "ROOT", "right", "RIGHT 2"]);
}

async fn nobody_shows_what_is_not_in_their_conversation(store: Store) {
    let (ada, eve) = (user(&store, "ada").await, user(&store, "eve").await);
    let turn = exchange(&store, new_turn(ada.id, "mine"), "MINE").await;
    let other = exchange(&store, new_turn(ada.id, "other"), "OTHER").await;
    for (owner, id, message) in [
        (eve.id, turn.conversation_id, turn.reply_id),
        (ada.id, turn.conversation_id, other.reply_id),
        (ada.id, turn.conversation_id, MessageId::new()),
        (ada.id, ConversationId::new(), turn.reply_id),
    ] {
        assert_eq!(commit!(store, conversations().show(owner, id, message)).unwrap(), None);
    }
}

async fn what_goes_with_a_message_is_counted(store: Store) {
    let ada = user(&store, "ada").await;
    let root = exchange(&store, new_turn(ada.id, "root"), "ROOT").await;
    let left = under(&store, ada.id, &root, "left").await;
    under(&store, ada.id, &left, "below").await;
    let right = under(&store, ada.id, &root, "right").await;
    exchange(&store, another(ada.id, &right), "RIGHT 2").await;
    let count = async |id: MessageId| read!(store, messages().subtree(ada.id, id)).unwrap();
    let counted = |messages, hidden| Some(Subtree { messages, hidden });
    assert_eq!(count(root.user_message_id).await, counted(9, 5));
    assert_eq!(count(left.user_message_id).await, counted(4, 4));
    assert_eq!(count(right.user_message_id).await, counted(3, 1));
    assert_eq!(count(right.reply_id).await, counted(1, 1));
    assert_eq!(count(MessageId::new()).await, None);
}

async fn a_deleted_message_takes_along_what_is_below_it(store: Store) {
    let ada = user(&store, "ada").await;
    let root = exchange(&store, new_turn(ada.id, "root"), "ROOT").await;
    let left = under(&store, ada.id, &root, "left").await;
    let below = under(&store, ada.id, &left, "below").await;
    let deleted = commit!(store, messages().delete(ada.id, left.reply_id)).unwrap().unwrap();
    assert_eq!(deleted.subtree, Subtree { messages: 3, hidden: 0 });
    assert_eq!(deleted.stopped, []);
    assert_eq!(deleted.conversation.active_leaf_id, Some(left.user_message_id));
    assert_eq!(shown(&store, ada.id, root.conversation_id).await, ["root", "ROOT", "left"]);
    for gone in [left.reply_id, below.user_message_id, below.reply_id] {
        assert_eq!(read!(store, messages().find(ada.id, gone)).unwrap(), None);
    }
    assert_eq!(read!(store, generations().find(ada.id, below.generation_id)).unwrap(), None);
    assert_eq!(commit!(store, messages().delete(ada.id, left.reply_id)).unwrap(), None, "once");
    // The branch goes on from where it ends now, and an empty conversation from its top.
    exchange(&store, next_turn(ada.id, root.conversation_id, "again"), "AGAIN").await;
    let all = commit!(store, messages().delete(ada.id, root.user_message_id)).unwrap().unwrap();
    assert_eq!((all.subtree.messages, all.conversation.active_leaf_id), (5, None));
    exchange(&store, next_turn(ada.id, root.conversation_id, "anew"), "ANEW").await;
    assert_eq!(shown(&store, ada.id, root.conversation_id).await, ["anew", "ANEW"]);
}

async fn a_deleted_branch_gives_way_to_the_one_beside_it(store: Store) {
    let ada = user(&store, "ada").await;
    let root = exchange(&store, new_turn(ada.id, "root"), "ROOT").await;
    let id = root.conversation_id;
    let left = under(&store, ada.id, &root, "left").await;
    under(&store, ada.id, &left, "below").await;
    let right = under(&store, ada.id, &root, "right").await;
    commit!(store, messages().delete(ada.id, right.user_message_id)).unwrap().unwrap();
    assert_eq!(shown(&store, ada.id, id).await, ["root", "ROOT", "left", "LEFT", "below", "BELOW"]);
    let top = exchange(&store, hung(next_turn(ada.id, id, "top"), Parent::Top), "TOP").await;
    commit!(store, messages().delete(ada.id, top.user_message_id)).unwrap().unwrap();
    assert_eq!(shown(&store, ada.id, id).await, ["root", "ROOT", "left", "LEFT", "below", "BELOW"]);
}

async fn a_hidden_branch_goes_without_a_change_of_what_is_shown(store: Store) {
    let ada = user(&store, "ada").await;
    let root = exchange(&store, new_turn(ada.id, "root"), "ROOT").await;
    let left = under(&store, ada.id, &root, "left").await;
    under(&store, ada.id, &root, "right").await;
    let deleted = commit!(store, messages().delete(ada.id, left.user_message_id)).unwrap().unwrap();
    assert_eq!(deleted.subtree, Subtree { messages: 2, hidden: 2 });
    assert_eq!(shown(&store, ada.id, root.conversation_id).await, ["root", "ROOT", "right", "RIGHT"]);
}

async fn what_is_being_written_can_be_deleted(store: Store) {
    let ada = user(&store, "ada").await;
    let root = exchange(&store, new_turn(ada.id, "root"), "ROOT").await;
    let running = start(&store, next_turn(ada.id, root.conversation_id, "more")).await;
    let deleted = commit!(store, messages().delete(ada.id, root.reply_id)).unwrap().unwrap();
    assert_eq!(deleted.stopped, [running.generation_id]);
    assert!(!ends(&store, &finish(&running, "late", 1, Status::Complete)).await);
    assert_eq!(shown(&store, ada.id, root.conversation_id).await, ["root"]);
}

async fn nobody_deletes_or_edits_what_is_somebody_elses(store: Store) {
    let (ada, eve) = (user(&store, "ada").await, user(&store, "eve").await);
    let turn = exchange(&store, new_turn(ada.id, "mine"), "MINE").await;
    for id in [turn.user_message_id, turn.reply_id] {
        assert_eq!(read!(store, messages().subtree(eve.id, id)).unwrap(), None);
        assert_eq!(commit!(store, messages().delete(eve.id, id)).unwrap(), None);
        assert_eq!(
            commit!(store, messages().edit(eve.id, id, &"yours".into())).unwrap(),
            EditOutcome::NoMessage
        );
    }
    assert_eq!(shown(&store, ada.id, turn.conversation_id).await, ["mine", "MINE"]);
}

async fn a_very_long_branch_is_shown_counted_and_deleted(store: Store) {
    const TURNS: u64 = 1500;
    let ada = user(&store, "ada").await;
    let root = exchange(&store, new_turn(ada.id, "root"), "ROOT").await;
    let id = root.conversation_id;
    let mut last = exchange(&store, next_turn(ada.id, id, "0"), "0").await;
    let first = last.clone();
    for _ in 1..TURNS {
        last = exchange(&store, next_turn(ada.id, id, "x"), "X").await;
    }
    under(&store, ada.id, &root, "other").await;
    let conversation =
        commit!(store, conversations().show(ada.id, id, first.user_message_id)).unwrap().unwrap();
    assert_eq!(conversation.active_leaf_id, Some(last.reply_id));
    let all = Subtree { messages: 2 * TURNS + 4, hidden: 2 };
    assert_eq!(read!(store, messages().subtree(ada.id, root.user_message_id)).unwrap(), Some(all));
    let copy = ConversationId::new();
    commit!(store, conversations().fork(ada.id, id, last.reply_id, copy, later(1))).unwrap().unwrap();
    let deleted = commit!(store, messages().delete(ada.id, first.user_message_id)).unwrap().unwrap();
    assert_eq!(deleted.subtree, Subtree { messages: 2 * TURNS, hidden: 0 });
    assert_eq!(shown(&store, ada.id, id).await, ["root", "ROOT", "other", "OTHER"]);
    assert!(commit!(store, conversations().delete(ada.id, copy)).unwrap());
}

async fn an_edit_changes_the_words_and_nothing_else(store: Store) {
    let ada = user(&store, "ada").await;
    let turn = start(&store, new_turn(ada.id, "hello")).await;
    let mut end = finish(&turn, "", 1, Status::Complete);
    let source = Part::Citation(Citation { url: "https://example.org".to_owned(), ..Citation::default() });
    let thought = Part::Reasoning { text: "hm".to_owned(), duration_ms: Some(5) };
    let said = |text: &str| Part::Text { text: text.to_owned() };
    end.checkpoint.parts = vec![thought.clone(), said("one"), source.clone(), said("two")];
    commit!(store, generations().finish(&end)).unwrap();
    let before = read!(store, messages().find(ada.id, turn.reply_id)).unwrap().unwrap();
    let conversation = read!(store, conversations().find(ada.id, turn.conversation_id)).unwrap();

    let edited = EditOutcome::Edited(turn.conversation_id);
    assert_eq!(commit!(store, messages().edit(ada.id, turn.reply_id, &"three".into())).unwrap(), edited);
    assert_eq!(
        commit!(store, messages().edit(ada.id, turn.user_message_id, &"hallo".into())).unwrap(),
        edited
    );
    let mut after = read!(store, messages().find(ada.id, turn.reply_id)).unwrap().unwrap();
    assert_eq!(after.parts, [thought, said("three"), source]);
    after.parts.clone_from(&before.parts);
    assert_eq!(after, before);
    assert_eq!(shown(&store, ada.id, turn.conversation_id).await, ["hallo", "three"]);
    assert_eq!(read!(store, conversations().find(ada.id, turn.conversation_id)).unwrap(), conversation);
    let provider_blocks = provider_blocks(&store, ada.id, turn.conversation_id, turn.reply_id).await;
    assert_eq!(provider_blocks, [], "no provider gets back what it did not say");
}

async fn a_reply_that_is_being_written_is_not_edited(store: Store) {
    let ada = user(&store, "ada").await;
    let turn = start(&store, new_turn(ada.id, "hello")).await;
    let busy = EditOutcome::Busy(turn.generation_id);
    assert_eq!(commit!(store, messages().edit(ada.id, turn.reply_id, &"mine".into())).unwrap(), busy);
    let edited = EditOutcome::Edited(turn.conversation_id);
    assert_eq!(
        commit!(store, messages().edit(ada.id, turn.user_message_id, &"hallo".into())).unwrap(),
        edited
    );
}
