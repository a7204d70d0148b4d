//! Hashing and verifying passwords with argon2id, off the threads that serve requests.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::available_parallelism,
};

use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

/// How many passwords may wait for a core. Each costs 19 MiB and a tenth of a second, so a longer queue would only
/// make everybody wait.
const QUEUE: usize = 64;

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
    /// The hash of no account's password, to spend the same time on an account that does not exist.
    decoy: Arc<str>,
}

impl Hasher {
    /// A hasher for this machine. Takes as long as hashing one password.
    pub fn new() -> Result<Self, PasswordError> {
        let cores = available_parallelism().map_or(1, usize::from);
        let decoy = hash(&SecretString::from("the password of nobody"))?;
        Ok(Self { cores: Arc::new(Semaphore::new(cores)), waiting: Arc::default(), decoy: decoy.into() })
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
        let decoy = Arc::clone(&self.decoy);
        self.run(move || verify(&password, &decoy).map(|_never| false)).await
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
    Argon2::default()
        .hash_password(password.expose_secret().as_bytes())
        .map(|phc| phc.to_string())
        .map_err(|error| PasswordError::Failed(error.to_string()))
}

fn verify(password: &SecretString, phc: &str) -> Result<bool, PasswordError> {
    let parsed = PasswordHash::new(phc).map_err(|error| PasswordError::Failed(error.to_string()))?;
    Ok(Argon2::default().verify_password(password.expose_secret().as_bytes(), &parsed).is_ok())
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
        assert!(!hasher.verify_nobody(secret("the password of nobody")).await.unwrap());
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
        assert!(hasher.verify(secret("x"), "$argon2id$nonsense".into()).await.is_err());
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
