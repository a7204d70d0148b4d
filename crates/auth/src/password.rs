//! Hashes and verifies passwords with argon2id, outside the threads that serve requests.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::available_parallelism,
};

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier, password_hash};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::{device::Caller, random};

/// The maximum length of a queue, including passwords in progress. Each takes 19 MiB and a tenth of a second, so a
/// longer queue would only make everybody wait.
const MAX_QUEUED: usize = 64;

/// The hash that stands in for an account that does not exist. It takes as long to verify as a real one and matches no
/// password. It is a constant because computing one would delay every start.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$a2Fpd2EgaGFzIG5vbmUgLg$\
                     bm9ib2R5IGtub3dzIHRoZSB3b3JkIGJlaGluZCBpdC4";

/// Why a password could not be hashed or verified.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The queue is full. Try again in a moment.
    #[error("too many passwords are being checked at the moment")]
    Busy,
    /// The stored hash is damaged, or memory is exhausted.
    #[error("the password could not be hashed: {0}")]
    Failed(String),
}

/// Hashes passwords, one per core at the same time. Cheap to clone.
///
/// Known callers have a queue of their own, so that strangers cannot fill theirs.
#[derive(Clone)]
pub struct Hasher {
    cores: Arc<Semaphore>,
    known: Arc<AtomicUsize>,
    strangers: Arc<AtomicUsize>,
}

impl Hasher {
    /// A hasher for this machine.
    pub fn new() -> Result<Self, PasswordError> {
        let cores = available_parallelism().map_or(1, usize::from);
        Ok(Self { cores: Arc::new(Semaphore::new(cores)), known: Arc::default(), strangers: Arc::default() })
    }

    /// Returns the PHC string of a password: argon2id with a new salt.
    pub async fn hash(&self, password: SecretString, caller: Caller) -> Result<String, PasswordError> {
        self.run(caller, move || hash(&password)).await
    }

    /// Whether a password matches a PHC string.
    pub async fn verify(
        &self,
        password: SecretString,
        phc: String,
        caller: Caller,
    ) -> Result<bool, PasswordError> {
        self.run(caller, move || verify(&password, &phc)).await
    }

    /// Takes as long as [`Hasher::verify`] and returns `false`, for an account that does not exist.
    pub async fn verify_decoy(&self, password: SecretString) -> Result<bool, PasswordError> {
        self.run(Caller::Stranger, move || verify(&password, DECOY).map(|_never| false)).await
    }

    async fn run<T: Send + 'static>(
        &self,
        caller: Caller,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let _slot = QueueSlot::take(match caller {
            Caller::Known => &self.known,
            Caller::Stranger => &self.strangers,
        })?;
        let core = Arc::clone(&self.cores)
            .acquire_owned()
            .await
            .map_err(|closed| PasswordError::Failed(closed.to_string()))?;
        tokio::task::spawn_blocking(move || {
            let result = work();
            drop(core);
            result
        })
        .await
        .map_err(|panicked| PasswordError::Failed(panicked.to_string()))?
    }
}

/// A slot in the queue, which is free again when it is dropped.
struct QueueSlot<'a>(&'a AtomicUsize);

impl<'a> QueueSlot<'a> {
    fn take(queued: &'a AtomicUsize) -> Result<Self, PasswordError> {
        let before = queued.fetch_add(1, Ordering::Relaxed);
        let slot = Self(queued);
        if before < MAX_QUEUED { Ok(slot) } else { Err(PasswordError::Busy) }
    }
}

impl Drop for QueueSlot<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

// The crate's default parameters are OWASP's minimum: 19 MiB, two passes, one lane.
fn hash(password: &SecretString) -> Result<String, PasswordError> {
    let salt = random::bytes::<16>().map_err(|error| PasswordError::Failed(error.to_string()))?;
    let phc: PasswordHash = Argon2::default()
        .hash_password_with_salt(password.expose_secret().as_bytes(), &salt)
        .map_err(|error| PasswordError::Failed(error.to_string()))?;
    Ok(phc.to_string())
}

fn verify(password: &SecretString, phc: &str) -> Result<bool, PasswordError> {
    let parsed = PasswordHash::new(phc).map_err(|error| PasswordError::Failed(error.to_string()))?;
    match Argon2::default().verify_password(password.expose_secret().as_bytes(), &parsed) {
        Ok(()) => Ok(true),
        Err(password_hash::Error::PasswordInvalid) => Ok(false),
        // An unknown algorithm or an invalid parameter: nobody could sign in, so the operator must see it.
        Err(error) => Err(PasswordError::Failed(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> SecretString {
        SecretString::from(text)
    }

    #[tokio::test]
    async fn only_the_right_password_matches() {
        let hasher = Hasher::new().unwrap();
        let phc = hasher.hash(secret("correct horse"), Caller::Stranger).await.unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(hasher.verify(secret("correct horse"), phc.clone(), Caller::Stranger).await.unwrap());
        assert!(!hasher.verify(secret("correct horsf"), phc, Caller::Stranger).await.unwrap());
    }

    #[tokio::test]
    async fn an_unknown_account_takes_as_long_and_never_matches() {
        let hasher = Hasher::new().unwrap();
        let real = hasher.hash(secret("x"), Caller::Stranger).await.unwrap();
        let parameters = |phc: &str| phc.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(parameters(DECOY), parameters(&real));
        assert_eq!(DECOY.len(), real.len(), "salt and hash have the usual length");
        assert!(!hasher.verify_decoy(secret("x")).await.unwrap());
    }

    #[tokio::test]
    async fn the_same_password_gets_a_different_hash_each_time() {
        let hasher = Hasher::new().unwrap();
        assert_ne!(
            hasher.hash(secret("same"), Caller::Stranger).await.unwrap(),
            hasher.hash(secret("same"), Caller::Stranger).await.unwrap()
        );
    }

    #[tokio::test]
    async fn bytes_beyond_the_72nd_count() {
        let hasher = Hasher::new().unwrap();
        let long = "x".repeat(100);
        let phc = hasher.hash(secret(&format!("{long}a")), Caller::Stranger).await.unwrap();
        assert!(!hasher.verify(secret(&format!("{long}b")), phc, Caller::Stranger).await.unwrap());
    }

    #[tokio::test]
    async fn a_damaged_hash_is_an_error() {
        let hasher = Hasher::new().unwrap();
        let foreign = DECOY.replace("argon2id", "scrypt");
        let impossible = DECOY.replace("t=2", "t=0");
        for phc in ["", "x", "$argon2id$nonsense", &foreign, &impossible] {
            let outcome = hasher.verify(secret("x"), phc.to_owned(), Caller::Stranger).await;
            assert!(matches!(outcome, Err(PasswordError::Failed(_))), "{phc}: {outcome:?}");
        }
    }

    #[tokio::test]
    async fn requests_over_the_queue_limit_are_refused() {
        let hasher = Hasher::new().unwrap();
        let attempts = (0..MAX_QUEUED + 20).map(|_| hasher.verify_decoy(secret("x")));
        let known = hasher.hash(secret("x"), Caller::Known);
        let (results, known) =
            futures_util::future::join(futures_util::future::join_all(attempts), known).await;
        assert!(known.is_ok(), "{known:?}");
        assert!(results.iter().any(|result| matches!(result, Err(PasswordError::Busy))));
        assert!(hasher.hash(secret("x"), Caller::Stranger).await.is_ok(), "it works again afterwards");
    }
}
