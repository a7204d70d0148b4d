//! The settings, read once at startup: the environment overrides `kaiwa.toml`, which overrides the defaults.
//!
//! Each section is a file with its variables, declared by `section!`, and the struct that they fill. The reference page
//! and `.env.example` are generated from the declarations (`kaiwa config docs`, `kaiwa config example`). To add a
//! variable, declare it in its section and read it in the section's `read`; the compiler reports one that is not read.

pub mod accounts;
mod docs;
pub mod files;
pub mod generations;
pub mod logging;
pub mod models;
pub mod network;
pub mod providers;
mod reader;
pub mod server;
pub mod source;
pub mod storage;
pub mod variable;

pub use docs::{example_file, reference_page, summary};

use reader::Reader;
use source::{SettingsError, Source};
use variable::Section;

/// Every section, in the order of the reference page.
pub const SECTIONS: &[Section] = &[
    server::SECTION,
    storage::SECTION,
    accounts::SECTION,
    models::SECTION,
    providers::SECTION,
    network::SECTION,
    generations::SECTION,
    files::SECTION,
    logging::SECTION,
];

/// Variables of other tools, which deployments may still set. They have no effect.
const FOREIGN: &[&str] =
    &["NODE_ENV", "NEXT_PUBLIC_API_URL", "NEXT_AUTH_SECRET", "NEXTAUTH_SECRET", "NEXTAUTH_URL"];

/// Variables that Kaiwa will support but does not yet. They have no effect.
const NOT_YET: &[&str] = &[
    "REDIS_URL",
    "REDIS_HOST",
    "S3_ENDPOINT",
    "S3_BUCKET",
    "SESSION_SECRET",
    "KEY_VAULTS_SECRET",
    "ENABLE_CORS",
    "CORS_ORIGIN",
    "ENABLE_PLUGINS",
    "RATE_LIMIT_PER_MIN",
    "AUTH_SSO_PROVIDERS",
    "GOOGLE_CLIENT_ID",
    "GITHUB_CLIENT_ID",
    "METRICS_TOKEN",
    "METRICS_BIND",
];

/// The whole configuration.
#[derive(Clone)]
pub struct Settings {
    /// Addresses and trusted proxies.
    pub server: server::ServerSettings,
    /// The data folder and the database.
    pub storage: storage::StorageSettings,
    /// Registration and logins.
    pub accounts: accounts::AccountSettings,
    /// Providers and models.
    pub models: models::ModelSettings,
    /// Proxies and time limits.
    pub network: network::NetworkSettings,
    /// Limits of replies, and fallbacks.
    pub generations: generations::GenerationSettings,
    /// Limits on uploaded files, and what reads documents.
    pub files: files::FileSettings,
    /// The log's level and format.
    pub logging: logging::LogSettings,
    /// Warnings about variables that have no effect, to be logged at startup.
    pub warnings: Vec<String>,
}

impl Settings {
    /// Reads and checks all settings.
    ///
    /// # Errors
    ///
    /// Lists every invalid value, each with a valid example.
    pub fn read(source: &Source) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(source);
        let mut models = models::ModelSettings::read(&mut reader);
        let known = providers::read(&mut reader);
        models.add(known, &mut reader);
        let settings = Self {
            server: server::ServerSettings::read(&mut reader),
            storage: storage::StorageSettings::read(&mut reader),
            accounts: accounts::AccountSettings::read(&mut reader),
            models,
            network: network::NetworkSettings::read(&mut reader),
            generations: generations::GenerationSettings::read(&mut reader),
            files: files::FileSettings::read(&mut reader),
            logging: logging::LogSettings::read(&mut reader),
            warnings: warnings(source),
        };
        let errors = reader.into_errors();
        if errors.0.is_empty() { Ok(settings) } else { Err(errors) }
    }
}

fn warnings(source: &Source) -> Vec<String> {
    let set =
        |names: &[&str]| names.iter().copied().filter(|name| source.has(name)).collect::<Vec<_>>().join(", ");
    let known = |key: &str| {
        SECTIONS.iter().flat_map(|section| section.variables).any(|variable| {
            let names = std::iter::once(&variable.name).chain(variable.aliases);
            names.into_iter().any(|name| *name == key || format!("{name}_FILE") == key)
        })
    };
    let mut warnings = Vec::new();
    let foreign = set(FOREIGN);
    if !foreign.is_empty() {
        warnings.push(format!("{foreign}: set, but Kaiwa does not use it"));
    }
    let not_yet = set(NOT_YET);
    if !not_yet.is_empty() {
        warnings.push(format!("{not_yet}: set, but not supported by this version"));
    }
    let single_sign_on: Vec<_> = source.with_prefix("AUTH_LOGTO_").collect();
    if !single_sign_on.is_empty() {
        warnings.push(format!("{}: set, but not supported by this version", single_sign_on.join(", ")));
    }
    for key in source.file_keys().iter().filter(|key| !known(key)) {
        warnings.push(format!("kaiwa.toml: `{}` is not a setting", key.to_lowercase()));
    }
    warnings
}

#[cfg(test)]
mod tests;
