//! Login sessions: opening, checking, renewing and closing them.
//!
//! Every request looks up its session. The result is cached for a few seconds. Closing a session in this process takes
//! effect immediately and ends its open streams.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kaiwa_auth::token::{Signer, TokenError};
use kaiwa_shared::{
    SessionId, UserId,
    auth::{Session as SessionView, User},
    time::{Clock, Millis},
};
use kaiwa_store::{Store, accounts::Session};
use tokio_util::sync::CancellationToken;

/// How long a valid session is cached before the database is asked again.
const CACHE_TIME: Duration = Duration::from_secs(5);

/// A session is renewed after one eighth of its lifetime or after a day, whichever is shorter.
const RENEW_AFTER_FRACTION: u32 = 8;
const RENEW_AFTER: Duration = Duration::from_hours(24);

/// The size of the cache at which expired sessions are removed.
const MAX_CACHED: usize = 10_000;

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
    cache: Mutex<HashMap<SessionId, CachedSession>>,
}

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
    pub(crate) fn new(store: Store, signer: Signer, clock: Arc<dyn Clock>, lifetime: Duration) -> Self {
        Self { store, signer, clock, lifetime, cache: Mutex::default() }
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
        self.revoke(id);
        Ok(())
    }

    /// Closes every session of a user except `keep`.
    pub(crate) async fn close_others(&self, user: UserId, keep: SessionId) -> Result<()> {
        let mut tx = self.store.begin().await?;
        let ended = tx.sessions().delete_others(user, Some(keep)).await?;
        tx.commit().await?;
        for id in ended {
            self.revoke(id);
        }
        Ok(())
    }

    fn view(&self, id: SessionId, user: User, now: Millis) -> Result<SessionView> {
        let access_token = self.signer.issue(id, user.id, now, self.lifetime)?;
        let expires_in = self.lifetime.as_secs();
        Ok(SessionView { user, access_token, token_type: "Bearer".to_owned(), expires_in })
    }

    async fn look_up(&self, id: SessionId, now: Millis) -> Result<Option<CachedSession>> {
        let cached = self.lock().get(&id).cloned();
        if let Some(cached) = &cached
            && now.since(cached.checked_at) < CACHE_TIME
            && now < cached.expires_at
        {
            return Ok(Some(cached.clone()));
        }
        let active = self.store.read().await?.sessions().find_active(id, now).await?;
        let Some((session, user)) = active else {
            self.revoke(id);
            return Ok(None);
        };
        let mut cache = self.lock();
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
        if let Some(cached) = self.lock().get_mut(&id) {
            cached.expires_at = expires_at;
        }
        Ok(())
    }

    fn revoke(&self, id: SessionId) {
        if let Some(cached) = self.lock().remove(&id) {
            cached.revoked.cancel();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, CachedSession>> {
        // No change to the map can panic halfway.
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
