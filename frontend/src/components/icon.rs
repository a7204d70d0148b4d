//! The icons: one path each, drawn on a grid of 24 with a round pen.

use leptos::prelude::*;

/// An icon. It is decorative: its button or text also has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// Something went wrong.
    Alert,
    /// To the end.
    ArrowDown,
    /// Send.
    ArrowUp,
    /// Done, or chosen.
    Check,
    /// Copy the branch into a new conversation.
    Branch,
    /// There is more below.
    ChevronDown,
    /// The occurrence before.
    ChevronUp,
    /// The one before.
    ChevronLeft,
    /// The one after.
    ChevronRight,
    /// Queued.
    Clock,
    /// Parallel replies.
    Columns,
    /// Close.
    Close,
    /// Write a new conversation.
    Compose,
    /// Copy.
    Copy,
    /// Download.
    Download,
    /// Hide what is shown.
    EyeOff,
    /// Show what is hidden.
    Eye,
    /// A file.
    File,
    /// The address of something.
    Link,
    /// The outline.
    Outline,
    /// More information.
    Info,
    /// More actions.
    More,
    /// The dark theme.
    Moon,
    /// The sidebar.
    Panel,
    /// Add files.
    Paperclip,
    /// Rename.
    Pencil,
    /// Quote.
    Quote,
    /// Try again.
    Retry,
    /// Search.
    Search,
    /// Settings.
    Settings,
    /// Sign out.
    SignOut,
    /// Reading aloud.
    Speaker,
    /// A favourite.
    Star,
    /// Stop.
    Stop,
    /// The light theme.
    Sun,
    /// The system's theme.
    System,
    /// A temporary conversation.
    Temporary,
    /// Reasoning.
    Thought,
    /// To the beginning.
    ToTop,
    /// A tool.
    Tool,
    /// Delete.
    Trash,
}

