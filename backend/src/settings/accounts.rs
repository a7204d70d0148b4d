//! Registration and logins.

use std::time::Duration;

use kaiwa_shared::settings::AppMode;
use secrecy::SecretString;

use super::{reader::Reader, variable::section};

section! {
    "Accounts"

    APP_MODE {
        default: "`single`",
        example: "multi",
        help: "`single`: only one account can be created, the administrator's. `multi`: anyone may register.",
    }

    ADMIN_EMAIL {
        default: "none",
        example: "you@example.org",
        help: "Together with `ADMIN_PASSWORD`, creates the administrator at the first start.",
    }

    ADMIN_PASSWORD {
        default: "none",
        example: "a long passphrase of your own",
        help: "The administrator's initial password. Weak and well-known passwords are refused.",
        secret: true,
    }

    ACCESS_TOKEN_EXPIRE_MINUTES {
        default: "`10080`",
        example: "1440",
        help: "How long a login lasts after its last use, in minutes.",
    }

    JWT_SECRET {
        default: "generated at the first start, stored in the data folder",
        example: "the output of `openssl rand -base64 48`",
        help: "Signs access tokens. At least 32 bytes; well-known example values are refused.",
        aliases: ["SECRET_KEY"],
        secret: true,
    }
}

/// Ten years.
const MAX_MINUTES: u64 = 10 * 366 * 24 * 60;

/// Registration and logins.
#[derive(Clone)]
pub struct AccountSettings {
    /// Who may register.
    pub app_mode: AppMode,
    /// E-mail address and password of the administrator to create at the first start.
    pub admin: Option<(String, SecretString)>,
    /// How long a login lasts after its last use.
    pub token_lifetime: Duration,
    /// Signs access tokens. `None` means that one is generated.
    pub jwt_secret: Option<SecretString>,
}

impl AccountSettings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let email = reader.text(ADMIN_EMAIL);
        let password = reader.secret(ADMIN_PASSWORD);
        let admin = match (email, password) {
            (Some(email), Some(password)) => Some((email, password)),
            (Some(_), None) => {
                reader.reject(ADMIN_PASSWORD, "is missing; it is required with ADMIN_EMAIL");
                None
            }
            (None, Some(_)) => {
                reader.reject(ADMIN_EMAIL, "is missing; it is required with ADMIN_PASSWORD");
                None
            }
            (None, None) => None,
        };
        let minutes = reader.parse_with(ACCESS_TOKEN_EXPIRE_MINUTES, parse_minutes).unwrap_or(10_080);
        Self {
            app_mode: reader.parse_with(APP_MODE, parse_mode).unwrap_or(AppMode::Single),
            admin,
            token_lifetime: Duration::from_secs(minutes * 60),
            jwt_secret: reader.secret(JWT_SECRET),
        }
    }
}

fn parse_mode(text: &str) -> Result<AppMode, String> {
    match text.to_ascii_lowercase().as_str() {
        "single" => Ok(AppMode::Single),
        "multi" => Ok(AppMode::Multi),
        other => Err(format!("`{other}` is neither `single` nor `multi`")),
    }
}

fn parse_minutes(text: &str) -> Result<u64, String> {
    match text.parse::<u64>() {
        Ok(minutes) if (1..=MAX_MINUTES).contains(&minutes) => Ok(minutes),
        _ => Err(format!("`{text}` is not a number of minutes from 1 to {MAX_MINUTES}")),
    }
}
