//! What was acknowledged survives a process that is killed.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
};

use kaiwa_shared::{MessageId, UserId, message::Status};

use crate::{
    fixture::{NOW, checkpoint, new_turn, start, user},
    harness::{commit, open, read, sqlite_url, variable},
};

/// Where the child process writes.
const FOLDER: &str = "KAIWA_TEST_CRASH_FOLDER";

#[tokio::test]
async fn every_acknowledged_message_survives_a_kill() {
    for kill_after in [1, 7, 30] {
        let folder = tempfile::tempdir().unwrap();
        let acknowledged = write_until_killed(folder.path(), kill_after);
        assert!(acknowledged.len() >= kill_after);

        let store = open(&sqlite_url(folder.path())).await;
        let interrupted = commit!(store, runners().interrupt_abandoned(NOW)).unwrap();
        assert!(interrupted >= u64::try_from(acknowledged.len()).unwrap());
        for (owner, question, reply) in acknowledged {
            assert_eq!(read!(store, messages().find(owner, question)).unwrap().unwrap().text(), "question");
            let reply = read!(store, messages().find(owner, reply)).unwrap().unwrap();
            assert_eq!((reply.status, reply.text().as_str()), (Status::Interrupted, "half a reply"));
        }
        assert_eq!(commit!(store, runners().interrupt_abandoned(NOW)).unwrap(), 0);
        store.close().await;
    }
}

/// Runs this test binary as another process, kills it when it has acknowledged `count` turns, and gives them all.
fn write_until_killed(folder: &Path, count: usize) -> Vec<(UserId, MessageId, MessageId)> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "crash::writes_until_it_is_killed", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut acknowledged = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let Some(ids) = line.strip_prefix("acknowledged ") else { continue };
        let ids: Vec<&str> = ids.split(' ').collect();
        acknowledged.push((ids[0].parse().unwrap(), ids[1].parse().unwrap(), ids[2].parse().unwrap()));
        if acknowledged.len() == count {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    acknowledged
}

#[tokio::test]
#[ignore = "the process that `every_acknowledged_message_survives_a_kill` starts and kills"]
async fn writes_until_it_is_killed() {
    let Some(folder) = variable(FOLDER) else { return };
    let store = open(&sqlite_url(Path::new(&folder))).await;
    let owner = user(&store, "ada").await.id;
    loop {
        let turn = start(&store, new_turn(owner, "question")).await;
        commit!(store, generations().checkpoint(&[checkpoint(&turn, "half a reply", 3)])).unwrap();
        println!("acknowledged {owner} {} {}", turn.user_message_id, turn.reply_id);
        std::io::stdout().flush().unwrap();
    }
}
