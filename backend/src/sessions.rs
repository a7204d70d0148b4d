//! Logins: opening, checking, renewing and ending them.
//!
//! Every request asks for its session. The answer is kept for a few seconds, and whoever ends a session through this
//! process ends it at once, its open streams included.

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
use kaiwa_store::{Store, entities::Session};
use tokio_util::sync::CancellationToken;

/// How long a session that was found valid is believed without asking the database again.
const BELIEVED_FOR: Duration = Duration::from_secs(5);

/// A session is extended when it has been used for this part of its lifetime, or for a day, whichever is shorter.
const RENEW_AFTER_PART: u32 = 8;
const RENEW_AFTER: Duration = Duration::from_hours(24);

/// How many sessions are remembered before those that have ended are thrown out.
const REMEMBERED: usize = 10_000;

/// Why a session could not be opened or checked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SessionError {
    /// The database did not do its part.
    #[error(transparent)]
    Store(#[from] kaiwa_store::Error),
    /// No token could be issued.
    #[error(transparent)]
    Token(#[from] TokenError),
}

type Result<T> = std::result::Result<T, SessionError>;

/// Opens, checks and ends logins.
pub(crate) struct Sessions {
    store: Store,
    signer: Signer,
    clock: Arc<dyn Clock>,
    lifetime: Duration,
    known: Mutex<HashMap<SessionId, Known>>,
}

#[derive(Clone)]
struct Known {
    user: User,
    expires_at: Millis,
    checked_at: Millis,
    revoked: CancellationToken,
}

/// A session that is valid now.
#[derive(Clone, Debug)]
pub(crate) struct ValidSession {
    pub(crate) id: SessionId,
    pub(crate) user: User,
    /// Cancelled when the session ends before its time.
    pub(crate) revoked: CancellationToken,
    /// A fresh token, when the one that was shown has grown old.
    pub(crate) renewed: Option<String>,
}

impl Sessions {
    pub(crate) fn new(store: Store, signer: Signer, clock: Arc<dyn Clock>, lifetime: Duration) -> Self {
        Self { store, signer, clock, lifetime, known: Mutex::default() }
    }

    /// Makes a login for an account whose owner has proved who they are.
    pub(crate) async fn open(&self, user: User) -> Result<SessionView> {
        let now = self.clock.now();
        let session = Session {
            id: SessionId::new(),
            user_id: user.id,
            created_at: now,
            expires_at: now.plus(self.lifetime),
        };
        self.store.sessions().create(&session).await?;
        self.view(session.id, user, now)
    }

    /// The session that a token names, if token and session are both valid now.
    pub(crate) async fn check(&self, token: &str) -> Result<Option<ValidSession>> {
        let now = self.clock.now();
        let Ok(claims) = self.signer.verify(token, now) else { return Ok(None) };
        let Some(known) = self.look_up(claims.session, now).await? else { return Ok(None) };
        if known.user.id != claims.user {
            return Ok(None);
        }
        let renewed = self.renew(claims.session, &known, now).await?;
        Ok(Some(ValidSession { id: claims.session, user: known.user, revoked: known.revoked, renewed }))
    }

    /// A fresh token for a valid session, whose time starts anew.
    pub(crate) async fn refresh(&self, session: &ValidSession) -> Result<SessionView> {
        let now = self.clock.now();
        self.extend(session.id, now).await?;
        self.view(session.id, session.user.clone(), now)
    }

    /// Ends a session and its open streams.
    pub(crate) async fn close(&self, id: SessionId) -> Result<()> {
        self.store.sessions().delete(id).await?;
        self.revoke(id);
        Ok(())
    }

    /// Ends every session of an account but one.
    pub(crate) async fn close_others(&self, user: UserId, keep: SessionId) -> Result<()> {
        for id in self.store.sessions().delete_others(user, Some(keep)).await? {
            self.revoke(id);
        }
        Ok(())
    }

    fn view(&self, id: SessionId, user: User, now: Millis) -> Result<SessionView> {
        let access_token = self.signer.issue(id, user.id, now, self.lifetime)?;
        let expires_in = self.lifetime.as_secs();
        Ok(SessionView { user, access_token, token_type: "Bearer".to_owned(), expires_in })
    }

    async fn look_up(&self, id: SessionId, now: Millis) -> Result<Option<Known>> {
        let known = self.lock().get(&id).cloned();
        if let Some(known) = &known
            && now.since(known.checked_at) < BELIEVED_FOR
            && now < known.expires_at
        {
            return Ok(Some(known.clone()));
        }
        let Some((session, user)) = self.store.sessions().find_active(id, now).await? else {
            self.revoke(id);
            return Ok(None);
        };
        let mut map = self.lock();
        if map.len() >= REMEMBERED {
            map.retain(|_, known| known.expires_at > now);
        }
        let revoked = known.map_or_else(CancellationToken::new, |known| known.revoked);
        let known = Known { user, expires_at: session.expires_at, checked_at: now, revoked };
        map.insert(id, known.clone());
        Ok(Some(known))
    }

    async fn renew(&self, id: SessionId, known: &Known, now: Millis) -> Result<Option<String>> {
        let used = self.lifetime.saturating_sub(known.expires_at.since(now));
        if used < RENEW_AFTER.min(self.lifetime / RENEW_AFTER_PART) {
            return Ok(None);
        }
        self.extend(id, now).await?;
        Ok(Some(self.signer.issue(id, known.user.id, now, self.lifetime)?))
    }

    async fn extend(&self, id: SessionId, now: Millis) -> Result<()> {
        let expires_at = now.plus(self.lifetime);
        self.store.sessions().extend(id, expires_at).await?;
        if let Some(known) = self.lock().get_mut(&id) {
            known.expires_at = expires_at;
        }
        Ok(())
    }

    fn revoke(&self, id: SessionId) {
        if let Some(known) = self.lock().remove(&id) {
            known.revoked.cancel();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, Known>> {
        // Each change is complete before the lock is given back.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
