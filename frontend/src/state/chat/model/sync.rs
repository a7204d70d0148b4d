//! How the messages on the page relate to those on the server.

use super::Chat;

/// Whether the messages are being fetched, and whether they have to be fetched again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Sync {
    /// The page shows what the server has, as far as it knows.
    #[default]
    Current,
    /// Something has changed on the server, and nobody has fetched it.
    Outdated,
    /// The messages are being fetched.
    Fetching,
    /// The messages are being fetched, and something has changed in the meantime.
    FetchingOutdated,
}

impl Sync {
    pub(super) fn is_fetching(self) -> bool {
        matches!(self, Self::Fetching | Self::FetchingOutdated)
    }

    /// Something has changed on the server.
    #[must_use]
    pub(super) fn invalidate(self) -> Self {
        match self {
            Self::Current | Self::Outdated => Self::Outdated,
            Self::Fetching | Self::FetchingOutdated => Self::FetchingOutdated,
        }
    }

    /// A fetch starts.
    #[must_use]
    pub(super) fn start_fetch(self) -> Self {
        match self {
            Self::Current => Self::Fetching,
            Self::Outdated | Self::Fetching | Self::FetchingOutdated => Self::FetchingOutdated,
        }
    }

    /// The fetch has ended.
    #[must_use]
    pub(super) fn end_fetch(self) -> Self {
        match self {
            Self::Current | Self::Fetching => Self::Current,
            Self::Outdated | Self::FetchingOutdated => Self::Outdated,
        }
    }

    /// Everything up to now has been fetched, or is about to be.
    #[must_use]
    pub(super) fn catch_up(self) -> Self {
        match self {
            Self::Current | Self::Outdated => Self::Current,
            Self::Fetching | Self::FetchingOutdated => Self::Fetching,
        }
    }
}

impl Chat {
    /// Notes that something has changed elsewhere. Returns whether to fetch the messages now; while a reply is being
    /// written or a fetch runs, they are fetched afterwards.
    pub fn invalidate(&self) -> bool {
        let mut private = self.private();
        let is_busy = private.sync.is_fetching() || self.is_running_untracked();
        if is_busy {
            private.sync = private.sync.invalidate();
        }
        !is_busy
    }

    /// Returns whether something has happened elsewhere that was put off, and forgets it: the caller fetches.
    pub(super) fn catch_up(&self) -> bool {
        let mut private = self.private();
        let caught_up = private.sync.catch_up();
        let missed = private.sync != caught_up || !private.unknown.is_empty();
        private.sync = caught_up;
        private.unknown.clear();
        missed
    }

    /// Starts a fetch. Returns `false` if one is already running; the messages are then fetched once more after it.
    pub fn start_fetch(&self) -> bool {
        let mut private = self.private();
        let starts = !private.sync.is_fetching();
        private.sync = private.sync.start_fetch();
        starts
    }

    /// Ends a fetch. Returns whether to show the result: one from before a reply began is outdated.
    pub fn end_fetch(&self) -> bool {
        {
            let mut private = self.private();
            private.sync = private.sync.end_fetch();
        }
        !self.is_closed() && self.invalidate()
    }

    /// Returns whether the messages that were fetched are outdated by now, and forgets it: the caller fetches again.
    pub fn needs_refetch(&self) -> bool {
        !self.is_running_untracked() && self.catch_up()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_during_a_fetch_outlives_it() {
        let sync = Sync::Current.start_fetch().invalidate();
        assert!(sync.is_fetching());
        assert_eq!(sync.end_fetch(), Sync::Outdated);
    }

    #[test]
    fn a_second_fetch_marks_the_first_as_outdated() {
        assert_eq!(Sync::Current.start_fetch().start_fetch().end_fetch(), Sync::Outdated);
    }

    #[test]
    fn catching_up_keeps_a_running_fetch() {
        assert_eq!(Sync::FetchingOutdated.catch_up(), Sync::Fetching);
        assert_eq!(Sync::Outdated.catch_up(), Sync::Current);
    }
}
