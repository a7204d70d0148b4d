//! The results of a measurement, with percentiles.

use std::fmt;

use serde::Serialize;

use crate::process::Usage;

/// Times of single tokens, in nanoseconds.
#[derive(Default)]
pub(crate) struct Samples {
    to_first: Vec<u64>,
    gaps: Vec<u64>,
    hops: Vec<u64>,
    tokens: u64,
}

impl Samples {
    /// Records a token that arrived at `now`. `stamp` is when it was sent, or 0; `previous` is when the previous token
    /// arrived or the request began.
    pub(crate) fn add(&mut self, now: u64, stamp: u64, previous: u64, is_first: bool) {
        self.tokens += 1;
        let since = now.saturating_sub(previous);
        if is_first {
            self.to_first.push(since);
        } else if stamp > 0 {
            self.gaps.push(since);
        }
        if stamp > 0 {
            self.hops.push(now.saturating_sub(stamp));
        }
    }
}

/// The 50th and 99th percentile and the maximum in milliseconds, or zeros if nothing was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Percentiles {
    p50: f64,
    p99: f64,
    max: f64,
}

impl Percentiles {
    fn of(mut nanos: Vec<u64>) -> Self {
        nanos.sort_unstable();
        let at = |percent: usize| nanos.get((nanos.len() * percent / 100).min(nanos.len().saturating_sub(1)));
        let milliseconds = |nanos: Option<&u64>| ratio(nanos.copied().unwrap_or(0), 1_000_000);
        Self { p50: milliseconds(at(50)), p99: milliseconds(at(99)), max: milliseconds(nanos.last()) }
    }
}

/// The results of a measurement in which every token arrived; otherwise there is no report.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    streams: u32,
    tokens: u64,
    tokens_per_second: f64,
    /// The time from connecting to the first token.
    first_token_ms: Percentiles,
    /// The time between two tokens of a stream.
    gap_ms: Percentiles,
    /// The time from sending a token to its arrival.
    hop_ms: Percentiles,
    /// Processor time of the measured process per token.
    cpu_us_per_token: Option<f64>,
    /// Processor time of the measured process per stream.
    cpu_ms_per_stream: Option<f64>,
    /// Memory of the measured process before the first stream.
    idle_kib: Option<u64>,
    /// The maximum growth of its memory per stream.
    kib_per_stream: Option<f64>,
}

impl Report {
    /// Summarizes the `samples` of `nanos` nanoseconds, in which the measured process used `usage`.
    pub(crate) fn new(streams: u32, samples: Samples, nanos: u64, usage: Option<Usage>) -> Self {
        let tokens = samples.tokens;
        Self {
            streams,
            tokens,
            tokens_per_second: ratio(tokens.saturating_mul(1_000_000_000), nanos),
            first_token_ms: Percentiles::of(samples.to_first),
            gap_ms: Percentiles::of(samples.gaps),
            hop_ms: Percentiles::of(samples.hops),
            cpu_us_per_token: usage.map(|usage| ratio(usage.cpu_micros, tokens)),
            cpu_ms_per_stream: usage.map(|usage| ratio(usage.cpu_micros, u64::from(streams) * 1000)),
            idle_kib: usage.map(|usage| usage.idle_kib),
            kib_per_stream: usage.map(|usage| ratio(usage.grown_kib, u64::from(streams))),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { streams, tokens, tokens_per_second, first_token_ms, gap_ms, hop_ms, .. } = self;
        writeln!(
            out,
            "{streams} streams, {tokens} tokens, every one checked; {tokens_per_second:.0} tokens/s"
        )?;
        for (name, times) in [("first token", first_token_ms), ("gap", gap_ms), ("hop", hop_ms)] {
            let Percentiles { p50, p99, max } = times;
            writeln!(out, "{name:>12}  p50 {p50:.2} ms, p99 {p99:.2} ms, max {max:.2} ms")?;
        }
        if let (Some(token), Some(stream)) = (self.cpu_us_per_token, self.cpu_ms_per_stream) {
            writeln!(out, "{:>12}  {token:.2} us per token, {stream:.2} ms per stream", "processor")?;
        }
        if let (Some(idle), Some(each)) = (self.idle_kib, self.kib_per_stream) {
            write!(out, "{:>12}  {idle} KiB before, {each:.1} KiB per stream at most", "memory")?;
        }
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "no figure here comes near 2^52")]
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_cover_all_samples() {
        let nanos = (1..=1000).rev().map(|ms| ms * 1_000_000).collect();
        assert_eq!(Percentiles::of(nanos), Percentiles { p50: 501.0, p99: 991.0, max: 1000.0 });
        assert_eq!(Percentiles::of(Vec::new()), Percentiles::default());
    }

    #[test]
    fn the_first_token_has_a_delay_and_the_others_have_gaps() {
        let mut samples = Samples::default();
        samples.add(30_000_000, 29_000_000, 10_000_000, true);
        samples.add(50_000_000, 48_000_000, 30_000_000, false);
        let report = Report::new(1, samples, 50_000_000, None);
        assert!((report.first_token_ms.p50, report.gap_ms.p50) == (20.0, 20.0));
        assert!((report.hop_ms.max, report.tokens_per_second) == (2.0, 40.0));
    }
}
