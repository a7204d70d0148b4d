//! Units of work: what is committed together, and what a dropped one leaves behind.

use kaiwa_shared::auth::Role;
use kaiwa_store::{
    Store,
    accounts::{Admission, Registration},
};

use crate::{
    fixture::{new_turn, new_user, start, user},
    harness::{on_both_engines, open, read, sqlite_url},
};

on_both_engines! {
    a_dropped_unit_leaves_no_trace,
    two_repositories_share_one_unit,
    units_that_run_at_once_commit_or_roll_back_each_for_itself,
    a_unit_that_is_given_up_while_it_waits_stops_nobody,
    a_unit_that_only_reads_cannot_write_and_sees_one_state,
}

async fn a_dropped_unit_leaves_no_trace(store: Store) {
    let eve = new_user("eve");
    let id = eve.id;
    {
        let mut tx = store.begin().await.unwrap();
        tx.users().register(eve, Admission::Open).await.unwrap();
        assert!(tx.users().find(id).await.unwrap().is_some(), "the unit sees its own writes");
    }
    assert_eq!(read!(store, users().find(id)).unwrap(), None);
    assert_eq!(user(&store, "ada").await.role, Role::Admin, "nobody registered before");
}

async fn two_repositories_share_one_unit(store: Store) {
    let mut tx = store.begin().await.unwrap();
    let outcome = tx.users().register(new_user("ada"), Admission::Open).await.unwrap();
    let Registration::Created(ada) = outcome else { panic!("{outcome:?}") };
    let turn = new_turn(ada.id, "hello");
    assert!(tx.generations().start(&turn).await.unwrap().is_stored());
    tx.commit().await.unwrap();
    assert!(read!(store, messages().find(ada.id, turn.reply_id)).unwrap().is_some());
}

async fn units_that_run_at_once_commit_or_roll_back_each_for_itself(store: Store) {
    let mut units = tokio::task::JoinSet::new();
    for n in 0..60 {
        let store = store.clone();
        units.spawn(async move {
            let new = new_user(&format!("user{n}"));
            let id = new.id;
            let mut tx = store.begin().await.unwrap();
            tx.users().register(new, Admission::Open).await.unwrap();
            if n % 3 == 0 {
                drop(tx);
            } else {
                tx.commit().await.unwrap();
                // What is acknowledged is there for everybody.
                assert!(read!(store, users().find(id)).unwrap().is_some());
            }
            (n, id)
        });
    }
    for (n, id) in units.join_all().await {
        assert_eq!(read!(store, users().find(id)).unwrap().is_some(), n % 3 != 0, "{n}");
    }
}

async fn a_unit_that_is_given_up_while_it_waits_stops_nobody(store: Store) {
    let first = store.begin().await.unwrap();
    let mut given_up = Vec::new();
    for _ in 0..3 {
        let store = store.clone();
        given_up.push(tokio::spawn(async move { store.begin().await.map(drop) }));
    }
    tokio::task::yield_now().await;
    let committing = tokio::spawn(async move {
        let mut tx = first;
        tx.users().register(new_user("ada"), Admission::Open).await.unwrap();
        tx.commit().await
    });
    given_up.iter().for_each(tokio::task::JoinHandle::abort);
    committing.await.unwrap().unwrap();
    let ada = read!(store, users().find_by_login("ada")).unwrap().unwrap().user;
    start(&store, new_turn(ada.id, "hello")).await;
}

async fn a_unit_that_only_reads_cannot_write_and_sees_one_state(store: Store) {
    let mut before = store.read().await.unwrap();
    assert!(!before.users().any().await.unwrap());
    user(&store, "ada").await;
    assert!(!before.users().any().await.unwrap());
    assert!(before.users().register(new_user("eve"), Admission::Open).await.is_err());
    drop(before);
    assert!(read!(store, users().any()).unwrap());
}

#[tokio::test]
async fn a_file_is_written_again_after_a_unit_lost_its_connection() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&sqlite_url(folder.path())).await;
    let mut tx = store.begin().await.unwrap();
    // Dropped in the middle of a statement, as when a request is given up.
    let mut users = tx.users();
    let register = users.register(new_user("eve"), Admission::Open);
    tokio::select! {
        biased;
        _ = register => {}
        () = std::future::ready(()) => {}
    }
    drop(tx);
    assert_eq!(user(&store, "ada").await.role, Role::Admin);
}
