//! Who is signed in.

use kaiwa_shared::{
    Code,
    auth::{ChangePassword, Credentials, User},
    settings::PublicSettings,
};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::{Api, Error},
    browser::{storage, time},
    state::{backoff, drafts},
};

/// Key in `localStorage` that says whether somebody was signed in. The boot script chooses the outline by it.
const SEEN: &str = "kaiwa.seen";

/// What is known about the session.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// The server has not answered yet.
    Unknown,
    /// The server could not be reached.
    Unreachable(Error),
    /// Nobody is signed in.
    SignedOut,
    /// This account is signed in.
    SignedIn(User),
}

/// The session and the server's public settings.
#[derive(Clone, Copy)]
pub struct Session {
    api: Api,
    phase: RwSignal<Phase>,
    settings: RwSignal<Option<PublicSettings>>,
    /// It was ended elsewhere, or has expired.
    ended: RwSignal<bool>,
    /// The user is signing out here.
    leaving: StoredValue<bool>,
    /// Somebody was signed in on this device when the page was opened, or has been since.
    familiar: RwSignal<bool>,
    /// Counts the attempts to load it.
    loads: StoredValue<u32>,
}

/// Provides the session and loads it.
pub fn provide_session(api: Api) -> Session {
    let session = Session {
        api,
        phase: RwSignal::new(Phase::Unknown),
        settings: RwSignal::new(None),
        ended: RwSignal::new(false),
        leaving: StoredValue::new(false),
        familiar: RwSignal::new(storage::get(SEEN).is_some()),
        loads: StoredValue::new(0),
    };
    provide_context(session);
    session.load();
    let signed_out = api.signed_out();
    Effect::new(move |before: Option<u32>| {
        let times = signed_out.get();
        if before.is_some_and(|before| before != times) {
            let was_in = matches!(*session.phase.read_untracked(), Phase::SignedIn(_));
            if was_in && !session.leaving.get_value() {
                session.ended.set(true);
            }
            session.set_phase(Phase::SignedOut);
        }
        times
    });
    session
}

/// The session and the server's public settings.
pub fn use_session() -> Session {
    expect_context()
}

impl Session {
    /// Loads the session and the server's public settings, and retries until the server answers. Another call in the
    /// meantime starts over.
    pub fn load(self) {
        self.loads.update_value(|loads| *loads += 1);
        let load = self.loads.get_value();
        spawn_local(async move {
            let mut tries = 0;
            while self.loads.get_value() == load && !self.try_to_load().await {
                time::pause(backoff::pause(tries)).await;
                tries += 1;
            }
        });
    }

    /// Whether another request would bring nothing new.
    async fn try_to_load(self) -> bool {
        let phase = match self.ask().await {
            Ok(Some(user)) => Phase::SignedIn(user),
            Ok(None) => Phase::SignedOut,
            Err(error) if error.code() == Some(Code::NotSignedIn) => Phase::SignedOut,
            Err(error) => Phase::Unreachable(error),
        };
        let is_known = !matches!(&phase, Phase::Unreachable(error) if error.is_transient());
        self.set_phase(phase);
        is_known
    }

    /// Asks who is signed in and for the public settings.
    async fn ask(self) -> Result<Option<User>, Error> {
        if storage::get(SEEN).is_some() {
            spawn_local(async move {
                // If this fails, so does the other request.
                _ = self.load_settings().await;
            });
        } else if !self.load_settings().await? {
            // Browsers log every request that fails, so a first visit sends none.
            return Ok(None);
        }
        self.api.me().await.map(Some)
    }

    /// Loads the public settings; whether somebody is signed in.
    async fn load_settings(self) -> Result<bool, Error> {
        let settings = self.api.public_settings().await?;
        let signed_in = settings.signed_in;
        self.settings.set(Some(settings));
        Ok(signed_in)
    }

    fn set_phase(self, phase: Phase) {
        match &phase {
            Phase::SignedIn(_) => {
                storage::set(SEEN, "1");
                self.familiar.set(true);
                self.ended.set(false);
            }
            Phase::SignedOut => storage::remove(SEEN),
            Phase::Unknown | Phase::Unreachable(_) => {}
        }
        if *self.phase.read_untracked() != phase {
            self.phase.set(phase);
        }
    }

    /// Whether somebody was signed in on this device when the page was opened, or has been since.
    pub fn is_familiar(self) -> bool {
        self.familiar.get()
    }

    /// The session was ended elsewhere, or has expired, while this page was open.
    pub fn was_ended(self) -> bool {
        self.ended.get()
    }

    /// What is known about the session.
    pub fn phase(self) -> Phase {
        self.phase.get()
    }

    /// The account that is signed in.
    pub fn user(self) -> Option<User> {
        self.phase.with(|phase| if let Phase::SignedIn(user) = phase { Some(user.clone()) } else { None })
    }

    /// The server's public settings, once they are known.
    pub fn settings(self) -> Option<PublicSettings> {
        self.settings.get()
    }

    /// Signs in.
    pub async fn sign_in(self, credentials: Credentials) -> Result<(), Error> {
        let user = self.api.sign_in(&credentials).await?;
        self.set_phase(Phase::SignedIn(user));
        Ok(())
    }

    /// Creates an account and signs in with it.
    pub async fn sign_up(self, credentials: Credentials) -> Result<(), Error> {
        let user = self.api.sign_up(&credentials).await?;
        self.set_phase(Phase::SignedIn(user));
        // Whether registration is open may have changed with the first account. It does not matter now if this fails.
        _ = self.load_settings().await;
        Ok(())
    }

    /// Ends the session and clears what this browser stored for it.
    pub async fn sign_out(self) -> Result<(), Error> {
        self.leaving.set_value(true);
        let answer = self.api.sign_out().await;
        self.leaving.set_value(false);
        match answer {
            Err(error) if error.code() != Some(Code::NotSignedIn) => return Err(error),
            _ => {}
        }
        drafts::wipe();
        self.set_phase(Phase::SignedOut);
        Ok(())
    }

    /// Changes the password.
    pub async fn change_password(self, change: ChangePassword) -> Result<(), Error> {
        self.api.change_password(&change).await
    }
}
