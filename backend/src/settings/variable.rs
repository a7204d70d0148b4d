//! A variable: its names, what it means, and how the reference page describes it.

/// One variable that Kaiwa reads.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// Its name in the environment; in `kaiwa.toml` the same in lower case.
    pub name: &'static str,
    /// Other names that mean the same, for deployments that already use them.
    pub aliases: &'static [&'static str],
    /// The default, as the reference page shows it.
    pub default: &'static str,
    /// What it means, in one or two sentences.
    pub help: &'static str,
    /// A value that works, for the error message and the sample file.
    pub example: &'static str,
    /// The value must not be shown, and may be given as a file by `NAME_FILE`.
    pub secret: bool,
}

impl Variable {
    /// A variable with a default and no aliases.
    pub const fn new(
        name: &'static str,
        default: &'static str,
        example: &'static str,
        help: &'static str,
    ) -> Self {
        Self { name, aliases: &[], default, help, example, secret: false }
    }

    /// The same variable under further names.
    pub const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// The same variable, with a value that is never shown.
    pub const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }
}

/// The variables of one section of the settings.
#[derive(Clone, Copy, Debug)]
pub struct Section {
    /// The heading on the reference page.
    pub title: &'static str,
    /// The variables, in the order in which they are shown.
    pub variables: &'static [Variable],
}
