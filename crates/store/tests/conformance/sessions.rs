use kaiwa_shared::{SessionId, UserId};
use kaiwa_store::{
    Store,
    accounts::{MAX_CHECKED, Session},
};

use crate::{
    fixture::{NOW, PASSWORD_HASH, later, user},
    harness::{commit, on_both_engines, read},
};

on_both_engines! {
    a_login_is_found_with_its_account_until_it_ends,
    a_login_that_is_used_ends_later,
    a_logout_ends_one_login,
    every_other_login_of_an_account_ends_at_once,
    ended_logins_are_purged_and_live_ones_stay,
    the_active_ones_of_many_logins_are_found,
    a_login_needs_the_stored_password,
    a_login_that_overlaps_a_new_password_does_not_outlive_it,
}

fn new_login(user_id: UserId, expires_in: i64) -> Session {
    Session { id: SessionId::new(), user_id, created_at: NOW, expires_at: later(expires_in) }
}

async fn login(store: &Store, user_id: UserId, expires_in: i64) -> Session {
    let session = new_login(user_id, expires_in);
    assert!(commit!(store, sessions().create(&session, PASSWORD_HASH)).unwrap());
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

async fn the_active_ones_of_many_logins_are_found(store: Store) {
    let user = user(&store, "ada").await;
    let (one, two) = (login(&store, user.id, 1000).await.id, login(&store, user.id, 1000).await.id);
    let (ended, closed) = (login(&store, user.id, 10).await.id, login(&store, user.id, 1000).await.id);
    commit!(store, sessions().delete(closed)).unwrap();
    let asked = [one, ended, closed, SessionId::new(), two];
    let mut active = read!(store, sessions().filter_active(&asked, later(10))).unwrap();
    active.sort();
    assert_eq!(active, [one, two]);
    assert_eq!(read!(store, sessions().filter_active(&[], NOW)).unwrap(), []);
    let many: Vec<_> = std::iter::repeat_n(SessionId::new(), MAX_CHECKED - 1).chain([two]).collect();
    assert_eq!(read!(store, sessions().filter_active(&many, NOW)).unwrap(), [two]);
}

async fn a_login_needs_the_stored_password(store: Store) {
    let user = user(&store, "ada").await;
    let session = new_login(user.id, 1000);
    assert!(!commit!(store, sessions().create(&session, "$argon2id$another")).unwrap());
    let nobody = new_login(UserId::new(), 1000);
    assert!(!commit!(store, sessions().create(&nobody, PASSWORD_HASH)).unwrap());
    assert!(commit!(store, users().replace_password_hash(user.id, PASSWORD_HASH, "$argon2id$new")).unwrap());
    assert!(!commit!(store, sessions().create(&session, PASSWORD_HASH)).unwrap());
    assert_eq!(read!(store, sessions().find_active(session.id, NOW)).unwrap(), None);
    assert!(commit!(store, sessions().create(&session, "$argon2id$new")).unwrap());
}

async fn a_login_that_overlaps_a_new_password_does_not_outlive_it(store: Store) {
    let user = user(&store, "ada").await;
    // The login is the first of the two, and its commit comes while the change waits.
    let session = new_login(user.id, 1000);
    let mut login = store.begin().await.unwrap();
    assert!(login.sessions().create(&session, PASSWORD_HASH).await.unwrap());
    let change = {
        let store = store.clone();
        tokio::spawn(async move { change_password(&store, user.id, PASSWORD_HASH, "$argon2id$new").await })
    };
    tokio::task::yield_now().await;
    login.commit().await.unwrap();
    change.await.unwrap();
    assert_eq!(read!(store, sessions().find_active(session.id, NOW)).unwrap(), None);

    // The change is the first of the two.
    let session = new_login(user.id, 1000);
    let mut change = store.begin().await.unwrap();
    assert!(change.users().replace_password_hash(user.id, "$argon2id$new", "$argon2id$newer").await.unwrap());
    let login = {
        let (store, session) = (store.clone(), session.clone());
        tokio::spawn(async move { commit!(store, sessions().create(&session, "$argon2id$new")).unwrap() })
    };
    tokio::task::yield_now().await;
    change.sessions().delete_others(user.id, None).await.unwrap();
    change.commit().await.unwrap();
    assert!(!login.await.unwrap());
    assert_eq!(read!(store, sessions().find_active(session.id, NOW)).unwrap(), None);
}

async fn change_password(store: &Store, user: UserId, old: &str, new: &str) {
    let mut tx = store.begin().await.unwrap();
    assert!(tx.users().replace_password_hash(user, old, new).await.unwrap());
    tx.sessions().delete_others(user, None).await.unwrap();
    tx.commit().await.unwrap();
}
