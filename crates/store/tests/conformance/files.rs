//! Uploaded files, and the messages that use them.

use kaiwa_shared::{
    Content, ContentPart, ConversationId, File, FileId, UserId,
    message::{Message, Part, Status},
    time::Millis,
};
use kaiwa_store::{
    Store,
    chat::EditOutcome,
    files::{BlobRole, DeleteOutcome, FileBlob, InsertOutcome, NewFile},
    generations::{GenerationEnd, NewTurn, Queueing, Task, Turn, TurnOutcome},
};

use crate::{
    fixture::{NOW, ends, exchange, finish, later, new_turn, next_turn, outcome, start, user},
    harness::{commit, on_both_engines, read},
};

on_both_engines! {
    a_document_tells_whether_it_has_text,
    a_file_is_found_by_its_owner_only,
    the_same_upload_is_stored_once_and_another_one_is_refused,
    the_quota_counts_every_file_and_forgets_orphans,
    a_message_has_its_files_in_their_place,
    a_message_with_a_file_that_is_not_there_is_not_stored,
    files_are_kept_while_a_message_uses_them,
    files_that_no_message_used_are_kept_for_a_while,
    a_reply_uses_the_pictures_that_it_contains,
    a_fork_uses_the_files_of_its_messages,
    queued_messages_keep_their_files_and_take_them_along,
    an_edit_keeps_files_or_replaces_them,
    used_files_cannot_be_deleted,
    blobs_are_listed_by_their_first_byte,
}

/// How long the files of these scenarios are kept without a message.
const KEPT_FOR: i64 = 1000;

const QUOTA: u64 = 1000;

fn new_file(owner: UserId, name: &str, size: u64) -> NewFile {
    let file = File {
        id: FileId::new(),
        name: name.to_owned(),
        media_type: "image/png".to_owned(),
        size,
        width: Some(30),
        height: Some(20),
        has_text: None,
    };
    let blob =
        |role, first: u8| FileBlob { role, hash: [first; 32], size, media_type: "image/png".to_owned() };
    NewFile {
        owner,
        file,
        upload_hash: [7; 32],
        blobs: vec![
            blob(BlobRole::Content, 0),
            blob(BlobRole::ForModels, 0x7f),
            blob(BlobRole::Thumbnail, 0xff),
        ],
        kept_until: later(KEPT_FOR),
        now: NOW,
    }
}

async fn insert(store: &Store, new: &NewFile) -> InsertOutcome {
    commit!(store, files().insert(new, QUOTA)).unwrap()
}

async fn upload(store: &Store, owner: UserId, name: &str) -> File {
    let new = new_file(owner, name, 10);
    assert_eq!(insert(store, &new).await, InsertOutcome::Stored);
    new.file
}

async fn exists(store: &Store, owner: UserId, file: &File) -> bool {
    read!(store, files().find(owner, file.id)).unwrap().is_some()
}

/// Deletes what may be deleted at that time.
async fn collect(store: &Store, now: Millis) -> u64 {
    let mut deleted = 0;
    for owner in read!(store, files().owners_of_orphans(now)).unwrap() {
        deleted += commit!(store, files().delete_orphans(owner, now)).unwrap();
    }
    deleted
}

fn with_files(files: &[&File]) -> Content {
    let text = |text: &str| ContentPart::Text { text: text.to_owned() };
    let files = files.iter().map(|file| ContentPart::File { id: file.id });
    Content::new(std::iter::once(text("look")).chain(files).chain([text("there")]))
}

fn saying(turn: NewTurn, content: Content) -> NewTurn {
    let Task::Send { message_id, parent, .. } = turn.task else { panic!("{turn:?} says nothing") };
    NewTurn { task: Task::Send { message_id, parent, content }, ..turn }
}

async fn message(store: &Store, owner: UserId, turn: &Turn) -> Message {
    read!(store, messages().find(owner, turn.user_message_id)).unwrap().unwrap()
}

fn files_of(message: &Message) -> Vec<File> {
    let file = |part: &Part| if let Part::File(file) = part { Some(file.clone()) } else { None };
    message.parts.iter().filter_map(file).collect()
}

