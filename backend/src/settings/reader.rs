//! Reads typed values and gathers everything that is wrong, so that one start shows every mistake.

use std::{fmt::Display, str::FromStr};

use secrecy::SecretString;

use super::{
    source::{SettingsError, Source},
    variable::{Section, Variable},
};

/// Reads the variables of one section.
pub(super) struct Reader<'a> {
    source: &'a Source,
    section: &'a Section,
    errors: &'a mut SettingsError,
}

impl<'a> Reader<'a> {
    pub(super) fn new(source: &'a Source, section: &'a Section, errors: &'a mut SettingsError) -> Self {
        Self { source, section, errors }
    }

    /// The source, for a variable whose name is not fixed.
    pub(super) fn source(&self) -> &'a Source {
        self.source
    }

    /// A text, if one was given.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        let variable = self.variable(name)?;
        match self.source.get(&variable) {
            Ok(value) => value,
            Err(error) => {
                self.errors.0.push(error);
                None
            }
        }
    }

    /// A secret, if one was given.
    pub(super) fn secret(&mut self, name: &str) -> Option<SecretString> {
        self.text(name).map(SecretString::from)
    }

    /// A value of any type that reads itself from text.
    pub(super) fn parse<T>(&mut self, name: &str) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        self.parse_with(name, |text| text.parse().map_err(|error: T::Err| error.to_string()))
    }

    /// A value that `read` makes from text.
    pub(super) fn parse_with<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.text(name)?;
        match read(&text) {
            Ok(value) => Some(value),
            Err(reason) => {
                self.reject(name, &reason);
                None
            }
        }
    }

    /// `true/false/1/0/yes/no/on/off`, in any case.
    pub(super) fn flag(&mut self, name: &str) -> Option<bool> {
        self.parse_with(name, |text| match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Ok(true),
            "false" | "0" | "no" | "off" => Ok(false),
            other => Err(format!("`{other}` is neither true nor false")),
        })
    }

    /// Notes that a value cannot be used. The value of a secret is never repeated.
    pub(super) fn reject(&mut self, name: &str, reason: &str) {
        let example = self.variable(name).map_or("", |variable| variable.example);
        self.errors.0.push(format!("{name}: {reason}; for example {name}={example}"));
    }

    fn variable(&mut self, name: &str) -> Option<Variable> {
        let found = self.section.variables.iter().find(|variable| variable.name == name).copied();
        if found.is_none() {
            // A mistake of ours, which the test that reads every section finds.
            self.errors
                .0
                .push(format!("{name} is read but not described in section `{}`", self.section.title));
        }
        found
    }
}
