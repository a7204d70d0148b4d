//! Anthropic's messages, as Anthropic and compatible services implement them.
//!
//! `request`, `decode`, `block` and `models` are pure translation, `family` knows the differences between generations
//! of models, and this file sends.
//!
//! Provider blocks are content blocks of the protocol. A `thinking` block and the call of a hosted tool hold only
//! what completes the content before them; results of hosted tools, redacted thinking and blocks of unknown types are
//! whole.

mod block;
mod cited;
mod decode;
mod family;
mod hosted;
mod models;
mod request;
mod wire;

pub(crate) use family::refuses_temperature;

use std::sync::Arc;

use bytes::Bytes;
use decode::Decoder;
use futures_util::{FutureExt, Stream, future::BoxFuture};
use models::Page;
use secrecy::SecretString;
use serde_json::{Map, Value};
use url::Url;

use crate::{
    EndpointError, Error, EventStream, Provider, ProviderBlock, Request,
    abilities::Listed,
    address::{self, Key},
    http, pages,
    refused_features::{self, Learned, Without},
    replay,
    transport::Transport,
};

/// The name that marks this protocol's provider blocks.
const PROTOCOL: &str = "anthropic";

/// The protocol version.
const VERSION: (&str, &str) = ("anthropic-version", "2023-06-01");

/// The header with the key.
const KEY_HEADER: &str = "x-api-key";

/// A provider that speaks Anthropic's messages. Clones share its connection.
#[derive(Clone, Debug)]
pub struct Anthropic {
    /// The root of its API, such as `https://api.anthropic.com/v1`.
    root: Url,
    transport: Transport,
    learned: Arc<Learned>,
}

impl Anthropic {
    /// A provider at `base_url`, reached through `http`. The address may end with the host, a version such as `/v1`,
    /// or `/messages`. A blank key counts as none.
    pub fn new(
        base_url: &str,
        api_key: Option<&SecretString>,
        http: http::Client,
    ) -> Result<Self, EndpointError> {
        let root = address::root(base_url, "/v1", &["/messages"])?;
        let key = Key::header(api_key, KEY_HEADER)?;
        Ok(Self {
            root,
            transport: Transport::new(http, key, &[VERSION]),
            learned: Arc::new(Learned::new(&refused_features::ANTHROPIC)),
        })
    }

    async fn ask_once(&self, request: &Request, without: Without) -> Result<EventStream, Error> {
        let url = address::below(&self.root, "/messages");
        let body = request::body(request, without);
        self.transport.ask(&url, &body, request.stream, Decoder::default()).await
    }
}

impl Provider for Anthropic {
    fn stream(&self, request: Request) -> BoxFuture<'static, Result<EventStream, Error>> {
        let provider = self.clone();
        async move { provider.learned.ask(&request, |without| provider.ask_once(&request, without)).await }
            .boxed()
    }

    fn models(&self) -> BoxFuture<'static, Result<Vec<Listed>, Error>> {
        let provider = self.clone();
        async move { pages::list::<Page>(&provider.transport, &address::below(&provider.root, "/models")).await }.boxed()
    }

    fn prefills(&self, model: &str) -> bool {
        family::traits(model).prefills
    }

    fn reads_pdf(&self, model: &str) -> bool {
        family::reads_pdf(model)
    }
}

fn marked(piece: Map<String, Value>) -> ProviderBlock {
    replay::marked(PROTOCOL, piece)
}

/// Decodes the body of a response with status 200, in chunks of any size. An error's detail is the provider's full
/// message; [`Anthropic`] shortens it and removes keys.
pub fn events(body: impl Stream<Item = Result<Bytes, Error>> + Send + 'static) -> EventStream {
    Box::pin(crate::wire::events(Box::pin(body), Decoder::default()))
}
