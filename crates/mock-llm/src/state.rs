//! What the mock records about its clients.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::Value;

/// Maximum number of recorded requests; the count continues.
const KEPT: usize = 256;

/// A recorded request.
#[derive(Clone, Debug, PartialEq)]
pub struct SeenRequest {
    /// Its index among all requests, from 0.
    pub number: u64,
    /// The method, such as `POST`.
    pub method: String,
    /// The path, such as `/v1/chat/completions`.
    pub path: String,
    /// The query, without the `?`.
    pub query: String,
    /// All headers in order, with names in lower case and without non-ASCII bytes.
    pub headers: Vec<(String, String)>,
    /// The `Authorization` header.
    pub authorization: Option<String>,
    /// The body; `null` if it is not JSON.
    pub body: Value,
    /// Whether it asked for a reply, not for a list of models or an unknown path.
    pub is_for_reply: bool,
    /// Its outcome.
    pub outcome: Outcome,
}

impl SeenRequest {
    /// The value of a header; `name` is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether this text occurs in the request line, the headers or the body.
    pub fn contains(&self, text: &str) -> bool {
        let head = [&self.path, &self.query];
        head.into_iter()
            .chain(self.headers.iter().flat_map(|(name, value)| [name, value]))
            .any(|part| part.contains(text))
            || is_in(&self.body, text)
    }
}

fn is_in(value: &Value, text: &str) -> bool {
    match value {
        Value::String(string) => string.contains(text),
        Value::Array(items) => items.iter().any(|item| is_in(item, text)),
        Value::Object(fields) => fields.iter().any(|(name, item)| name.contains(text) || is_in(item, text)),
        _ => false,
    }
}

/// The outcome of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The response is being sent.
    Open,
    /// The response has ended as scripted.
    Ended,
    /// The client has disconnected, this long after its request.
    Left(Duration),
}

/// Shared by all connections of one server.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) api_key: Option<String>,
    /// The target of redirects, if it is not this server.
    pub(crate) redirect_to: Mutex<Option<String>>,
    count: AtomicU64,
    requests: Mutex<VecDeque<SeenRequest>>,
    open: AtomicU64,
    aborted: AtomicU64,
    /// The number of requests for each model name that counts them.
    asked: Mutex<HashMap<String, u64>>,
    number: AtomicU64,
}

impl State {
    pub(crate) fn new(api_key: Option<String>, redirect_to: Option<String>) -> Self {
        Self { api_key, redirect_to: Mutex::new(redirect_to), ..Self::default() }
    }

    /// Records a request and returns its number.
    pub(crate) fn remember(&self, mut request: SeenRequest) -> u64 {
        request.number = self.number.fetch_add(1, Ordering::SeqCst);
        if request.is_for_reply {
            self.count.fetch_add(1, Ordering::SeqCst);
        }
        let number = request.number;
        let mut requests = lock(&self.requests);
        requests.push_back(request);
        if requests.len() > KEPT {
            requests.pop_front();
        }
        number
    }

    pub(crate) fn requests(&self) -> Vec<SeenRequest> {
        lock(&self.requests).iter().cloned().collect()
    }

    /// The number of requests for a reply.
    pub(crate) fn count(&self) -> u64 {
        self.count.load(Ordering::SeqCst)
    }

    pub(crate) fn open(&self) -> u64 {
        self.open.load(Ordering::SeqCst)
    }

    pub(crate) fn aborted(&self) -> u64 {
        self.aborted.load(Ordering::SeqCst)
    }

    /// The number of earlier requests for this name.
    pub(crate) fn asked_before(&self, name: &str) -> u64 {
        let mut asked = lock(&self.asked);
        let count = asked.entry(name.to_owned()).or_default();
        *count += 1;
        *count - 1
    }

    fn set_outcome(&self, number: u64, outcome: Outcome) {
        let mut requests = lock(&self.requests);
        if let Some(request) = requests.iter_mut().rev().find(|request| request.number == number) {
            request.outcome = outcome;
        }
    }
}

/// A thread that panicked here has left no partial state.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A response that is being sent. If it is dropped before it is finished, the client has disconnected.
pub(crate) struct OpenReply {
    state: Arc<State>,
    number: u64,
    since: Instant,
    finished: bool,
}

impl OpenReply {
    /// The response to the request with this number.
    pub(crate) fn new(state: &Arc<State>, number: u64) -> Self {
        state.open.fetch_add(1, Ordering::SeqCst);
        Self { state: Arc::clone(state), number, since: Instant::now(), finished: false }
    }

    /// The response has ended as scripted.
    pub(crate) fn finish(&mut self) {
        self.finished = true;
    }
}

impl Drop for OpenReply {
    fn drop(&mut self) {
        let outcome = if self.finished { Outcome::Ended } else { Outcome::Left(self.since.elapsed()) };
        self.state.set_outcome(self.number, outcome);
        self.state.open.fetch_sub(1, Ordering::SeqCst);
        if !self.finished {
            self.state.aborted.fetch_add(1, Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_key_is_found_wherever_it_hides() {
        let seen = |query: &str, header: &str, body: Value| SeenRequest {
            number: 0,
            method: "POST".into(),
            path: "/v1".into(),
            query: query.into(),
            headers: vec![("x-api-key".into(), header.into())],
            authorization: None,
            body,
            is_for_reply: true,
            outcome: Outcome::Open,
        };
        assert!(seen("key=secret", "", Value::Null).contains("secret"));
        assert!(seen("", "secret", Value::Null).contains("secret"));
        assert!(seen("", "", json!({ "a": [{ "b": "the \"secret\"" }] })).contains("\"secret\""));
        assert!(!seen("", "", json!({ "a": [1, null] })).contains("secret"));
    }
}
