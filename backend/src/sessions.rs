//! Login sessions: opening, checking, renewing and closing them.
//!
//! Every request looks up its session; the result is cached for a moment (`cache.rs`). Closing a session takes effect
//! immediately in this process and ends its open streams. Other processes that share only the database notice it within
//! five seconds: their caches expire, and each of them looks regularly whether the sessions of its open streams are
//! still there.

mod cache;
mod ending;
mod watch;

use std::{sync::Arc, time::Duration};

use kaiwa_auth::token::{Signer, TokenError};
use kaiwa_bus::{Bus, Missed};
use kaiwa_shared::{
    SessionId, UserId,
    auth::{Session as SessionView, User},
    time::{Clock, Millis},
};
use kaiwa_store::{Store, accounts::Session};
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use cache::{Cache, Entry, Found};

pub(crate) use ending::Ending;

/// A session is renewed after one eighth of its lifetime or after a day, whichever is shorter.
const RENEW_AFTER_FRACTION: u32 = 8;
const RENEW_AFTER: Duration = Duration::from_hours(24);

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
    /// Ends sessions that other processes close.
    _background: [AbortOnDropHandle<()>; 2],
}

/// A session that was valid when it was checked.
#[derive(Clone)]
pub(crate) struct ValidSession {
    pub(crate) id: SessionId,
    pub(crate) user: User,
    /// When the presented token is no longer accepted.
    token_expires_at: Instant,
    /// A new token, if the presented one is due for renewal.
    pub(crate) renewed: Option<String>,
    entry: Arc<Entry>,
}

impl ValidSession {
    /// The end of this session, for a stream.
    pub(crate) fn ending(&self) -> Ending {
        Ending::new(Arc::clone(&self.entry), self.token_expires_at)
    }
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
        let background =
            [follow(&*bus, &cache).await, watch::spawn(store.clone(), Arc::clone(&clock), cache.clone())];
        Self { store, signer, clock, lifetime, bus, cache, _background: background }
    }

    /// Opens a session for a user whose password was verified with this hash. `None` if the password has been changed
    /// since.
    pub(crate) async fn open(&self, user: User, password_hash: &str) -> Result<Option<SessionView>> {
        let now = self.clock.now();
        let session = Session {
            id: SessionId::new(),
            user_id: user.id,
            created_at: now,
            expires_at: now.plus(self.lifetime),
        };
        let mut tx = self.store.begin().await?;
        let created = tx.sessions().create(&session, password_hash).await?;
        tx.commit().await?;
        if created { self.view(session.id, user, now).map(Some) } else { Ok(None) }
    }

    /// Whether a token is one of ours, valid or not.
    pub(crate) fn is_ours(&self, token: &str) -> bool {
        self.signer.is_ours(token)
    }

    /// The session of a token, if both the token and the session are valid.
    pub(crate) async fn check(&self, token: &str) -> Result<Option<ValidSession>> {
        let now = self.clock.now();
        let Ok(claims) = self.signer.verify(token, now) else { return Ok(None) };
        let Some(Found { entry, user, expires_at }) = self.look_up(claims.session, now).await? else {
            return Ok(None);
        };
        if user.id != claims.user {
            return Ok(None);
        }
        let renewed = self.renew(claims.session, user.id, expires_at, now).await?;
        Ok(Some(ValidSession {
            id: claims.session,
            user,
            token_expires_at: Instant::now() + claims.expires_at.since(now),
            renewed,
            entry,
        }))
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

    /// Replaces the hash `old` of a user's password by `new` and closes every session of the user except `keep`.
    /// `false` if the stored hash is another one.
    pub(crate) async fn change_password(
        &self,
        user: UserId,
        old: &str,
        new: &str,
        keep: SessionId,
    ) -> Result<bool> {
        let mut tx = self.store.begin().await?;
        if !tx.users().replace_password_hash(user, old, new).await? {
            return Ok(false);
        }
        let ended = tx.sessions().delete_others(user, Some(keep)).await?;
        tx.commit().await?;
        for id in ended {
            self.announce_closed(id);
        }
        Ok(true)
    }

    fn view(&self, id: SessionId, user: User, now: Millis) -> Result<SessionView> {
        let access_token = self.signer.issue(id, user.id, now, self.lifetime)?;
        let expires_in = self.lifetime.as_secs();
        Ok(SessionView { user, access_token, token_type: "Bearer".to_owned(), expires_in })
    }

    async fn look_up(&self, id: SessionId, now: Millis) -> Result<Option<Found>> {
        loop {
            let entry = self.cache.entry(id);
            if let Some(found) = entry.fresh(now) {
                return Ok(Some(found));
            }
            let active = self.store.read().await?.sessions().find_active(id, now).await?;
            let Some((session, user)) = active else {
                self.cache.close(id);
                return Ok(None);
            };
            // The session may have been closed after it was read. Then it is read again.
            if let Some(found) = entry.store(user, session.expires_at) {
                return Ok(Some(found));
            }
        }
    }

    async fn renew(
        &self,
        id: SessionId,
        user: UserId,
        expires_at: Millis,
        now: Millis,
    ) -> Result<Option<String>> {
        let elapsed = self.lifetime.saturating_sub(expires_at.since(now));
        if elapsed < RENEW_AFTER.min(self.lifetime / RENEW_AFTER_FRACTION) {
            return Ok(None);
        }
        self.extend(id, now).await?;
        Ok(Some(self.signer.issue(id, user, now, self.lifetime)?))
    }

    async fn extend(&self, id: SessionId, now: Millis) -> Result<()> {
        let expires_at = now.plus(self.lifetime);
        let mut tx = self.store.begin().await?;
        tx.sessions().extend(id, expires_at).await?;
        tx.commit().await?;
        self.cache.extend(id, expires_at);
        Ok(())
    }

    /// Ends a session that was deleted, here and in every other process.
    fn announce_closed(&self, id: SessionId) {
        self.cache.close(id);
        self.bus.publish(CLOSED, id.to_string().into());
    }
}

/// Starts the task that ends the sessions that any process on the bus closes.
async fn follow(bus: &dyn Bus, cache: &Cache) -> AbortOnDropHandle<()> {
    let mut closed = bus.subscribe(CLOSED).await;
    let cache = cache.clone();
    AbortOnDropHandle::new(tokio::spawn(async move {
        loop {
            match closed.next().await {
                Ok(messages) => {
                    let ids = messages.iter().filter_map(|message| std::str::from_utf8(message).ok());
                    ids.filter_map(|id| id.parse().ok()).for_each(|id| cache.close(id));
                }
                Err(Missed) => cache.close_all(),
            }
        }
    }))
}

#[cfg(test)]
mod tests;
