//! What the mock remembers of its clients.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use serde_json::Value;

/// How many requests are kept; the count goes on.
const KEPT: usize = 256;

/// A request as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct SeenRequest {
    /// The path, such as `/v1/chat/completions`.
    pub path: String,
    /// The `Authorization` header.
    pub authorization: Option<String>,
    /// The body; `null` where it is not JSON.
    pub body: Value,
}

/// Shared by all connections of one server.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) api_key: Option<String>,
    count: AtomicU64,
    requests: Mutex<VecDeque<SeenRequest>>,
    open: AtomicU64,
    aborted: AtomicU64,
}

impl State {
    pub(crate) fn new(api_key: Option<String>) -> Self {
        Self { api_key, ..Self::default() }
    }

    pub(crate) fn remember(&self, request: SeenRequest) {
        self.count.fetch_add(1, Ordering::SeqCst);
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests.push_back(request);
        if requests.len() > KEPT {
            requests.pop_front();
        }
    }

    pub(crate) fn requests(&self) -> Vec<SeenRequest> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    pub(crate) fn count(&self) -> u64 {
        self.count.load(Ordering::SeqCst)
    }

    pub(crate) fn open(&self) -> u64 {
        self.open.load(Ordering::SeqCst)
    }

    pub(crate) fn aborted(&self) -> u64 {
        self.aborted.load(Ordering::SeqCst)
    }
}

/// A reply that is being written. Dropped before it is finished, its reader has gone.
pub(crate) struct OpenReply {
    state: Arc<State>,
    finished: bool,
}

impl OpenReply {
    pub(crate) fn new(state: &Arc<State>) -> Self {
        state.open.fetch_add(1, Ordering::SeqCst);
        Self { state: Arc::clone(state), finished: false }
    }

    /// The server has ended the reply as its script says.
    pub(crate) fn finish(&mut self) {
        self.finished = true;
    }
}

impl Drop for OpenReply {
    fn drop(&mut self) {
        self.state.open.fetch_sub(1, Ordering::SeqCst);
        if !self.finished {
            self.state.aborted.fetch_add(1, Ordering::SeqCst);
        }
    }
}
