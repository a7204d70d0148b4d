//! Runs the server as a separate process.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    thread::JoinHandle,
};

use kaiwa_mock_llm::MockLlm;

/// The real server program, which a test can kill and whose log it can read.
pub(crate) struct Program {
    child: Child,
    pub(crate) base: String,
    /// The lines that it printed before it accepted requests.
    pub(crate) printed: Vec<String>,
    log: JoinHandle<Vec<String>>,
}

impl Program {
    /// Starts it with a data folder and a scripted provider.
    pub(crate) fn start(data: &Path, mock: &MockLlm, variables: &[(&str, &str)]) -> Self {
        let mut child = command(data, mock, variables).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut seen = Vec::new();
        let base = loop {
            seen.push(lines.next().expect("the program to say where it listens").unwrap());
            let line = seen.last().unwrap();
            if let Some((_, address)) = line.split_once("listening on ") {
                break address.split([' ', '"']).next().unwrap().to_owned();
            }
        };
        let printed = seen.clone();
        let log = std::thread::spawn(move || {
            seen.extend(lines.map_while(Result::ok));
            seen
        });
        Self { child, base, printed, log }
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

    /// Kills it like a power cut would, and returns its log.
    pub(crate) fn kill(mut self) -> Vec<String> {
        self.end();
        let log = std::mem::replace(&mut self.log, std::thread::spawn(Vec::new));
        log.join().unwrap()
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
