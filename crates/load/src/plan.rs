//! What is to be measured.

use std::{net::SocketAddr, time::Duration};

/// Between the starts of two streams: a crowd, not a single instant.
const BETWEEN_STARTS: Duration = Duration::from_millis(2);

/// Within which all streams are started.
const STARTS_WITHIN: Duration = Duration::from_secs(2);

/// How the streams follow each other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// All at once, within two seconds.
    Together,
    /// Each after the end of the one before.
    Sequence,
}

/// One measurement.
pub(crate) struct Plan {
    pub(crate) address: SocketAddr,
    pub(crate) streams: u32,
    /// Tokens a second of each stream; 0 is as fast as possible.
    pub(crate) rate: u64,
    /// Tokens of each stream.
    pub(crate) tokens: u64,
    /// Milliseconds before the first token.
    pub(crate) delay_ms: u64,
    pub(crate) order: Order,
    /// The process under test.
    pub(crate) pid: Option<u32>,
}

impl Plan {
    /// Tokens carry the time at which they were sent. Without a pace they do not: the stamps would be the work.
    pub(crate) fn is_stamped(&self) -> bool {
        self.rate > 0
    }

    /// The model whose name makes `mock-llm` do what this plan wants.
    pub(crate) fn model(&self) -> String {
        let stamp = if self.is_stamped() { "-stamp" } else { "" };
        format!("mock-tokens-{}-rate-{}-delay-{}{stamp}", self.tokens, self.rate, self.delay_ms)
    }

    /// The time between the starts of two streams.
    pub(crate) fn between_starts(&self) -> Duration {
        BETWEEN_STARTS.min(STARTS_WITHIN / self.streams.max(1))
    }
}
