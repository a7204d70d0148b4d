//! Reads typed values and collects every error, so that one start reports all mistakes.

use std::{fmt::Display, str::FromStr};

use secrecy::SecretString;

use super::{
    source::{SettingsError, Source},
    variable::Variable,
};

/// Reads variables and collects the errors.
pub(super) struct Reader<'a> {
    source: &'a Source,
    errors: SettingsError,
}

impl<'a> Reader<'a> {
    pub(super) fn new(source: &'a Source) -> Self {
        Self { source, errors: SettingsError::default() }
    }

    /// Every error so far.
    pub(super) fn into_errors(self) -> SettingsError {
        self.errors
    }

    /// Whether the variable has a value, valid or not.
    pub(super) fn is_set(&self, variable: Variable) -> bool {
        self.source.has(variable.name)
    }

    /// The value of a variable, if it is set.
    pub(super) fn text(&mut self, variable: Variable) -> Option<String> {
        self.source.get(&variable).unwrap_or_else(|error| {
            self.errors.0.push(error);
            None
        })
    }

    /// The value of a secret, if it is set.
    pub(super) fn secret(&mut self, variable: Variable) -> Option<SecretString> {
        self.text(variable).map(SecretString::from)
    }

    /// The value, parsed as a `T`.
    pub(super) fn parse<T>(&mut self, variable: Variable) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        self.parse_with(variable, |text| text.parse().map_err(|error: T::Err| error.to_string()))
    }

    /// The value, parsed by `parse`.
    pub(super) fn parse_with<T>(
        &mut self,
        variable: Variable,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.text(variable)?;
        match parse(&text) {
            Ok(value) => Some(value),
            Err(reason) => {
                self.reject(variable, &reason);
                None
            }
        }
    }

    /// The value as a boolean: `true/false/1/0/yes/no/on/off` in any case.
    pub(super) fn flag(&mut self, variable: Variable) -> Option<bool> {
        self.parse_with(variable, |text| match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Ok(true),
            "false" | "0" | "no" | "off" => Ok(false),
            other => Err(format!("`{other}` is neither true nor false")),
        })
    }

    /// Reports that a value is invalid. `reason` must not repeat a secret.
    pub(super) fn reject(&mut self, variable: Variable, reason: &str) {
        let Variable { name, example, .. } = variable;
        self.errors.0.push(format!("{name}: {reason}; for example {name}={example}"));
    }
}
