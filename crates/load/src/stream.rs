//! Reads one stream, from the connection to the last token.

use std::{
    cell::RefCell,
    net::SocketAddr,
    sync::{Mutex, PoisonError},
};

use anyhow::{Context as _, Result, ensure};
use kaiwa_mock_llm::monotonic_nanos;
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

use crate::{
    expect::Expectation,
    report::Samples,
    response::Response,
    target::{Events, Target},
};

/// The size of the read buffer, which all streams share.
const BUFFER: usize = 64 * 1024;

thread_local! {
    static READ_BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; BUFFER]);
}

/// Reads one stream and adds what it measures to `samples`.
///
/// # Errors
///
/// If a token is lost, duplicated or damaged, if the event numbers have a gap, or if the stream does not end properly.
pub(crate) async fn read(
    address: SocketAddr,
    request: &[u8],
    target: &Target,
    text: Expectation,
    samples: &Mutex<Samples>,
) -> Result<()> {
    let started = monotonic_nanos();
    let mut socket = TcpStream::connect(address).await.context("could not connect")?;
    socket.set_nodelay(true)?;
    socket.write_all(request).await.context("could not send the request")?;
    let mut reader = Reader {
        response: Response::default(),
        line: Vec::new(),
        events: Events::default(),
        text,
        previous: started,
    };
    while !reader.response.is_done() {
        socket.readable().await?;
        let read = READ_BUFFER.with_borrow_mut(|buffer| {
            let length = match socket.try_read(buffer) {
                Ok(length) => length,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return Ok(None),
                Err(error) => return Err(anyhow::Error::from(error)),
            };
            let bytes = buffer.get(..length).unwrap_or_default();
            let mut samples = samples.lock().unwrap_or_else(PoisonError::into_inner);
            reader.take(bytes, target, &mut samples).map(|()| Some(length))
        })?;
        ensure!(read != Some(0), "the connection was closed after {} tokens", reader.text.tokens());
    }
    ensure!(reader.response.status() == 200, "the status was {}", reader.response.status());
    ensure!(reader.text.is_met(), "ended after {} tokens", reader.text.tokens());
    ensure!(reader.events.ended, "the stream ended without its last event");
    Ok(())
}

struct Reader {
    response: Response,
    /// The beginning of an incomplete line.
    line: Vec<u8>,
    events: Events,
    text: Expectation,
    /// When the last token arrived, or the request began.
    previous: u64,
}

impl Reader {
    fn take(&mut self, bytes: &[u8], target: &Target, samples: &mut Samples) -> Result<()> {
        let now = monotonic_nanos();
        let Self { response, line, events, text, previous } = self;
        response.push(bytes, |mut body| {
            while let Some(end) = body.iter().position(|&byte| byte == b'\n') {
                let (head, tail) = body.split_at(end);
                body = tail.get(1..).unwrap_or_default();
                let mut is_first = text.tokens() == 0;
                let arrived = |stamp| {
                    samples.add(now, stamp, *previous, is_first);
                    *previous = now;
                    is_first = false;
                };
                if line.is_empty() {
                    target.read_line(head, events, text, arrived)?;
                } else {
                    line.extend_from_slice(head);
                    target.read_line(line, events, text, arrived)?;
                    line.clear();
                }
            }
            line.extend_from_slice(body);
            Ok(())
        })
    }
}
