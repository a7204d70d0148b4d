//! Closes the connection if a response leaves a chunked body unread.
//!
//! The framework closes it while the body is still held. Otherwise it reads a chunked body to its end, which a client can
//! delay forever.

use std::{
    cell::RefCell,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_web::{
    HttpMessage,
    body::{BodySize, BoxBody, MessageBody},
    dev::{Payload, ServiceRequest},
    error::PayloadError,
    http::header,
    web::Bytes,
};
use futures_util::{Stream, StreamExt};

/// A body that several hold and one reads.
#[derive(Clone)]
pub(crate) struct Held(Rc<RefCell<Payload>>);

impl Held {
    /// Holds the body of a request, if it is chunked.
    pub(crate) fn of(request: &mut ServiceRequest) -> Option<Self> {
        if !request.headers().contains_key(header::TRANSFER_ENCODING) {
            return None;
        }
        let held = Self(Rc::new(RefCell::new(request.take_payload())));
        request.set_payload(Payload::Stream { payload: Box::pin(held.clone()) });
        Some(held)
    }

    /// Holds it until the response is sent.
    pub(crate) fn while_sending(self, response: BoxBody) -> BoxBody {
        BoxBody::new(Response { body: response, _request: self })
    }
}

impl Stream for Held {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.borrow_mut().poll_next_unpin(context)
    }
}

/// The body of a response, and that of its request.
struct Response {
    body: BoxBody,
    _request: Held,
}

impl MessageBody for Response {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}
