//! The one-time code that proves access to the server's log.
//!
//! Registering at an address that the server does not know requires it. Without it, a foreign page that reaches the server
//! through DNS rebinding could register the first administrator.

use std::sync::{Mutex, MutexGuard, PoisonError};

use kaiwa_auth::random::{self, NoRandomness};

/// Digits and letters that cannot be mistaken for each other. There are 32, so every one is equally likely.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// A set-up code, until it is used.
pub(crate) struct SetupCode(Mutex<Option<String>>);

impl SetupCode {
    /// A new code.
    pub(crate) fn new() -> Result<Self, NoRandomness> {
        let letters = random::bytes::<12>()?.map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
        Ok(Self(Mutex::new(Some(String::from_iter(letters)))))
    }

    /// The code, in groups of four.
    pub(crate) fn shown(&self) -> String {
        let code = self.lock().clone().unwrap_or_default();
        let groups: Vec<String> =
            code.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
        groups.join("-")
    }

    /// Whether this is the code, in any case and with or without its dashes.
    pub(crate) fn is(&self, given: &str) -> bool {
        let given: String =
            given.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
        self.lock().as_ref().is_some_and(|code| *code == given)
    }

    /// Ends the validity of the code.
    pub(crate) fn use_up(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<String>> {
        // It is replaced as a whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_accepted_as_people_type_it_and_only_until_it_is_used() {
        let code = SetupCode::new().unwrap();
        let shown = code.shown();
        assert_eq!(shown.len(), 14, "{shown}");
        for typed in [shown.clone(), shown.to_lowercase(), shown.replace('-', ""), format!(" {shown} ")] {
            assert!(code.is(&typed), "{typed:?}");
        }
        for wrong in ["", "-", "AAAA-AAAA-AAAA", &shown[1..]] {
            assert!(!code.is(wrong), "{wrong:?}");
        }
        code.use_up();
        assert!(!code.is(&shown) && !code.is(""));
    }
}
