//! The sources of settings: the environment and `kaiwa.toml`.
//!
//! Only this file reads the environment. All other code uses [`super::Settings`].

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::variable::Variable;

/// Why a configuration is invalid. Each line names a variable, the reason and a valid example.
#[derive(Debug, Default, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct SettingsError(pub Vec<String>);

/// The values that are set, by variable name in upper case.
#[derive(Clone, Debug, Default)]
pub struct Source {
    values: BTreeMap<String, String>,
    /// The keys in `kaiwa.toml`, to warn about unknown ones.
    file_keys: Vec<String>,
}

impl Source {
    /// Reads the environment and, if there is one, `kaiwa.toml` in the working directory or the file that
    /// `KAIWA_CONFIG` names.
    #[expect(clippy::disallowed_methods, reason = "this file owns the environment")]
    pub fn from_environment() -> Result<Self, SettingsError> {
        let named = std::env::var_os("KAIWA_CONFIG").map(PathBuf::from);
        let mut source = match &named {
            Some(path) => Self::from_file(path)?,
            None if Path::new("kaiwa.toml").exists() => Self::from_file(Path::new("kaiwa.toml"))?,
            None => Self::default(),
        };
        // A variable that is not valid Unicode is not one of ours.
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        source.values.extend(environment);
        Ok(source)
    }

    /// A source with the given values, for tests.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let values = pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { values, file_keys: Vec::new() }
    }

    fn from_file(path: &Path) -> Result<Self, SettingsError> {
        let shown = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|error| SettingsError(vec![format!("{shown}: cannot be read: {error}")]))?;
        let table: toml::Table = text
            .parse()
            .map_err(|error: toml::de::Error| SettingsError(vec![format!("{shown}: {error}")]))?;
        let mut source = Self::default();
        for (key, value) in table {
            let value = match value {
                toml::Value::String(text) => text,
                toml::Value::Table(_) | toml::Value::Array(_) => {
                    return Err(SettingsError(vec![format!(
                        "{shown}: `{key}` must be one value, for example `{key} = \"…\"`"
                    )]));
                }
                other => other.to_string(),
            };
            source.file_keys.push(key.to_uppercase());
            source.values.insert(key.to_uppercase(), value);
        }
        Ok(source)
    }

    /// The value of a variable: by its name, by an alias, or, for a secret, from the file that `NAME_FILE` names. An
    /// empty value counts as unset, because that is what `NAME=` in a compose file means.
    pub(super) fn get(&self, variable: &Variable) -> Result<Option<String>, String> {
        let names = || std::iter::once(variable.name).chain(variable.aliases.iter().copied());
        for name in names() {
            if let Some(value) = self.value(name) {
                return Ok(Some(value.to_owned()));
            }
            if variable.secret
                && let Some(path) = self.value(&format!("{name}_FILE"))
            {
                let text = std::fs::read_to_string(path)
                    .map_err(|error| format!("{name}_FILE: `{path}` cannot be read: {error}"))?;
                return Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()));
            }
        }
        Ok(None)
    }

    /// Whether a variable of this name has a value.
    pub(super) fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// The names that begin with `prefix`.
    pub(super) fn with_prefix<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        self.values.keys().map(String::as_str).filter(move |name| name.starts_with(prefix))
    }

    /// The keys in `kaiwa.toml`, in upper case.
    pub(super) fn file_keys(&self) -> &[String] {
        &self.file_keys
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }
}
