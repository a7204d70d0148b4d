//! Follows changes in the user's conversations while this page is open: one stream of events for each page.
//!
//! After a gap, the page reloads what it shows. A hidden page closes its stream after a while, because a browser
//! has few connections to one server and another page may need them; being shown again is a gap like any other.

use std::time::Duration;

use kaiwa_shared::{feed::FeedEvent, time::Millis};
use leptos::{ev, prelude::*, task::spawn_local};
use web_sys::AbortController;

use super::{
    backoff,
    chat::Chats,
    conversations::Conversations,
    navigation::{Navigation, use_navigation},
    outage::Outage,
};
use crate::{
    api::{Api, stream::EventStream},
    browser::time,
};

/// How long a page is hidden before it closes its stream.
const HIDDEN_FOR: Duration = Duration::from_secs(30);

/// How often a hidden page checks whether it is still hidden, in case it missed the event.
const RECHECK: Duration = Duration::from_mins(1);

/// What was loaded this recently is not loaded again.
const FRESH: Duration = Duration::from_secs(3);

/// The stream of an account's events.
#[derive(Clone, Copy)]
pub struct Feed {
    api: Api,
    chats: Chats,
    conversations: Conversations,
    navigation: Navigation,
    lost: StoredValue<ArcRwSignal<bool>>,
    /// Counts sign-ins, so that a stream of an earlier one ends.
    account: StoredValue<u32>,
    connection: StoredValue<Option<AbortController>, LocalStorage>,
}

/// Provides the feed; [`Feed::open`] opens its stream.
pub fn provide_feed(api: Api, chats: Chats, conversations: Conversations) -> Feed {
    let feed = Feed {
        api,
        chats,
        conversations,
        navigation: use_navigation(),
        lost: StoredValue::new(ArcRwSignal::new(false)),
        account: StoredValue::new(0),
        connection: StoredValue::new_local(None),
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
        let account = self.account.get_value();
        spawn_local(async move { self.listen(account).await });
    }

    /// Closes the stream.
    pub fn close(self) {
        self.account.update_value(|account| *account = account.wrapping_add(1));
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

    async fn listen(self, account: u32) {
        let mut read_at = time::now();
        let mut tries = 0;
        let mut outage = None;
        let document = document();
        while self.account.get_value() == account {
            if document.hidden() {
                (outage, tries) = (None, 0);
                time::sleep_until(RECHECK, Some((document.as_ref(), "visibilitychange"))).await;
                continue;
            }
            if tries > 0 {
                time::pause(backoff::pause(tries - 1)).await;
            }
            match self.api.events().await {
                Ok(stream) => {
                    outage = None;
                    self.follow(stream, account, &mut read_at).await;
                    tries = 1;
                }
                Err(error) if error.is_transient() => tries += 1,
                // Nobody is signed in, or the server has no feed. A retry would not help.
                Err(_) => return,
            }
            outage.get_or_insert_with(|| Outage::begin(self.lost.get_value()));
        }
    }

    async fn follow(self, mut stream: EventStream, account: u32, read_at: &mut Millis) {
        self.connection.set_value(Some(stream.handle()));
        while let Ok(Some((_, event))) = stream.next().await {
            if self.account.get_value() != account {
                return;
            }
            if event == FeedEvent::Ready {
                if time::now().since(*read_at) > FRESH {
                    self.conversations.load();
                    self.chats.refresh(self.navigation.route_untracked());
                }
            } else {
                self.chats.handle(event);
            }
        }
        *read_at = Millis(0);
    }
}
