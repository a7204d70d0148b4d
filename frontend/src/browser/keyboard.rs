//! What a key press means.

use web_sys::KeyboardEvent;

/// The key belongs to the composition of an input method and must be ignored.
///
/// Safari ends the composition before it sends the Enter that confirmed it; that Enter still carries the code 229.
pub fn is_composing(event: &KeyboardEvent) -> bool {
    event.is_composing() || event.key_code() == 229
}

/// The command key is pressed: Ctrl, or Cmd on a Mac.
pub fn has_command(event: &KeyboardEvent) -> bool {
    event.ctrl_key() || event.meta_key()
}

/// A keyboard shortcut of the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shortcut {
    /// Start a new conversation.
    NewChat,
    /// Focus the search.
    Search,
    /// Show or hide the sidebar.
    Sidebar,
    /// Open the model picker.
    Models,
    /// Focus the composer.
    Composer,
    /// Start a temporary conversation.
    Temporary,
}

/// The modifier keys that matter to shortcuts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Press {
    /// Ctrl or Cmd.
    pub command: bool,
    /// Shift.
    pub shift: bool,
    /// Alt or Option.
    pub alt: bool,
}

impl Shortcut {
    /// Returns the shortcut of a key press.
    pub fn of(key: &str, press: Press) -> Option<Self> {
        let Press { command, shift, alt } = press;
        match (key, command, shift, alt) {
            ("o" | "O", true, true, false) => Some(Self::NewChat),
            ("m" | "M", true, true, false) => Some(Self::Models),
            ("s" | "S", true, true, false) => Some(Self::Sidebar),
            // With Shift, some keyboard layouts have the double quote on this key.
            ("'" | "\"", true, true, false) => Some(Self::Temporary),
            ("k" | "K", true, false, false) => Some(Self::Search),
            ("Escape", false, true, false) => Some(Self::Composer),
            _ => None,
        }
    }
}

/// When Enter sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SendKey {
    /// Enter sends, Shift+Enter makes a new line.
    #[default]
    Enter,
    /// Ctrl or Cmd with Enter sends, Enter makes a new line.
    CommandEnter,
}

impl SendKey {
    /// Whether Enter sends with these modifiers.
    pub fn sends(self, press: Press) -> bool {
        match self {
            Self::Enter => !press.shift && !press.alt,
            Self::CommandEnter => press.command && !press.shift && !press.alt,
        }
    }
}

/// The modifier keys of an event.
pub fn press_of(event: &KeyboardEvent) -> Press {
    Press { command: has_command(event), shift: event.shift_key(), alt: event.alt_key() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Press = Press { command: false, shift: false, alt: false };
    const SHIFT: Press = Press { shift: true, ..PLAIN };
    const COMMAND: Press = Press { command: true, ..PLAIN };

    #[test]
    fn enter_sends_and_shift_enter_does_not() {
        assert!(SendKey::Enter.sends(PLAIN));
        assert!(SendKey::Enter.sends(COMMAND));
        assert!(!SendKey::Enter.sends(SHIFT));
    }

    #[test]
    fn the_setting_swaps_enter_and_command_enter() {
        assert!(!SendKey::CommandEnter.sends(PLAIN));
        assert!(!SendKey::CommandEnter.sends(SHIFT));
        assert!(SendKey::CommandEnter.sends(COMMAND));
    }

    #[test]
    fn plain_typing_is_not_a_shortcut() {
        for key in ["o", "k", "s", "Escape", "Enter"] {
            assert_eq!(Shortcut::of(key, PLAIN), None, "{key}");
        }
        assert_eq!(
            Shortcut::of("O", Press { command: true, shift: true, alt: false }),
            Some(Shortcut::NewChat)
        );
        assert_eq!(
            Shortcut::of("M", Press { command: true, shift: true, alt: false }),
            Some(Shortcut::Models)
        );
        assert_eq!(Shortcut::of("m", COMMAND), None);
        assert_eq!(Shortcut::of("k", COMMAND), Some(Shortcut::Search));
        for key in ["'", "\""] {
            let press = Press { command: true, shift: true, alt: false };
            assert_eq!(Shortcut::of(key, press), Some(Shortcut::Temporary), "{key}");
            assert_eq!(Shortcut::of(key, SHIFT), None, "{key}");
        }
        assert_eq!(Shortcut::of("Escape", SHIFT), Some(Shortcut::Composer));
    }
}
