//! The processor time and memory of a process, from Linux's `/proc`.

use std::fs;

use anyhow::{Context as _, Result};

/// Processor time and memory of a process under test.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// Processor time during the measurement.
    pub(crate) cpu_micros: u64,
    /// Resident memory before the measurement.
    pub(crate) idle_kib: u64,
    /// The maximum growth of resident memory.
    pub(crate) grown_kib: u64,
}

/// Measures a process and its children.
pub(crate) struct Watch {
    pids: Vec<u32>,
    cpu_before: u64,
    idle_kib: u64,
    max_kib: u64,
}

impl Watch {
    /// Starts the measurement.
    pub(crate) fn start(pid: u32) -> Result<Self> {
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        let pids =
            [pid].into_iter().chain(children.split_whitespace().filter_map(|pid| pid.parse().ok())).collect();
        let mut watch = Self { pids, cpu_before: 0, idle_kib: 0, max_kib: 0 };
        watch.cpu_before = watch.cpu_micros()?;
        watch.idle_kib = watch.resident_kib()?;
        watch.max_kib = watch.idle_kib;
        Ok(watch)
    }

    /// Samples the memory.
    pub(crate) fn sample_memory(&mut self) {
        // If the process has exited, the failing streams say more.
        if let Ok(now) = self.resident_kib() {
            self.max_kib = self.max_kib.max(now);
        }
    }

    /// Ends the measurement.
    pub(crate) fn end(mut self) -> Result<Usage> {
        self.sample_memory();
        Ok(Usage {
            cpu_micros: self.cpu_micros()?.saturating_sub(self.cpu_before),
            idle_kib: self.idle_kib,
            grown_kib: self.max_kib - self.idle_kib,
        })
    }

    /// User and system time of all threads.
    fn cpu_micros(&self) -> Result<u64> {
        self.pids
            .iter()
            .map(|pid| cpu_ticks(*pid))
            .sum::<Result<u64>>()
            .map(|ticks| ticks * 1_000_000 / ticks_per_second())
    }

    fn resident_kib(&self) -> Result<u64> {
        self.pids.iter().map(|pid| resident_kib(*pid)).sum()
    }
}

fn cpu_ticks(pid: u32) -> Result<u64> {
    let stat =
        fs::read_to_string(format!("/proc/{pid}/stat")).context("processes are measured on Linux only")?;
    // The name in parentheses can contain anything, so the fields are counted after it.
    let (_, fields) = stat.rsplit_once(") ").context("/proc/PID/stat has no name")?;
    let mut times = fields.split(' ').skip(11).map(str::parse::<u64>);
    let (user, system) = (times.next().context("no utime")??, times.next().context("no stime")??);
    Ok(user + system)
}

fn resident_kib(pid: u32) -> Result<u64> {
    let status =
        fs::read_to_string(format!("/proc/{pid}/status")).context("processes are measured on Linux only")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}

#[cfg(unix)]
fn ticks_per_second() -> u64 {
    rustix::param::clock_ticks_per_second()
}

#[cfg(not(unix))]
fn ticks_per_second() -> u64 {
    100
}

/// Raises the limit of open files to the maximum.
pub(crate) fn raise_file_limit() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let maximum = getrlimit(Resource::Nofile).maximum;
        // If that is not allowed, the streams over the limit report it.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    }
}
