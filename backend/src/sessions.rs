//! Login sessions: opening, checking, renewing and closing them.
//!
//! Every request looks up its session. The result is cached for a few seconds. Closing a session takes effect immediately
//! in this process, as soon as they hear of it in the others, and ends its open streams.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kaiwa_auth::token::{Signer, TokenError};
use kaiwa_bus::{Bus, Missed};
use kaiwa_shared::{
    SessionId, UserId,
    auth::{Session as SessionView, User},
    time::{Clock, Millis},
};
use kaiwa_store::{Store, accounts::Session};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

/// How long a valid session is cached before the database is asked again.
const CACHE_TIME: Duration = Duration::from_secs(5);

/// A session is renewed after one eighth of its lifetime or after a day, whichever is shorter.
const RENEW_AFTER_FRACTION: u32 = 8;
const RENEW_AFTER: Duration = Duration::from_hours(24);

/// The size of the cache at which expired sessions are removed.
const MAX_CACHED: usize = 10_000;

/// The topic of closed sessions, by their ids.
const CLOSED: &str = "closed-sessions";

/// Why a session could not be opened or checked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SessionError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] kaiwa_store::Error),
    /// The token could not be issued.
    #[error(transparent)]
    Token(#[from] TokenError),
}

type Result<T> = std::result::Result<T, SessionError>;

/// Opens, checks and closes sessions.
pub(crate) struct Sessions {
    store: Store,
    signer: Signer,
    clock: Arc<dyn Clock>,
    lifetime: Duration,
    bus: Arc<dyn Bus>,
    cache: Cache,
    /// Removes sessions from the cache that other processes close.
    _follower: AbortOnDropHandle<()>,
}

/// Sessions that were valid a moment ago. Cheap to clone.
#[derive(Clone, Default)]
struct Cache(Arc<Mutex<HashMap<SessionId, CachedSession>>>);

#[derive(Clone)]
struct CachedSession {
    user: User,
    expires_at: Millis,
    checked_at: Millis,
    revoked: CancellationToken,
}

/// A session that was valid when it was checked.
#[derive(Clone, Debug)]
pub(crate) struct ValidSession {
    pub(crate) id: SessionId,
    pub(crate) user: User,
    /// Cancelled when the session is closed before it expires.
    pub(crate) revoked: CancellationToken,
    /// A new token, if the presented one is due for renewal.
    pub(crate) renewed: Option<String>,
}

impl Sessions {
    pub(crate) async fn new(
        store: Store,
        signer: Signer,
        clock: Arc<dyn Clock>,
        bus: Arc<dyn Bus>,
        lifetime: Duration,
    ) -> Self {
        let cache = Cache::default();
        let follower = cache.follow(&*bus).await;
        Self { store, signer, clock, lifetime, bus, cache, _follower: follower }
    }

    /// Opens a session for a user who has been authenticated.
    pub(crate) async fn open(&self, user: User) -> Result<SessionView> {
        let now = self.clock.now();
        let session = Session {
            id: SessionId::new(),
            user_id: user.id,
            created_at: now,
            expires_at: now.plus(self.lifetime),
        };
        let mut tx = self.store.begin().await?;
        tx.sessions().create(&session).await?;
        tx.commit().await?;
        self.view(session.id, user, now)
    }

    /// The session of a token, if both the token and the session are valid.
    pub(crate) async fn check(&self, token: &str) -> Result<Option<ValidSession>> {
        let now = self.clock.now();
        let Ok(claims) = self.signer.verify(token, now) else { return Ok(None) };
        let Some(cached) = self.look_up(claims.session, now).await? else { return Ok(None) };
        if cached.user.id != claims.user {
            return Ok(None);
        }
        let renewed = self.renew(claims.session, &cached, now).await?;
        Ok(Some(ValidSession { id: claims.session, user: cached.user, revoked: cached.revoked, renewed }))
    }

    /// Extends a session by its full lifetime and returns a new token for it.
    pub(crate) async fn refresh(&self, session: &ValidSession) -> Result<SessionView> {
        let now = self.clock.now();
        self.extend(session.id, now).await?;
        self.view(session.id, session.user.clone(), now)
    }

    /// Closes a session and ends its open streams.
    pub(crate) async fn close(&self, id: SessionId) -> Result<()> {
        let mut tx = self.store.begin().await?;
        tx.sessions().delete(id).await?;
        tx.commit().await?;
        self.announce_closed(id);
        Ok(())
    }

    /// Closes every session of a user except `keep`.
    pub(crate) async fn close_others(&self, user: UserId, keep: SessionId) -> Result<()> {
        let mut tx = self.store.begin().await?;
        let ended = tx.sessions().delete_others(user, Some(keep)).await?;
        tx.commit().await?;
        for id in ended {
            self.announce_closed(id);
        }
        Ok(())
    }

    fn view(&self, id: SessionId, user: User, now: Millis) -> Result<SessionView> {
        let access_token = self.signer.issue(id, user.id, now, self.lifetime)?;
        let expires_in = self.lifetime.as_secs();
        Ok(SessionView { user, access_token, token_type: "Bearer".to_owned(), expires_in })
    }

