//! `/api/auth`: accounts and sessions. The session itself is a cookie that no script can read.

use kaiwa_shared::auth::{ChangePassword, Credentials, Session, User};

use super::{Api, Call, Error, Method, json_of};

impl Api {
    /// Who is signed in.
    pub async fn me(self) -> Result<User, Error> {
        self.get("auth/me").await
    }

    /// Signs in.
    pub async fn sign_in(self, credentials: &Credentials) -> Result<User, Error> {
        let call = Call::new(Method::Post, "auth/login").with_body(credentials);
        self.call::<Session>(call).await.map(|session| session.user)
    }

    /// Creates an account and signs in with it.
    pub async fn sign_up(self, credentials: &Credentials) -> Result<User, Error> {
        let call = Call::new(Method::Post, "auth/register").with_body(credentials);
        self.call::<Session>(call).await.map(|session| session.user)
    }

    /// Ends the session.
    pub async fn sign_out(self) -> Result<(), Error> {
        self.command(Method::Post, "auth/logout".to_owned(), None).await
    }

    /// Changes the password and ends every other session of the account.
    pub async fn change_password(self, change: &ChangePassword) -> Result<(), Error> {
        self.command(Method::Post, "auth/password".to_owned(), json_of(change)).await
    }
}
