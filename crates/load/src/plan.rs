//! The plan of a measurement.

use std::{net::SocketAddr, time::Duration};

/// The maximum time between the starts of two streams.
const MAX_BETWEEN_STARTS: Duration = Duration::from_millis(2);

/// The time within which all streams are started.
const STARTS_WITHIN: Duration = Duration::from_secs(2);

/// The order of the streams.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// All start within two seconds.
    Together,
    /// Each starts after the previous one has ended.
    Sequence,
}

/// One measurement.
pub(crate) struct Plan {
    pub(crate) address: SocketAddr,
    pub(crate) streams: u32,
    /// Tokens per second of each stream; 0 means as fast as possible.
    pub(crate) rate: u64,
    /// Tokens per stream.
    pub(crate) tokens: u64,
    /// Delay before the first token.
    pub(crate) delay_ms: u64,
    pub(crate) order: Order,
    /// The process under test.
    pub(crate) pid: Option<u32>,
}

impl Plan {
    /// Whether tokens carry the time at which they were sent. Without a rate they do not: formatting the timestamps
    /// would dominate the cost.
    pub(crate) fn is_stamped(&self) -> bool {
        self.rate > 0
    }

    /// The model name that makes `mock-llm` follow this plan.
    pub(crate) fn model(&self) -> String {
        let stamp = if self.is_stamped() { "-stamp" } else { "" };
        format!("mock-tokens-{}-rate-{}-delay-{}{stamp}", self.tokens, self.rate, self.delay_ms)
    }

    /// The time between the starts of two streams.
    pub(crate) fn between_starts(&self) -> Duration {
        MAX_BETWEEN_STARTS.min(STARTS_WITHIN / self.streams.max(1))
    }
}
