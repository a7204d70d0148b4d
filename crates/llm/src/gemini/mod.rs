//! Google's Gemini API, `generateContent`.
//!
//! `request`, `decode`, `part`, `sources` and `models` are pure translation, `family` knows the thinking options of
//! each generation of models, and this file sends.
//!
//! Provider blocks are `{"part": …}` for a whole part. The others complete the content before them: the signature of
//! a call; the signature of a text or of reasoning with its length in bytes, because the text may have arrived in
//! several parts; the mark of a call that was code and ran at the provider.

mod chunk;
mod decode;
mod family;
mod models;
mod part;
mod request;
mod sources;

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
const PROTOCOL: &str = "gemini";

/// The header with the key. In the address it would be logged.
const KEY_HEADER: &str = "x-goog-api-key";

/// A provider that speaks Gemini's protocol. Clones share its connection.
#[derive(Clone, Debug)]
pub struct Gemini {
    /// The root of its API, such as `https://generativelanguage.googleapis.com/v1beta`.
    root: Url,
    transport: Transport,
    learned: Arc<Learned>,
}

impl Gemini {
    /// A provider at `base_url`, reached through `http`. The address may end with the host or a version such as
    /// `/v1beta`. A blank key counts as none.
    pub fn new(
        base_url: &str,
        api_key: Option<&SecretString>,
        http: http::Client,
    ) -> Result<Self, EndpointError> {
        let key = Key::header(api_key, KEY_HEADER)?;
        Ok(Self {
            root: root(base_url)?,
            transport: Transport::new(http, key, &[]),
            learned: Arc::new(Learned::new(&refused_features::GEMINI)),
        })
    }

    async fn ask_once(&self, request: &Request, without: Without) -> Result<EventStream, Error> {
        let url = ask_url(&self.root, &request.model, request.stream);
        let body = request::body(request, without);
        self.transport.ask(&url, &body, request.stream, Decoder::default()).await
    }
}

impl Provider for Gemini {
    fn stream(&self, request: Request) -> BoxFuture<'static, Result<EventStream, Error>> {
        let provider = self.clone();
        async move { provider.learned.ask(&request, |without| provider.ask_once(&request, without)).await }
            .boxed()
    }

    fn models(&self) -> BoxFuture<'static, Result<Vec<Listed>, Error>> {
        let provider = self.clone();
        async move { pages::list::<Page>(&provider.transport, &address::below(&provider.root, "/models")).await }.boxed()
    }

    fn reads_pdf(&self, model: &str) -> bool {
        // Google offers its open models here, too.
        !model.contains("gemma")
    }
}

fn root(base_url: &str) -> Result<Url, EndpointError> {
    address::root(base_url, "/v1beta", &["/models"])
}

/// The address for a request to `model`.
fn ask_url(root: &Url, model: &str, stream: bool) -> Url {
    let method = if stream { "streamGenerateContent" } else { "generateContent" };
    let mut url = root.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty();
        // A tuned model's name contains its own folder.
        if !model.contains('/') {
            path.push("models");
        }
        path.extend(format!("{model}:{method}").split('/'));
    }
    if stream {
        url.query_pairs_mut().append_pair("alt", "sse");
    }
    url
}

fn marked(piece: Map<String, Value>) -> ProviderBlock {
    replay::marked(PROTOCOL, piece)
}

/// Decodes the body of a response with status 200, in chunks of any size. An error's detail is the provider's full
/// message; [`Gemini`] shortens it and removes keys.
pub fn events(body: impl Stream<Item = Result<Bytes, Error>> + Send + 'static) -> EventStream {
    Box::pin(crate::wire::events(Box::pin(body), Decoder::default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_model_has_its_own_address() {
        let asked =
            |base: &str, model: &str, stream| ask_url(&root(base).unwrap(), model, stream).to_string();
        let google = "https://generativelanguage.googleapis.com";
        let flash = format!("{google}/v1beta/models/gemini-2.5-flash");
        assert_eq!(asked(google, "gemini-2.5-flash", true), format!("{flash}:streamGenerateContent?alt=sse"));
        assert_eq!(asked(google, "models/gemini-2.5-flash", false), format!("{flash}:generateContent"));
        assert_eq!(
            asked("https://h/v1beta/", "tunedModels/mine", false),
            "https://h/v1beta/tunedModels/mine:generateContent"
        );
        assert_eq!(asked("https://h", "a?b#c", false), "https://h/v1beta/models/a%3Fb%23c:generateContent");
    }
}
