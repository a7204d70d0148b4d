use kaiwa_shared::{RunnerId, message::Status};
use kaiwa_store::{Store, generations::NewTurn};

use crate::{
    fixture::{NOW, later, new_turn, start, user},
    harness::{commit, on_both_engines, read},
};

on_both_engines! {
    only_replies_whose_runner_has_no_lease_are_interrupted,
    a_renewed_lease_lives_on_and_a_released_one_does_not,
}

async fn status(
    store: &Store,
    turn: &kaiwa_store::generations::Turn,
    owner: kaiwa_shared::UserId,
) -> [Status; 2] {
    let message = read!(store, messages().find(owner, turn.reply_id)).unwrap().unwrap();
    let generation = read!(store, generations().find(owner, turn.generation_id)).unwrap().unwrap();
    [message.status, generation.status]
}

async fn only_replies_whose_runner_has_no_lease_are_interrupted(store: Store) {
    let ada = user(&store, "ada").await;
    let (alive, dead) = (RunnerId::new(), RunnerId::new());
    commit!(store, runners().renew(alive, later(30_000))).unwrap();
    commit!(store, runners().renew(dead, later(10_000))).unwrap();
    let kept = start(&store, NewTurn { runner: alive, ..new_turn(ada.id, "hello") }).await;
    let lost = start(&store, NewTurn { runner: dead, ..new_turn(ada.id, "hello") }).await;
    assert_eq!(commit!(store, runners().interrupt_abandoned(later(9_999))).unwrap(), 0);
    assert_eq!(commit!(store, runners().interrupt_abandoned(later(10_000))).unwrap(), 1);
    assert_eq!(status(&store, &kept, ada.id).await, [Status::Streaming; 2]);
    assert_eq!(status(&store, &lost, ada.id).await, [Status::Interrupted; 2]);
    assert_eq!(commit!(store, runners().interrupt_abandoned(later(10_001))).unwrap(), 0);
}

async fn a_renewed_lease_lives_on_and_a_released_one_does_not(store: Store) {
    let ada = user(&store, "ada").await;
    let runner = RunnerId::new();
    commit!(store, runners().renew(runner, later(10))).unwrap();
    commit!(store, runners().renew(runner, later(1000))).unwrap();
    let turn = start(&store, NewTurn { runner, ..new_turn(ada.id, "hello") }).await;
    assert_eq!(commit!(store, runners().interrupt_abandoned(later(500))).unwrap(), 0);
    commit!(store, runners().release(runner)).unwrap();
    assert_eq!(commit!(store, runners().interrupt_abandoned(NOW)).unwrap(), 1);
    assert_eq!(status(&store, &turn, ada.id).await, [Status::Interrupted; 2]);
}
