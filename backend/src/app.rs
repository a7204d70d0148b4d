//! Starts, runs and stops the whole server.

use std::{io, net::SocketAddr, path::Path, sync::Arc, thread::available_parallelism, time::Duration};

use actix_web::{
    App, HttpServer,
    dev::{Server, ServerHandle},
    middleware::from_fn,
    web::Data,
};
use kaiwa_auth::{
    device::Devices, password::Hasher, secret::SigningSecret, throttle::Throttle, token::Signer,
};
use kaiwa_bus::{Bus, LocalBus};
use kaiwa_engine::{Engine, Options};
use kaiwa_files::Folder;
use kaiwa_shared::time::Clock;
use kaiwa_store::Store;

use crate::{
    clock::SystemClock,
    files::{Extractor, Files, WrittenPictures},
    housekeeping,
    http::{OpenResponses, envelope},
    logging::chain,
    providers::Providers,
    routes,
    routes::auth::register,
    runner::{Runner, RunnerError},
    sessions::Sessions,
    settings::Settings,
    setup_code::SetupCode,
    state::AppState,
};

/// How long running replies may continue after the process is asked to stop. Docker kills it after ten seconds.
const GRACE: Duration = Duration::from_secs(5);

/// How long open responses may then take to finish, in seconds.
const DRAIN_SECONDS: u64 = 2;

/// Why the server did not start. Each message names the setting to look at.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database cannot be used.
    #[error("the database cannot be used: {}", chain(.0))]
    Store(#[from] kaiwa_store::Error),
    /// `JWT_SECRET` or the generated secret is invalid.
    #[error("JWT_SECRET: {0}")]
    Secret(#[from] kaiwa_auth::secret::SecretError),
    /// Another process uses the SQLite file.
    #[error(
        "DATABASE_URL: another Kaiwa process uses the file `{file}`. Stop it, or give each process its own file; \
         several processes share a database only on PostgreSQL"
    )]
    InUse {
        /// The file.
        file: String,
    },
    /// The data folder cannot be created.
    #[error("DATA_DIR: the folder `{folder}` cannot be used: {cause}")]
    DataDir {
        /// The folder.
        folder: String,
        /// The operating system's error.
        cause: io::Error,
    },
    /// Passwords cannot be hashed on this machine.
    #[error(transparent)]
    Hasher(#[from] kaiwa_auth::password::PasswordError),
    /// The operating system provides no randomness.
    #[error(transparent)]
    Random(#[from] kaiwa_auth::random::NoRandomness),
    /// A provider's address or key is invalid.
    #[error("{0}")]
    Provider(String),
    /// No account could be created from `ADMIN_EMAIL` and `ADMIN_PASSWORD`.
    #[error("ADMIN_EMAIL, ADMIN_PASSWORD: {0}")]
    Admin(String),
    /// The address cannot be bound.
    #[error("HOST, PORT: cannot listen on {address}: {cause}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The operating system's error.
        cause: io::Error,
    },
}

impl StartError {
    fn data_dir(folder: &Path, cause: io::Error) -> Self {
        Self::DataDir { folder: folder.display().to_string(), cause }
    }
}

/// A server that is bound to its address but does not accept requests yet.
pub struct Application {
    server: Server,
    address: SocketAddr,
    engine: Engine,
    store: Store,
    /// Held until the server has stopped.
    runner: Runner,
}

impl Application {
    /// Opens and migrates the database, recovers interrupted generations, and binds the address.
    ///
    /// # Errors
    ///
    /// [`StartError`] names the setting at fault. Nothing is left half started.
    pub async fn build(settings: Settings) -> Result<Self, StartError> {
        create_data_dir(&settings.storage.data_dir)?;
        let store = Store::open(&settings.storage.database_url).await?;
        let runner = identify_runner(&settings.storage.data_dir, &store).await?;
        let state = Data::new(prepare(settings, store, &runner).await?);
        let address = state.settings.server.listen;
        let prefix = state.settings.server.api_prefix.clone();
        let (engine, store) = (state.engine.clone(), state.store.clone());
        let server = HttpServer::new(move || {
            let prefix = prefix.clone();
            App::new()
                .app_data(state.clone())
                .configure(move |config| routes::configure(config, &prefix))
                .wrap(from_fn(envelope::handle))
        })
        .workers(workers())
        // A head and the first piece of its body, or two tokens, would otherwise wait 40 ms for an acknowledgement.
        .tcp_nodelay(true)
        .disable_signals()
        .shutdown_timeout(DRAIN_SECONDS)
        .bind(address)
        .map_err(|cause| StartError::Listen { address, cause })?;
        let address = server.addrs().first().copied().unwrap_or(address);
        Ok(Self { server: server.run(), address, engine, store, runner })
    }

