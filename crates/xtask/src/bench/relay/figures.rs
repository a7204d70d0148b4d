//! The load generator's report, and its row in the table.

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::bench::relay::Load;

/// Median, 99th percentile and maximum, in milliseconds.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) max: f64,
}

/// One run of the load generator.
#[derive(Clone, Copy)]
pub(crate) struct Figures {
    pub(crate) tokens: f64,
    pub(crate) tokens_per_second: f64,
    pub(crate) first_token: Times,
    pub(crate) gap: Times,
    pub(crate) hop: Times,
    pub(crate) cpu_us_per_token: f64,
    pub(crate) cpu_ms_per_stream: f64,
    pub(crate) kib_per_stream: f64,
}

impl Figures {
    /// Parses a report.
    pub(crate) fn read(report: &str) -> Result<Self> {
        let report: Value =
            serde_json::from_str(report).context("the load generator's report is not JSON")?;
        let number = |at: &Value, name: &str| {
            at.get(name).and_then(Value::as_f64).with_context(|| format!("the report has no `{name}`"))
        };
        let times = |name: &str| -> Result<Times> {
            let at = report.get(name).with_context(|| format!("the report has no `{name}`"))?;
            Ok(Times { p50: number(at, "p50")?, p99: number(at, "p99")?, max: number(at, "max")? })
        };
        Ok(Self {
            tokens: number(&report, "tokens")?,
            tokens_per_second: number(&report, "tokens_per_second")?,
            first_token: times("first_token_ms")?,
            gap: times("gap_ms")?,
            hop: times("hop_ms")?,
            cpu_us_per_token: number(&report, "cpu_us_per_token")?,
            cpu_ms_per_stream: number(&report, "cpu_ms_per_stream")?,
            kib_per_stream: number(&report, "kib_per_stream")?,
        })
    }

    /// A line of the table. `row` has the figures of the provider alone, of nginx and of Kaiwa.
    pub(crate) fn line(&self, load: &Load, through: &str, [_, nginx, _]: &[Self; 3]) -> String {
        let pace = |text: String| if load.rate > 0 { text } else { "–".to_owned() };
        let (cpu, ratio) = if load.sequence {
            (
                format!("{:.2} ms per request", self.cpu_ms_per_stream),
                self.cpu_ms_per_stream / nginx.cpu_ms_per_stream,
            )
        } else {
            (
                format!("{:.2} µs per token", self.cpu_us_per_token),
                self.cpu_us_per_token / nginx.cpu_us_per_token,
            )
        };
        format!(
            "| {} | {through} | {:.0} ({:.2}) | {:.2} / {:.2} | {} | {} | {cpu} | {ratio:.2} | {} |",
            load.name(),
            self.tokens_per_second,
            self.tokens_per_second / nginx.tokens_per_second,
            self.first_token.p50,
            self.first_token.p99,
            pace(format!("{:.1}", self.gap.p99)),
            pace(format!("{:.2} / {:.1}", self.hop.p50, self.hop.p99)),
            if load.streams >= 100 && !load.sequence {
                format!("{:.1} KiB", self.kib_per_stream)
            } else {
                "–".to_owned()
            },
        )
    }
}
