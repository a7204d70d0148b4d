//! The settings: read once at the start, from defaults, then `kaiwa.toml`, then the environment.
//!
//! Each section is a file with its variables, declared by `section!`, and the struct that they fill. The reference page
//! and `.env.example` are generated from the declarations (`kaiwa config docs`, `kaiwa config example`). To add a
//! variable, declare it in its section and read it in the section's `read`; the compiler reports one that is not read.

pub mod accounts;
mod docs;
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
    logging::SECTION,
];

/// Names that other tools' deployments set and that mean nothing here.
const FOREIGN: &[&str] =
    &["NODE_ENV", "NEXT_PUBLIC_API_URL", "NEXT_AUTH_SECRET", "NEXTAUTH_SECRET", "NEXTAUTH_URL"];

/// Names that Kaiwa will read but does not yet. Setting them is no mistake, but it has no effect.
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

/// Everything that can be configured.
#[derive(Clone)]
pub struct Settings {
    /// Where the server listens and who may stand before it.
    pub server: server::ServerSettings,
    /// Where everything is kept.
    pub storage: storage::StorageSettings,
    /// Who may have an account.
    pub accounts: accounts::AccountSettings,
    /// Which models there are.
    pub models: models::ModelSettings,
    /// How providers are reached.
    pub network: network::NetworkSettings,
    /// How much is written at once, and what happens when it breaks off.
    pub generations: generations::GenerationSettings,
    /// What is logged.
    pub logging: logging::LogSettings,
    /// What should be said once at the start: values that have no effect.
    pub warnings: Vec<String>,
}

impl Settings {
    /// Reads and checks everything.
    ///
    /// # Errors
    ///
    /// Every value that cannot be used, each with what would be right.
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
        warnings.push(format!("{foreign}: set, but without meaning for Kaiwa"));
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
