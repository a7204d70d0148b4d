//! Just enough HTTP to check whether a server responds.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    thread,
    time::{Duration, Instant},
};

/// The status of `GET path`, if the server responds within a second.
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

/// Requests `/health` every `pause` until it returns 200. Returns `false` if that takes longer than `timeout`.
pub(crate) fn wait_until_healthy(address: SocketAddr, timeout: Duration, pause: Duration) -> bool {
    let start = Instant::now();
    while start.elapsed() < timeout {
        if status(address, "/health") == Some(200) {
            return true;
        }
        thread::sleep(pause);
    }
    false
}

/// A port that is currently free.
pub(crate) fn free_port() -> std::io::Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
