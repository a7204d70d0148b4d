//! Words for everything that goes wrong.

pub(super) mod en;
pub(super) mod zh;

use kaiwa_shared::Code;

/// Words for everything that goes wrong.
pub struct ErrorsWords {
    /// Title of a page that does not exist.
    pub not_found_title: &'static str,
    /// Its text.
    pub not_found_detail: &'static str,
    /// Its button.
    pub back_to_start: &'static str,
    /// Title when the server does not respond.
    pub unreachable_title: &'static str,
    /// The connection failed.
    pub network: &'static str,
    /// Something other than Kaiwa answered, with this HTTP status.
    pub unexpected: fn(u16) -> String,
    /// What each problem means and what to do about it.
    pub problem: fn(Code) -> &'static str,
    /// When to try again, in seconds; appended to the problem.
    pub wait: fn(u64) -> String,
    /// What is wrong with a field, by its name and code; `None` without a translation.
    pub field: fn(&str, &str) -> Option<&'static str>,
}
