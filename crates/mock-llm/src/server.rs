//! Starting and stopping the server, and asking what it saw.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::{Arc, mpsc},
    thread::JoinHandle,
    time::Duration,
};

use actix_web::{App, HttpServer, dev::ServerHandle, rt::System, web};
use socket2::{Domain, Socket, Type};

use crate::{
    routes,
    state::{SeenRequest, State, lock},
};

/// How often a wait looks again.
const POLL: Duration = Duration::from_millis(5);

/// Connections that may wait to be accepted.
const BACKLOG: i32 = 4096;

/// Where and for whom to serve.
#[derive(Clone, Debug)]
pub struct Options {
    /// The address; port 0 takes a free one.
    pub address: SocketAddr,
    /// The key that requests must bring, if any.
    pub api_key: Option<String>,
    /// Where scripted redirections lead; by default to `/redirected` of this server, which remembers who comes.
    pub redirect_to: Option<String>,
}

impl Default for Options {
    /// A free port of the loopback interface, without a key.
    fn default() -> Self {
        Self { address: SocketAddr::from(([127, 0, 0, 1], 0)), api_key: None, redirect_to: None }
    }
}

/// A running server. Dropping it stops it and breaks the streams that are open.
#[derive(Debug)]
pub struct MockLlm {
    address: SocketAddr,
    state: Arc<State>,
    handle: ServerHandle,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl MockLlm {
    /// Starts a server on a thread of its own, so that it works in and outside any runtime.
    ///
    /// # Errors
    ///
    /// If the address cannot be bound.
    pub fn start(options: Options) -> io::Result<Self> {
        let listener = listen(options.address)?;
        let address = listener.local_addr()?;
        let state = Arc::new(State::new(options.api_key, options.redirect_to));
        let data = web::Data::from(Arc::clone(&state));
        let (started, handle) = mpsc::channel();
        let thread = std::thread::Builder::new().name("mock-llm".into()).spawn(move || {
            System::new().block_on(async move {
                let app = move || App::new().app_data(data.clone()).configure(routes::configure);
                let server = HttpServer::new(app)
                    .workers(1)
                    .disable_signals()
                    .shutdown_timeout(0)
                    // Chunks must leave one by one, and a client that closes its side has gone.
                    .tcp_nodelay(true)
                    .h1_allow_half_closed(false)
                    .listen(listener)?
                    .run();
                // The receiver waits below; if it has gone, so has the caller.
                let _ = started.send(server.handle());
                server.await
            })
        })?;
        let handle = handle.recv().map_err(io::Error::other)?;
        Ok(Self { address, state, handle, thread: Some(thread) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base address of OpenAI's protocols, such as `http://127.0.0.1:40123/v1`.
    pub fn url(&self) -> String {
        format!("{}/v1", self.root_url())
    }

    /// The address without a path, which is the base of all other protocols, such as `http://127.0.0.1:40123`.
    pub fn root_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where scripted redirections lead from now on; `None` is `/redirected` of this server.
    pub fn redirect_to(&self, url: Option<String>) {
        *lock(&self.state.redirect_to) = url;
    }

    /// How many requests for a reply have come.
    pub fn request_count(&self) -> u64 {
        self.state.count()
    }

    /// The latest requests for a reply, oldest first, at most 256.
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.all_requests().into_iter().filter(|request| request.is_for_reply).collect()
    }

    /// The latest requests of any kind, for lists of models and for paths that do not exist among them.
    pub fn all_requests(&self) -> Vec<SeenRequest> {
        self.state.requests()
    }

    /// The latest request for a reply.
    pub fn last_request(&self) -> Option<SeenRequest> {
        self.requests().pop()
    }

    /// Any of the latest requests holds this text somewhere: in its line, a header or its body.
    pub fn has_seen(&self, text: &str) -> bool {
        self.all_requests().iter().any(|request| request.contains(text))
    }

    /// How many replies are being written now.
    pub fn open_streams(&self) -> u64 {
        self.state.open()
    }

    /// How many replies their readers left before the end.
    pub fn aborted_streams(&self) -> u64 {
        self.state.aborted()
    }

    /// Waits until readers have left `count` replies; the caller limits the time.
    pub async fn wait_for_aborted(&self, count: u64) {
        while self.aborted_streams() < count {
            tokio::time::sleep(POLL).await;
        }
    }

    /// Stops the server, breaks the streams that are open, and returns when the port is free.
    pub fn shutdown(mut self) {
        self.stop();
    }

    fn stop(&mut self) {
        // The command is sent at once; the future only waits for the end, and so does the thread.
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            // A server that failed has nothing left to stop.
            let _ = thread.join();
        }
    }
}

/// Listens with room for a crowd that connects at the same moment; the standard library has room for 128.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // As the standard library does: a port that was in use a moment ago is free on Unix, and taken over on Windows.
    socket.set_reuse_address(cfg!(unix))?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

impl Drop for MockLlm {
    fn drop(&mut self) {
        self.stop();
    }
}
