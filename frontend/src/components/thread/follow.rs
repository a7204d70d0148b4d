//! Decides when the view follows the end of the conversation.

/// This close to the end counts as at the end, in pixels: while a reply grows, the end moves by up to two lines before
/// a scroll to it is reported.
const NEAR: f64 = 64.0;

/// Whether the view follows the end. Only a gesture of the user ends that, never a scroll that the program or a
/// shrinking page caused. Reaching the end resumes it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Follow {
    following: bool,
    top: f64,
}

/// The position of the view.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position {
    /// Pixels above the view.
    pub(super) top: f64,
    /// Pixels below the view.
    pub(super) below: f64,
}

impl Default for Follow {
    fn default() -> Self {
        Self { following: true, top: 0.0 }
    }
}

impl Follow {
    /// The view follows the end.
    pub(super) fn is_following(self) -> bool {
        self.following
    }

    /// Pixels above the view when it last moved.
    pub(super) fn top(self) -> f64 {
        self.top
    }

    /// The user scrolled towards the beginning.
    pub(super) fn stop(&mut self) {
        self.following = false;
    }

    /// The user asked for the end, or sent a message.
    pub(super) fn resume(&mut self) {
        self.following = true;
    }

    /// The program scrolled here. The browser reports that as a scroll a moment later, when the user may already have
    /// scrolled away.
    pub(super) fn put(&mut self, top: f64) {
        self.top = top;
    }

    /// The view was scrolled, by the user or the program.
    pub(super) fn scrolled(&mut self, position: Position) {
        // Only downwards, because a shrinking page moves the view up to its end.
        if position.below <= NEAR && position.top > self.top {
            self.following = true;
        }
        self.top = position.top;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(top: f64, below: f64) -> Position {
        Position { top, below }
    }

    #[test]
    fn a_scroll_without_a_gesture_keeps_following() {
        let mut follow = Follow::default();
        follow.scrolled(at(500.0, 0.0));
        follow.scrolled(at(300.0, 200.0));
        assert!(follow.is_following());
    }

    #[test]
    fn a_gesture_stops_following_and_the_end_resumes_it() {
        let mut follow = Follow::default();
        follow.scrolled(at(500.0, 0.0));
        follow.stop();
        follow.scrolled(at(300.0, 200.0));
        assert!(!follow.is_following());
        follow.scrolled(at(400.0, 100.0));
        assert!(!follow.is_following());
        follow.scrolled(at(500.0, 28.0));
        assert!(follow.is_following(), "the end has moved on by a line since");
    }

    #[test]
    fn a_late_report_of_a_programmatic_scroll_does_not_resume() {
        let mut follow = Follow::default();
        follow.put(500.0);
        follow.stop();
        follow.scrolled(at(500.0, 0.0));
        assert!(!follow.is_following());
    }

    #[test]
    fn a_shrinking_page_does_not_resume_following() {
        let mut follow = Follow::default();
        follow.scrolled(at(500.0, 0.0));
        follow.stop();
        follow.scrolled(at(400.0, 100.0));
        follow.scrolled(at(350.0, 0.0));
        assert!(!follow.is_following());
    }
}
