//! The reply that is being written.

use leptos::prelude::*;

use super::Chat;

/// The state of the reply that is being written, or of the replies when several models answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// No reply is being written.
    Idle,
    /// A message was sent; the server has not accepted it yet.
    Starting,
    /// The same, and the user has already asked to stop the reply.
    Cancelled,
    /// A reply is being written.
    Live,
    /// The server was asked to stop the reply.
    Stopping,
}

impl Run {
    /// A reply is being written or about to be.
    pub fn is_active(self) -> bool {
        self != Self::Idle
    }

    /// The server writes a reply.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Live | Self::Stopping)
    }

    /// The user has asked to stop.
    pub fn is_stopping(self) -> bool {
        matches!(self, Self::Cancelled | Self::Stopping)
    }

    /// The server has begun to write a reply.
    #[must_use]
    pub fn begin(self) -> Self {
        if self.is_live() { self } else { Self::Live }
    }

    /// The user asks to stop.
    #[must_use]
    pub fn stop(self) -> Self {
        match self {
            Self::Starting => Self::Cancelled,
            Self::Live => Self::Stopping,
            Self::Idle | Self::Cancelled | Self::Stopping => self,
        }
    }

    /// The request to stop failed.
    #[must_use]
    pub fn stop_failed(self) -> Self {
        if self == Self::Stopping { Self::Live } else { self }
    }
}

impl Chat {
    /// A reply is being written or about to be.
    pub fn is_running(&self) -> bool {
        self.0.run.get().is_active()
    }

    /// The same, untracked.
    pub fn is_running_untracked(&self) -> bool {
        self.0.run.get_untracked().is_active()
    }

    /// Moves the run to its next state.
    pub fn advance(&self, transition: fn(Run) -> Run) {
        let now = self.0.run.get_untracked();
        let next = transition(now);
        if now != next {
            self.0.run.set(next);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_is_kept_until_the_reply_has_begun() {
        assert_eq!(Run::Starting.stop(), Run::Cancelled);
        assert!(Run::Cancelled.is_stopping());
        assert_eq!(Run::Cancelled.begin(), Run::Live);
    }

    #[test]
    fn a_running_reply_can_be_stopped_once() {
        assert_eq!(Run::Live.stop(), Run::Stopping);
        assert_eq!(Run::Stopping.stop(), Run::Stopping);
        assert_eq!(Run::Stopping.begin(), Run::Stopping);
        assert_eq!(Run::Idle.stop(), Run::Idle);
    }

    #[test]
    fn a_failed_stop_lets_the_reply_continue() {
        assert_eq!(Run::Stopping.stop_failed(), Run::Live);
        assert_eq!(Run::Idle.stop_failed(), Run::Idle);
    }
}
