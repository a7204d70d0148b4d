//! What every provider can do.

use std::pin::Pin;

use futures_util::{Stream, future::BoxFuture};

use crate::{Error, Event, Request, abilities::Listed};

/// A reply as it arrives. An error is the last item. Dropping the stream closes the connection to the provider.
pub type EventStream = Pin<Box<dyn Stream<Item = Result<Event, Error>> + Send>>;

/// Something that answers requests: a provider over HTTP, or the demonstration model.
pub trait Provider: Send + Sync {
    /// Asks a model. Resolves once the provider has accepted the request, which is before the first token.
    fn stream(&self, request: Request) -> BoxFuture<'static, Result<EventStream, Error>>;

    /// Asks for the models that the provider offers for conversation.
    fn models(&self) -> BoxFuture<'static, Result<Vec<Listed>, Error>>;

    /// Whether `model` continues an assistant's message at the end of the request. If not, the caller must ask for
    /// the continuation in words.
    fn prefills(&self, _model: &str) -> bool {
        false
    }

    /// Whether `model` accepts PDF documents, as [`Content::Document`](crate::Content::Document).
    fn reads_pdf(&self, _model: &str) -> bool {
        false
    }
}
