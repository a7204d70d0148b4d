use kaiwa_shared::{UserId, auth::Role};
use kaiwa_store::{
    Store,
    accounts::{Admission, Registration},
};

use crate::{
    fixture::{NOW, PASSWORD_HASH, new_user, user},
    harness::{commit, on_both_engines, read},
};

on_both_engines! {
    the_first_account_is_the_administrators_and_the_next_is_not,
    fifty_racing_registrations_make_exactly_one_administrator,
    fifty_racing_first_registrations_make_exactly_one_account,
    a_name_is_taken_in_any_case,
    an_address_is_taken_in_any_case,
    an_account_is_found_by_name_and_by_address_in_any_case,
    a_login_that_nobody_can_have_finds_nobody,
    a_password_is_replaced,
}

async fn the_first_account_is_the_administrators_and_the_next_is_not(store: Store) {
    assert!(!read!(store, users().any()).unwrap());
    let first = user(&store, "Ada").await;
    assert_eq!((first.username.as_str(), first.role, first.created_at), ("Ada", Role::Admin, NOW));
    assert!(read!(store, users().any()).unwrap());
    assert_eq!(user(&store, "Grace").await.role, Role::User);
    assert_eq!(read!(store, users().find(first.id)).unwrap(), Some(first));
    assert_eq!(read!(store, users().find(UserId::new())).unwrap(), None);
}

async fn fifty_racing_registrations_make_exactly_one_administrator(store: Store) {
    let created = race(&store, Admission::Open).await;
    assert_eq!(created.len(), 50);
    assert_eq!(created.iter().filter(|role| **role == Role::Admin).count(), 1);
}

async fn fifty_racing_first_registrations_make_exactly_one_account(store: Store) {
    assert_eq!(race(&store, Admission::FirstOnly).await, [Role::Admin]);
    let late = commit!(store, users().register(new_user("late"), Admission::FirstOnly)).unwrap();
    assert_eq!(late, Registration::Closed);
}

async fn race(store: &Store, admission: Admission) -> Vec<Role> {
    let mut racers = tokio::task::JoinSet::new();
    for n in 0..50 {
        let store = store.clone();
        racers.spawn(async move {
            commit!(store, users().register(new_user(&format!("racer{n}")), admission)).unwrap()
        });
    }
    let outcomes = racers.join_all().await;
    outcomes
        .into_iter()
        .filter_map(|outcome| match outcome {
            Registration::Created(user) => Some(user.role),
            Registration::Closed => None,
            other => panic!("{other:?}"),
        })
        .collect()
}

async fn a_name_is_taken_in_any_case(store: Store) {
    user(&store, "Ödön").await;
    let again = commit!(store, users().register(new_user("öDÖN"), Admission::Open)).unwrap();
    assert_eq!(again, Registration::UsernameTaken);
}

async fn an_address_is_taken_in_any_case(store: Store) {
    let mut first = new_user("first");
    first.email = Some("Me@Example.org".to_owned());
    commit!(store, users().register(first, Admission::Open)).unwrap();
    let mut second = new_user("second");
    second.email = Some("me@example.ORG".to_owned());
    assert_eq!(commit!(store, users().register(second, Admission::Open)).unwrap(), Registration::EmailTaken);
    // Accounts without an address do not get in each other's way.
    user(&store, "third").await;
    user(&store, "fourth").await;
}

async fn an_account_is_found_by_name_and_by_address_in_any_case(store: Store) {
    let mut new = new_user("张三");
    new.email = Some("Zhang@Example.cn".to_owned());
    let id = new.id;
    commit!(store, users().register(new, Admission::Open)).unwrap();
    for login in ["张三", "zhang@example.cn", "ZHANG@EXAMPLE.CN"] {
        let found = read!(store, users().find_by_login(login)).unwrap().unwrap();
        assert_eq!(found.user.id, id, "{login}");
        assert_eq!(found.user.email.as_deref(), Some("Zhang@Example.cn"));
        assert_eq!(found.password_hash, "$argon2id$test");
    }
}

async fn a_login_that_nobody_can_have_finds_nobody(store: Store) {
    user(&store, "ada").await;
    for login in ["", "ada\0", "a@b\0", "%", "ad_", "ada' OR '1'='1", "\u{10ffff}"] {
        assert!(read!(store, users().find_by_login(login)).unwrap().is_none(), "{login:?}");
    }
}

async fn a_password_is_replaced(store: Store) {
    let user = user(&store, "ada").await;
    let new = "$argon2id$new";
    assert!(commit!(store, users().replace_password_hash(user.id, PASSWORD_HASH, new)).unwrap());
    assert_eq!(read!(store, users().find_secret(user.id)).unwrap().unwrap().password_hash, new);
    assert!(!commit!(store, users().replace_password_hash(user.id, PASSWORD_HASH, "x")).unwrap());
    assert!(!commit!(store, users().replace_password_hash(UserId::new(), new, "x")).unwrap());
    assert!(read!(store, users().find_secret(UserId::new())).unwrap().is_none());
}