    /// The bound address, with the real port when port 0 was requested.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A handle that stops the server.
    pub fn stopper(&self) -> Stopper {
        Stopper { server: self.server.handle(), engine: self.engine.clone() }
    }

    /// Serves requests until a [`Stopper`] stops the server, then closes the database.
    pub async fn run_until_stopped(self) -> io::Result<()> {
        self.server.await?;
        self.store.close().await;
        drop(self.runner);
        Ok(())
    }
}

/// Stops a running server.
#[derive(Clone)]
pub struct Stopper {
    server: ServerHandle,
    engine: Engine,
}

impl Stopper {
    /// Waits a moment for running replies, interrupts the rest, ends every stream, and stops.
    pub async fn stop(&self) {
        self.stop_within(GRACE).await;
    }

    /// Like [`Self::stop`], with another grace period.
    pub async fn stop_within(&self, grace: Duration) {
        self.engine.shut_down(grace).await;
        self.server.stop(true).await;
    }
}

async fn prepare(settings: Settings, store: Store, runner: &Runner) -> Result<AppState, StartError> {
    store.migrate().await?;
    let secret = match &settings.accounts.jwt_secret {
        Some(given) => SigningSecret::parse(given)?,
        None => SigningSecret::load_or_create(&settings.storage.data_dir)?,
    };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let bus: Arc<dyn Bus> = Arc::new(LocalBus::new());
    let providers = Providers::start(&settings, Arc::clone(&bus)).map_err(StartError::Provider)?;
    let options = Options {
        context_tokens: settings.models.context_tokens,
        stream: settings.models.stream,
        limits: settings.generations.limits,
        auto_continue: settings.generations.auto_continue,
    };
    let catalog = providers.catalog().clone();
    let files = open_files(&settings)?;
    let pictures =
        WrittenPictures { files: Arc::clone(&files), store: store.clone(), clock: Arc::clone(&clock) };
    let engine = Engine::new(
        store.clone(),
        kaiwa_engine::Files { blobs: Arc::clone(&files.blobs), pictures: Arc::new(pictures) },
        catalog,
        Arc::clone(&clock),
        runner.id,
        Arc::clone(&bus),
        options,
    )
    .await;
    let interrupted = engine.start(runner.predecessor).await?;
    if interrupted > 0 {
        tracing::info!(
            interrupted,
            "replies that an earlier process left unfinished are marked as interrupted"
        );
    }
    let lifetime = settings.accounts.token_lifetime;
    let signer = Signer::new(&secret);
    let sessions = Sessions::new(store.clone(), signer, Arc::clone(&clock), Arc::clone(&bus), lifetime).await;
    let hasher = Hasher::new()?;
    let devices = Devices::new(&secret);
    let throttle = Throttle::new(Arc::clone(&bus));
    let open_responses = OpenResponses::new(bus, settings.generations.limits.per_user);
    let setup_code = SetupCode::new()?;
    let housekeeping = housekeeping::spawn(store.clone(), Arc::clone(&files), Arc::clone(&clock));
    let state = AppState {
        settings,
        store,
        engine,
        providers,
        sessions,
        hasher,
        devices,
        throttle,
        open_responses,
        files,
        setup_code,
        clock,
        _housekeeping: housekeeping,
    };
    register::create_first_admin(&state).await.map_err(StartError::Admin)?;
    register::announce_setup_code(&state).await?;
    Ok(state)
}

/// The number of worker threads: one for every two processors. A busy worker handles more tokens each time it wakes up,
/// so fewer workers spend less on each token, and the database, password hashing and the system need processors too.
fn workers() -> usize {
    available_parallelism().map_or(1, |processors| processors.get().div_ceil(2))
}

fn open_files(settings: &Settings) -> Result<Arc<Files>, StartError> {
    let root = settings.storage.data_dir.join("files");
    let folder = Folder::open(root.clone()).map_err(|cause| StartError::data_dir(&root, cause))?;
    Ok(Arc::new(Files::new(folder, settings.files.limits, Extractor::new(settings.files.extractor.clone()))))
}

fn create_data_dir(folder: &Path) -> Result<(), StartError> {
    std::fs::create_dir_all(folder).map_err(|cause| StartError::data_dir(folder, cause))
}

async fn identify_runner(folder: &Path, store: &Store) -> Result<Runner, StartError> {
    Runner::identify(folder, store.file()).await.map_err(|error| match error {
        RunnerError::InUse => {
            StartError::InUse { file: store.file().unwrap_or(folder).display().to_string() }
        }
        RunnerError::File(cause) => {
            StartError::data_dir(store.file().and_then(Path::parent).unwrap_or(folder), cause)
        }
    })
}