async fn a_file_is_found_by_its_owner_only(store: Store) {
    let (ada, eve) = (user(&store, "ada").await.id, user(&store, "eve").await.id);
    let new = new_file(ada, "猫.png\0", 10);
    assert_eq!(insert(&store, &new).await, InsertOutcome::Stored);
    let (found, mut blobs) = read!(store, files().find(ada, new.file.id)).unwrap().unwrap();
    assert_eq!(found, File { name: "猫.png".to_owned(), ..new.file.clone() });
    blobs.sort_by_key(|blob| blob.hash);
    assert_eq!(blobs, new.blobs);
    assert_eq!(read!(store, files().find(eve, new.file.id)).unwrap(), None);
    assert_eq!(read!(store, files().find(ada, FileId::new())).unwrap(), None);
    // Another account may use the same id for a file of its own.
    let hers = NewFile { owner: eve, upload_hash: [8; 32], ..new.clone() };
    assert_eq!(insert(&store, &hers).await, InsertOutcome::Stored);
    assert_eq!(read!(store, files().usage(eve)).unwrap(), 10);
    assert_eq!(commit!(store, files().delete(eve, new.file.id)).unwrap(), DeleteOutcome::Deleted);
    assert!(exists(&store, ada, &new.file).await);
}

async fn the_same_upload_is_stored_once_and_another_one_is_refused(store: Store) {
    let ada = user(&store, "ada").await.id;
    let new = new_file(ada, "a.png", 600);
    assert_eq!(insert(&store, &new).await, InsertOutcome::Stored);
    let renamed = NewFile { file: File { name: "b.png".to_owned(), ..new.file.clone() }, ..new.clone() };
    assert_eq!(insert(&store, &renamed).await, InsertOutcome::Repeated(new.file.clone()));
    let other = NewFile { upload_hash: [9; 32], ..new.clone() };
    assert_eq!(insert(&store, &other).await, InsertOutcome::IdTaken);
    assert_eq!(read!(store, files().usage(ada)).unwrap(), 600);
}

async fn the_quota_counts_every_file_and_forgets_orphans(store: Store) {
    let (ada, eve) = (user(&store, "ada").await.id, user(&store, "eve").await.id);
    for size in [400, 600] {
        assert_eq!(insert(&store, &new_file(ada, "a", size)).await, InsertOutcome::Stored);
    }
    assert_eq!(insert(&store, &new_file(ada, "a", 1)).await, InsertOutcome::OverQuota { used: 1000 });
    assert_eq!(insert(&store, &new_file(ada, "a", 0)).await, InsertOutcome::Stored);
    assert_eq!(insert(&store, &new_file(eve, "a", 1000)).await, InsertOutcome::Stored);
    let after = NewFile { now: later(KEPT_FOR + 1), ..new_file(ada, "a", 1000) };
    assert_eq!(insert(&store, &after).await, InsertOutcome::Stored, "the others were never sent");
}

async fn a_message_has_its_files_in_their_place(store: Store) {
    let ada = user(&store, "ada").await.id;
    let (one, two) = (upload(&store, ada, "one").await, upload(&store, ada, "two").await);
    let turn = start(&store, saying(new_turn(ada, ""), with_files(&[&two, &one]))).await;
    let text = |text: &str| Part::Text { text: text.to_owned() };
    assert_eq!(
        message(&store, ada, &turn).await.parts,
        [text("look"), Part::File(two.clone()), Part::File(one.clone()), text("there")]
    );
    let alone = Content::new([ContentPart::File { id: one.id }]);
    let next = start(&store, saying(new_turn(ada, ""), alone)).await;
    assert_eq!(message(&store, ada, &next).await.parts, [Part::File(one)]);
}

async fn a_message_with_a_file_that_is_not_there_is_not_stored(store: Store) {
    let (ada, eve) = (user(&store, "ada").await.id, user(&store, "eve").await.id);
    let (mine, hers) = (upload(&store, ada, "mine").await, upload(&store, eve, "hers").await);
    let missing = File { id: FileId::new(), ..mine.clone() };
    for wrong in [&hers, &missing] {
        let turn = saying(new_turn(ada, ""), with_files(&[&mine, wrong]));
        assert_eq!(outcome(&store, turn).await, TurnOutcome::NoFile);
    }
    let running = start(&store, new_turn(ada, "hello")).await;
    let waiting = NewTurn {
        queueing: Queueing::WhenBusy { model: None, parallel: Vec::new() },
        ..saying(next_turn(ada, running.conversation_id, ""), with_files(&[&missing]))
    };
    assert_eq!(outcome(&store, waiting).await, TurnOutcome::NoFile);
    assert!(read!(store, queue().list(ada, running.conversation_id)).unwrap().is_empty());
}

