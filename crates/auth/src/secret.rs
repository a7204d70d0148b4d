//! The secret that signs tokens: configured, or generated once and stored in the data folder.

mod samples;

use std::{
    collections::BTreeSet,
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use aws_lc_rs::hmac;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::random;

/// The minimum length of a secret, in bytes.
const MIN_BYTES: usize = 32;

/// The file in the data folder that contains the generated secret.
const FILE: &str = "signing-secret";

/// How many different characters a secret needs; a random one has about twice as many.
const MIN_DISTINCT: usize = 8;

/// Why a secret is refused.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// It is too short.
    #[error(
        "a secret needs at least {MIN_BYTES} bytes, and this one has {0}; create one with `openssl rand -base64 48`"
    )]
    TooShort(usize),
    /// It is an example value or too simple. The field says which and does not contain the value.
    #[error("the secret is {0}, which anybody can guess; create one with `openssl rand -base64 48`")]
    WellKnown(&'static str),
    /// The file with the generated secret cannot be read or written.
    #[error("the file `{}` cannot be used: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        cause: io::Error,
    },
    /// There was no randomness to generate one.
    #[error(transparent)]
    Random(#[from] random::NoRandomness),
}

/// A secret from which the key for each purpose is derived. `Debug` does not show it.
pub struct SigningSecret(Zeroizing<Vec<u8>>);

impl SigningSecret {
    /// Accepts a configured secret.
    ///
    /// # Errors
    ///
    /// If it is too short or well known.
    pub fn parse(given: &SecretString) -> Result<Self, SecretError> {
        let text = given.expose_secret().trim();
        if text.len() < MIN_BYTES {
            return Err(SecretError::TooShort(text.len()));
        }
        if let Some(what) = samples::name(text) {
            return Err(SecretError::WellKnown(what));
        }
        if text.chars().collect::<BTreeSet<_>>().len() < MIN_DISTINCT {
            return Err(SecretError::WellKnown("composed of too few different characters"));
        }
        Ok(Self(Zeroizing::new(text.as_bytes().to_vec())))
    }

    /// Reads the generated secret from `folder`, and creates both if necessary. Processes that start at the same time
    /// get the same secret.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or written, or is damaged.
    pub fn load_or_create(folder: &Path) -> Result<Self, SecretError> {
        let path = folder.join(FILE);
        let failed = |cause| SecretError::File { path: path.clone(), cause };
        if !path.exists() {
            make_private_folder(folder).map_err(failed)?;
            // A process id would not be unique: in two containers, both processes have the id 1.
            let draft = folder.join(format!("{FILE}.{}", random::text::<9>()?));
            create(&draft, &path, &random::text::<48>()?).map_err(failed)?;
        }
        let text = Zeroizing::new(fs::read_to_string(&path).map_err(failed)?);
        let secret = text.trim();
        if secret.len() < MIN_BYTES {
            return Err(failed(io::Error::other(
                "it contains no secret; delete it, and a new one will be generated",
            )));
        }
        Ok(Self(Zeroizing::new(secret.as_bytes().to_vec())))
    }

    /// The key for one purpose. Each purpose has its own, so that one key can be replaced without the others.
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

/// Creates the file atomically: of several processes, exactly one succeeds in linking its finished draft to `path`.
fn create(draft: &Path, path: &Path, secret: &str) -> io::Result<()> {
    let linked = write_private(draft, secret).and_then(|()| fs::hard_link(draft, path));
    let created = match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        // Some network file systems have no links.
        Err(_) if draft.exists() && !path.exists() => fs::rename(draft, path),
        linked => linked,
    };
    // After a rename it no longer exists, and a leftover draft does no harm.
    let _ = fs::remove_file(draft);
    created?;
    // The new name must survive a power cut too, or it would sign everybody out.
    fs::File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

fn write_private(path: &Path, secret: &str) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(secret.as_bytes())?;
    file.sync_all()
}

fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_secret_is_kept_and_private() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("new/data");
        let first = SigningSecret::load_or_create(&folder).unwrap();
        let second = SigningSecret::load_or_create(&folder).unwrap();
        assert_eq!(first.derive("x"), second.derive("x"));
        assert_ne!(first.derive("x"), first.derive("y"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&folder.join(FILE)), mode(&folder)), (0o600, 0o700));
        }
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn processes_that_start_together_get_the_same_secret() {
        let folder = tempfile::tempdir().unwrap();
        let keys: Vec<_> = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| SigningSecret::load_or_create(folder.path()).unwrap().derive("x")))
                .collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        assert!(keys.windows(2).all(|pair| pair.first() == pair.last()));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn short_and_well_known_secrets_are_refused() {
        let parse = |text: &str| SigningSecret::parse(&SecretString::from(text));
        assert!(matches!(parse("short"), Err(SecretError::TooShort(5))));
        for (sample, name) in [
            ("ChangeMe-ChangeMe-ChangeMe-ChangeMe", "changeme"),
            ("your-secret-key-here-at-least-32-characters", "your-secret"),
            ("your_super_secret_jwt_key_change_in_production", "change in production"),
            ("mySecretKey-mySecretKey-mySecretKey-12", "secret-key"),
            ("password-password-password-password-1", "password"),
            ("a-string-secret-at-least-256-bits-long", "jwt.io"),
            ("Kix2wcUONd4CX51E/ZPAd36BqM4wzJgKjPtz2sGztqQ=", "LobeChat"),
            ("NX2kaPE923dt6BL2U8e9oSre5RfoT7hg", "LobeChat"),
            ("16F8C0EF4A5D391B26034086C628469D3F9F497F08163AB9B40137092F2909EF", "LibreChat"),
            ("eaa5191f2914e30b9387fd84e254e4ba6fc51b4654968a9b0803b456a54b8418", "LibreChat"),
            ("sk-9f73s3ljTXVcMT3Blb3ljTqtsKiGHXVcMT3BlbkFJLK7U", "Dify"),
            ("09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7", "FastAPI"),
            (&"a".repeat(64), "few different characters"),
            (&"12".repeat(32), "few different characters"),
        ] {
            let why = parse(sample).unwrap_err().to_string();
            assert!(why.contains(name), "{sample}: {why}");
        }
    }

    #[test]
    fn a_random_secret_is_accepted_in_any_encoding() {
        let parse = |text: &str| SigningSecret::parse(&SecretString::from(text));
        assert!(parse("kRk8p3V1sJm0bZq7xT5yW2nE4uH6cL9d").is_ok());
        assert!(parse("3b9f1c64e07d25a8f1b04c9de8327a5560cf19d2b3784ea6915f0c3d7e82ab46").is_ok(), "as hex");
        for _ in 0..500 {
            assert!(parse(&random::text::<32>().unwrap()).is_ok());
        }
    }

    #[test]
    fn a_damaged_file_is_neither_used_nor_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        for content in ["", "\n", "half a sec"] {
            fs::write(&path, content).unwrap();
            let error = SigningSecret::load_or_create(folder.path()).unwrap_err().to_string();
            assert!(error.contains("delete it") && error.contains(FILE), "{error}");
            assert_eq!(fs::read_to_string(&path).unwrap(), content, "the operator decides");
        }
    }

    #[test]
    fn logs_and_errors_never_contain_a_secret() {
        let secret = SecretString::from("kRk8p3V1sJm0bZq7xT5yW2nE4uH6cL9d");
        assert_eq!(format!("{:?}", SigningSecret::parse(&secret).unwrap()), "SigningSecret([redacted])");
        let short = SigningSecret::parse(&SecretString::from("short-but-mine")).unwrap_err();
        assert!(!format!("{short} {short:?}").contains("mine"));
    }
}
