//! The disk is full for a while: nothing is promised that is not stored, and everything works once there is room.

#![cfg(target_os = "linux")]

use std::{
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use kaiwa_mock_llm::MockLlm;
use kaiwa_shared::message::{Message, Status};
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use tempfile::TempDir;

use crate::{
    program::Program,
    support::{Created, Events, PASSWORD, TestUser, message, numbered, within},
};

const SHORT: &str = "mock-tokens-5-rate-0";
const STEADY: &str = "mock-tokens-60-rate-50";
const LONG: &str = "mock-tokens-4000-rate-100";

/// A server whose data folder can be filled.
struct Server {
    user: TestUser,
    program: Program,
    disk: Disk,
    mock: MockLlm,
}

/// A folder on a disk that can be filled.
struct Disk {
    folder: TempDir,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A small file system in memory, filled to the last byte.
    Small,
    /// Any file system; the process may not make its files longer.
    Limited,
}

impl Disk {
    /// `None` if no file system can be mounted here.
    fn new(kind: Kind) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        if kind == Kind::Small {
            let mount = ["-t", "tmpfs", "-o", "size=3m", "tmpfs", folder.path().to_str().unwrap()];
            if !Command::new("mount").args(mount).output().is_ok_and(|output| output.status.success()) {
                let _closed = writeln!(
                    std::io::stderr(),
                    "skipped: no small file system can be mounted here (that needs root); the disk is full by a \
                     limit on the size of files only"
                );
                return None;
            }
        }
        Some(Self { folder, kind })
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn remount(&self, mode: &str) {
        let mut mount = Command::new("mount");
        mount.args(["-o", &format!("remount,{mode}"), self.path().to_str().unwrap()]);
        assert!(mount.status().unwrap().success());
    }

    fn filler(&self) -> PathBuf {
        self.path().join("filler")
    }

    fn fill(&self, program: &Program) {
        match self.kind {
            Kind::Small => {
                let mut file = File::create(self.filler()).unwrap();
                while file.write(&[0; 4096]).is_ok_and(|written| written > 0) {}
            }
            Kind::Limited => {
                let log = std::fs::metadata(self.path().join("app.db-wal")).unwrap().len();
                program.limit_files(Some(log));
            }
        }
    }

    fn clear(&self, program: &Program) {
        match self.kind {
            Kind::Small => std::fs::remove_file(self.filler()).unwrap(),
            Kind::Limited => program.limit_files(None),
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.kind == Kind::Small {
            let _gone_already = Command::new("umount").arg("-l").arg(self.path()).status();
        }
    }
}

impl Server {
    async fn start(kind: Kind) -> Option<Self> {
        let disk = Disk::new(kind)?;
        let mock = MockLlm::start(kaiwa_mock_llm::Options::default()).unwrap();
        let program = Self::run(&disk, &mock);
        let user = program.register("ada").await;
        Some(Self { user, program, disk, mock })
    }

    fn run(disk: &Disk, mock: &MockLlm) -> Program {
        let models = format!("{SHORT},{STEADY},{LONG}");
        Program::start(disk.path(), mock, &[("LLM_MODEL", &models), ("APP_MODE", "multi")])
    }

    fn fill(&self) {
        self.disk.fill(&self.program);
    }

    fn clear(&self) {
        self.disk.clear(&self.program);
    }

    async fn readiness(&self) -> u16 {
        self.program.request(Method::GET, "/health/ready").send().await.unwrap().status().as_u16()
    }

    async fn login(&self) -> u16 {
        let login = json!({ "username": "ada", "password": PASSWORD });
        self.program.post("/api/auth/login", &login).await.status().as_u16()
    }

    async fn last(&self, created: &Created) -> Message {
        self.program.transcript(&self.user, created.conversation).await.messages.pop().unwrap()
    }

    /// Sends a message and reads until some of the reply has arrived.
    async fn begin(&self, model: &str) -> (Created, Events) {
        let mut events = self.program.say(&self.user, &message(model, "hello")).await;
        let created = events.created().await;
        for _ in 0..5 {
            events.next().await.unwrap();
        }
        (created, events)
    }
}

#[actix_web::test]
async fn every_write_is_refused_and_works_again_when_there_is_room() {
    for kind in [Kind::Small, Kind::Limited] {
        let Some(server) = Server::start(kind).await else { continue };
        let Server { program: app, user, .. } = &server;
        let mut events = app.say(user, &message(SHORT, "hello")).await;
        let first = events.created().await;
        events.rest().await;
        assert_eq!(server.readiness().await, 200, "{kind:?}");

        server.fill();
        let conversation = format!("/api/conversations/{}", first.conversation);
        // Twice, because the first failure must not disable what follows; together, because writes share commits.
        for _ in 0..2 {
            let rename = app.send(user, Method::PATCH, &conversation, &json!({ "title": "Renamed" }));
            let create = app.send(user, Method::POST, "/api/conversations", &json!({}));
            let more = within(message(SHORT, &"more ".repeat(2000)), first.conversation);
            let say = app.send(user, Method::POST, "/api/chat/stream", &more);
            let answers =
                futures_util::future::join_all([rename, create, say].map(RequestBuilder::send)).await;
            for (n, answer) in answers.into_iter().enumerate() {
                let answer = answer.unwrap();
                // Where a failed write has left some room, a smaller one may succeed.
                let may_fit = n < 2 && answer.status().is_success();
                assert!(may_fit || answer.status() == 503, "{kind:?}: {n} {}", answer.status());
                assert!(may_fit || answer.headers().contains_key("retry-after"));
            }
            // A limit on the size of one file leaves room for others.
            assert!(kind == Kind::Limited || server.readiness().await == 503, "{kind:?}");
            assert!([200, 503].contains(&server.login().await));
        }
        let health = app.request(Method::GET, "/health").send().await.unwrap();
        assert_eq!(health.status(), 200, "the process is alive");
        let read = app.transcript(user, first.conversation).await;
        assert_eq!(read.messages.len(), 2, "what is stored can be read");

        server.clear();
        assert_eq!((server.readiness().await, server.login().await), (200, 200), "{kind:?}");
        let renamed = app.ask(user, Method::PATCH, &conversation, &json!({ "title": "Renamed" })).await;
        assert_eq!((renamed.0, &renamed.1["title"]), (200, &json!("Renamed")));
        let more = within(message(SHORT, "more"), first.conversation);
        assert_eq!(app.say(user, &more).await.rest().await.status, Some(Status::Complete));
        let log = server.program.kill().join("\n");
        let cause = if kind == Kind::Small { "database or disk is full" } else { "disk I/O error" };
        assert!(log.contains(cause), "{log}");
    }
}

#[actix_web::test]
async fn a_reply_is_complete_once_it_is_stored() {
    for kind in [Kind::Small, Kind::Limited] {
        let Some(server) = Server::start(kind).await else { continue };
        let Server { program: app, user, .. } = &server;
        let (created, events) = server.begin(STEADY).await;
        server.fill();
        let rest = tokio::spawn(events.rest());
        // The provider has finished.
        tokio::time::sleep(Duration::from_secs(4)).await;
        assert!(!rest.is_finished(), "{kind:?}: the end was told before it was stored");
        // A stop comes too late to change anything.
        app.stop(user, created.generation).await;
        server.clear();
        let reply = rest.await.unwrap();
        assert_eq!(reply.status, Some(Status::Complete), "{kind:?}");
        let stored = server.last(&created).await;
        assert_eq!((stored.status, stored.text()), (Status::Complete, numbered(60)), "{kind:?}");
        let next = within(message(SHORT, "more"), created.conversation);
        assert_eq!(app.say(user, &next).await.rest().await.status, Some(Status::Complete));
    }
}

#[actix_web::test]
async fn a_stop_on_a_full_disk_is_stored_later() {
    for kind in [Kind::Small, Kind::Limited] {
        let Some(server) = Server::start(kind).await else { continue };
        let (created, events) = server.begin(LONG).await;
        server.fill();
        tokio::time::sleep(Duration::from_secs(1)).await;
        server.program.stop(&server.user, created.generation).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        server.clear();
        let reply = events.rest().await;
        let stored = server.last(&created).await;
        assert_eq!((reply.status, stored.status), (Some(Status::Stopped), Status::Stopped), "{kind:?}");
        assert!(stored.text().ends_with(&reply.text()), "{kind:?}");
    }
}

#[actix_web::test]
async fn a_server_that_stops_on_a_full_disk_leaves_no_running_reply() {
    for kind in [Kind::Small, Kind::Limited] {
        let Some(mut server) = Server::start(kind).await else { continue };
        let (created, events) = server.begin(LONG).await;
        server.fill();
        server.program.terminate();
        assert_eq!(events.rest().await.status, Some(Status::Interrupted), "{kind:?}");
        server.program.wait();
        if kind == Kind::Small {
            server.clear();
        }
        server.program = Server::run(&server.disk, &server.mock);
        assert_eq!(server.last(&created).await.status, Status::Interrupted, "{kind:?}");
    }
}

#[actix_web::test]
async fn an_upload_on_a_full_disk_is_refused_and_leaves_nothing_behind() {
    for kind in [Kind::Small, Kind::Limited] {
        let Some(server) = Server::start(kind).await else { continue };
        let Server { user, program, .. } = &server;
        let upload = |bytes: usize| {
            let path = format!("/api/files/{}", kaiwa_shared::FileId::new());
            let request = program.request(Method::PUT, &path).bearer_auth(&user.token);
            request.body("text ".repeat(bytes / 5)).send()
        };
        server.fill();
        // A server that closes early may do so before the client has written everything.
        if let Ok(answer) = upload(1_000_000).await {
            assert_eq!(answer.status(), 507, "{kind:?}: {}", answer.text().await.unwrap());
        }
        let files = server.disk.path().join("files");
        let gone = async {
            while !walk(&files).is_empty() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), gone).await.expect("the unfinished file to go");
        server.clear();
        assert_eq!(upload(100_000).await.unwrap().status(), 200, "{kind:?}");
        assert_eq!(walk(&files).len(), 1, "{kind:?}");
    }
}

/// The files below a folder.
fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[actix_web::test]
async fn a_read_only_volume_is_named_in_one_line() {
    let Some(disk) = Disk::new(Kind::Small) else { return };
    let mock = MockLlm::start(kaiwa_mock_llm::Options::default()).unwrap();
    // Once with an empty folder, and once with the files of an earlier run.
    for is_new in [true, false] {
        if !is_new {
            Server::run(&disk, &mock).kill();
        }
        disk.remount("ro");
        let said = Program::refused(disk.path(), &mock, &[]);
        let lines: Vec<_> = said.lines().filter(|line| line.starts_with("kaiwa:")).collect();
        assert!(matches!(lines[..], [line] if line.contains("Read-only")), "{said}");
        disk.remount("rw");
    }
}
