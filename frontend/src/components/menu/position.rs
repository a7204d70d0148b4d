//! The position of a menu.

/// The minimum distance from the edge of the window.
const MARGIN: f64 = 8.0;
/// The distance from the button.
const GAP: f64 = 6.0;

/// A rectangle in the window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Area {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// The left and top of a menu of `size` that opens from `anchor`: below it, or above if there is more space, and
/// always within the window.
pub(super) fn position(anchor: Area, size: (f64, f64), window: (f64, f64)) -> (f64, f64) {
    let (width, height) = size;
    let below = anchor.top + anchor.height + GAP;
    let room_below = window.1 - MARGIN - below;
    let room_above = anchor.top - GAP - MARGIN;
    let top =
        if height <= room_below || room_below >= room_above { below } else { anchor.top - GAP - height };
    let start = anchor.left;
    let left = if start + width + MARGIN <= window.0 { start } else { anchor.left + anchor.width - width };
    (clamp(left, window.0 - width), clamp(top, window.1 - height))
}

fn clamp(value: f64, max: f64) -> f64 {
    value.min(max - MARGIN).max(MARGIN)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "whole numbers of pixels are exact")]
mod tests {
    use super::*;

    const WINDOW: (f64, f64) = (1000.0, 800.0);

    fn button(left: f64, top: f64) -> Area {
        Area { left, top, width: 40.0, height: 30.0 }
    }

    #[test]
    fn a_menu_opens_below_its_button() {
        assert_eq!(position(button(100.0, 100.0), (200.0, 300.0), WINDOW), (100.0, 136.0));
    }

    #[test]
    fn a_menu_at_the_bottom_opens_above() {
        assert_eq!(position(button(100.0, 760.0), (200.0, 300.0), WINDOW), (100.0, 454.0));
    }

    #[test]
    fn a_menu_at_the_right_aligns_with_the_end_of_its_button() {
        assert_eq!(position(button(950.0, 100.0), (200.0, 100.0), WINDOW).0, 790.0);
    }

    #[test]
    fn a_menu_stays_within_a_small_window() {
        let (left, top) = position(button(5.0, 200.0), (300.0, 390.0), (320.0, 400.0));
        assert_eq!((left, top), (8.0, 8.0));
    }
}