async fn files_are_kept_while_a_message_uses_them(store: Store) {
    let ada = user(&store, "ada").await.id;
    let (one, two) = (upload(&store, ada, "one").await, upload(&store, ada, "two").await);
    let first = exchange(&store, saying(new_turn(ada, ""), with_files(&[&one, &two])), "yes").await;
    let id = first.conversation_id;
    let second = exchange(&store, saying(next_turn(ada, id, ""), with_files(&[&two])), "no").await;
    assert_eq!(collect(&store, later(KEPT_FOR * 10)).await, 0);
    commit!(store, messages().delete(ada, second.user_message_id)).unwrap().unwrap();
    assert_eq!(collect(&store, later(KEPT_FOR * 10)).await, 0, "another message uses it");
    commit!(store, conversations().delete(ada, id)).unwrap();
    // What was sent once is not a draft any more.
    assert_eq!(collect(&store, later(1)).await, 2);
    assert!(!exists(&store, ada, &one).await && !exists(&store, ada, &two).await);
    assert!(read!(store, files().used_blobs(0)).unwrap().is_empty());
}

async fn files_that_no_message_used_are_kept_for_a_while(store: Store) {
    let ada = user(&store, "ada").await.id;
    let (one, two) = (upload(&store, ada, "one").await, upload(&store, ada, "two").await);
    let missing = FileId::new();
    let kept = commit!(store, files().keep(ada, &[one.id, missing], later(KEPT_FOR * 5))).unwrap();
    assert_eq!(kept, std::slice::from_ref(&one));
    // A time that is over already shortens nothing.
    commit!(store, files().keep(ada, &[one.id, two.id], NOW)).unwrap();
    assert_eq!(collect(&store, later(KEPT_FOR)).await, 0);
    assert_eq!(collect(&store, later(KEPT_FOR + 1)).await, 1);
    assert!(exists(&store, ada, &one).await && !exists(&store, ada, &two).await);
    assert_eq!(collect(&store, later(KEPT_FOR * 5 + 1)).await, 1);
}

async fn a_reply_uses_the_pictures_that_it_contains(store: Store) {
    let (ada, bob) = (user(&store, "ada").await.id, user(&store, "bob").await.id);
    let (mine, other) = (upload(&store, ada, "mine").await, upload(&store, bob, "other").await);
    let turn = start(&store, new_turn(ada, "draw")).await;
    let end = GenerationEnd {
        // One that is gone and one of somebody else are left out.
        files: vec![mine.id, FileId::new(), other.id, mine.id],
        ..finish(&turn, "![](mine)", 1, Status::Complete)
    };
    assert!(ends(&store, &end).await);
    assert_eq!(collect(&store, later(KEPT_FOR * 10)).await, 1, "only the other one is not used");
    commit!(store, conversations().delete(ada, turn.conversation_id)).unwrap();
    assert_eq!(collect(&store, later(1)).await, 1);
}

async fn a_fork_uses_the_files_of_its_messages(store: Store) {
    let ada = user(&store, "ada").await.id;
    let file = upload(&store, ada, "one").await;
    let turn = exchange(&store, saying(new_turn(ada, ""), with_files(&[&file])), "yes").await;
    let copy = ConversationId::new();
    commit!(store, conversations().fork(ada, turn.conversation_id, turn.reply_id, copy, later(1)))
        .unwrap()
        .unwrap();
    commit!(store, conversations().delete(ada, turn.conversation_id)).unwrap();
    assert_eq!(collect(&store, later(KEPT_FOR * 10)).await, 0);
    commit!(store, conversations().delete(ada, copy)).unwrap();
    assert_eq!(collect(&store, later(KEPT_FOR * 10)).await, 1);
}

async fn queued_messages_keep_their_files_and_take_them_along(store: Store) {
    let ada = user(&store, "ada").await.id;
    let (one, two) = (upload(&store, ada, "one").await, upload(&store, ada, "two").await);
    let running = start(&store, new_turn(ada, "hello")).await;
    let id = running.conversation_id;
    let mut queued = Vec::new();
    for file in [&one, &two] {
        let waiting = NewTurn {
            queueing: Queueing::WhenBusy { model: None, parallel: Vec::new() },
            ..saying(next_turn(ada, id, ""), with_files(&[file]))
        };
        match outcome(&store, waiting).await {
            TurnOutcome::Queued { message, .. } => queued.push(message),
            other => panic!("not queued: {other:?}"),
        }
    }
    assert_eq!(queued[0].content, with_files(&[&one]));
    assert_eq!(collect(&store, later(KEPT_FOR * 10)).await, 0);
    assert_eq!(commit!(store, files().delete(ada, one.id)).unwrap(), DeleteOutcome::InUse);
    assert!(commit!(store, queue().delete(ada, id, queued[1].id)).unwrap());
    assert_eq!(collect(&store, later(KEPT_FOR * 10)).await, 1);
    let end = crate::fixture::finish(&running, "hi", 1, Status::Complete);
    assert!(crate::fixture::ends(&store, &end).await);
    let turn = NewTurn {
        client_message_id: queued[0].id,
        queueing: Queueing::Queued,
        ..saying(next_turn(ada, id, ""), queued[0].content.clone())
    };
    let sent = start(&store, turn).await;
    assert_eq!(files_of(&message(&store, ada, &sent).await), std::slice::from_ref(&one));
    assert_eq!(collect(&store, later(KEPT_FOR * 10)).await, 0);
    assert!(exists(&store, ada, &one).await);
}

