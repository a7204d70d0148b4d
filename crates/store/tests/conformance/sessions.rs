use kaiwa_shared::{SessionId, UserId};
use kaiwa_store::{Store, entities::Session};

use crate::{
    fixture::{NOW, later, user},
    harness::on_both_engines,
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
    store.sessions().create(&session).await.unwrap();
    session
}

async fn a_login_is_found_with_its_account_until_it_ends(store: Store) {
    let user = user(&store, "ada").await;
    let session = login(&store, user.id, 1000).await;
    let found = store.sessions().find_active(session.id, later(999)).await.unwrap();
    assert_eq!(found, Some((session.clone(), user)));
    assert_eq!(store.sessions().find_active(session.id, later(1000)).await.unwrap(), None);
    assert_eq!(store.sessions().find_active(SessionId::new(), NOW).await.unwrap(), None);
}

async fn a_login_that_is_used_ends_later(store: Store) {
    let user = user(&store, "ada").await;
    let session = login(&store, user.id, 1000).await;
    store.sessions().extend(session.id, later(5000)).await.unwrap();
    let (extended, _) = store.sessions().find_active(session.id, later(4000)).await.unwrap().unwrap();
    assert_eq!(extended.expires_at, later(5000));
}

async fn a_logout_ends_one_login(store: Store) {
    let user = user(&store, "ada").await;
    let (one, two) = (login(&store, user.id, 1000).await, login(&store, user.id, 1000).await);
    assert!(store.sessions().delete(one.id).await.unwrap());
    assert!(!store.sessions().delete(one.id).await.unwrap());
    assert_eq!(store.sessions().find_active(one.id, NOW).await.unwrap(), None);
    assert!(store.sessions().find_active(two.id, NOW).await.unwrap().is_some());
}

async fn every_other_login_of_an_account_ends_at_once(store: Store) {
    let (ada, grace) = (user(&store, "ada").await, user(&store, "grace").await);
    let kept = login(&store, ada.id, 1000).await;
    let mut ended = [login(&store, ada.id, 1000).await.id, login(&store, ada.id, 1000).await.id];
    let foreign = login(&store, grace.id, 1000).await;
    let mut reported = store.sessions().delete_others(ada.id, Some(kept.id)).await.unwrap();
    reported.sort();
    ended.sort();
    assert_eq!(reported, ended);
    assert!(store.sessions().find_active(kept.id, NOW).await.unwrap().is_some());
    assert_eq!(store.sessions().delete_others(ada.id, None).await.unwrap(), [kept.id]);
    assert!(store.sessions().find_active(foreign.id, NOW).await.unwrap().is_some());
}

async fn ended_logins_are_purged_and_live_ones_stay(store: Store) {
    let user = user(&store, "ada").await;
    login(&store, user.id, 10).await;
    login(&store, user.id, 20).await;
    let live = login(&store, user.id, 30).await;
    assert_eq!(store.sessions().purge(later(20)).await.unwrap(), 2);
    assert_eq!(store.sessions().purge(later(20)).await.unwrap(), 0);
    assert!(store.sessions().find_active(live.id, later(20)).await.unwrap().is_some());
}
