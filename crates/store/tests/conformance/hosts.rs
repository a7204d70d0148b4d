use kaiwa_store::Store;

use crate::{
    fixture::{NOW, later},
    harness::{commit, on_both_engines, read},
};

on_both_engines! { only_confirmed_names_are_known }

async fn only_confirmed_names_are_known(store: Store) {
    assert!(!read!(store, hosts().is_confirmed("chat.example.org")).unwrap());
    commit!(store, hosts().confirm("chat.example.org", NOW)).unwrap();
    commit!(store, hosts().confirm("chat.example.org", later(1))).unwrap();
    assert!(read!(store, hosts().is_confirmed("chat.example.org")).unwrap());
    for other in ["example.org", "a.chat.example.org", "", "%", "chat.example.org\0"] {
        assert!(!read!(store, hosts().is_confirmed(other)).unwrap(), "{other:?}");
    }
}
