//! Which rows are on the page.

use std::ops::RangeInclusive;

use super::{heights::Heights, marks::Marks};

/// Shorter conversations are on the page as a whole.
const WHOLE: usize = 40;
/// The rows at first paint.
pub(super) const FIRST: usize = 16;
/// Rows beyond the view on either side.
const OVERSCAN: usize = 8;
/// The last rows, which are always there.
const TAIL: usize = 4;

/// The view of the list, in its own coordinates.
#[derive(Clone, Copy, Debug)]
pub(super) struct View {
    pub(super) top: f64,
    pub(super) height: f64,
}

/// The rows to show, and whether there are more to add when there is time.
#[derive(Debug, Default)]
pub(super) struct Choice {
    pub(super) rows: Marks,
    pub(super) has_more: bool,
}

/// Chooses the rows: those in and near the view now, `grow` others around it, and those that are already `mounted` and
/// not far away. `pinned` rows stay wherever they are.
pub(super) fn choose(heights: &Heights, view: View, mounted: &Marks, pinned: Marks, grow: usize) -> Choice {
    let count = heights.len();
    let Some(last) = count.checked_sub(1) else { return Choice::default() };
    let reach =
        |share: f64| heights.within(view.top - view.height * share, view.top + view.height * (1.0 + share));
    let seen = reach(0.0);
    let is_short = count <= WHOLE;
    let wanted = if is_short { 0..=last } else { widen(&seen, OVERSCAN, last, &reach(1.5)) };
    let kept = if is_short { 0..=last } else { widen(&seen, 2 * OVERSCAN, last, &reach(3.0)) };
    let mut rows = pinned;
    rows.add_range(reach(0.25), |_| true);
    rows.add_range(count.saturating_sub(TAIL)..=last, |_| true);
    rows.add_range(kept, |at| mounted.has(at));
    let has_more = add_around(&mut rows, &seen, wanted, grow);
    Choice { rows, has_more }
}

/// Adds up to `grow` rows of `wanted`, those next to the view first. Returns whether there are more.
fn add_around(
    rows: &mut Marks,
    seen: &RangeInclusive<usize>,
    wanted: RangeInclusive<usize>,
    grow: usize,
) -> bool {
    let mut left = grow;
    let furthest = (seen.start() - wanted.start()).max(wanted.end() - seen.end());
    for distance in 0..=furthest {
        for at in [seen.start().checked_sub(distance), Some(seen.end() + distance)].into_iter().flatten() {
            if !wanted.contains(&at) || rows.has(at) {
                continue;
            }
            if left == 0 {
                return true;
            }
            rows.add(at);
            left -= 1;
        }
    }
    false
}

fn widen(
    seen: &RangeInclusive<usize>,
    by: usize,
    last: usize,
    at_least: &RangeInclusive<usize>,
) -> RangeInclusive<usize> {
    let start = seen.start().saturating_sub(by).min(*at_least.start());
    let end = (seen.end() + by).min(last).max(*at_least.end());
    start..=end
}

#[cfg(test)]
mod tests {
    use kaiwa_shared::MessageId;

    use super::*;

    fn even(count: usize) -> Heights {
        let mut heights = Heights::default();
        heights.replace((0..count).map(|_| MessageId::new()), |_, _| 100.0);
        heights
    }

    fn list(choice: &Choice) -> Vec<usize> {
        choice.rows.iter().collect()
    }

    #[test]
    fn a_long_conversation_shows_its_view_its_tail_and_what_is_pinned() {
        let (heights, view) = (even(1000), View { top: 50_000.0, height: 800.0 });
        let mut pinned = Marks::none(1000);
        pinned.add(3);
        let choice = choose(&heights, view, &Marks::none(1000), pinned, 0);
        assert!(choice.has_more);
        assert_eq!(list(&choice), [3].into_iter().chain(498..=510).chain(996..1000).collect::<Vec<_>>());
    }

    #[test]
    fn rows_are_added_around_the_view_and_leave_far_from_it() {
        let heights = even(1000);
        let at = |top, mounted: &Marks, grow| {
            choose(&heights, View { top, height: 800.0 }, mounted, Marks::none(1000), grow)
        };
        let few = at(50_000.0, &Marks::none(1000), 2);
        assert_eq!(list(&few)[..15], [497].into_iter().chain(498..=511).collect::<Vec<_>>());
        let full = at(50_000.0, &Marks::none(1000), usize::MAX);
        assert!(!full.has_more);
        assert_eq!(list(&full)[..33], (488..=520).collect::<Vec<_>>());
        assert!(at(51_000.0, &full.rows, 0).rows.has(488), "it may come back soon");
        assert!(!at(80_000.0, &full.rows, 0).rows.has(520));
    }

    #[test]
    fn a_short_conversation_is_shown_as_a_whole() {
        let view = View { top: 0.0, height: 800.0 };
        let all = |count, grow| choose(&even(count), view, &Marks::none(count), Marks::none(count), grow);
        assert!(all(40, 4).has_more && list(&all(40, 4)).len() < 40);
        assert_eq!(list(&all(40, usize::MAX)).len(), 40);
        assert!(list(&all(41, usize::MAX)).len() < 41);
        assert!(list(&all(0, 4)).is_empty());
    }
}
