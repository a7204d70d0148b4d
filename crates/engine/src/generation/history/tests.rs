use kaiwa_shared::{
    ClientMessageId, GenerationId, MessageId, RunnerId, UserId, conversation::ConversationSettings,
    message::MessageOptions, stream::Parent, time::Millis,
};
use kaiwa_store::{
    accounts::{Admission, NewUser},
    generations::{NewTurn, Queueing, Task, TurnOutcome},
};

use super::*;

const KIB: usize = 1024;

/// A branch of as many messages of the user, each as long.
async fn branch(store: &Store, count: usize, length: usize) -> LiveIds {
    let ids = LiveIds::temporary(UserId::new());
    let user = NewUser {
        id: ids.owner,
        username: ids.owner.to_string(),
        email: None,
        password_hash: String::new(),
        created_at: Millis(0),
    };
    let mut tx = store.begin().await.unwrap();
    tx.users().register(user, Admission::Open).await.unwrap();
    let mut last = None;
    for _ in 0..count {
        let message_id = MessageId::new();
        let turn = NewTurn {
            owner: ids.owner,
            conversation_id: last.map(|_| ids.conversation),
            new_conversation_id: ids.conversation,
            client_message_id: ClientMessageId::new(),
            task: Task::Send {
                message_id,
                parent: last.map_or(Parent::Top, Parent::Message),
                content: "x".repeat(length).as_str().into(),
            },
            reply_id: MessageId::new(),
            generation_id: GenerationId::new(),
            model: "model".to_owned(),
            parallel: Vec::new(),
            settings: ConversationSettings::default(),
            options: MessageOptions::default(),
            queueing: Queueing::Never,
            has_capacity: true,
            runner: RunnerId::new(),
            now: Millis(0),
        };
        let outcome = tx.generations().start(&turn).await.unwrap();
        assert!(matches!(outcome, TurnOutcome::Started { .. }), "{outcome:?}");
        last = Some(message_id);
    }
    tx.commit().await.unwrap();
    LiveIds { user_message: last.unwrap(), ..ids }
}

#[tokio::test]
async fn a_branch_is_read_as_far_as_the_window_can_hold_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&format!("file:{}", folder.path().join("app.db").display())).await.unwrap();
    store.migrate().await.unwrap();
    for (name, count, length, window, expected) in [
        ("a short one", 3, 10, 1, 3..=3),
        ("a small window", 100, 16 * KIB, 1000, 15..=16),
        ("a window that holds half of it", 100, 16 * KIB, 100_000, 45..=50),
        ("a window that holds all of it", 100, 16 * KIB, 1_000_000, 100..=100),
        ("one message beyond the window", 3, 512 * KIB, 1000, 1..=1),
        ("many short ones, over several pages", 450, 10, 1000, 450..=450),
        ("many, over several pages", 450, 2 * KIB, 100_000, 350..=400),
    ] {
        let ids = branch(&store, count, length).await;
        let read = Branch::read(&store, &ids, window).await.unwrap();
        assert!(expected.contains(&read.messages.len()), "{name}: {}", read.messages.len());
        let last = read.messages.last().map(|entry| entry.message.id);
        assert_eq!(last, Some(ids.user_message), "{name}");
        let unread = usize::try_from(read.unread()).unwrap();
        assert_eq!(read.messages.len() + unread, count, "{name}");
    }
}
