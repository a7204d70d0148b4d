//! A variable: its names, what it means, and how the reference page describes it.

/// A variable that Kaiwa reads.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// Its name in the environment; `kaiwa.toml` uses the same name in lower case.
    pub name: &'static str,
    /// Other names for it, which existing deployments already use.
    pub aliases: &'static [&'static str],
    /// The default, as the reference page shows it.
    pub default: &'static str,
    /// What it means, in one or two sentences.
    pub help: &'static str,
    /// A valid value, for error messages and the sample file.
    pub example: &'static str,
    /// The value is never shown, and `NAME_FILE` may name a file that contains it.
    pub secret: bool,
}

/// The variables of one section of the settings.
#[derive(Clone, Copy, Debug)]
pub struct Section {
    /// The heading on the reference page.
    pub title: &'static str,
    /// The variables, in the order of the reference page.
    pub variables: &'static [Variable],
}

/// Declares the variables of a section: a constant for each, and `SECTION`, which lists them all.
macro_rules! section {
    ($title:literal $($name:ident {
        default: $default:expr,
        example: $example:expr,
        help: $help:expr
        $(, aliases: [$($alias:literal),+])?
        $(, secret: $secret:literal)?
        $(,)?
    })+) => {
        $(
            const $name: $crate::settings::variable::Variable = $crate::settings::variable::Variable {
                name: stringify!($name),
                aliases: &[$($($alias),+)?],
                default: $default,
                help: $help,
                example: $example,
                secret: false $(|| $secret)?,
            };
        )+

        /// The variables of this section.
        pub const SECTION: $crate::settings::variable::Section = $crate::settings::variable::Section {
            title: $title,
            variables: &[$($name),+],
        };
    };
}

pub(super) use section;
