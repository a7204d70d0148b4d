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

use bytes::Bytes;
use decode::Decoder;
use futures_util::{FutureExt, Stream, future::BoxFuture};
use models::Page;
use request::Thoughts;
use secrecy::SecretString;
use serde_json::{Map, Value};
use url::Url;

use crate::{
    EndpointError, Error, EventStream, Native, Provider, Request,
    abilities::Listed,
    address::{self, Key},
    http, replay,
    transport::Transport,
};

/// What marks this protocol's native pieces.
const PROTOCOL: &str = "anthropic";

/// The version of the protocol that is spoken here.
const VERSION: (&str, &str) = ("anthropic-version", "2023-06-01");

/// Where the key travels.
const KEY_HEADER: &str = "x-api-key";

/// Most pages of the list of models that are read; one holds them all today.
const PAGES_MAX: usize = 10;

/// A provider that speaks Anthropic's messages. Clones share its connection.
#[derive(Clone, Debug)]
pub struct Anthropic {
    /// Of its API, as `https://api.anthropic.com/v1`.
    root: Url,
    transport: Transport,
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
        Ok(Self { root, transport: Transport::new(http, key, &[VERSION]) })
    }

    /// Asks, and once more without earlier thoughts if the model refuses them.
    async fn ask(&self, request: &Request) -> Result<EventStream, Error> {
        match self.ask_once(request, Thoughts::Back).await {
            Err(error) if refuses_thoughts(&error) => self.ask_once(request, Thoughts::LeftOut).await,
            answer => answer,
        }
    }

    async fn ask_once(&self, request: &Request, thoughts: Thoughts) -> Result<EventStream, Error> {
        let url = address::below(&self.root, "/messages");
        let body = request::body(request, thoughts);
        self.transport.ask(&url, &body, request.stream, Decoder::default()).await
    }

    async fn list(&self) -> Result<Vec<Listed>, Error> {
        let (mut models, mut after) = (Vec::new(), None::<String>);
        for _ in 0..PAGES_MAX {
            let mut url = address::below(&self.root, "/models");
            url.query_pairs_mut().append_pair("limit", "1000");
            if let Some(after) = &after {
                url.query_pairs_mut().append_pair("after_id", after);
            }
            let page: Page = self.transport.fetch(&url).await?;
            after = page.next().map(str::to_owned);
            models.extend(page.listed());
            if after.is_none() {
                break;
            }
        }
        Ok(models)
    }
}

impl Provider for Anthropic {
    fn stream(&self, request: Request) -> BoxFuture<'static, Result<EventStream, Error>> {
        let provider = self.clone();
        async move { provider.ask(&request).await }.boxed()
    }

    fn models(&self) -> BoxFuture<'static, Result<Vec<Listed>, Error>> {
        let provider = self.clone();
        async move { provider.list().await }.boxed()
    }

    fn prefills(&self, model: &str) -> bool {
        family::traits(model).prefills
    }
}

/// Thoughts are bound to all that was said before them, and some to the model that had them. Where a conversation was
/// edited, shortened or given to another model since, they are refused, and the answer is better than the memory of how
/// it was found.
fn refuses_thoughts(error: &Error) -> bool {
    let detail = error.detail.to_lowercase();
    error.status == Some(400)
        && detail.contains("thinking")
        && ["signature", "block", "redacted"].iter().any(|word| detail.contains(word))
}

fn marked(piece: Map<String, Value>) -> Native {
    replay::marked(PROTOCOL, piece)
}

/// The events of a reply, given the body of a response with status 200, cut anywhere. An error's detail is what the
/// provider wrote, in full; [`Anthropic`] shortens it and takes keys out.
pub fn events(body: impl Stream<Item = Result<Bytes, Error>> + Send + 'static) -> EventStream {
    Box::pin(crate::wire::events(Box::pin(body), Decoder::default()))
}