async fn an_edit_keeps_files_or_replaces_them(store: Store) {
    let ada = user(&store, "ada").await.id;
    let (one, two) = (upload(&store, ada, "one").await, upload(&store, ada, "two").await);
    let turn = exchange(&store, saying(new_turn(ada, ""), with_files(&[&one])), "yes").await;
    let edit = async |content: Content| {
        commit!(store, messages().edit(ada, turn.user_message_id, &content)).unwrap()
    };
    assert_eq!(edit("new".into()).await, EditOutcome::Edited(turn.conversation_id));
    let edited = message(&store, ada, &turn).await;
    assert_eq!((edited.text().as_str(), files_of(&edited)), ("new", vec![one.clone()]));
    assert_eq!(collect(&store, later(1)).await, 0);
    assert_eq!(edit(with_files(&[&two])).await, EditOutcome::Edited(turn.conversation_id));
    let edited = message(&store, ada, &turn).await;
    assert_eq!((edited.text().as_str(), files_of(&edited)), ("lookthere", vec![two.clone()]));
    assert_eq!(collect(&store, later(1)).await, 1);
    let mut tx = store.begin().await.unwrap();
    let gone = tx.messages().edit(ada, turn.user_message_id, &with_files(&[&one])).await.unwrap();
    assert_eq!(gone, EditOutcome::NoFile);
    drop(tx);
    assert_eq!(files_of(&message(&store, ada, &turn).await), [two]);
}

async fn used_files_cannot_be_deleted(store: Store) {
    let ada = user(&store, "ada").await.id;
    let file = upload(&store, ada, "one").await;
    let turn = exchange(&store, saying(new_turn(ada, ""), with_files(&[&file])), "yes").await;
    assert_eq!(commit!(store, files().delete(ada, file.id)).unwrap(), DeleteOutcome::InUse);
    commit!(store, messages().delete(ada, turn.user_message_id)).unwrap().unwrap();
    assert_eq!(commit!(store, files().delete(ada, file.id)).unwrap(), DeleteOutcome::Deleted);
    assert_eq!(commit!(store, files().delete(ada, file.id)).unwrap(), DeleteOutcome::NoFile);
}

async fn blobs_are_listed_by_their_first_byte(store: Store) {
    let ada = user(&store, "ada").await.id;
    upload(&store, ada, "one").await;
    for first in 0..=u8::MAX {
        let used = read!(store, files().used_blobs(first)).unwrap();
        let expected = [0, 0x7f, 0xff].contains(&first);
        assert_eq!(
            used.into_iter().collect::<Vec<_>>(),
            if expected { vec![[first; 32]] } else { Vec::new() }
        );
    }
}

async fn a_document_tells_whether_it_has_text(store: Store) {
    let ada = user(&store, "ada").await.id;
    for (media_type, with_text, expected) in [
        ("application/pdf", true, Some(true)),
        ("application/pdf", false, Some(false)),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", true, Some(true)),
        ("text/plain", false, None),
        ("image/png", false, None),
    ] {
        let mut new = new_file(ada, "a", 10);
        new.file.media_type = media_type.to_owned();
        if media_type != "image/png" {
            (new.file.width, new.file.height) = (None, None);
            new.blobs.truncate(1);
        }
        if with_text {
            let text = FileBlob {
                role: BlobRole::Text,
                media_type: "text/markdown".to_owned(),
                ..new.blobs[0].clone()
            };
            new.blobs.push(text);
        }
        new.file.has_text = expected;
        assert_eq!(commit!(store, files().insert(&new, QUOTA)).unwrap(), InsertOutcome::Stored);
        let id = new.file.id;
        let (found, _) = read!(store, files().find(ada, id)).unwrap().unwrap();
        assert_eq!(found, new.file, "{media_type}");
        let kept = commit!(store, files().keep(ada, &[id], later(KEPT_FOR))).unwrap();
        assert_eq!(kept, [found], "{media_type}");
    }
}
