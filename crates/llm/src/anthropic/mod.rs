//! Anthropic's messages, as Anthropic and those who imitate it speak them.
//!
//! `request`, `decode`, `block` and `models` are pure translation, `family` knows what each generation of models wants,
//! and this file sends.
//!
//! Native pieces are blocks of the protocol. A piece of type `thinking`, or of a call that runs at the provider, holds
//! what the neutral piece before it lacks; the result of such a call, redacted thoughts and blocks of unknown types are
//! whole.

mod block;
mod cited;
mod decode;
mod family;
mod hosted;
mod models;
mod request;
mod wire;

use std::sync::Arc;

use bytes::Bytes;
use decode::Decoder;
use futures_util::{FutureExt, Stream, future::BoxFuture};
use models::Page;
use secrecy::SecretString;
use serde_json::{Map, Value};
use url::Url;

use crate::{
    EndpointError, Error, EventStream, Native, Provider, Request,
    abilities::Listed,
    address::{self, Key},
    http, pages, replay,
    transport::Transport,
    without::{self, Learned, Without},
};

/// What marks this protocol's native pieces.
const PROTOCOL: &str = "anthropic";

/// The version of the protocol that is spoken here.
const VERSION: (&str, &str) = ("anthropic-version", "2023-06-01");

/// Where the key travels.
const KEY_HEADER: &str = "x-api-key";

/// A provider that speaks Anthropic's messages. Clones share its connection.
#[derive(Clone, Debug)]
pub struct Anthropic {
    /// Of its API, as `https://api.anthropic.com/v1`.
    root: Url,
    transport: Transport,
    learned: Arc<Learned>,
}

impl Anthropic {
    /// A provider at `base_url`, reached through `http`. The address may end at the host, at a version such as `/v1`, or
    /// at `/messages`. A blank key is none.
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
            learned: Arc::new(Learned::new(&without::ANTHROPIC)),
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
}

fn marked(piece: Map<String, Value>) -> Native {
    replay::marked(PROTOCOL, piece)
}

/// The events of a reply, given the body of a response with status 200, cut anywhere. An error's detail is what the
/// provider wrote, in full; [`Anthropic`] shortens it and takes keys out.
pub fn events(body: impl Stream<Item = Result<Bytes, Error>> + Send + 'static) -> EventStream {
    Box::pin(crate::wire::events(Box::pin(body), Decoder::default()))
}
