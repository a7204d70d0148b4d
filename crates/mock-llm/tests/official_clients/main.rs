//! The providers' official clients against the mock.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "what a helper cannot do fails its test")]

use std::{
    env,
    path::Path,
    process::{Command, Output},
};

use kaiwa_mock_llm::{MockLlm, Options};

/// Runs all tests of one Python file against its own server.
#[expect(clippy::disallowed_methods, reason = "the environment names the clients of this test")]
fn judge(file: &str) {
    let python = env::var("LLM_CLIENTS_PYTHON")
        .expect("LLM_CLIENTS_PYTHON is a Python that has tests/official_clients/requirements.txt");
    let mock = MockLlm::start(Options::default()).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/official_clients");
    let mut command = Command::new(python);
    // No proxy is used, and the checkout stays clean.
    command.env("NO_PROXY", "*").env("no_proxy", "*").env("PYTHONDONTWRITEBYTECODE", "1");
    command.env("MOCK_LLM_URL", mock.root_url()).current_dir(folder).arg(file);
    let Output { status, stdout, stderr } = command.output().unwrap();
    let said = String::from_utf8_lossy(&stdout) + String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{said}");
    assert!(said.contains("ok      test_text"), "no test was run: {said}");
}

#[test]
#[ignore = "needs the providers' Python clients: cargo xtask test installs them and sets LLM_CLIENTS_PYTHON"]
fn openai_reads_chat_completions() {
    judge("openai_chat.py");
}

#[test]
#[ignore = "needs the providers' Python clients: cargo xtask test installs them and sets LLM_CLIENTS_PYTHON"]
fn openai_reads_responses() {
    judge("openai_responses.py");
}

#[test]
#[ignore = "needs the providers' Python clients: cargo xtask test installs them and sets LLM_CLIENTS_PYTHON"]
fn anthropic_reads_messages() {
    judge("anthropic_messages.py");
}

#[test]
#[ignore = "needs the providers' Python clients: cargo xtask test installs them and sets LLM_CLIENTS_PYTHON"]
fn google_reads_gemini() {
    judge("google_gemini.py");
}

#[test]
#[ignore = "needs the providers' Python clients: cargo xtask test installs them and sets LLM_CLIENTS_PYTHON"]
fn ollama_reads_its_own_api() {
    judge("ollama_chat.py");
}
