//! Runs all streams of a plan.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, Result};
use kaiwa_mock_llm::monotonic_nanos;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};

use crate::{
    expect::Expectation,
    plan::{Order, Plan},
    process::Watch,
    report::{Report, Samples},
    stream,
    target::Target,
};

/// How often the memory of the measured process is sampled.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The pause before the processor time is read, to include what a server does right after its response.
const SETTLE: Duration = Duration::from_millis(300);

/// Runs the plan. Fails with the first stream that does not deliver what it should.
pub(crate) async fn run(plan: &Plan, target: Target) -> Result<Report> {
    let requests: Vec<Vec<u8>> =
        (0..plan.streams).map(|number| target.request(plan, number)).collect::<Result<_>>()?;
    let samples = Arc::new(Mutex::new(Samples::default()));
    let target = Arc::new(target);
    let mut watch = plan.pid.map(Watch::start).transpose()?;
    let started = monotonic_nanos();
    let read = |request: Vec<u8>| {
        let (target, samples) = (Arc::clone(&target), Arc::clone(&samples));
        let (address, text) = (plan.address, Expectation::new(plan.tokens, plan.is_stamped()));
        async move { stream::read(address, &request, &target, text, &samples).await }
    };
    match plan.order {
        Order::Sequence => {
            for (request, number) in requests.into_iter().zip(0..) {
                read(request).await.with_context(|| format!("stream {number}"))?;
            }
        }
        Order::Together => {
            let first = Instant::now();
            let mut streams = JoinSet::new();
            for (request, number) in requests.into_iter().zip(0..) {
                let (start, stream) = (first + plan.between_starts() * number, read(request));
                streams.spawn(async move {
                    sleep_until(start).await;
                    stream.await.with_context(|| format!("stream {number}"))
                });
            }
            wait(streams, watch.as_mut()).await?;
        }
    }
    let nanos = monotonic_nanos() - started;
    sleep(SETTLE).await;
    let usage = watch.map(Watch::end).transpose()?;
    let samples = std::mem::take(&mut *samples.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(Report::new(plan.streams, samples, nanos, usage))
}

/// Waits for the end of all streams and samples the process meanwhile.
async fn wait(mut streams: JoinSet<Result<()>>, mut watch: Option<&mut Watch>) -> Result<()> {
    let mut looks = tokio::time::interval(LOOK_EVERY);
    loop {
        tokio::select! {
            ended = streams.join_next() => match ended {
                Some(ended) => ended.context("a stream panicked")??,
                None => return Ok(()),
            },
            _ = looks.tick() => if let Some(watch) = watch.as_deref_mut() {
                watch.sample_memory();
            },
        }
    }
}
