//! Accounts.

use kaiwa_shared::{
    UserId,
    auth::{Role, User},
};

use super::{
    Admission, NewUser, Registration, UserSecret,
    rows::{UserRow, UserSecretRow, role_str, user_columns},
};
use crate::{
    Result, Tx,
    db::{execute, fetch_optional},
    text,
};

/// The repository of accounts.
pub struct Users<'t>(pub(crate) &'t mut Tx);

impl Users<'_> {
    /// Creates an account. Exactly one account, the first, becomes the administrator's, however many requests race.
    #[tracing::instrument(name = "store.users.register", level = "debug", skip_all)]
    pub async fn register(&mut self, user: NewUser, admission: Admission) -> Result<Registration> {
        self.0.0.lock_registrations().await?;
        let first = fetch_optional!(self.0, (i64,), "SELECT created_at FROM users LIMIT 1")?.is_none();
        if !first && admission == Admission::FirstOnly {
            return Ok(Registration::Closed);
        }
        let username_key = text::fold(&user.username);
        let email_key = user.email.as_deref().map(text::fold);
        if let Some(taken) = find_taken(self.0, &username_key, email_key.as_deref()).await? {
            return Ok(taken);
        }
        let role = if first { Role::Admin } else { Role::User };
        execute!(
            self.0,
            "INSERT INTO users (id, username, username_key, email, email_key, role, password_hash, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            user.id.as_uuid(),
            &user.username,
            &username_key,
            user.email.as_deref(),
            email_key.as_deref(),
            role_str(role),
            &user.password_hash,
            user.created_at.0,
        )?;
        Ok(Registration::Created(User {
            id: user.id,
            username: user.username,
            email: user.email,
            role,
            created_at: user.created_at,
        }))
    }

    /// An account by its id.
    #[tracing::instrument(name = "store.users.find", level = "debug", skip_all)]
    pub async fn find(&mut self, id: UserId) -> Result<Option<User>> {
        let sql = concat!("SELECT ", user_columns!(), " FROM users u WHERE u.id = $1");
        fetch_optional!(self.0, UserRow, sql, id.as_uuid())?.map(TryInto::try_into).transpose()
    }

    /// An account by its name or e-mail address, without regard to case.
    #[tracing::instrument(name = "store.users.find_by_login", level = "debug", skip_all)]
    pub async fn find_by_login(&mut self, login: &str) -> Result<Option<UserSecret>> {
        // No name contains `@` and every address does, so a login names at most one account.
        let sql = if login.contains('@') {
            concat!("SELECT ", user_columns!(), ", u.password_hash FROM users u WHERE u.email_key = $1")
        } else {
            concat!("SELECT ", user_columns!(), ", u.password_hash FROM users u WHERE u.username_key = $1")
        };
        if login.contains('\0') {
            return Ok(None);
        }
        fetch_optional!(self.0, UserSecretRow, sql, text::fold(login))?.map(TryInto::try_into).transpose()
    }

    /// An account with its password's hash.
    #[tracing::instrument(name = "store.users.find_secret", level = "debug", skip_all)]
    pub async fn find_secret(&mut self, id: UserId) -> Result<Option<UserSecret>> {
        let sql = concat!("SELECT ", user_columns!(), ", u.password_hash FROM users u WHERE u.id = $1");
        fetch_optional!(self.0, UserSecretRow, sql, id.as_uuid())?.map(TryInto::try_into).transpose()
    }

    /// Whether any account exists.
    #[tracing::instrument(name = "store.users.any", level = "debug", skip_all)]
    pub async fn any(&mut self) -> Result<bool> {
        Ok(fetch_optional!(self.0, (i64,), "SELECT created_at FROM users LIMIT 1")?.is_some())
    }

    /// Replaces the hash `old` of a password by `new`; `false` if the stored hash is another one.
    #[tracing::instrument(name = "store.users.replace_password_hash", level = "debug", skip_all)]
    pub async fn replace_password_hash(&mut self, id: UserId, old: &str, new: &str) -> Result<bool> {
        let changed = execute!(
            self.0,
            "UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2",
            id.as_uuid(),
            old,
            new,
        )?;
        Ok(changed == 1)
    }
}

/// Which key belongs to another account; the name is checked first.
async fn find_taken(
    tx: &mut Tx,
    username_key: &str,
    email_key: Option<&str>,
) -> Result<Option<Registration>> {
    let username =
        fetch_optional!(tx, (i64,), "SELECT created_at FROM users WHERE username_key = $1", username_key)?;
    if username.is_some() {
        return Ok(Some(Registration::UsernameTaken));
    }
    let email = fetch_optional!(tx, (i64,), "SELECT created_at FROM users WHERE email_key = $1", email_key)?;
    Ok(email.map(|_| Registration::EmailTaken))
}
