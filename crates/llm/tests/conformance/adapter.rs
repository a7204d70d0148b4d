//! An adapter's part of the suite.

use std::{fs, path::PathBuf, pin::Pin};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use kaiwa_llm::{Error, Event, EventStream, Provider, http};
use serde_json::Value;

use crate::{reply::Reply, scenario::Scenario};

/// The key of the tests; no error may repeat it.
pub(crate) const KEY: &str = "secret-0123456789";

thread_local! {
    /// Recordings are read hundreds of thousands of times.
    static RUNTIME: tokio::runtime::Runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
}

/// A response's body in chunks of any size.
pub(crate) type Body = Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send>>;

/// An adapter's case for a scenario.
pub(crate) enum Case {
    /// Its recording yields the scenario's reply.
    Same,
    /// Its recording yields that reply with differences: the reason, and the change.
    But(&'static str, fn(&mut Reply)),
    /// The protocol does not support it: the reason.
    Cannot(&'static str),
}

/// The expected content of the next request after [`Scenario::ProviderBlock`].
pub(crate) struct Echo {
    /// The JSON pointer.
    pub(crate) at: &'static str,
    /// The value there, with provider blocks unchanged and in their positions.
    pub(crate) value: Value,
}

/// An adapter under test.
pub(crate) struct Adapter {
    /// Its folder in `tests/fixtures`.
    pub(crate) name: &'static str,
    /// The extension of its streams' files: `sse` or `ndjson`.
    pub(crate) extension: &'static str,
    /// Decodes a body.
    pub(crate) events: fn(Body) -> EventStream,
    /// Connects to this address with [`KEY`] through [`client`].
    pub(crate) connect: fn(&str) -> Box<dyn Provider>,
    /// Its case for a scenario.
    pub(crate) case: fn(Scenario) -> Case,
    /// What is sent back.
    pub(crate) echo: Echo,
}

/// A client for [`Adapter::connect`] that may reach this address.
pub(crate) fn client(url: &str) -> http::Client {
    http::client(http::Options::default()).unwrap().at(&url.parse().unwrap()).unwrap()
}

impl Adapter {
    /// The folder of its recordings.
    pub(crate) fn folder(&self) -> PathBuf {
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures")).join(self.name)
    }

    /// The name of a scenario's recording.
    pub(crate) fn file(&self, scenario: Scenario) -> String {
        let extension = if scenario.is_whole_body() { "json" } else { self.extension };
        format!("{}.{extension}", scenario.file_stem())
    }

    /// A scenario's recording.
    pub(crate) fn recording(&self, scenario: Scenario) -> Vec<u8> {
        let path = self.folder().join(self.file(scenario));
        fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The expected reply of a scenario; `None` if the protocol does not support it.
    pub(crate) fn expected(&self, scenario: Scenario) -> Option<Reply> {
        let mut reply = scenario.reply();
        match (self.case)(scenario) {
            Case::Same => {}
            Case::But(reason, change) => {
                assert!(!reason.is_empty(), "{} {scenario:?}", self.name);
                change(&mut reply);
            }
            Case::Cannot(reason) => {
                assert!(!reason.is_empty(), "{} {scenario:?}", self.name);
                return None;
            }
        }
        Some(reply)
    }

    /// All events of a body in these chunks.
    pub(crate) fn read<'a>(&self, chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<Result<Event, Error>> {
        let chunks: Vec<_> = chunks.into_iter().map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
        RUNTIME.with(|runtime| runtime.block_on((self.events)(Box::pin(stream::iter(chunks))).collect()))
    }
}
