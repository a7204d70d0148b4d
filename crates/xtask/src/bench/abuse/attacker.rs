//! A user with an account who means no good, and just enough HTTP for it.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

/// How many requests of a flood run at the same time.
const AT_ONCE: usize = 16;

/// A signed-in account.
pub(crate) struct Attacker {
    address: SocketAddr,
    pub(crate) token: String,
}

impl Attacker {
    /// Registers an account.
    pub(crate) fn register(address: SocketAddr) -> Result<Self> {
        let eve = Self { address, token: String::new() };
        let account = json!({ "username": "eve", "password": "a long passphrase for the bench" });
        let session = eve.ask("/api/auth/register", &account)?;
        let token = session["access_token"].as_str().context("no access token")?.to_owned();
        Ok(Self { token, ..eve })
    }

    /// A request without a body.
    pub(crate) fn get(&self, path: &str) -> Vec<u8> {
        format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\r\n", self.token)
            .into_bytes()
    }

    /// Sends JSON and returns the JSON of the response.
    pub(crate) fn ask(&self, path: &str, body: &Value) -> Result<Value> {
        Ok(serde_json::from_str(&self.exchange(&self.post(path, body))?)?)
    }

    /// Sends JSON and reads the stream to its end.
    pub(crate) fn ask_stream(&self, path: &str, body: &Value) -> Result<()> {
        self.exchange(&self.post(path, body)).map(drop)
    }

    /// Sends JSON and returns the generation that the first event of the stream names. The reply goes on.
    pub(crate) fn begin_stream(&self, path: &str, body: &Value) -> Result<String> {
        let mut stream = self.connect()?;
        stream.write_all(&post(path, Some(&self.token), "", body))?;
        for line in BufReader::new(stream).lines() {
            if let Some((_, rest)) = line?.split_once(r#""generation_id":""#) {
                return Ok(rest.split('"').next().unwrap_or_default().to_owned());
            }
        }
        anyhow::bail!("the stream names no generation")
    }

    /// Opens connections, sends `request` on each and reads nothing.
    pub(crate) fn send_unread(&self, connections: usize, request: &[u8], is_over: &AtomicBool) -> Result<()> {
        let mut open = Vec::new();
        for _ in 0..connections {
            let mut stream = self.connect()?;
            // A server that reads no more requests, or has closed the connection, has defended itself.
            stream.set_nonblocking(true)?;
            let _refused = stream.write(request);
            open.push(stream);
        }
        wait_for(is_over, || {});
        Ok(())
    }

    /// Opens connections and sends a byte of a body on each every second.
    pub(crate) fn drip(&self, connections: usize, is_over: &AtomicBool) -> Result<()> {
        let head = "POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                    Transfer-Encoding: chunked\r\n\r\n";
        let mut open = Vec::new();
        for _ in 0..connections {
            let mut stream = self.connect()?;
            stream.write_all(head.as_bytes())?;
            open.push(stream);
        }
        wait_for(is_over, || {
            for stream in &mut open {
                let _closed = stream.write_all(b"1\r\n \r\n");
            }
        });
        Ok(())
    }

    /// Sends requests in a loop, several at a time, and reads the responses.
    pub(crate) fn flood(&self, request: impl Fn(u64) -> Vec<u8> + Sync, is_over: &AtomicBool) {
        let numbers = AtomicU64::new(0);
        thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                scope.spawn(|| {
                    while !is_over.load(Ordering::Relaxed) {
                        let request = request(numbers.fetch_add(1, Ordering::Relaxed));
                        // The server ends while requests are open.
                        let _cut = self.connect().and_then(|mut stream| {
                            stream.write_all(&request)?;
                            Ok(io::copy(&mut stream, &mut io::sink())?)
                        });
                    }
                });
            }
        });
    }

    /// Reads a page.
    pub(crate) fn read(&self, path: &str) -> Result<String> {
        self.exchange(
            format!(
                "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\r\n",
                self.token
            )
            .as_bytes(),
        )
    }

    /// Reads JSON.
    pub(crate) fn fetch(&self, path: &str) -> Result<Value> {
        Ok(serde_json::from_str(&self.read(path)?)?)
    }

    fn post(&self, path: &str, body: &Value) -> Vec<u8> {
        post(path, Some(self.token.as_str()).filter(|token| !token.is_empty()), "", body)
    }

    fn exchange(&self, request: &[u8]) -> Result<String> {
        let mut stream = self.connect()?;
        stream.write_all(request)?;
        let mut response = Vec::new();
        stream.read_to_end(&mut response)?;
        let response = String::from_utf8_lossy(&response);
        let (head, body) = response.split_once("\r\n\r\n").context("no response")?;
        ensure!(head.starts_with("HTTP/1.1 2"), "{response}");
        Ok(body.to_owned())
    }

    fn connect(&self) -> Result<TcpStream> {
        TcpStream::connect(self.address).context("could not connect; is the limit of open files below 1 100?")
    }
}

/// Repeats `act` every second until the measurement is over.
fn wait_for(is_over: &AtomicBool, mut act: impl FnMut()) {
    while !is_over.load(Ordering::Relaxed) {
        act();
        thread::sleep(Duration::from_secs(1));
    }
}

/// A `POST` request with a JSON body, whose connection is closed after the response.
pub(crate) fn post(path: &str, token: Option<&str>, header: &str, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    let authorization = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{authorization}{header}\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// The id of a message.
pub(crate) fn id(number: u64) -> String {
    format!("00000000-0000-7000-8000-{number:012x}")
}
