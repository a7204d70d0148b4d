//! Scripted servers and names for the tests.

use std::{
    collections::{HashMap, VecDeque},
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::{FutureExt, future::BoxFuture};
use kaiwa_egress::{Client, Lookup, Options, Origin, parse_url};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use url::Url;

/// Ends a test that hangs; nothing here is a measurement.
pub(crate) const LONG: Duration = Duration::from_secs(30);

/// A server on the loopback interface with one response, or one that must not be reached.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// A server that sends the same bytes to every connection and closes it.
    pub(crate) async fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer: Arc<[u8]> = answer.into().into();
        Self::with(move |mut connection| {
            let answer = Arc::clone(&answer);
            async move {
                // Some tests disconnect on purpose.
                let _ = connection.write_all(&answer).await;
                let _ = connection.shutdown().await;
            }
            .boxed()
        })
        .await
    }

    /// A server that runs `answer` for every connection after the request headers.
    pub(crate) async fn with(
        answer: impl Fn(TcpStream) -> BoxFuture<'static, ()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (connections, requests) = (Arc::<AtomicUsize>::default(), Arc::<Mutex<Vec<String>>>::default());
        let (count, log) = (Arc::clone(&connections), Arc::clone(&requests));
        let answer = Arc::new(answer);
        tokio::spawn(async move {
            while let Ok((mut connection, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                tokio::spawn(async move {
                    let request = read_request(&mut connection).await;
                    log.lock().unwrap().push(request);
                    answer(connection).await;
                });
            }
        });
        Self { address, connections, requests }
    }

    /// A server that must never be connected to.
    pub(crate) async fn canary() -> Self {
        Self::answering("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret").await
    }

    pub(crate) fn url(&self) -> Url {
        parse_url(&format!("http://{}/path", self.address)).unwrap()
    }

    pub(crate) fn origin(&self) -> Origin {
        Origin::of(&self.url()).unwrap()
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// The request heads so far, in lower case.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn read_request(connection: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match connection.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(length) => head.extend_from_slice(&buffer[..length]),
        }
    }
    String::from_utf8_lossy(&head).to_lowercase()
}

/// Scripted names: each lookup takes the next answer, and the last one repeats.
#[derive(Default)]
pub(crate) struct Names {
    answers: Mutex<HashMap<String, VecDeque<Vec<IpAddr>>>>,
    lookups: AtomicUsize,
}

impl Names {
    pub(crate) fn new(answers: &[(&str, &[&[&str]])]) -> Arc<Self> {
        let parse = |list: &&[&str]| list.iter().map(|address| address.parse().unwrap()).collect();
        let answers =
            answers.iter().map(|(name, turns)| ((*name).to_owned(), turns.iter().map(parse).collect()));
        Arc::new(Self { answers: Mutex::new(answers.collect()), lookups: AtomicUsize::new(0) })
    }

    pub(crate) fn lookups(&self) -> usize {
        self.lookups.load(Ordering::SeqCst)
    }
}

/// A shared set of names as a [`Lookup`].
pub(crate) struct Shared(pub(crate) Arc<Names>);

impl Lookup for Shared {
    fn lookup(&self, name: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        self.0.lookups.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.0.answers.lock().unwrap();
        let answer = answers.get_mut(name).map(|turns| {
            if turns.len() > 1 { turns.pop_front().unwrap() } else { turns.front().unwrap().clone() }
        });
        async move { answer.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such name")) }.boxed()
    }
}

pub(crate) fn client(change: impl FnOnce(&mut Options)) -> Client {
    let mut options = Options { connect_timeout: Duration::from_secs(5), ..Options::default() };
    change(&mut options);
    Client::new(options).unwrap()
}

/// A client that may reach `server` only.
pub(crate) fn client_for(server: &Server, change: impl FnOnce(&mut Options)) -> Client {
    client(change).at(server.origin())
}
