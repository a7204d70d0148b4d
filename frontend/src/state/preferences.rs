//! The user's preferences for this client. They are kept in the browser, never on the server.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    browser::{keyboard::SendKey, page, storage},
    i18n::Language,
};

/// The key in `localStorage`. The boot script in `index.html` reads it too, before the first paint.
const KEY: &str = "kaiwa.preferences";

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// Follows the system.
    #[default]
    System,
    /// Dark text on light.
    Light,
    /// Light text on dark.
    Dark,
}

/// When reasoning is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Thoughts {
    /// While the model is reasoning.
    #[default]
    Auto,
    /// Always.
    Open,
    /// On demand.
    Folded,
}

/// Where a sent message goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterSending {
    /// To the top of the view, with space for the reply below it.
    #[default]
    Top,
    /// Nowhere: the view stays at the end.
    End,
}

/// The colour of links, of the send button and of what is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Accent {
    /// The default.
    #[default]
    Teal,
    /// Blue.
    Blue,
    /// Violet.
    Violet,
    /// Pink.
    Pink,
    /// Orange.
    Orange,
}

impl Accent {
    /// Every accent.
    pub const ALL: [Self; 5] = [Self::Teal, Self::Blue, Self::Violet, Self::Pink, Self::Orange];

    /// The value of the attribute `data-accent`; none for the default.
    const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::Teal => None,
            Self::Blue => Some("blue"),
            Self::Violet => Some("violet"),
            Self::Pink => Some("pink"),
            Self::Orange => Some("orange"),
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Stored {
    theme: Theme,
    accent: Accent,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<Language>,
    command_enter: bool,
    thoughts: Thoughts,
    whole_answers: bool,
    after_sending: AfterSending,
    sidebar_folded: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
}

impl Stored {
    /// Reads stored preferences; the defaults replace those that another version wrote in another form.
    fn read(text: Option<&str>) -> Self {
        text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }
}

/// The user's preferences.
#[derive(Clone, Copy)]
pub struct Preferences {
    stored: RwSignal<Stored>,
    system_language: Language,
}

/// Provides the preferences; from now on the document follows them.
pub fn provide_preferences() -> Preferences {
    let system = window().navigator().language().unwrap_or_default();
    let preferences = Preferences {
        stored: RwSignal::new(Stored::read(storage::get(KEY).as_deref())),
        system_language: Language::of_tag(&system),
    };
    provide_context(preferences);
    Effect::new(move |_| preferences.show_language());
    Effect::new(move |_| preferences.show_theme());
    preferences
}

/// The user's preferences.
pub fn use_preferences() -> Preferences {
    expect_context()
}

impl Preferences {
    fn change(self, change: impl FnOnce(&mut Stored)) {
        self.stored.update(change);
        if let Ok(text) = serde_json::to_string(&*self.stored.read_untracked()) {
            storage::set(KEY, &text);
        }
    }

    /// Light or dark.
    pub fn theme(self) -> Theme {
        self.stored.with(|stored| stored.theme)
    }

    /// Sets the theme.
    pub fn set_theme(self, theme: Theme) {
        self.change(|stored| stored.theme = theme);
    }

    /// The accent colour.
    pub fn accent(self) -> Accent {
        self.stored.with(|stored| stored.accent)
    }

    /// Sets the accent colour.
    pub fn set_accent(self, accent: Accent) {
        self.change(|stored| stored.accent = accent);
    }

    /// The chosen language, or the browser's.
    pub fn language(self) -> Language {
        self.stored.with(|stored| stored.language).unwrap_or(self.system_language)
    }

    /// Sets the language.
    pub fn set_language(self, language: Language) {
        self.change(|stored| stored.language = Some(language));
    }

    /// When Enter sends.
    pub fn send_key(self) -> SendKey {
        if self.stored.with(|stored| stored.command_enter) { SendKey::CommandEnter } else { SendKey::Enter }
    }

    /// Sets when Enter sends.
    pub fn set_send_key(self, key: SendKey) {
        self.change(|stored| stored.command_enter = key == SendKey::CommandEnter);
    }

    /// When reasoning is shown.
    pub fn thoughts(self) -> Thoughts {
        self.stored.with(|stored| stored.thoughts)
    }

    /// Sets when reasoning is shown.
    pub fn set_thoughts(self, thoughts: Thoughts) {
        self.change(|stored| stored.thoughts = thoughts);
    }

    /// A reply is shown when it is complete, not as it arrives.
    pub fn whole_answers(self) -> bool {
        self.stored.with(|stored| stored.whole_answers)
    }

    /// Sets whether a reply is shown only when it is complete.
    pub fn set_whole_answers(self, whole: bool) {
        self.change(|stored| stored.whole_answers = whole);
    }

    /// Where a sent message goes.
    pub fn after_sending(self) -> AfterSending {
        self.stored.with(|stored| stored.after_sending)
    }

    /// Sets where a sent message goes.
    pub fn set_after_sending(self, place: AfterSending) {
        self.change(|stored| stored.after_sending = place);
    }

    /// The sidebar is collapsed on windows that are wide enough for it.
    pub fn sidebar_folded(self) -> bool {
        self.stored.with(|stored| stored.sidebar_folded)
    }

    /// Collapses or expands the sidebar.
    pub fn set_sidebar_folded(self, folded: bool) {
        self.change(|stored| stored.sidebar_folded = folded);
    }

    /// The model that the user last chose.
    pub fn model(self) -> Option<String> {
        self.stored.with(|stored| stored.model.clone())
    }

    /// Remembers the model for the next new conversation.
    pub fn set_model(self, model: String) {
        self.change(|stored| stored.model = Some(model));
    }

    fn show_language(self) {
        page::set_root_attribute("lang", self.language().tag());
    }

    fn show_theme(self) {
        match self.theme() {
            Theme::System => page::remove_root_attribute("data-theme"),
            Theme::Light => page::set_root_attribute("data-theme", "light"),
            Theme::Dark => page::set_root_attribute("data-theme", "dark"),
        }
        match self.accent().attribute() {
            Some(accent) => page::set_root_attribute("data-accent", accent),
            None => page::remove_root_attribute("data-accent"),
        }
        page::match_browser_frame();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_read_back_and_unreadable_ones_are_defaults() {
        let stored = Stored { theme: Theme::Dark, language: Some(Language::Chinese), ..Stored::default() };
        let text = serde_json::to_string(&stored).unwrap();
        assert_eq!(Stored::read(Some(&text)), stored);
        assert_eq!(Stored::read(Some("{\"theme\":\"sepia\"}")), Stored::default());
        assert_eq!(Stored::read(None), Stored::default());
    }

    #[test]
    fn the_boot_script_finds_the_stored_values() {
        let stored = Stored { theme: Theme::Light, language: Some(Language::English), ..Stored::default() };
        let json = serde_json::to_value(&stored).unwrap();
        assert_eq!(json["theme"], "light");
        assert_eq!(json["language"], "en");
        for accent in Accent::ALL {
            assert_eq!(serde_json::to_value(accent).unwrap(), accent.attribute().unwrap_or("teal"));
        }
    }
}
