//! What scenarios begin with.

use kaiwa_shared::{
    ClientMessageId, ConversationId, GenerationId, MessageId, RunnerId, UserId,
    auth::User,
    conversation::{ConversationSettings, CreateConversation},
    message::{MessageOptions, Part, Status, Usage},
    stream::Parent,
    time::Millis,
};
use kaiwa_store::{
    Store,
    accounts::{Admission, NewUser, Registration},
    chat::ProviderBlock,
    generations::{Checkpoint, FinishOutcome, GenerationEnd, NewTurn, Queueing, Task, Turn, TurnOutcome},
};

use crate::harness::{commit, read};

/// A moment; the scenarios never look at the clock.
pub(crate) const NOW: Millis = Millis(1_795_000_000_000);

/// `NOW` and some milliseconds.
pub(crate) fn later(ms: i64) -> Millis {
    Millis(NOW.0 + ms)
}

/// The hash of every account's password.
pub(crate) const PASSWORD_HASH: &str = "$argon2id$test";

/// An account that is not stored yet.
pub(crate) fn new_user(name: &str) -> NewUser {
    NewUser {
        id: UserId::new(),
        username: name.to_owned(),
        email: None,
        password_hash: PASSWORD_HASH.to_owned(),
        created_at: NOW,
    }
}

/// A stored account.
pub(crate) async fn user(store: &Store, name: &str) -> User {
    match commit!(store, users().register(new_user(name), Admission::Open)).unwrap() {
        Registration::Created(user) => user,
        other => panic!("{name} was not registered: {other:?}"),
    }
}

/// A turn that is not stored yet, in a conversation of its own.
pub(crate) fn new_turn(owner: UserId, content: &str) -> NewTurn {
    NewTurn {
        owner,
        conversation_id: None,
        new_conversation_id: ConversationId::new(),
        client_message_id: ClientMessageId::new(),
        task: Task::Send { message_id: MessageId::new(), parent: Parent::ShownEnd, content: content.into() },
        reply_id: MessageId::new(),
        generation_id: GenerationId::new(),
        model: "demo".to_owned(),
        parallel: Vec::new(),
        settings: ConversationSettings::default(),
        options: MessageOptions::default(),
        queueing: Queueing::Never,
        has_capacity: true,
        runner: RunnerId::new(),
        now: NOW,
    }
}

/// The same turn with its message somewhere else.
pub(crate) fn hung(turn: NewTurn, place: Parent) -> NewTurn {
    let Task::Send { message_id, content, .. } = turn.task else { panic!("{turn:?} says nothing") };
    NewTurn { task: Task::Send { message_id, parent: place, content }, ..turn }
}

/// A turn that is not stored yet: another reply beside this one.
pub(crate) fn another(owner: UserId, turn: &Turn) -> NewTurn {
    let task = Task::Regenerate { reply: turn.reply_id };
    NewTurn { task, ..next_turn(owner, turn.conversation_id, "") }
}

/// A turn that is not stored yet: more of this reply.
pub(crate) fn more_of(owner: UserId, turn: &Turn) -> NewTurn {
    NewTurn { task: Task::Continue, reply_id: turn.reply_id, ..next_turn(owner, turn.conversation_id, "") }
}

/// A turn that is not stored yet, in `conversation`, at the end of the shown branch.
pub(crate) fn next_turn(owner: UserId, conversation: ConversationId, content: &str) -> NewTurn {
    NewTurn { conversation_id: Some(conversation), ..new_turn(owner, content) }
}

/// Runs a turn through the store and commits it if it is stored.
pub(crate) async fn outcome(store: &Store, turn: NewTurn) -> TurnOutcome {
    let mut tx = store.begin().await.unwrap();
    let outcome = tx.generations().start(&turn).await.unwrap();
    if outcome.is_stored() {
        tx.commit().await.unwrap();
    }
    outcome
}

/// Stores a turn.
pub(crate) async fn start(store: &Store, turn: NewTurn) -> Turn {
    match outcome(store, turn).await {
        TurnOutcome::Started { turn, .. } => turn,
        other => panic!("not started: {other:?}"),
    }
}

/// Stores the end of a reply; `false` if it had already ended.
pub(crate) async fn ends(store: &Store, end: &GenerationEnd) -> bool {
    commit!(store, generations().finish(end)).unwrap() != FinishOutcome::AlreadyEnded
}

/// Stores a turn and its whole reply.
pub(crate) async fn exchange(store: &Store, turn: NewTurn, reply: &str) -> Turn {
    let turn = start(store, turn).await;
    assert!(ends(store, &finish(&turn, reply, 1, Status::Complete)).await);
    turn
}

/// A conversation to be created.
pub(crate) fn new_conversation(title: Option<&str>, model: Option<&str>) -> CreateConversation {
    CreateConversation {
        title: title.map(ToOwned::to_owned),
        model: model.map(ToOwned::to_owned),
        ..CreateConversation::default()
    }
}

/// A state of a turn's reply.
pub(crate) fn checkpoint(turn: &Turn, text: &str, sequence: u64) -> Checkpoint {
    Checkpoint {
        generation_id: turn.generation_id,
        message_id: turn.reply_id,
        parts: vec![Part::Text { text: text.to_owned() }],
        provider_blocks: Vec::new(),
        context: None,
        sequence,
    }
}

/// The end of a turn's reply.
pub(crate) fn finish(turn: &Turn, text: &str, sequence: u64, status: Status) -> GenerationEnd {
    let usage = Usage {
        input_tokens: 11,
        output_tokens: 7,
        cached_tokens: 5,
        reasoning_tokens: 3,
        ..Usage::default()
    };
    GenerationEnd {
        checkpoint: checkpoint(turn, text, sequence),
        status,
        finish: None,
        model: None,
        usage: Some(usage),
        files: Vec::new(),
        now: later(900),
    }
}

/// The provider blocks of the branch that ends in `leaf`, of those messages that have any.
pub(crate) async fn provider_blocks(
    store: &Store,
    owner: UserId,
    conversation: ConversationId,
    leaf: MessageId,
) -> Vec<(MessageId, Vec<ProviderBlock>)> {
    let history = read!(store, messages().history(owner, conversation, leaf, None, 400)).unwrap();
    let blocks = history.into_iter().map(|message| (message.message.id, message.provider_blocks));
    blocks.filter(|(_, blocks)| !blocks.is_empty()).collect()
}