impl Icon {
    #[expect(clippy::too_many_lines, reason = "a table")]
    const fn path(self) -> &'static str {
        match self {
            Self::Alert => "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18M12 8v4.5M12 16h.01",
            Self::ChevronUp => "M6 15l6-6l6 6",
            Self::Link => {
                "M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7l-1.3 1.3M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7l1.3-1.3"
            }
            Self::Outline => "M4 7h.01M4 12h.01M4 17h.01M8.5 7H20M8.5 12H20M8.5 17H16",
            Self::ToTop => "M5 4h14M12 20V8M6 14l6-6l6 6",
            Self::ArrowDown => "M12 5v14M6 13l6 6l6-6",
            Self::ArrowUp => "M12 19V5M6 11l6-6l6 6",
            Self::Check => "M5 12.5l4.5 4.5L19 7.5",
            Self::Branch => {
                "M7 8.5v7M7 4a2.2 2.2 0 1 0 0 4.4A2.2 2.2 0 0 0 7 4M7 15.6a2.2 2.2 0 1 0 0 4.4a2.2 2.2 0 0 0 0-4.4M17 \
                 4a2.2 2.2 0 1 0 0 4.4A2.2 2.2 0 0 0 17 4M17 8.5c0 4-4.2 4.3-7 5.2a4 4 0 0 0-3 2"
            }
            Self::ChevronDown => "M7 10l5 5l5-5",
            Self::ChevronLeft => "M14 7l-5 5l5 5",
            Self::ChevronRight => "M10 7l5 5l-5 5",
            Self::Clock => "M12 3.8a8.2 8.2 0 1 0 0 16.4a8.2 8.2 0 0 0 0-16.4M12 7.8V12l2.8 2",
            Self::Columns => {
                "M6.5 4.5h11A2.5 2.5 0 0 1 20 7v10a2.5 2.5 0 0 1-2.5 2.5h-11A2.5 2.5 0 0 1 4 17V7a2.5 2.5 0 0 1 \
                 2.5-2.5zM12 4.5v15"
            }
            Self::Close => "M6.5 6.5l11 11M17.5 6.5l-11 11",
            Self::Compose => {
                "M11.5 4.5H7A2.5 2.5 0 0 0 4.5 7v10A2.5 2.5 0 0 0 7 19.5h10a2.5 2.5 0 0 0 2.5-2.5v-4.5\
                 M17.6 3.9a1.77 1.77 0 0 1 2.5 2.5L12.5 14l-3.3.8l.8-3.3z"
            }
            Self::Copy => {
                "M11 8.5h6.5A2.5 2.5 0 0 1 20 11v6.5a2.5 2.5 0 0 1-2.5 2.5H11a2.5 2.5 0 0 1-2.5-2.5V11A2.5 2.5 0 0 \
                 1 11 8.5zM5.7 15.3A2.5 2.5 0 0 1 4 13V6.5A2.5 2.5 0 0 1 6.5 4H13a2.5 2.5 0 0 1 2.3 1.7"
            }
            Self::Download => "M12 4v11M7 10.5l5 5l5-5M5 19.5h14",
            Self::Eye => {
                "M2.5 12S6 5.5 12 5.5S21.5 12 21.5 12S18 18.5 12 18.5S2.5 12 2.5 12zM12 9.2a2.8 2.8 0 1 0 0 5.6a2.8 \
                 2.8 0 0 0 0-5.6"
            }
            Self::EyeOff => {
                "M9.5 5.9A9 9 0 0 1 12 5.5C18 5.5 21.5 12 21.5 12a16 16 0 0 1-2.6 3.4M6 7.6A16 16 0 0 0 2.5 12S6 \
                 18.5 12 18.5a9 9 0 0 0 4.4-1.2M10 10.1a2.8 2.8 0 0 0 3.9 3.9M4 4l16 16"
            }
            Self::File => {
                "M13.5 3.5H8A2.5 2.5 0 0 0 5.5 6v12A2.5 2.5 0 0 0 8 20.5h8a2.5 2.5 0 0 0 2.5-2.5V8.5zM13.5 3.5v5h5"
            }
            Self::Info => "M12 3.8a8.2 8.2 0 1 0 0 16.4a8.2 8.2 0 0 0 0-16.4M12 11v5M12 8h.01",
            Self::More => "M5.5 12h.01M12 12h.01M18.5 12h.01",
            Self::Moon => "M19.5 14.3A8 8 0 0 1 9.7 4.5a8 8 0 1 0 9.8 9.8z",
            Self::Panel => {
                "M6.5 4.5h11A2.5 2.5 0 0 1 20 7v10a2.5 2.5 0 0 1-2.5 2.5h-11A2.5 2.5 0 0 1 4 17V7a2.5 2.5 0 0 1 \
                 2.5-2.5zM9.5 4.5v15"
            }
            Self::Paperclip => {
                "M19 11.2l-7.3 7.3a4.6 4.6 0 0 1-6.5-6.5l7.6-7.6a3.1 3.1 0 0 1 4.4 4.4l-7.5 7.5a1.6 1.6 0 0 1-2.2-2.2l6.8-6.8"
            }
            Self::Pencil => "M4.5 19.5l1-4.2L16.2 4.6a2.26 2.26 0 0 1 3.2 3.2L8.7 18.5zM14 6.8l3.2 3.2",
            Self::Quote => {
                "M10 7H6.5A1.5 1.5 0 0 0 5 8.5V12h5zM10 12c0 2.5-1 4-3.5 5M19 7h-3.5A1.5 1.5 0 0 0 14 8.5V12h5zM19 12c0 2.5-1 4-3.5 5"
            }
            Self::Retry => "M19.5 12a7.5 7.5 0 1 1-2.2-5.3L19.5 9M19.5 4.5V9H15",
            Self::Search => "M10.8 4.5a6.3 6.3 0 1 0 0 12.6a6.3 6.3 0 0 0 0-12.6M15.4 15.4l4.1 4.1",
            Self::Settings => {
                "M4 7.5h9M19 7.5h1M16 5a2.5 2.5 0 1 0 0 5a2.5 2.5 0 0 0 0-5M20 16.5h-9M5 16.5H4M8 14a2.5 2.5 0 1 0 0 \
                 5a2.5 2.5 0 0 0 0-5"
            }
            Self::SignOut => {
                "M10 4.5H7A2.5 2.5 0 0 0 4.5 7v10A2.5 2.5 0 0 0 7 19.5h3M15.5 8l4 4l-4 4M19.5 12H10"
            }
            Self::Speaker => {
                "M4.5 9.5v5h3.5l4.5 4v-13l-4.5 4zM16 9a4.2 4.2 0 0 1 0 6M18.6 6.5a8 8 0 0 1 0 11"
            }
            Self::Star => "M12 4.2l2.4 4.9l5.4.8l-3.9 3.8l.9 5.4l-4.8-2.6l-4.8 2.6l.9-5.4l-3.9-3.8l5.4-.8z",
            Self::Stop => {
                "M8.5 7h7A1.5 1.5 0 0 1 17 8.5v7a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 7 15.5v-7A1.5 1.5 0 0 1 8.5 7z"
            }
            Self::Sun => {
                "M12 8a4 4 0 1 0 0 8a4 4 0 0 0 0-8M12 2.8v1.7M12 19.5v1.7M2.8 12h1.7M19.5 12h1.7M5.5 5.5l1.2 \
                 1.2M17.3 17.3l1.2 1.2M5.5 18.5l1.2-1.2M17.3 6.7l1.2-1.2"
            }
            Self::System => {
                "M5.5 4.5h13A1.5 1.5 0 0 1 20 6v9a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 15V6a1.5 1.5 0 0 1 \
                 1.5-1.5zM9 20h6M12 16.5V20"
            }
            Self::Temporary => {
                "M9.2 4.4a8 8 0 0 0-2.7 1.6M4.6 8.6a8 8 0 0 0-.4 4.6M5.4 16.4l-1.2 3.8l3.9-1.1M11.2 20a8 8 0 0 0 4-.8M18 \
                 17.3a8 8 0 0 0 1.8-3.8M19.7 10.1a8 8 0 0 0-2-3.7M14.8 4.4a8 8 0 0 0-2.6-.4"
            }
            Self::Thought => {
                "M12 3.5a6 6 0 0 0-3.6 10.8c.7.5 1.1 1.3 1.1 2.2h5c0-.9.4-1.7 1.1-2.2A6 6 0 0 0 12 3.5M9.8 19.5h4.4"
            }
            Self::Tool => "M8.5 7.5L4 12l4.5 4.5M15.5 7.5L20 12l-4.5 4.5M13.4 5l-2.8 14",
            Self::Trash => {
                "M4.5 7h15M9.5 7V5.5A1.5 1.5 0 0 1 11 4h2a1.5 1.5 0 0 1 1.5 1.5V7M6.5 7l.7 11a2 2 0 0 0 2 1.9h5.6a2 \
                 2 0 0 0 2-1.9l.7-11M10.2 11v5M13.8 11v5"
            }
        }
    }
}

/// Shows an icon.
#[component]
pub fn Glyph(
    /// The icon.
    icon: Icon,
) -> impl IntoView {
    let path = icon.path();
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d=path></path>
        </svg>
    }
}

/// Kaiwa's logo: a roof over two lines of talk, after 会.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
            <rect class="mark-ground" width="32" height="32" rx="9"></rect>
            <path class="mark-lines" d="M6.5 15.5L16 7l9.5 8.5M11 18.2h10M11 23.2h6"></path>
        </svg>
    }
}
