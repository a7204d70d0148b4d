//! Accounts.

use kaiwa_shared::{
    UserId,
    auth::{Role, User},
};

use crate::{
    Result, Store,
    db::{Tx, execute, fetch_optional},
    entities::{Admission, NewUser, Registration, UserSecret},
    rows::{UserRow, UserSecretRow, role_str, user_columns},
    text,
};

/// The accounts of a store.
pub struct Users<'a>(pub(crate) &'a Store);

impl Users<'_> {
    /// Makes an account. The first account of all becomes the administrator's: exactly one, however many race.
    pub async fn register(&self, user: NewUser, admission: Admission) -> Result<Registration> {
        let mut tx = self.0.db.begin().await?;
        tx.lock_registrations().await?;
        let first = fetch_optional!(tx, (i64,), "SELECT created_at FROM users LIMIT 1")?.is_none();
        if !first && admission == Admission::FirstOnly {
            return Ok(Registration::Closed);
        }
        let username_key = text::fold(&user.username);
        let email_key = user.email.as_deref().map(text::fold);
        if let Some(taken) = find_taken(&mut tx, &username_key, email_key.as_deref()).await? {
            return Ok(taken);
        }
        let role = if first { Role::Admin } else { Role::User };
        execute!(
            tx,
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
        tx.commit().await?;
        Ok(Registration::Created(User {
            id: user.id,
            username: user.username,
            email: user.email,
            role,
            created_at: user.created_at,
        }))
    }

    /// An account by its id.
    pub async fn find(&self, id: UserId) -> Result<Option<User>> {
        let mut reader = self.0.db.reader().await?;
        let sql = concat!("SELECT ", user_columns!(), " FROM users u WHERE u.id = $1");
        fetch_optional!(reader, UserRow, sql, id.as_uuid())?.map(TryInto::try_into).transpose()
    }

    /// An account by its name or e-mail address, without regard to case.
    pub async fn find_by_login(&self, login: &str) -> Result<Option<UserSecret>> {
        // No name has an `@` and every address has one, so there is never a choice between two accounts.
        let sql = if login.contains('@') {
            concat!("SELECT ", user_columns!(), ", u.password_hash FROM users u WHERE u.email_key = $1")
        } else {
            concat!("SELECT ", user_columns!(), ", u.password_hash FROM users u WHERE u.username_key = $1")
        };
        if login.contains('\0') {
            return Ok(None);
        }
        let mut reader = self.0.db.reader().await?;
        fetch_optional!(reader, UserSecretRow, sql, text::fold(login))?.map(TryInto::try_into).transpose()
    }

    /// An account with its password's hash.
    pub async fn find_secret(&self, id: UserId) -> Result<Option<UserSecret>> {
        let mut reader = self.0.db.reader().await?;
        let sql = concat!("SELECT ", user_columns!(), ", u.password_hash FROM users u WHERE u.id = $1");
        fetch_optional!(reader, UserSecretRow, sql, id.as_uuid())?.map(TryInto::try_into).transpose()
    }

    /// Whether any account exists.
    pub async fn any(&self) -> Result<bool> {
        let mut reader = self.0.db.reader().await?;
        Ok(fetch_optional!(reader, (i64,), "SELECT created_at FROM users LIMIT 1")?.is_some())
    }

    /// Replaces a password. `true` if the account exists.
    pub async fn set_password_hash(&self, id: UserId, hash: &str) -> Result<bool> {
        let mut tx = self.0.db.begin().await?;
        let changed = execute!(tx, "UPDATE users SET password_hash = $2 WHERE id = $1", id.as_uuid(), hash)?;
        tx.commit().await?;
        Ok(changed == 1)
    }
}

/// Which of the two keys somebody else has, the name first.
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
