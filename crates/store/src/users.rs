//! Accounts.

use kaiwa_shared::{UserId, auth::User};

use crate::{Result, Store, entities::{Admission, NewUser, Registration, UserSecret}};

/// The accounts of a store.
pub struct Users<'a>(pub(crate) &'a Store);

impl Users<'_> {
    /// Makes an account. The first account of all becomes the administrator's: exactly one, however many race.
    pub async fn register(&self, user: NewUser, admission: Admission) -> Result<Registration> { todo!() }

    /// An account by its id.
    pub async fn find(&self, id: UserId) -> Result<Option<User>> { todo!() }

    /// An account by its name or e-mail address, without regard to case.
    pub async fn find_by_login(&self, login: &str) -> Result<Option<UserSecret>> { todo!() }

    /// An account with its password's hash.
    pub async fn find_secret(&self, id: UserId) -> Result<Option<UserSecret>> { todo!() }

    /// Whether any account exists.
    pub async fn any(&self) -> Result<bool> { todo!() }

    /// Replaces a password. `true` if the account exists.
    pub async fn set_password_hash(&self, id: UserId, hash: &str) -> Result<bool> { todo!() }
}
