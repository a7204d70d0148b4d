//! Sessions of two processes on one database.

use std::sync::atomic::{AtomicI64, Ordering};

use kaiwa_auth::secret::SigningSecret;
use kaiwa_bus::LocalBus;
use kaiwa_store::accounts::{Admission, NewUser, Registration};

use super::*;

const HASH: &str = "$argon2id$test";
const START: i64 = 1_800_000_000_000;
const LIFETIME: Duration = Duration::from_hours(1);

/// A clock that a test sets.
struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Millis {
        Millis(self.0.load(Ordering::Relaxed))
    }
}

impl TestClock {
    fn turn(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::Relaxed);
    }
}

/// Two processes, and a session that neither has cached.
struct Pair {
    one: Sessions,
    two: Sessions,
    bus: Arc<LocalBus>,
    clock: Arc<TestClock>,
    store: Store,
    user: User,
    token: String,
    _folder: tempfile::TempDir,
}

/// Two processes that share only the database, or also a bus.
async fn pair(has_shared_bus: bool) -> Pair {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&format!("file:{}", folder.path().join("app.db").display())).await.unwrap();
    store.migrate().await.unwrap();
    let ada = NewUser {
        id: UserId::new(),
        username: "ada".to_owned(),
        email: None,
        password_hash: HASH.to_owned(),
        created_at: Millis(0),
    };
    let mut tx = store.begin().await.unwrap();
    let registration = tx.users().register(ada, Admission::Open).await.unwrap();
    tx.commit().await.unwrap();
    let Registration::Created(user) = registration else { panic!("ada cannot register") };
    let secret = SigningSecret::load_or_create(folder.path()).unwrap();
    let bus = Arc::new(LocalBus::new());
    let clock = Arc::new(TestClock(AtomicI64::new(START)));
    let sessions = |bus: &Arc<LocalBus>| {
        let bus = Arc::clone(bus) as Arc<dyn Bus>;
        let clock = Arc::clone(&clock) as Arc<dyn Clock>;
        Sessions::new(store.clone(), Signer::new(&secret), clock, bus, LIFETIME)
    };
    let other = if has_shared_bus { Arc::clone(&bus) } else { Arc::new(LocalBus::new()) };
    let (one, two) = (sessions(&bus).await, sessions(&other).await);
    let token = one.open(user.clone(), HASH).await.unwrap().unwrap().access_token;
    Pair { one, two, bus, clock, store, user, token, _folder: folder }
}

/// Waits for the end of a session.
async fn ended(session: &ValidSession) {
    let mut ending = session.ending();
    let end = std::future::poll_fn(|context| ending.poll(context));
    tokio::time::timeout(Duration::from_secs(5), end).await.expect("the session to end");
}

#[tokio::test]
async fn a_session_closed_in_one_process_is_refused_in_the_other() {
    for has_shared_bus in [true, false] {
        let pair = pair(has_shared_bus).await;
        let here = pair.one.check(&pair.token).await.unwrap().unwrap();
        let there = pair.two.check(&pair.token).await.unwrap().unwrap();
        pair.one.close(here.id).await.unwrap();
        assert!(here.entry.closed.is_cancelled(), "at once in the same process");
        assert!(pair.one.check(&pair.token).await.unwrap().is_none());
        ended(&there).await;
        assert!(pair.two.check(&pair.token).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn streams_end_if_closed_sessions_may_have_been_missed() {
    let pair = pair(true).await;
    let session = pair.two.check(&pair.token).await.unwrap().unwrap();
    // More than a subscriber may leave unread, before it gets a turn.
    for _ in 0..10_000 {
        pair.bus.publish(CLOSED, SessionId::new().to_string().into());
    }
    ended(&session).await;
    let again = pair.two.check(&pair.token).await.unwrap().unwrap();
    assert!(!again.entry.closed.is_cancelled(), "the session itself is still valid");
}

#[tokio::test]
async fn a_close_ends_every_stream_that_was_opened_at_the_same_time() {
    let pair = pair(true).await;
    let checks = (0..40).map(|_| pair.one.check(&pair.token));
    let streams = futures_util::future::join_all(checks).await;
    let streams: Vec<_> = streams.into_iter().map(|session| session.unwrap().unwrap()).collect();
    pair.one.close(streams[0].id).await.unwrap();
    assert!(streams.iter().all(|stream| stream.entry.closed.is_cancelled()));
}

#[tokio::test]
async fn a_look_up_that_overlaps_a_close_does_not_put_the_session_back() {
    let pair = pair(true).await;
    let id = pair.two.check(&pair.token).await.unwrap().unwrap().id;
    // The database is read before the close, and the result is stored after it.
    let entry = pair.one.cache.entry(id);
    let (session, user) =
        pair.store.read().await.unwrap().sessions().find_active(id, Millis(START)).await.unwrap().unwrap();
    pair.one.close(id).await.unwrap();
    assert!(entry.store(user, session.expires_at).is_none());
    assert!(pair.one.check(&pair.token).await.unwrap().is_none());

    // However checks and a close interleave, no session stays.
    for _ in 0..50 {
        let token = pair.one.open(pair.user.clone(), HASH).await.unwrap().unwrap().access_token;
        let id = pair.two.check(&token).await.unwrap().unwrap().id;
        let checks = futures_util::future::join_all((0..8).map(|_| pair.one.check(&token)));
        let (closed, found) = tokio::join!(pair.one.close(id), checks);
        closed.unwrap();
        let found = found.into_iter().filter_map(Result::unwrap);
        assert!(found.into_iter().all(|session| session.entry.closed.is_cancelled()));
        assert!(pair.one.check(&token).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_clock_that_is_set_back_signs_nobody_out() {
    let pair = pair(false).await;
    for seconds in [-10, -60, -3600, -86_400] {
        pair.clock.turn(seconds);
        assert!(pair.one.check(&pair.token).await.unwrap().is_some(), "{seconds} s");
    }
    // Nor is a session taken for fresh until the clock has caught up.
    let session = pair.one.check(&pair.token).await.unwrap().unwrap();
    pair.clock.turn(-86_400);
    pair.two.close(session.id).await.unwrap();
    ended(&session).await;
    assert!(pair.one.check(&pair.token).await.unwrap().is_none());
}

#[tokio::test]
async fn a_stream_ends_with_the_token_that_opened_it() {
    let pair = pair(true).await;
    pair.clock.turn(3600 + 4);
    pair.store.begin().await.unwrap(); // Nothing is written.
    let id = {
        pair.clock.turn(-3000);
        pair.one.check(&pair.token).await.unwrap().unwrap().id
    };
    // The session was renewed, but the stream presents the old token, which is valid for one more second.
    pair.clock.turn(3000);
    let session = pair.one.check(&pair.token).await.unwrap().unwrap();
    assert_eq!(session.id, id);
    ended(&session).await;
    assert!(!session.entry.closed.is_cancelled(), "the session itself goes on");
}

#[tokio::test]
async fn a_verified_password_that_has_been_changed_opens_no_session() {
    let pair = pair(true).await;
    let session = pair.one.check(&pair.token).await.unwrap().unwrap();
    assert!(pair.one.change_password(pair.user.id, HASH, "$argon2id$new", session.id).await.unwrap());
    assert!(pair.one.open(pair.user.clone(), HASH).await.unwrap().is_none());
    assert!(!pair.one.change_password(pair.user.id, HASH, "$argon2id$x", session.id).await.unwrap());
    assert!(pair.one.open(pair.user.clone(), "$argon2id$new").await.unwrap().is_some());
}