    async fn look_up(&self, id: SessionId, now: Millis) -> Result<Option<CachedSession>> {
        let cached = self.cache.lock().get(&id).cloned();
        if let Some(cached) = &cached
            && now.since(cached.checked_at) < CACHE_TIME
            && now < cached.expires_at
        {
            return Ok(Some(cached.clone()));
        }
        let active = self.store.read().await?.sessions().find_active(id, now).await?;
        let Some((session, user)) = active else {
            self.cache.revoke(id);
            return Ok(None);
        };
        let mut cache = self.cache.lock();
        if cache.len() >= MAX_CACHED {
            cache.retain(|_, cached| cached.expires_at > now);
        }
        let revoked = cached.map_or_else(CancellationToken::new, |cached| cached.revoked);
        let session = CachedSession { user, expires_at: session.expires_at, checked_at: now, revoked };
        cache.insert(id, session.clone());
        Ok(Some(session))
    }

    async fn renew(&self, id: SessionId, cached: &CachedSession, now: Millis) -> Result<Option<String>> {
        let used = self.lifetime.saturating_sub(cached.expires_at.since(now));
        if used < RENEW_AFTER.min(self.lifetime / RENEW_AFTER_FRACTION) {
            return Ok(None);
        }
        self.extend(id, now).await?;
        Ok(Some(self.signer.issue(id, cached.user.id, now, self.lifetime)?))
    }

    async fn extend(&self, id: SessionId, now: Millis) -> Result<()> {
        let expires_at = now.plus(self.lifetime);
        let mut tx = self.store.begin().await?;
        tx.sessions().extend(id, expires_at).await?;
        tx.commit().await?;
        if let Some(cached) = self.cache.lock().get_mut(&id) {
            cached.expires_at = expires_at;
        }
        Ok(())
    }

    /// Ends a session that was deleted, here and in every other process.
    fn announce_closed(&self, id: SessionId) {
        self.cache.revoke(id);
        self.bus.publish(CLOSED, id.to_string().into());
    }
}

impl Cache {
    /// Starts the task that ends the sessions that any process closes.
    async fn follow(&self, bus: &dyn Bus) -> AbortOnDropHandle<()> {
        let mut closed = bus.subscribe(CLOSED).await;
        let cache = self.clone();
        AbortOnDropHandle::new(tokio::spawn(async move {
            loop {
                match closed.next().await {
                    Ok(messages) => {
                        let ids = messages.iter().filter_map(|message| std::str::from_utf8(message).ok());
                        ids.filter_map(|id| id.parse().ok()).for_each(|id| cache.revoke(id));
                    }
                    Err(Missed) => cache.revoke_all(),
                }
            }
        }))
    }

    fn revoke(&self, id: SessionId) {
        if let Some(cached) = self.lock().remove(&id) {
            cached.revoked.cancel();
        }
    }

    /// Ends the streams of every cached session. Those that are still valid are looked up again when their pages
    /// reconnect.
    fn revoke_all(&self) {
        for (_, cached) in self.lock().drain() {
            cached.revoked.cancel();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, CachedSession>> {
        // No change to the map can panic halfway.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use kaiwa_auth::secret::SigningSecret;
    use kaiwa_bus::LocalBus;
    use kaiwa_store::accounts::{Admission, NewUser, Registration};

    use super::*;
    use crate::clock::SystemClock;

    /// The session caches of two processes on one store, and a session that both of them have cached.
    struct Pair {
        one: Sessions,
        two: Sessions,
        bus: Arc<LocalBus>,
        token: String,
        _folder: tempfile::TempDir,
    }

    async fn pair() -> Pair {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&format!("file:{}", folder.path().join("app.db").display())).await.unwrap();
        store.migrate().await.unwrap();
        let ada = NewUser {
            id: UserId::new(),
            username: "ada".to_owned(),
            email: None,
            password_hash: String::new(),
            created_at: Millis(0),
        };
        let mut tx = store.begin().await.unwrap();
        let registration = tx.users().register(ada, Admission::Open).await.unwrap();
        tx.commit().await.unwrap();
        let Registration::Created(user) = registration else { panic!("ada cannot register") };
        let secret = SigningSecret::load_or_create(folder.path()).unwrap();
        let bus = Arc::new(LocalBus::new());
        let sessions = || {
            let bus = Arc::clone(&bus) as Arc<dyn Bus>;
            let lifetime = Duration::from_hours(1);
            Sessions::new(store.clone(), Signer::new(&secret), Arc::new(SystemClock), bus, lifetime)
        };
        let (one, two) = (sessions().await, sessions().await);
        let token = one.open(user).await.unwrap().access_token;
        Pair { one, two, bus, token, _folder: folder }
    }

    #[tokio::test]
    async fn a_session_closed_in_one_process_is_refused_in_the_other() {
        let pair = pair().await;
        let here = pair.one.check(&pair.token).await.unwrap().unwrap();
        let there = pair.two.check(&pair.token).await.unwrap().unwrap();
        pair.one.close(here.id).await.unwrap();
        assert!(here.revoked.is_cancelled(), "at once in the same process");
        assert!(pair.one.check(&pair.token).await.unwrap().is_none());
        tokio::time::timeout(Duration::from_secs(1), there.revoked.cancelled()).await.unwrap();
        assert!(pair.two.check(&pair.token).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn streams_end_if_closed_sessions_may_have_been_missed() {
        let pair = pair().await;
        let session = pair.two.check(&pair.token).await.unwrap().unwrap();
        // More than a subscriber may leave unread, before it gets a turn.
        for _ in 0..10_000 {
            pair.bus.publish(CLOSED, SessionId::new().to_string().into());
        }
        tokio::time::timeout(Duration::from_secs(1), session.revoked.cancelled()).await.unwrap();
        let again = pair.two.check(&pair.token).await.unwrap().unwrap();
        assert!(!again.revoked.is_cancelled(), "the session itself is still valid");
    }
}
