//! Saved prompts: unique names, the limit, and other people's prompts.

use kaiwa_shared::{
    PromptId, UserId,
    prompts::{CreatePrompt, MAX_PROMPTS, Prompt, UpdatePrompt},
};
use kaiwa_store::{Store, accounts::PromptOutcome};

use crate::{
    fixture::{NOW, later, user},
    harness::{commit, on_both_engines, read},
};

on_both_engines! {
    prompts_are_listed_by_name_without_regard_to_case,
    a_name_is_taken_in_any_case_within_one_account,
    a_prompt_is_changed_in_part,
    prompts_of_others_cannot_be_changed_or_deleted,
    an_account_has_a_limited_number_of_prompts,
    racing_prompts_of_one_name_make_one,
}

fn new(name: &str, text: &str) -> CreatePrompt {
    CreatePrompt { name: name.to_owned(), text: text.to_owned() }
}

async fn create(store: &Store, owner: UserId, name: &str, text: &str) -> PromptOutcome {
    commit!(store, prompts().create(owner, PromptId::new(), &new(name, text), NOW)).unwrap()
}

async fn created(store: &Store, owner: UserId, name: &str, text: &str) -> Prompt {
    match create(store, owner, name, text).await {
        PromptOutcome::Stored(prompt) => prompt,
        other => panic!("{name}: {other:?}"),
    }
}

async fn names(store: &Store, owner: UserId) -> Vec<String> {
    read!(store, prompts().list(owner)).unwrap().into_iter().map(|prompt| prompt.name).collect()
}

async fn prompts_are_listed_by_name_without_regard_to_case(store: Store) {
    let ada = user(&store, "ada").await.id;
    for name in ["review", "Translate", "日报", "Ärger", "apple", "Zebra"] {
        created(&store, ada, name, "text").await;
    }
    assert_eq!(names(&store, ada).await, ["apple", "review", "Translate", "Zebra", "Ärger", "日报"]);
}

async fn a_name_is_taken_in_any_case_within_one_account(store: Store) {
    let (ada, eve) = (user(&store, "ada").await.id, user(&store, "eve").await.id);
    created(&store, ada, "Übersetzen", "one").await;
    for name in ["Übersetzen", "übersetzen", "ÜBERSETZEN"] {
        assert_eq!(create(&store, ada, name, "two").await, PromptOutcome::NameTaken, "{name}");
    }
    created(&store, eve, "übersetzen", "mine").await;
    let other = created(&store, ada, "other", "four").await;
    let rename = |name: &str| UpdatePrompt { name: Some(name.to_owned()), text: None };
    let renamed = commit!(store, prompts().update(ada, other.id, &rename("übersetzen"), NOW)).unwrap();
    assert_eq!(renamed, PromptOutcome::NameTaken);
    let renamed = commit!(store, prompts().update(ada, other.id, &rename("OTHER"), NOW)).unwrap();
    assert!(matches!(renamed, PromptOutcome::Stored(prompt) if prompt.name == "OTHER"), "its own name");
}

async fn a_prompt_is_changed_in_part(store: Store) {
    let ada = user(&store, "ada").await.id;
    let before = created(&store, ada, "review", "Review {{code}}\0.").await;
    assert_eq!((before.text.as_str(), before.created_at), ("Review {{code}}.", NOW));
    let change = UpdatePrompt { name: None, text: Some("Check.".to_owned()) };
    let after = commit!(store, prompts().update(ada, before.id, &change, later(5))).unwrap();
    let expected = Prompt { text: "Check.".to_owned(), updated_at: later(5), ..before.clone() };
    assert_eq!(after, PromptOutcome::Stored(expected.clone()));
    let change = UpdatePrompt { name: Some("check".to_owned()), text: None };
    let after = commit!(store, prompts().update(ada, before.id, &change, later(6))).unwrap();
    let expected = Prompt { name: "check".to_owned(), updated_at: later(6), ..expected };
    assert_eq!(after, PromptOutcome::Stored(expected.clone()));
    assert_eq!(read!(store, prompts().list(ada)).unwrap(), [expected]);
}

async fn prompts_of_others_cannot_be_changed_or_deleted(store: Store) {
    let (ada, eve) = (user(&store, "ada").await.id, user(&store, "eve").await.id);
    let prompt = created(&store, ada, "review", "secret").await;
    assert!(names(&store, eve).await.is_empty());
    let change = UpdatePrompt { name: None, text: Some("mine".to_owned()) };
    let outcome = commit!(store, prompts().update(eve, prompt.id, &change, NOW)).unwrap();
    assert_eq!(outcome, PromptOutcome::NoPrompt);
    assert!(!commit!(store, prompts().delete(eve, prompt.id)).unwrap());
    assert_eq!(read!(store, prompts().list(ada)).unwrap(), std::slice::from_ref(&prompt));
    assert!(commit!(store, prompts().delete(ada, prompt.id)).unwrap());
    assert!(!commit!(store, prompts().delete(ada, prompt.id)).unwrap());
    created(&store, ada, "review", "the name is free again").await;
}

async fn an_account_has_a_limited_number_of_prompts(store: Store) {
    let (ada, eve) = (user(&store, "ada").await.id, user(&store, "eve").await.id);
    let mut tx = store.begin().await.unwrap();
    for n in 0..MAX_PROMPTS {
        let new = new(&format!("prompt {n}"), "text");
        let outcome = tx.prompts().create(ada, PromptId::new(), &new, NOW).await.unwrap();
        assert!(matches!(outcome, PromptOutcome::Stored(_)), "{n}: {outcome:?}");
    }
    tx.commit().await.unwrap();
    assert_eq!(create(&store, ada, "one more", "text").await, PromptOutcome::TooMany);
    assert_eq!(create(&store, ada, "PROMPT 7", "text").await, PromptOutcome::NameTaken);
    created(&store, eve, "one more", "text").await;
}

async fn racing_prompts_of_one_name_make_one(store: Store) {
    let ada = user(&store, "ada").await.id;
    let mut racers = tokio::task::JoinSet::new();
    for n in 0..10 {
        let store = store.clone();
        let name = if n % 2 == 0 { "review" } else { "Review" };
        racers.spawn(async move { create(&store, ada, name, "text").await });
    }
    let outcomes = racers.join_all().await;
    let stored = outcomes.iter().filter(|outcome| matches!(outcome, PromptOutcome::Stored(_)));
    assert_eq!(stored.count(), 1, "{outcomes:?}");
}
