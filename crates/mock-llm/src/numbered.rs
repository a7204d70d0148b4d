//! Numbered tokens at the least cost: a benchmark must measure what stands between it and this server.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::error::PayloadError;
use bytes::{Bytes, BytesMut};
use futures_util::Stream;
use serde_json::json;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::{
    script::{Content, Script},
    stamp,
    state::{OpenReply, State},
    wire::{self, Reply},
};

/// Stands for the token in the chunk that is made once and for all.
const TOKEN: &str = "TOKEN";

/// Bytes of tokens that are allocated at a time.
const BLOCK: usize = 4 * 1024;

/// Whether a reply is nothing but numbered tokens on an ordinary wire.
pub(crate) fn suits(script: &Script, is_title: bool) -> bool {
    script.content == Content::Tokens
        && script.fault.is_none()
        && script.huge_kb.is_none()
        && script.oddities.is_empty()
        && !is_title
}

/// The reply as a response body, byte for byte what `wire::body` would send. One token is one piece of the body.
pub(crate) fn body(
    reply: &Reply,
    state: &Arc<State>,
) -> impl Stream<Item = Result<Bytes, PayloadError>> + use<> {
    let Reply { script, model, finish_reason, usage_of_prompt, .. } = reply;
    let sent = usize::try_from(script.tokens).unwrap_or(usize::MAX);
    let chunk = wire::chunk(model, &json!({ "content": TOKEN }), None);
    let chunk = String::from_utf8_lossy(&chunk).into_owned();
    let (before, after) = chunk.rsplit_once(TOKEN).unwrap_or_default();
    Numbered {
        before: before.into(),
        after: after.into(),
        intro: Some(wire::chunk(model, &json!({ "role": "assistant", "content": "" }), None).into()),
        outro: Some(wire::outro_bytes(script, model, finish_reason, *usage_of_prompt, sent).into()),
        next: 0,
        count: script.tokens,
        stamped: script.stamp,
        start: Instant::now() + script.delay,
        rate: script.rate,
        timer: None,
        block: BytesMut::new(),
        open: OpenReply::new(state),
    }
}

struct Numbered {
    /// A chunk's bytes around its token.
    before: Box<str>,
    after: Box<str>,
    intro: Option<Bytes>,
    outro: Option<Bytes>,
    next: u64,
    count: u64,
    stamped: bool,
    start: Instant,
    /// Tokens a second; 0 is as fast as possible.
    rate: u64,
    timer: Option<Pin<Box<Sleep>>>,
    block: BytesMut,
    open: OpenReply,
}

impl Numbered {
    /// Ready when the next token is due. A token that is late already waits for no timer.
    fn poll_due(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let due = match self.next.saturating_mul(1_000_000).checked_div(self.rate) {
            Some(micros) => self.start + Duration::from_micros(micros),
            None => self.start,
        };
        if Instant::now() >= due {
            return Poll::Ready(());
        }
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(due)));
        if timer.deadline() != due {
            timer.as_mut().reset(due);
        }
        timer.as_mut().poll(context)
    }

    fn token(&mut self) -> Bytes {
        let digits = self.next.to_string();
        let length = self.before.len() + digits.len() + self.after.len() + 2 + stamp::PLACE.len();
        if self.block.capacity() < length {
            self.block = BytesMut::with_capacity(BLOCK.max(length));
        }
        self.block.extend_from_slice(self.before.as_bytes());
        self.block.extend_from_slice(if self.next == 0 { b"t" } else { b" t" });
        self.block.extend_from_slice(digits.as_bytes());
        if self.stamped {
            self.block.extend_from_slice(&stamp::now());
        }
        self.block.extend_from_slice(self.after.as_bytes());
        self.next += 1;
        self.block.split().freeze()
    }
}

impl Stream for Numbered {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(intro) = self.intro.take() {
            return Poll::Ready(Some(Ok(intro)));
        }
        if self.next < self.count {
            std::task::ready!(self.poll_due(context));
            return Poll::Ready(Some(Ok(self.token())));
        }
        let outro = self.outro.take();
        if outro.is_none() {
            self.open.finish();
        }
        Poll::Ready(outro.map(Ok))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;

    use super::*;
    use crate::{reply, request::ChatRequest};

    fn reply(script: &Script) -> Reply {
        let request: ChatRequest =
            serde_json::from_value(json!({ "model": "mock", "messages": [] })).unwrap();
        Reply {
            script: script.clone(),
            model: "mock \"quoted\"".into(),
            pieces: reply::pieces(script, &request),
            finish_reason: "stop",
            usage_of_prompt: Some(3),
        }
    }

    async fn gather(body: impl Stream<Item = Result<Bytes, PayloadError>>) -> Vec<u8> {
        body.map(Result::unwrap).collect::<Vec<_>>().await.concat()
    }

    #[actix_web::test]
    async fn the_short_way_sends_the_same_bytes() {
        let script: Script = "mock-tokens-30-rate-0".parse().unwrap();
        assert!(suits(&script, false));
        let state = Arc::new(State::default());
        let quick = gather(body(&reply(&script), &state)).await;
        let usual = gather(wire::body(reply(&script), &state)).await;
        assert_eq!(String::from_utf8(quick).unwrap(), String::from_utf8(usual).unwrap());
        assert_eq!((state.open(), state.aborted()), (0, 0));
    }
}
