//! Kaiwa's performance targets.

use anyhow::{Context as _, Result, ensure};

use crate::bench::relay::{Load, figures::Figures};

/// The figures of one load: the provider alone, nginx and Kaiwa.
type Row = (Load, [Figures; 3]);

/// One target.
struct Target {
    name: &'static str,
    /// The load it applies to, as streams and tokens per second.
    at: (u32, u32),
    limit: f64,
    unit: &'static str,
    measured: fn(&[Figures; 3]) -> f64,
}

const TARGETS: [Target; 9] = [
    Target {
        name: "processor time per token at 1 000 × 20/s, relative to nginx",
        at: (1000, 20),
        limit: 2.2,
        unit: "",
        measured: |[_, nginx, kaiwa]| kaiwa.cpu_us_per_token / nginx.cpu_us_per_token,
    },
    Target {
        name: "latency of a token at 1 000 × 20/s, p50",
        at: (1000, 20),
        limit: 1.0,
        unit: " ms",
        measured: |[_, _, kaiwa]| kaiwa.hop.p50,
    },
    Target {
        name: "latency of a token at 1 000 × 20/s, p99",
        at: (1000, 20),
        limit: 25.0,
        unit: " ms",
        measured: |[_, _, kaiwa]| kaiwa.hop.p99,
    },
    Target {
        name: "memory per open stream at 1 000 × 20/s",
        at: (1000, 20),
        limit: 40.0,
        unit: " KiB",
        measured: |[_, _, kaiwa]| kaiwa.kib_per_stream,
    },
    Target {
        name: "4 000 × 5/s sustained: time for the tokens, relative to nginx",
        at: (4000, 5),
        limit: 1.05,
        unit: "",
        measured: |[_, nginx, kaiwa]| nginx.tokens_per_second / kaiwa.tokens_per_second,
    },
    Target {
        name: "latency of a token beyond saturation, 1 000 × 50/s, p99",
        at: (1000, 50),
        limit: 200.0,
        unit: " ms",
        measured: |[_, _, kaiwa]| kaiwa.hop.p99,
    },
    Target {
        name: "processor time per token, unthrottled",
        at: (16, 0),
        limit: 1.0,
        unit: " µs",
        measured: |[_, _, kaiwa]| kaiwa.cpu_us_per_token,
    },
    Target {
        name: "added time to the first token of an idle server, p50",
        at: (500, 0),
        limit: 1.0,
        unit: " ms",
        measured: |[provider, _, kaiwa]| kaiwa.first_token.p50 - provider.first_token.p50,
    },
    Target {
        name: "processor time per request",
        at: (500, 0),
        limit: 1.6,
        unit: " ms",
        measured: |[_, _, kaiwa]| kaiwa.cpu_ms_per_stream,
    },
];

/// Prints each target with the measured value.
///
/// # Errors
///
/// If a target was missed.
pub(crate) fn check(rows: &[Row]) -> Result<()> {
    println!("\n| target | at most | measured | met |\n| --- | --- | --- | --- |");
    let mut missed = 0;
    for Target { name, at, limit, unit, measured } in &TARGETS {
        let row = rows.iter().find(|(load, _)| (load.streams, load.rate) == *at);
        let measured = row.map(|(_, figures)| measured(figures)).context("a target has no load")?;
        let met = measured <= *limit;
        missed += usize::from(!met);
        println!("| {name} | {limit}{unit} | {measured:.2}{unit} | {} |", if met { "yes" } else { "no" });
    }
    ensure!(missed == 0, "{missed} targets were missed; the machine may have been busy");
    Ok(())
}
