//! Accounts, their logins and their saved prompts.

mod hosts;
mod prompts;
mod rows;
mod sessions;
mod users;

use kaiwa_shared::{SessionId, UserId, auth::User, time::Millis};

pub use hosts::Hosts;
pub use prompts::{PromptOutcome, Prompts};
pub use sessions::{MAX_CHECKED, Sessions};
pub use users::Users;

/// An account to be created.
#[derive(Clone)]
pub struct NewUser {
    /// Its id.
    pub id: UserId,
    /// The name as it was written. Unique without regard to case.
    pub username: String,
    /// The e-mail address as it was written, if any. Unique without regard to case.
    pub email: Option<String>,
    /// The password's PHC string.
    pub password_hash: String,
    /// When it was created.
    pub created_at: Millis,
}

/// Who may create an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Only the first: refuse if any account exists.
    FirstOnly,
    /// Anyone.
    Open,
}

/// The outcome of [`Users::register`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Registration {
    /// Created. The first account is the administrator's.
    Created(User),
    /// The name belongs to another account.
    UsernameTaken,
    /// The address belongs to another account.
    EmailTaken,
    /// Accounts exist and [`Admission::FirstOnly`] was given.
    Closed,
}

/// An account with its password's hash.
#[derive(Clone)]
pub struct UserSecret {
    /// The account.
    pub user: User,
    /// The password's PHC string.
    pub password_hash: String,
}

/// A login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id, which the access token names.
    pub id: SessionId,
    /// The account.
    pub user_id: UserId,
    /// When it began.
    pub created_at: Millis,
    /// When it expires unless it is used before.
    pub expires_at: Millis,
}
