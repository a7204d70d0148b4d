//! A provider whose replies have no content and no end. The model's name says what they have instead.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
};

use anyhow::Result;

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
const COMMENTS: &str = ": still thinking\n\n";
const EMPTY: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"}}]}\n\n";

/// Starts it in threads that end with this program.
pub(crate) fn start() -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // Until the reader has had enough.
            thread::spawn(move || respond(stream));
        }
    });
    Ok(address)
}

fn respond(mut stream: TcpStream) -> std::io::Result<()> {
    let mut request = vec![0; 16 * 1024];
    let length = stream.read(&mut request)?;
    let request = String::from_utf8_lossy(request.get(..length).unwrap_or_default()).into_owned();
    stream.write_all(HEAD)?;
    let event = if request.contains(r#""comments""#) { COMMENTS } else { EMPTY };
    let events = event.repeat(64 * 1024 / event.len());
    loop {
        stream.write_all(events.as_bytes())?;
    }
}
