//! A set of rows.

use std::ops::RangeInclusive;

/// A set of rows, as a mark for each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks(Vec<bool>);

impl Marks {
    /// No row of `count`.
    pub(super) fn none(count: usize) -> Self {
        Self(vec![false; count])
    }

    /// Every row of `count`.
    pub(super) fn all(count: usize) -> Self {
        Self(vec![true; count])
    }

    /// Adds a row, if there is one.
    pub(super) fn add(&mut self, at: usize) {
        if let Some(mark) = self.0.get_mut(at) {
            *mark = true;
        }
    }

    /// Adds the rows of a range for which `is_wanted`.
    pub(super) fn add_range(&mut self, rows: RangeInclusive<usize>, is_wanted: impl Fn(usize) -> bool) {
        for at in rows.filter(|at| is_wanted(*at)) {
            self.add(at);
        }
    }

    pub(super) fn has(&self, at: usize) -> bool {
        self.0.get(at).copied().unwrap_or(false)
    }

    /// The rows, from top to bottom.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.0.len()).filter(|at| self.has(*at))
    }
}
