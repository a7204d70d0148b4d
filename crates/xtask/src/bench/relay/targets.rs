//! What Kaiwa has promised itself.

use anyhow::{Context as _, Result, ensure};

use crate::bench::relay::{Load, figures::Figures};

/// A row of measured figures: the provider alone, nginx, Kaiwa.
type Row = (Load, [Figures; 3]);

/// One promise.
struct Target {
    promise: &'static str,
    /// The load that shows it, by streams and tokens a second.
    at: (u32, u32),
    most: f64,
    unit: &'static str,
    measured: fn(&[Figures; 3]) -> f64,
}

const TARGETS: [Target; 9] = [
    Target {
        promise: "processor time per token at 1 000 × 20/s, to nginx",
        at: (1000, 20),
        most: 1.2,
        unit: "",
        measured: |[_, nginx, kaiwa]| kaiwa.cpu_us_per_token / nginx.cpu_us_per_token,
    },
    Target {
        promise: "a token's way at 1 000 × 20/s, p50",
        at: (1000, 20),
        most: 1.0,
        unit: " ms",
        measured: |[_, _, kaiwa]| kaiwa.hop.p50,
    },
    Target {
        promise: "a token's way at 1 000 × 20/s, p99",
        at: (1000, 20),
        most: 25.0,
        unit: " ms",
        measured: |[_, _, kaiwa]| kaiwa.hop.p99,
    },
    Target {
        promise: "memory of an open stream at 1 000 × 20/s",
        at: (1000, 20),
        most: 40.0,
        unit: " KiB",
        measured: |[_, _, kaiwa]| kaiwa.kib_per_stream,
    },
    Target {
        promise: "4 000 × 5/s held: time for the tokens, to nginx",
        at: (4000, 5),
        most: 1.05,
        unit: "",
        measured: |[_, nginx, kaiwa]| nginx.tokens_per_second / kaiwa.tokens_per_second,
    },
    Target {
        promise: "a token's way past saturation, 1 000 × 50/s, p99",
        at: (1000, 50),
        most: 200.0,
        unit: " ms",
        measured: |[_, _, kaiwa]| kaiwa.hop.p99,
    },
    Target {
        promise: "processor time per token, unthrottled",
        at: (16, 0),
        most: 1.0,
        unit: " µs",
        measured: |[_, _, kaiwa]| kaiwa.cpu_us_per_token,
    },
    Target {
        promise: "added time to the first token at rest, p50",
        at: (500, 0),
        most: 1.0,
        unit: " ms",
        measured: |[provider, _, kaiwa]| kaiwa.first_token.p50 - provider.first_token.p50,
    },
    Target {
        promise: "processor time of a request's start",
        at: (500, 0),
        most: 0.5,
        unit: " ms",
        measured: |[_, _, kaiwa]| kaiwa.cpu_ms_per_stream,
    },
];

/// Prints each promise with what was measured.
///
/// # Errors
///
/// If one was not kept.
pub(crate) fn check(rows: &[Row]) -> Result<()> {
    println!("\n| promise | at most | measured | kept |\n| --- | --- | --- | --- |");
    let mut missed = 0;
    for Target { promise, at, most, unit, measured } in &TARGETS {
        let row = rows.iter().find(|(load, _)| (load.streams, load.rate) == *at);
        let measured = row.map(|(_, figures)| measured(figures)).context("a promise has no load")?;
        let kept = measured <= *most;
        missed += usize::from(!kept);
        println!("| {promise} | {most}{unit} | {measured:.2}{unit} | {} |", if kept { "yes" } else { "no" });
    }
    ensure!(missed == 0, "{missed} promises were not kept; a busy machine is one possible reason");
    Ok(())
}
