//! Starts and stops the server, and reports what it has seen.

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

/// The polling interval of waits.
const POLL: Duration = Duration::from_millis(5);

/// The backlog of connections.
const BACKLOG: i32 = 4096;

/// Options of the server.
#[derive(Clone, Debug)]
pub struct Options {
    /// The address; port 0 selects a free port.
    pub address: SocketAddr,
    /// The required key, if any.
    pub api_key: Option<String>,
    /// The target of scripted redirects; by default `/redirected` on this server, which records requests.
    pub redirect_to: Option<String>,
}

impl Default for Options {
    /// A free port on the loopback interface, without a key.
    fn default() -> Self {
        Self { address: SocketAddr::from(([127, 0, 0, 1], 0)), api_key: None, redirect_to: None }
    }
}

/// A running server. Dropping it stops it and breaks open streams.
#[derive(Debug)]
pub struct MockLlm {
    address: SocketAddr,
    state: Arc<State>,
    handle: ServerHandle,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl MockLlm {
    /// Starts a server on its own thread, so that it works inside and outside a runtime.
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
                    // Chunks must be sent one by one, and a half-closed client counts as gone.
                    .tcp_nodelay(true)
                    .h1_allow_half_closed(false)
                    .listen(listener)?
                    .run();
                // The receiver waits below; if it is gone, so is the caller.
                let _ = started.send(server.handle());
                server.await
            })
        })?;
        let handle = handle.recv().map_err(io::Error::other)?;
        Ok(Self { address, state, handle, thread: Some(thread) })
    }

    /// The address that it listens on.
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

    /// Sets the target of scripted redirects; `None` is `/redirected` on this server.
    pub fn redirect_to(&self, url: Option<String>) {
        *lock(&self.state.redirect_to) = url;
    }

    /// The number of requests for a reply.
    pub fn request_count(&self) -> u64 {
        self.state.count()
    }

    /// The latest requests for a reply, oldest first, at most 256.
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.all_requests().into_iter().filter(|request| request.is_for_reply).collect()
    }

    /// The latest requests of any kind, including lists of models and unknown paths.
    pub fn all_requests(&self) -> Vec<SeenRequest> {
        self.state.requests()
    }

    /// The latest request for a reply.
    pub fn last_request(&self) -> Option<SeenRequest> {
        self.requests().pop()
    }

    /// Whether this text occurs in any of the latest requests: in its line, a header or its body.
    pub fn has_seen(&self, text: &str) -> bool {
        self.all_requests().iter().any(|request| request.contains(text))
    }

    /// The number of replies that are being sent.
    pub fn open_streams(&self) -> u64 {
        self.state.open()
    }

    /// The number of replies whose clients disconnected before the end.
    pub fn aborted_streams(&self) -> u64 {
        self.state.aborted()
    }

    /// Waits until clients have disconnected from `count` replies; the caller limits the time.
    pub async fn wait_for_aborted(&self, count: u64) {
        while self.aborted_streams() < count {
            tokio::time::sleep(POLL).await;
        }
    }

    /// Stops the server, breaks open streams, and returns when the port is free.
    pub fn shutdown(mut self) {
        self.stop();
    }

    fn stop(&mut self) {
        // The command is sent immediately; the future and the thread only wait for the end.
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            // A failed server is already stopped.
            let _ = thread.join();
        }
    }
}

/// Listens with a larger backlog than the standard library's 128, for many simultaneous connections.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // Like the standard library: allows reusing a recently used port on Unix only.
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
