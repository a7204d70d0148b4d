//! Follows changes in the user's conversations while this page is open.
//!
//! A browser has few connections to one server, so its pages share one stream of events: the page with the lease reads
//! it and passes every event on to the others. When that page goes away, another one takes the lease. After a gap, a
//! page reloads what it shows. A hidden page gives up the stream after a while; being shown again is a gap like any
//! other.

use std::time::Duration;

use kaiwa_shared::{
    feed::FeedEvent,
    sse::{Event as _, Frame},
    time::Millis,
};
use leptos::{ev, prelude::*, task::spawn_local};
use web_sys::AbortController;

use super::{
    backoff,
    chat::Chats,
    conversations::Conversations,
    navigation::{Navigation, use_navigation},
    outage::Outage,
    prompts::{Prompts, use_prompts},
    session::{Session, use_session},
    slots::{HIDDEN_FOR, wait_until_shown},
};
use crate::{
    api::{Api, stream::EventStream},
    browser::{channel::Channel, lease::Lease, time},
};

/// Messages that were loaded this recently are not loaded again.
const FRESH: Duration = Duration::from_secs(3);

/// How often a page without the lease checks whether it is free, in case it missed the event.
const LOOK: Duration = Duration::from_secs(1);

/// How much a page knows of the changes.
#[derive(Default)]
struct Known {
    /// When what it shows was loaded, if no change has been missed since; 0 otherwise.
    loaded_at: Millis,
    /// Whether it has got every change that another page has read since then.
    is_current: bool,
}

/// The stream of an account's events.
#[derive(Clone, Copy)]
pub struct Feed {
    api: Api,
    chats: Chats,
    conversations: Conversations,
    navigation: Navigation,
    prompts: Prompts,
    session: Session,
    lost: StoredValue<ArcRwSignal<bool>>,
    /// Counts sign-ins, so that a stream of an earlier one ends.
    account: StoredValue<u32>,
    connection: StoredValue<Option<AbortController>, LocalStorage>,
    /// The other pages of the account in this browser.
    pages: StoredValue<Option<Channel>, LocalStorage>,
}

/// Provides the feed; [`Feed::open`] opens its stream.
pub fn provide_feed(api: Api, chats: Chats, conversations: Conversations) -> Feed {
    let feed = Feed {
        api,
        chats,
        conversations,
        navigation: use_navigation(),
        prompts: use_prompts(),
        session: use_session(),
        lost: StoredValue::new(ArcRwSignal::new(false)),
        account: StoredValue::new(0),
        connection: StoredValue::new_local(None),
        pages: StoredValue::new_local(None),
    };
    provide_context(feed);
    // It lives as long as the application.
    let _listener = window_event_listener(ev::Custom::<web_sys::Event>::new("visibilitychange"), move |_| {
        if document().hidden() {
            set_timeout(move || feed.close_if_hidden(), HIDDEN_FOR);
        }
    });
    feed
}

/// The stream of an account's events.
pub fn use_feed() -> Feed {
    expect_context()
}

impl Feed {
    /// The connection was lost a while ago and is being restored.
    pub fn is_lost(self) -> bool {
        self.lost.get_value().get()
    }

    /// Opens the stream of the user who has just signed in.
    pub fn open(self) {
        self.close();
        let Some(user) = untrack(|| self.session.user()) else { return };
        let name = format!("feed.{}", user.id);
        self.pages.set_value(Channel::open(&format!("kaiwa.{name}"), move |text| self.hear(&text)));
        let account = self.account.get_value();
        spawn_local(async move { self.listen(account, &name).await });
    }

    /// Closes the stream.
    pub fn close(self) {
        self.account.update_value(|account| *account = account.wrapping_add(1));
        self.pages.set_value(None);
        self.disconnect();
    }

    fn close_if_hidden(self) {
        if document().hidden() {
            self.disconnect();
        }
    }

    fn disconnect(self) {
        if let Some(connection) = self.connection.try_update_value(Option::take).flatten() {
            connection.abort();
        }
    }

    /// Takes an event that another page has read.
    fn hear(self, text: &str) {
        let Some((name, data)) = text.split_once('\n') else { return };
        match FeedEvent::read(name, data) {
            // There was a gap while no page read the stream.
            Ok(FeedEvent::Ready) => self.reload(),
            Ok(event) => self.handle(event),
            // A page of a newer client may pass on events that this one does not know.
            Err(_) => {}
        }
    }

    fn handle(self, event: FeedEvent) {
        match event {
            FeedEvent::PromptsChanged => self.prompts.refresh(),
            event => self.chats.handle(event),
        }
    }

    fn reload(self) {
        self.conversations.load();
        self.prompts.refresh();
        self.chats.refresh(self.navigation.route_untracked());
    }

    /// Loads what has changed between loading the page and opening the stream.
    fn check(self) {
        self.conversations.load();
        self.prompts.refresh();
        self.chats.check(self.navigation.route_untracked());
    }

    async fn listen(self, account: u32, name: &str) {
        let mut known = Known { loaded_at: time::now(), is_current: true };
        let mut tries = 0;
        let mut outage = None;
        while self.account.get_value() == account {
            if document().hidden() {
                (outage, tries) = (None, 0);
                wait_until_shown().await;
                known = Known::default();
                continue;
            }
            if tries > 0 {
                time::pause(backoff::pause(tries - 1)).await;
            }
            let Some(lease) = Lease::take(name).await else {
                (outage, tries) = (None, 0);
                self.follow_others(account, &mut known).await;
                continue;
            };
            match self.api.events().await {
                Ok(stream) => {
                    outage = None;
                    self.follow(stream, account, &lease, &mut known).await;
                    tries = 1;
                }
                Err(error) if error.is_transient() => tries += 1,
                // Nobody is signed in, or the server has no feed. A retry would not help.
                Err(_) => return,
            }
            outage.get_or_insert_with(|| Outage::begin(self.lost.get_value()));
        }
    }

    /// Waits a while, as another page reads the stream and passes its events on.
    async fn follow_others(self, account: u32, known: &mut Known) {
        if !known.is_current && self.account.get_value() == account {
            self.reload();
        }
        let window = window();
        time::sleep_until(LOOK, Some((window.as_ref(), "storage"))).await;
        // Once this page reads the stream itself, something may have been missed in between.
        *known = Known { loaded_at: Millis(0), is_current: true };
    }

    async fn follow(self, mut stream: EventStream, account: u32, lease: &Lease, known: &mut Known) {
        self.connection.set_value(Some(stream.handle()));
        while let Ok(Some(frame)) = stream.frame().await {
            if self.account.get_value() != account || !lease.is_held() {
                break;
            }
            self.pass_on(&frame);
            match frame.read() {
                Ok(FeedEvent::Ready) if time::now().since(known.loaded_at) > FRESH => self.reload(),
                Ok(FeedEvent::Ready) => self.check(),
                Ok(event) => self.handle(event),
                // A newer server may send events that this client does not know.
                Err(_) => {}
            }
        }
        *known = Known::default();
    }

    fn pass_on(self, frame: &Frame) {
        self.pages.with_value(|pages| {
            if let Some(pages) = pages {
                pages.send(&format!("{}\n{}", frame.event, frame.data));
            }
        });
    }
}
