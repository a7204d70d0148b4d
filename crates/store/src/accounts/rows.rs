//! Rows of accounts and logins.

use kaiwa_shared::{
    SessionId, UserId,
    auth::{Role, User},
    time::Millis,
};
use sqlx::FromRow;
use uuid::Uuid;

use super::{Session, UserSecret};
use crate::{Error, Result, json::unknown};

/// The columns of [`UserRow`], of a table that is called `u`.
macro_rules! user_columns {
    () => {
        "u.id, u.username, u.email, u.role, u.created_at"
    };
}

pub(super) use user_columns;

#[derive(FromRow)]
pub(super) struct UserRow {
    id: Uuid,
    username: String,
    email: Option<String>,
    role: String,
    created_at: i64,
}

#[derive(FromRow)]
pub(super) struct UserSecretRow {
    #[sqlx(flatten)]
    user: UserRow,
    password_hash: String,
}

#[derive(FromRow)]
pub(super) struct SessionRow {
    #[sqlx(flatten)]
    user: UserRow,
    session_id: Uuid,
    session_created_at: i64,
    session_expires_at: i64,
}

impl TryFrom<UserRow> for User {
    type Error = Error;

    fn try_from(row: UserRow) -> Result<Self> {
        let role = match row.role.as_str() {
            "admin" => Role::Admin,
            "user" => Role::User,
            _ => return Err(unknown("users", "role", row.id, &row.role)),
        };
        Ok(Self {
            id: UserId::from_uuid(row.id),
            username: row.username,
            email: row.email,
            role,
            created_at: Millis(row.created_at),
        })
    }
}

impl TryFrom<UserSecretRow> for UserSecret {
    type Error = Error;

    fn try_from(row: UserSecretRow) -> Result<Self> {
        Ok(Self { user: row.user.try_into()?, password_hash: row.password_hash })
    }
}

impl TryFrom<SessionRow> for (Session, User) {
    type Error = Error;

    fn try_from(row: SessionRow) -> Result<Self> {
        let user = User::try_from(row.user)?;
        let session = Session {
            id: SessionId::from_uuid(row.session_id),
            user_id: user.id,
            created_at: Millis(row.session_created_at),
            expires_at: Millis(row.session_expires_at),
        };
        Ok((session, user))
    }
}

/// A role as it is stored.
pub(super) const fn role_str(role: Role) -> &'static str {
    match role {
        Role::Admin => "admin",
        Role::User => "user",
    }
}
