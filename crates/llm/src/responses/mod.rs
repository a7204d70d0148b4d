//! OpenAI's responses, the successor of chat completions.
//!
//! `request`, `decode` and `item` are pure translation, and this file sends. Nothing is stored at the provider: each
//! request contains the whole conversation, including the provider's encrypted reasoning.
//!
//! Provider blocks hold an output `item`: reasoning without the text that was emitted before it, and whole items that
//! have no neutral form or ran at the provider. A block with `message` completes a text.

mod decode;
mod item;
mod reasoning;
mod request;

use std::sync::Arc;

use bytes::Bytes;
use decode::Decoder;
use futures_util::{FutureExt, Stream, future::BoxFuture};
use secrecy::SecretString;
use url::Url;

use crate::{
    EndpointError, Error, EventStream, Provider, Request,
    abilities::Listed,
    address::{self, Key},
    http,
    openai::{dialect::Dialect, models},
    refused_features::{self, Learned, Without},
    transport::Transport,
    wire,
};

/// The name that marks this protocol's provider blocks.
const PROTOCOL: &str = "responses";

/// The paths of the two interfaces.
const ENDINGS: [&str; 2] = ["/responses", "/chat/completions"];

/// A provider that speaks OpenAI's responses. Clones share its connection.
#[derive(Clone, Debug)]
pub struct Responses {
    /// The root of its API, such as `https://api.openai.com/v1`.
    root: Url,
    transport: Transport,
    learned: Arc<Learned>,
}

impl Responses {
    /// A provider at `base_url`, reached through `http`. The address may end with the host, a version such as `/v1`,
    /// or `/responses`. A blank key counts as none.
    pub fn new(
        base_url: &str,
        api_key: Option<&SecretString>,
        dialect: Dialect,
        http: http::Client,
    ) -> Result<Self, EndpointError> {
        let (root, key) = endpoint(base_url, api_key, dialect)?;
        Ok(Self {
            root,
            transport: Transport::new(http, key, &[]),
            learned: Arc::new(Learned::new(&refused_features::RESPONSES)),
        })
    }

    async fn ask_once(&self, request: &Request, without: Without) -> Result<EventStream, Error> {
        let url = address::below(&self.root, "/responses");
        let body = request::body(request, without);
        self.transport.ask(&url, &body, without.streams(request.stream), Decoder::default()).await
    }
}

impl Provider for Responses {
    fn stream(&self, request: Request) -> BoxFuture<'static, Result<EventStream, Error>> {
        let provider = self.clone();
        async move { provider.learned.ask(&request, |without| provider.ask_once(&request, without)).await }
            .boxed()
    }

    fn models(&self) -> BoxFuture<'static, Result<Vec<Listed>, Error>> {
        let provider = self.clone();
        async move {
            let list = provider.transport.fetch(&address::below(&provider.root, "/models")).await?;
            Ok(models::listed(list, models::Speaks::Responses))
        }
        .boxed()
    }

    fn reads_pdf(&self, _model: &str) -> bool {
        true
    }
}

/// The root of the API, and the key in the dialect's header.
fn endpoint(
    base_url: &str,
    api_key: Option<&SecretString>,
    dialect: Dialect,
) -> Result<(Url, Option<Key>), EndpointError> {
    let mut root = address::root(base_url, "/v1", &ENDINGS)?;
    if dialect != Dialect::Azure {
        return Ok((root, Key::bearer(api_key)?));
    }
    if matches!(root.path(), "/v1" | "/openai/v1") {
        root.set_path("/openai/v1");
    }
    Ok((root, Key::header(api_key, "api-key")?))
}

/// Decodes the body of a response with status 200, in chunks of any size. An error's detail is the provider's full
/// message; [`Responses`] shortens it and removes keys.
pub fn events(body: impl Stream<Item = Result<Bytes, Error>> + Send + 'static) -> EventStream {
    Box::pin(wire::events(Box::pin(body), Decoder::default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_spellings_of_a_base_url_are_accepted() {
        for (written, root) in [
            ("https://api.openai.com", "https://api.openai.com/v1"),
            ("https://api.openai.com/v1/responses", "https://api.openai.com/v1"),
            ("https://api.openai.com/v1/chat/completions", "https://api.openai.com/v1"),
            ("https://x.openai.azure.com", "https://x.openai.azure.com/openai/v1"),
            ("https://x.openai.azure.com/openai/v1/", "https://x.openai.azure.com/openai/v1"),
        ] {
            let dialect = Dialect::detect(&written.parse().unwrap(), None);
            assert_eq!(endpoint(written, None, dialect).unwrap().0.as_str(), root, "for {written}");
        }
    }

    #[test]
    fn azure_gets_its_key_in_its_own_header() {
        let header =
            |url, dialect| endpoint(url, Some(&"k".into()), dialect).unwrap().1.unwrap().as_header().0;
        assert_eq!(header("https://x.openai.azure.com", Dialect::Azure), "api-key");
        assert_eq!(header("https://api.openai.com", Dialect::ReasoningEffort), "authorization");
    }
}
