//! The components of the pages. A component reads state and calls its methods; it holds no rules of its own.

pub mod artifacts;
pub mod chat_settings;
pub mod choices;
pub mod composer;
pub mod controls;
pub mod dialog;
pub mod effort;
pub mod field;
pub mod files;
pub mod form;
pub mod hint;
pub mod icon;
pub mod markdown;
pub mod menu;
pub mod message;
pub mod model_picker;
pub mod notices;
pub(crate) mod on_demand;
pub mod popover;
pub mod prompts;
pub mod setup_notes;
pub mod shell;
pub mod sidebar;
pub mod thread;
pub mod user_menu;
