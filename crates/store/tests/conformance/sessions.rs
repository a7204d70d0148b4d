use kaiwa_shared::{SessionId, UserId};
use kaiwa_store::{Store, accounts::Session};

use crate::{
    fixture::{NOW, later, user},
    harness::{commit, on_both_engines, read},
};

on_both_engines! {
    a_login_is_found_with_its_account_until_it_ends,
    a_login_that_is_used_ends_later,
    a_logout_ends_one_login,
    every_other_login_of_an_account_ends_at_once,
    ended_logins_are_purged_and_live_ones_stay,
}

async fn login(store: &Store, user_id: UserId, expires_in: i64) -> Session {
    let session = Session { id: SessionId::new(), user_id, created_at: NOW, expires_at: later(expires_in) };
    commit!(store, sessions().create(&session)).unwrap();
    session
}

async fn a_login_is_found_with_its_account_until_it_ends(store: Store) {
    let user = user(&store, "ada").await;
    let session = login(&store, user.id, 1000).await;
    let found = read!(store, sessions().find_active(session.id, later(999))).unwrap();
    assert_eq!(found, Some((session.clone(), user)));
    assert_eq!(read!(store, sessions().find_active(session.id, later(1000))).unwrap(), None);
    assert_eq!(read!(store, sessions().find_active(SessionId::new(), NOW)).unwrap(), None);
}

async fn a_login_that_is_used_ends_later(store: Store) {
    let user = user(&store, "ada").await;
    let session = login(&store, user.id, 1000).await;
    commit!(store, sessions().extend(session.id, later(5000))).unwrap();
    let (extended, _) = read!(store, sessions().find_active(session.id, later(4000))).unwrap().unwrap();
    assert_eq!(extended.expires_at, later(5000));
}

async fn a_logout_ends_one_login(store: Store) {
    let user = user(&store, "ada").await;
    let (one, two) = (login(&store, user.id, 1000).await, login(&store, user.id, 1000).await);
    assert!(commit!(store, sessions().delete(one.id)).unwrap());
    assert!(!commit!(store, sessions().delete(one.id)).unwrap());
    assert_eq!(read!(store, sessions().find_active(one.id, NOW)).unwrap(), None);
    assert!(read!(store, sessions().find_active(two.id, NOW)).unwrap().is_some());
}

async fn every_other_login_of_an_account_ends_at_once(store: Store) {
    let (ada, grace) = (user(&store, "ada").await, user(&store, "grace").await);
    let kept = login(&store, ada.id, 1000).await;
    let mut ended = [login(&store, ada.id, 1000).await.id, login(&store, ada.id, 1000).await.id];
    let foreign = login(&store, grace.id, 1000).await;
    let mut reported = commit!(store, sessions().delete_others(ada.id, Some(kept.id))).unwrap();
    reported.sort();
    ended.sort();
    assert_eq!(reported, ended);
    assert!(read!(store, sessions().find_active(kept.id, NOW)).unwrap().is_some());
    assert_eq!(commit!(store, sessions().delete_others(ada.id, None)).unwrap(), [kept.id]);
    assert!(read!(store, sessions().find_active(foreign.id, NOW)).unwrap().is_some());
}

async fn ended_logins_are_purged_and_live_ones_stay(store: Store) {
    let user = user(&store, "ada").await;
    login(&store, user.id, 10).await;
    login(&store, user.id, 20).await;
    let live = login(&store, user.id, 30).await;
    assert_eq!(commit!(store, sessions().purge(later(20))).unwrap(), 2);
    assert_eq!(commit!(store, sessions().purge(later(20))).unwrap(), 0);
    assert!(read!(store, sessions().find_active(live.id, later(20))).unwrap().is_some());
}
