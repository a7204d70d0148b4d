//! Hashing and verifying passwords with argon2id, off the threads that serve requests.

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

use crate::random;

/// How many passwords may wait for a core. Each costs 19 MiB and a tenth of a second, so a longer queue would only
/// make everybody wait.
const QUEUE: usize = 64;

/// What the password of an account that does not exist is compared with: as costly as any other, and the hash of
/// nothing. A constant, because making one would delay every start.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$a2Fpd2EgaGFzIG5vbmUgLg$\
                     bm9ib2R5IGtub3dzIHRoZSB3b3JkIGJlaGluZCBpdC4";

/// Why a password could not be hashed or verified.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too many wait already. Try again in a moment.
    #[error("too many passwords are being checked at this moment")]
    Busy,
    /// The stored hash is damaged, or the machine is out of memory.
    #[error("the password could not be hashed: {0}")]
    Failed(String),
}

/// Hashes passwords, as many at once as there are cores. Cheap to clone.
#[derive(Clone)]
pub struct Hasher {
    cores: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
}

impl Hasher {
    /// A hasher for this machine.
    pub fn new() -> Result<Self, PasswordError> {
        let cores = available_parallelism().map_or(1, usize::from);
        Ok(Self { cores: Arc::new(Semaphore::new(cores)), waiting: Arc::default() })
    }

    /// The PHC string of a password: argon2id with a salt of its own.
    pub async fn hash(&self, password: SecretString) -> Result<String, PasswordError> {
        self.run(move || hash(&password)).await
    }

    /// Whether a password belongs to a PHC string.
    pub async fn verify(&self, password: SecretString, phc: String) -> Result<bool, PasswordError> {
        self.run(move || verify(&password, &phc)).await
    }

    /// Takes as long as [`Hasher::verify`] and is never true: for an account that does not exist.
    pub async fn verify_nobody(&self, password: SecretString) -> Result<bool, PasswordError> {
        self.run(move || verify(&password, DECOY).map(|_never| false)).await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let _place = Place::take(&self.waiting)?;
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

/// A place in the queue.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Result<Self, PasswordError> {
        let before = waiting.fetch_add(1, Ordering::Relaxed);
        let place = Self(waiting);
        if before < QUEUE { Ok(place) } else { Err(PasswordError::Busy) }
    }
}

impl Drop for Place<'_> {
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
        // A foreign algorithm or an impossible parameter: nobody could ever sign in, and somebody has to hear of it.
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
    async fn a_password_is_recognised_and_another_is_not() {
        let hasher = Hasher::new().unwrap();
        let phc = hasher.hash(secret("correct horse")).await.unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(hasher.verify(secret("correct horse"), phc.clone()).await.unwrap());
        assert!(!hasher.verify(secret("correct horsf"), phc).await.unwrap());
    }

    #[tokio::test]
    async fn nobody_costs_what_somebody_does_and_never_gets_in() {
        let hasher = Hasher::new().unwrap();
        let real = hasher.hash(secret("x")).await.unwrap();
        let parameters = |phc: &str| phc.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(parameters(DECOY), parameters(&real));
        assert_eq!(DECOY.len(), real.len(), "salt and hash are as long as real ones");
        assert!(!hasher.verify_nobody(secret("x")).await.unwrap());
    }

    #[tokio::test]
    async fn the_same_password_is_stored_differently_each_time() {
        let hasher = Hasher::new().unwrap();
        assert_ne!(hasher.hash(secret("same")).await.unwrap(), hasher.hash(secret("same")).await.unwrap());
    }

    #[tokio::test]
    async fn nothing_beyond_the_72nd_byte_is_ignored() {
        let hasher = Hasher::new().unwrap();
        let long = "x".repeat(100);
        let phc = hasher.hash(secret(&format!("{long}a"))).await.unwrap();
        assert!(!hasher.verify(secret(&format!("{long}b")), phc).await.unwrap());
    }

    #[tokio::test]
    async fn a_damaged_hash_is_an_error_and_not_a_wrong_password() {
        let hasher = Hasher::new().unwrap();
        let foreign = DECOY.replace("argon2id", "scrypt");
        let impossible = DECOY.replace("t=2", "t=0");
        for phc in ["", "x", "$argon2id$nonsense", &foreign, &impossible] {
            let outcome = hasher.verify(secret("x"), phc.to_owned()).await;
            assert!(matches!(outcome, Err(PasswordError::Failed(_))), "{phc}: {outcome:?}");
        }
    }

    #[tokio::test]
    async fn a_flood_is_refused_and_not_queued() {
        let hasher = Hasher::new().unwrap();
        let attempts = (0..QUEUE + 20).map(|_| hasher.verify_nobody(secret("x")));
        let results = futures_util::future::join_all(attempts).await;
        assert!(results.iter().any(|result| matches!(result, Err(PasswordError::Busy))));
        assert!(hasher.hash(secret("x")).await.is_ok(), "and it works again afterwards");
    }
}
