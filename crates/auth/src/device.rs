//! Recognizes devices on which somebody has signed in to an account before.
//!
//! Each sign-in leaves a mark on the device, signed for that account. It proves nothing about who uses the device now, so
//! the password is still needed; it only keeps the owner's attempts apart from those of strangers.

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use kaiwa_shared::UserId;

use crate::secret::SigningSecret;

/// The origin of a sign-in attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Somebody who is signed in, or whose device has the account's mark.
    Known,
    /// Anybody else.
    Stranger,
}

/// Makes and checks the marks of devices.
pub struct Devices(hmac::Key);

impl Devices {
    /// Marks with a key that is derived from `secret`.
    pub fn new(secret: &SigningSecret) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, &secret.derive("device/v1")))
    }

    /// The mark for the devices of an account, as URL-safe Base64.
    pub fn mark(&self, account: UserId) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.0, account.as_uuid().as_bytes()))
    }

    /// Whether `mark` is the mark of this account.
    pub fn is_marked(&self, account: UserId, mark: &str) -> bool {
        let mark = URL_SAFE_NO_PAD.decode(mark);
        mark.is_ok_and(|mark| hmac::verify(&self.0, account.as_uuid().as_bytes(), &mark).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_counts_for_its_own_account_and_secret_only() {
        let secrets = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let [ours, other] = secrets
            .each_ref()
            .map(|folder| Devices::new(&SigningSecret::load_or_create(folder.path()).unwrap()));
        let (ada, eve) = (UserId::new(), UserId::new());
        let mark = ours.mark(ada);
        assert!(ours.is_marked(ada, &mark));
        for (account, mark) in [
            (eve, mark.clone()),
            (ada, ours.mark(eve)),
            (ada, other.mark(ada)),
            (ada, mark[1..].to_owned()),
            (ada, format!("{mark}A")),
            (ada, mark.to_lowercase()),
            (ada, ada.to_string()),
            (ada, String::new()),
        ] {
            assert!(!ours.is_marked(account, &mark), "{mark}");
        }
    }
}
