//! Announcements for screen readers and notices at the edge of the window.

use std::time::Duration;

use leptos::prelude::*;

/// How long a notice is shown.
const SHOWN: Duration = Duration::from_secs(6);

/// Announcements and notices.
#[derive(Clone, Copy)]
pub struct Notices {
    announcement: RwSignal<String>,
    message: RwSignal<Option<String>>,
    latest: StoredValue<u32>,
}

/// Provides the notices.
pub fn provide_notices() -> Notices {
    let notices = Notices {
        announcement: RwSignal::new(String::new()),
        message: RwSignal::new(None),
        latest: StoredValue::new(0),
    };
    provide_context(notices);
    notices
}

/// Announcements and notices.
pub fn use_notices() -> Notices {
    expect_context()
}

impl Notices {
    /// Announces a text to screen readers, politely.
    pub fn announce(self, text: &str) {
        // Setting the same text again would not be announced.
        let repeated = self.announcement.with_untracked(|now| now == text);
        self.announcement.set(if repeated { format!("{text}\u{a0}") } else { text.to_owned() });
    }

    /// Shows an error for a while and announces it.
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

    /// Hides the notice.
    pub fn dismiss(self) {
        self.message.set(None);
    }

    /// What was last announced.
    pub fn announcement(self) -> ReadSignal<String> {
        self.announcement.read_only()
    }

    /// The notice that is shown.
    pub fn message(self) -> ReadSignal<Option<String>> {
        self.message.read_only()
    }
}
