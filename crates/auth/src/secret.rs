//! The secret that signs tokens: given by the operator, or generated once and kept in the data folder.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use aws_lc_rs::hmac;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::random;

/// Fewest bytes of a secret.
const MIN_BYTES: usize = 32;

/// The file in the data folder that keeps the generated secret.
const FILE: &str = "signing-secret";

/// Words that stand in sample files. A secret that is made of one was never changed.
const SAMPLES: &[&str] = &[
    "changeme",
    "change-me",
    "change_me",
    "changethis",
    "your-secret",
    "your_secret",
    "yoursecret",
    "secret-key",
    "secret_key",
    "supersecret",
    "super-secret",
    "super_secret",
    "replace",
    "example",
    "t0p-s3cr3t",
    "jwt-secret",
    "jwt_secret",
    "please",
    "default",
    "placeholder",
    // From the sample files of LibreChat and LobeChat, which people copy together with their variables.
    "16f8c0ef4a5d391b26034086c628469d3f9f497f08163ab9b40137092f2909ef",
    "eaa5191f2914e30b9387fd84e254e4ba6fc51b4654968a9b0803b456a54b8418",
    "kq7olb9qzvxjy5+0hz7tqhn0xn0q2m6tq3x8g1c0hro=",
];

/// Why a secret cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// It is too short.
    #[error(
        "a secret needs at least {MIN_BYTES} bytes, this has {0}; make one with `openssl rand -base64 48`"
    )]
    TooShort(usize),
    /// It is a sample value, or too simple.
    #[error("this is a sample value or too simple; make a secret with `openssl rand -base64 48`")]
    WellKnown,
    /// The file that keeps the generated secret cannot be used.
    #[error("the file `{}` cannot be used: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// None could be generated.
    #[error(transparent)]
    Random(#[from] random::NoRandomness),
}

/// A secret from which the key of each purpose is derived. `Debug` does not show it.
pub struct SigningSecret(Zeroizing<Vec<u8>>);

impl SigningSecret {
    /// Takes the operator's secret.
    ///
    /// # Errors
    ///
    /// When it is too short, or one that everybody knows.
    pub fn parse(given: &SecretString) -> Result<Self, SecretError> {
        let text = given.expose_secret().trim();
        if text.len() < MIN_BYTES {
            return Err(SecretError::TooShort(text.len()));
        }
        let lower = text.to_lowercase();
        let mut distinct: Vec<char> = lower.chars().collect();
        distinct.sort_unstable();
        distinct.dedup();
        if distinct.len() < 8 || SAMPLES.iter().any(|sample| lower.contains(sample)) {
            return Err(SecretError::WellKnown);
        }
        Ok(Self(Zeroizing::new(text.as_bytes().to_vec())))
    }

    /// Reads the generated secret from `folder`, making it the first time. Two processes that start at once agree.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or written, or holds too little.
    pub fn load_or_create(folder: &Path) -> Result<Self, SecretError> {
        let path = folder.join(FILE);
        let failed = |cause| SecretError::File { path: path.clone(), cause };
        if !path.exists() {
            // In two containers both processes are number 1, so the draft's name is random.
            let draft = folder.join(format!("{FILE}.{}", random::text::<9>()?));
            create(&draft, &path, &random::text::<48>()?).map_err(failed)?;
        }
        let text = Zeroizing::new(fs::read_to_string(&path).map_err(failed)?);
        let secret = text.trim();
        if secret.len() < MIN_BYTES {
            return Err(failed(io::Error::other("it holds no secret; delete it to have a new one made")));
        }
        Ok(Self(Zeroizing::new(secret.as_bytes().to_vec())))
    }

    /// The key for one purpose. Other purposes have other keys, so that one can be given up without the rest.
    pub(crate) fn derive(&self, purpose: &str) -> Zeroizing<Vec<u8>> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        Zeroizing::new(hmac::sign(&key, purpose.as_bytes()).as_ref().to_vec())
    }
}

impl std::fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningSecret([redacted])")
    }
}

/// Writes the file whole or not at all, by way of a draft: a link to a finished file succeeds for exactly one of several processes.
fn create(draft: &Path, path: &Path, secret: &str) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(draft)?;
    file.write_all(secret.as_bytes())?;
    file.sync_all()?;
    let linked = fs::hard_link(draft, path).or_else(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Ok(()),
        // Some network folders have no links.
        _ => fs::rename(draft, path),
    });
    match fs::remove_file(draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => linked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_secret_stays_the_same_and_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let first = SigningSecret::load_or_create(folder.path()).unwrap();
        let second = SigningSecret::load_or_create(folder.path()).unwrap();
        assert_eq!(first.derive("x"), second.derive("x"));
        assert_ne!(first.derive("x"), first.derive("y"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(folder.path().join(FILE)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn two_starts_at_once_agree() {
        let folder = tempfile::tempdir().unwrap();
        let keys: Vec<_> = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| SigningSecret::load_or_create(folder.path()).unwrap().derive("x")))
                .collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        assert!(keys.windows(2).all(|pair| pair.first() == pair.last()));
    }

    #[test]
    fn short_and_well_known_secrets_are_refused() {
        let parse = |text: &str| SigningSecret::parse(&SecretString::from(text));
        assert!(matches!(parse("short"), Err(SecretError::TooShort(5))));
        for sample in [
            "your-secret-key-change-in-production",
            "ChangeMe-ChangeMe-ChangeMe-ChangeMe",
            &"a".repeat(64),
            "16f8c0ef4a5d391b26034086c628469d3f9f497f08163ab9b40137092f2909ef",
        ] {
            assert!(matches!(parse(sample), Err(SecretError::WellKnown)), "{sample}");
        }
        assert!(parse("kRk8p3V1sJm0bZq7xT5yW2nE4uH6cL9d").is_ok());
    }

    #[test]
    fn an_empty_file_is_an_error_that_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), "").unwrap();
        let error = SigningSecret::load_or_create(folder.path()).unwrap_err().to_string();
        assert!(error.contains("delete it"), "{error}");
    }
}
