//! Reads a stream of events from the body of a response.
//!
//! `EventSource` can neither send a body nor report a status, so `fetch` is used instead.

use std::{collections::VecDeque, time::Duration};

use js_sys::{Reflect, Uint8Array};
use kaiwa_shared::sse::{Decoder, Event, Frame};
use leptos::{
    ev,
    prelude::{TimeoutHandle, WindowListenerHandle, set_timeout_with_handle, window_event_listener},
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, ReadableStreamDefaultReader, Response};

use super::Error;

/// The server sends a heartbeat every 15 s. After this long without a byte the connection is dead, even if the system
/// has not noticed: a laptop that slept, a phone that changed networks.
const SILENCE: Duration = Duration::from_secs(40);

/// A request that ends when it is dropped, when it has been silent for too long, and when the browser comes back
/// online: an old connection is then dead or soon will be.
pub(super) struct Connection {
    controller: AbortController,
    watchdog: Option<TimeoutHandle>,
    online: Option<WindowListenerHandle>,
}

impl Connection {
    pub(super) fn new() -> Result<Self, Error> {
        let controller = AbortController::new().map_err(|_js| Error::Network)?;
        let network_changed = {
            let controller = controller.clone();
            window_event_listener(ev::online, move |_| controller.abort())
        };
        let mut connection = Self { controller, watchdog: None, online: Some(network_changed) };
        connection.heard();
        Ok(connection)
    }

    pub(super) fn signal(&self) -> AbortSignal {
        self.controller.signal()
    }

    fn heard(&mut self) {
        if let Some(watchdog) = self.watchdog.take() {
            watchdog.clear();
        }
        let controller = self.controller.clone();
        self.watchdog = set_timeout_with_handle(move || controller.abort(), SILENCE).ok();
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(watchdog) = self.watchdog.take() {
            watchdog.clear();
        }
        if let Some(online) = self.online.take() {
            online.remove();
        }
        self.controller.abort();
    }
}

/// Events as they arrive. Dropping it closes the connection; the generation continues.
pub struct EventStream {
    reader: ReadableStreamDefaultReader,
    connection: Connection,
    decoder: Decoder,
    frames: Vec<Frame>,
    ready: VecDeque<Frame>,
}

impl EventStream {
    pub(super) fn new(response: &Response, connection: Connection) -> Result<Self, Error> {
        let body = response.body().ok_or(Error::Unexpected { status: response.status() })?;
        Ok(Self {
            reader: body.get_reader().unchecked_into(),
            connection,
            decoder: Decoder::new(),
            frames: Vec::new(),
            ready: VecDeque::new(),
        })
    }

    /// A handle that closes the stream.
    pub fn handle(&self) -> AbortController {
        self.connection.controller.clone()
    }

    /// The next event with its number; `None` when the stream is over.
    ///
    /// # Errors
    ///
    /// [`Error::Network`] if the connection was lost or went silent.
    pub async fn next<E: Event>(&mut self) -> Result<Option<(Option<u64>, E)>, Error> {
        loop {
            let Some(frame) = self.frame().await? else { return Ok(None) };
            // A newer server may send events that this client does not know.
            if let Ok(event) = frame.read() {
                return Ok(Some((frame.id, event)));
            }
        }
    }

    /// The next event as it was sent; `None` when the stream is over.
    ///
    /// # Errors
    ///
    /// As [`EventStream::next`].
    pub async fn frame(&mut self) -> Result<Option<Frame>, Error> {
        loop {
            if let Some(frame) = self.ready.pop_front() {
                return Ok(Some(frame));
            }
            let Some(bytes) = self.read().await? else { return Ok(None) };
            self.decoder.push(&bytes, &mut self.frames);
            self.ready.extend(self.frames.drain(..));
        }
    }

    async fn read(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let chunk = JsFuture::from(self.reader.read()).await.map_err(|_js| Error::Network)?;
        self.connection.heard();
        let field = |name| Reflect::get(&chunk, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED);
        if field("done").is_truthy() {
            return Ok(None);
        }
        Ok(Some(Uint8Array::new(&field("value")).to_vec()))
    }
}
