//! The heights of all rows: measured where a row has been on the page, estimated elsewhere.

use std::{
    collections::HashMap,
    ops::{Range, RangeInclusive},
};

use kaiwa_shared::MessageId;

/// A row that may be off the page.
#[derive(Clone, Copy, Debug)]
struct Row {
    id: MessageId,
    height: f64,
}

/// The heights of all rows, from top to bottom, in pixels.
#[derive(Debug, Default)]
pub(super) struct Heights {
    rows: Vec<Row>,
    index: HashMap<MessageId, usize>,
    /// The top of each row up to the first whose height has changed.
    tops: Vec<f64>,
}

impl Heights {
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Replaces the rows. Rows that were there keep their heights; the others get an estimate.
    pub(super) fn replace(
        &mut self,
        ids: impl Iterator<Item = MessageId>,
        estimate: impl Fn(usize, MessageId) -> f64,
    ) {
        let known = |id| self.index.get(&id).and_then(|at| self.rows.get(*at)).copied();
        let row = |(at, id)| known(id).unwrap_or_else(|| Row { id, height: estimate(at, id) });
        self.rows = ids.enumerate().map(row).collect();
        self.index = self.rows.iter().enumerate().map(|(at, row)| (row.id, at)).collect();
        self.tops.clear();
        self.compute_tops();
    }

    /// Sets the measured height of a row. Returns whether it differs from the height so far.
    pub(super) fn set(&mut self, id: MessageId, height: f64) -> bool {
        let Some(at) = self.position(id) else { return false };
        let Some(row) = self.rows.get_mut(at) else { return false };
        let differs = (row.height - height).abs() > 0.001;
        row.height = height;
        if differs {
            self.tops.truncate(at + 1);
            self.compute_tops();
        }
        differs
    }

    /// The width has changed by this ratio: text that fills lines now takes more or fewer of them.
    pub(super) fn scale(&mut self, ratio: f64) {
        for row in &mut self.rows {
            row.height /= ratio;
        }
        self.tops.clear();
        self.compute_tops();
    }

    pub(super) fn position(&self, id: MessageId) -> Option<usize> {
        self.index.get(&id).copied()
    }

    pub(super) fn id(&self, at: usize) -> Option<MessageId> {
        self.rows.get(at).map(|row| row.id)
    }

    /// The top of a row, or the end of the last one.
    pub(super) fn top(&self, at: usize) -> f64 {
        self.tops.get(at.min(self.rows.len())).copied().unwrap_or_default()
    }

    /// The height of several rows together.
    pub(super) fn between(&self, rows: Range<usize>) -> f64 {
        self.top(rows.end) - self.top(rows.start)
    }

    /// The row at a position: the first one for positions above, the last one for those below.
    pub(super) fn at(&self, position: f64) -> usize {
        self.tops
            .partition_point(|top| *top <= position)
            .saturating_sub(1)
            .min(self.rows.len().saturating_sub(1))
    }

    /// The rows that touch a range of positions.
    pub(super) fn within(&self, from: f64, to: f64) -> RangeInclusive<usize> {
        self.at(from)..=self.at(to)
    }

    fn compute_tops(&mut self) {
        if self.tops.is_empty() {
            self.tops.push(0.0);
        }
        let mut top = self.tops.last().copied().unwrap_or_default();
        for row in self.rows.iter().skip(self.tops.len() - 1) {
            top += row.height;
            self.tops.push(top);
        }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "sums of whole numbers are exact")]
mod tests {
    use super::*;

    fn of(heights: &[f64]) -> (Heights, Vec<MessageId>) {
        let ids: Vec<_> = heights.iter().map(|_| MessageId::new()).collect();
        let mut all = Heights::default();
        all.replace(ids.iter().copied(), |at, _| heights[at]);
        (all, ids)
    }

    #[test]
    fn a_row_is_found_at_its_position() {
        let (heights, _) = of(&[10.0, 20.0, 30.0]);
        for (position, row) in
            [(-5.0, 0), (0.0, 0), (9.9, 0), (10.0, 1), (29.0, 1), (30.0, 2), (60.0, 2), (99.0, 2)]
        {
            assert_eq!(heights.at(position), row, "{position}");
        }
        assert_eq!([0, 1, 2, 3, 9].map(|at| heights.top(at)), [0.0, 10.0, 30.0, 60.0, 60.0]);
        assert_eq!(heights.between(1..3), 50.0);
        assert_eq!(Heights::default().at(5.0), 0);
    }

    #[test]
    fn a_measured_height_moves_the_rows_below() {
        let (mut heights, ids) = of(&[10.0, 20.0, 30.0]);
        assert!(heights.set(ids[1], 25.0));
        assert!(!heights.set(ids[1], 25.0));
        assert!(!heights.set(MessageId::new(), 25.0), "it is not there");
        assert_eq!([0, 1, 2, 3].map(|at| heights.top(at)), [0.0, 10.0, 35.0, 65.0]);
    }

    #[test]
    fn earlier_rows_in_front_leave_measured_heights() {
        let (mut heights, ids) = of(&[10.0, 20.0]);
        heights.set(ids[0], 11.0);
        let old = MessageId::new();
        heights.replace([old, ids[0], ids[1]].into_iter(), |_, _| 100.0);
        assert_eq!([0, 1, 2, 3].map(|at| heights.top(at)), [0.0, 100.0, 111.0, 131.0]);
        assert_eq!(heights.position(ids[1]), Some(2));
        assert_eq!(heights.id(0), Some(old));
    }

    #[test]
    fn another_width_makes_measured_heights_estimates() {
        let (mut heights, ids) = of(&[10.0, 20.0]);
        heights.set(ids[0], 12.0);
        heights.scale(0.5);
        assert_eq!([1, 2].map(|at| heights.top(at)), [24.0, 64.0]);
    }
}
