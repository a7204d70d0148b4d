//! What the application says outside the page's flow: to screen readers, and in a short message at the edge.

use std::time::Duration;

use leptos::prelude::*;

/// How long a message stays.
const SHOWN: Duration = Duration::from_secs(6);

/// The two voices of the application.
#[derive(Clone, Copy)]
pub struct Notices {
    announcement: RwSignal<String>,
    message: RwSignal<Option<String>>,
    latest: StoredValue<u32>,
}

/// Provides the voices.
pub fn provide_notices() -> Notices {
    let notices = Notices {
        announcement: RwSignal::new(String::new()),
        message: RwSignal::new(None),
        latest: StoredValue::new(0),
    };
    provide_context(notices);
    notices
}

/// The two voices of the application.
pub fn use_notices() -> Notices {
    expect_context()
}

impl Notices {
    /// Tells screen readers, politely.
    pub fn announce(self, text: &str) {
        // A region that already holds these words says nothing when they are set again.
        let repeated = self.announcement.with_untracked(|now| now == text);
        self.announcement.set(if repeated { format!("{text}\u{a0}") } else { text.to_owned() });
    }

    /// Shows a failure for a while; it is also announced.
    pub fn fail(self, text: String) {
        let number = self.latest.with_value(|number| number.wrapping_add(1));
        self.latest.set_value(number);
        self.message.set(Some(text));
        set_timeout(
            move || {
                if self.latest.get_value() == number {
                    self.message.set(None);
                }
            },
            SHOWN,
        );
    }

    /// Takes the message away.
    pub fn dismiss(self) {
        self.message.set(None);
    }

    /// What was last announced.
    pub fn announcement(self) -> ReadSignal<String> {
        self.announcement.read_only()
    }

    /// The message at the edge.
    pub fn message(self) -> ReadSignal<Option<String>> {
        self.message.read_only()
    }
}
