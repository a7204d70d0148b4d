//! What a decoder knows of the end of its reply.

use super::Hints;
use crate::Finish;

/// What a decoder knows of the end of its reply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ending {
    /// Why the model has finished, if it has. More of the reply may follow, which takes the reason away.
    pub(crate) finish: Option<Finish>,
    /// The protocol's last frame has arrived. More of the reply may follow, so that it was not the last.
    pub(crate) is_closed: bool,
    /// What is known besides the events.
    pub(crate) hints: Hints,
}

impl Ending {
    /// Whether the reply has ended, unless more follows.
    pub(crate) fn has_come(&self) -> bool {
        self.finish.is_some() || self.is_closed
    }

    /// Takes the reason for the end; a last frame without one is a normal end.
    pub(crate) fn take(&mut self) -> Option<Finish> {
        self.finish.take().or_else(|| self.is_closed.then_some(Finish::Stop))
    }
}
