//! Just enough HTTP to see whether a server answers.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    thread,
    time::{Duration, Instant},
};

/// The status of `GET path`, if the server gives one within a second.
pub(crate) fn status(address: SocketAddr, path: &str) -> Option<u16> {
    let second = Duration::from_secs(1);
    let mut stream = TcpStream::connect_timeout(&address, second).ok()?;
    stream.set_read_timeout(Some(second)).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").ok()?;
    // "HTTP/1.1 200"
    let mut start = [0; 12];
    stream.read_exact(&mut start).ok()?;
    std::str::from_utf8(&start).ok()?.rsplit(' ').next()?.parse().ok()
}

/// Asks every `pause` until `GET /health` is answered with 200; false if that takes longer than `patience`.
pub(crate) fn wait_until_healthy(address: SocketAddr, patience: Duration, pause: Duration) -> bool {
    let start = Instant::now();
    while start.elapsed() < patience {
        if status(address, "/health") == Some(200) {
            return true;
        }
        thread::sleep(pause);
    }
    false
}

/// A port that nobody listens on at this moment.
pub(crate) fn free_port() -> std::io::Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
