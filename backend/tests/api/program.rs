//! Runs the server as a separate process.

use std::{
    io::{BufRead, BufReader},
    ops::Deref,
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    time::Duration,
};

use kaiwa_mock_llm::MockLlm;
use tempfile::TempDir;

use crate::support::Client;

/// The real server program, which a test can kill and whose log it can read, and a client for it.
pub(crate) struct Program {
    child: Child,
    client: Client,
    /// The lines of the log that have been read.
    pub(crate) log: Vec<String>,
    lines: Receiver<String>,
    /// The data folder and the provider that only it uses.
    own: Option<(TempDir, MockLlm)>,
}

impl Deref for Program {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Program {
    /// Starts it with a data folder and a scripted provider of its own.
    pub(crate) fn spawn(variables: &[(&str, &str)]) -> Self {
        let mock = MockLlm::start(kaiwa_mock_llm::Options::default()).unwrap();
        let data = tempfile::tempdir().unwrap();
        let mut program = Self::start(data.path(), &mock, variables);
        program.own = Some((data, mock));
        program
    }

    /// Starts it with this data folder and this scripted provider.
    pub(crate) fn start(data: &Path, mock: &MockLlm, variables: &[(&str, &str)]) -> Self {
        let mut child = command(data, mock, variables).spawn().unwrap();
        let errors = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            errors.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        let mut program = Self { child, client: Client::new(""), log: Vec::new(), lines, own: None };
        let line = program.wait_for_line("listening on ");
        let (_, address) = line.split_once("listening on ").unwrap();
        program.client = Client::new(address.split([' ', '"']).next().unwrap());
        program
    }

    /// The first line of the log that contains `text`, once it is there.
    pub(crate) fn wait_for_line(&mut self, text: &str) -> String {
        loop {
            if let Some(line) = self.log.iter().find(|line| line.contains(text)) {
                return line.clone();
            }
            let line = self.lines.recv_timeout(Duration::from_secs(30));
            self.log.push(line.unwrap_or_else(|_| panic!("no line says `{text}`: {:#?}", self.log)));
        }
    }

    /// Starts a server that is expected to refuse, and returns what it says.
    pub(crate) fn refused(data: &Path, mock: &MockLlm, variables: &[(&str, &str)]) -> String {
        let output = command(data, mock, variables).output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    }

    /// Asks it to stop.
    #[cfg(unix)]
    pub(crate) fn terminate(&self) {
        let status = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// Waits until it has ended by itself.
    pub(crate) fn wait(&mut self) {
        assert!(self.child.wait().unwrap().success());
    }

    /// Limits the size of files to `bytes`, like a full disk. `None` removes the limit.
    #[cfg(target_os = "linux")]
    pub(crate) fn limit_files(&self, bytes: Option<u64>) {
        let limit = bytes.map_or("unlimited".to_owned(), |bytes| bytes.to_string());
        let (pid, limit) = (self.child.id().to_string(), format!("--fsize={limit}:unlimited"));
        assert!(Command::new("prlimit").args(["--pid", &pid, &limit]).status().unwrap().success());
    }

    /// Leaves it room for `more` open files and connections.
    #[cfg(target_os = "linux")]
    pub(crate) fn limit_descriptors(&self, more: usize) {
        let pid = self.child.id().to_string();
        let open = std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count();
        let limit = format!("--nofile={}:", open + more);
        assert!(Command::new("prlimit").args(["--pid", &pid, &limit]).status().unwrap().success());
    }

    /// A line of what the system knows of the process, such as `VmHWM`, the most memory that it has held. In bytes.
    #[cfg(target_os = "linux")]
    pub(crate) fn memory(&self, line: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let found = status.lines().find_map(|entry| entry.strip_prefix(line)?.strip_prefix(':')).unwrap();
        found.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    /// Kills it like a power cut would, and returns its log.
    pub(crate) fn kill(mut self) -> Vec<String> {
        self.end();
        let mut log = std::mem::take(&mut self.log);
        log.extend(self.lines.iter());
        log
    }

    fn end(&mut self) {
        let _gone_already = self.child.kill();
        let _gone_already = self.child.wait();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // A failing test must not leave a server behind.
        self.end();
    }
}

fn command(data: &Path, mock: &MockLlm, variables: &[(&str, &str)]) -> Command {
    // The shell ignores SIGXFSZ, so that exceeding the file size limit is an error and does not end the program.
    let mut command = Command::new("sh");
    command
        .args(["-c", r#"trap '' XFSZ; exec "$0""#, env!("CARGO_BIN_EXE_kaiwa")])
        .current_dir(data)
        .env_clear()
        .env("PORT", "0")
        .env("DATA_DIR", data)
        .env("LLM_API_URL", mock.url())
        .env("LLM_MODEL", "mock-tokens-2000-rate-200")
        .envs(variables.iter().copied())
        .stderr(Stdio::piped());
    command
}
