//! Addresses as a type: a [`Route`] names a page, and only this module knows its path.

use std::fmt;

use kaiwa_shared::ConversationId;

/// A page of the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// A new conversation.
    Home,
    /// A conversation.
    Conversation(ConversationId),
    /// A temporary conversation, of which nothing is stored.
    Temporary,
    /// The settings page.
    Settings,
    /// Sign-in and sign-up.
    Auth,
    /// An unknown address.
    NotFound,
}

impl Route {
    /// Reads the path of an address, such as `/c/0198…`.
    pub fn parse(path: &str) -> Self {
        let mut segments = path.split('/').filter(|segment| !segment.is_empty());
        let route = match segments.next() {
            None => Self::Home,
            Some("auth") => Self::Auth,
            Some("settings") => Self::Settings,
            Some("temporary") => Self::Temporary,
            Some("c") => {
                segments.next().and_then(|id| id.parse().ok()).map_or(Self::NotFound, Self::Conversation)
            }
            Some(_) => Self::NotFound,
        };
        if segments.next().is_some() { Self::NotFound } else { route }
    }

    /// Where to go after sign-in: the `next` of a query such as `?next=/settings`, or the start page.
    ///
    /// `next` is parsed as one of our own routes, so that a crafted link cannot lead to another site.
    pub fn after_sign_in(query: &str) -> Self {
        let next = query
            .trim_start_matches('?')
            .split('&')
            .find_map(|pair| pair.strip_prefix("next="))
            .map(|value| value.replace("%2F", "/").replace("%2f", "/"))
            .filter(|path| path.starts_with('/') && !path.starts_with("//"));
        match next.as_deref().map(Self::parse) {
            Some(route @ (Self::Conversation(_) | Self::Temporary | Self::Settings)) => route,
            _ => Self::Home,
        }
    }

    /// The address of the sign-in page that returns here afterwards.
    pub fn sign_in_address(self) -> String {
        match self {
            Self::Conversation(_) | Self::Temporary | Self::Settings => format!("/auth?next={self}"),
            _ => "/auth".to_owned(),
        }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Home | Self::NotFound => f.write_str("/"),
            Self::Conversation(id) => write!(f, "/c/{id}"),
            Self::Temporary => f.write_str("/temporary"),
            Self::Settings => f.write_str("/settings"),
            Self::Auth => f.write_str("/auth"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_reads_back_from_its_address() {
        let conversation = Route::Conversation(ConversationId::new());
        for route in [Route::Home, conversation, Route::Temporary, Route::Settings, Route::Auth] {
            assert_eq!(Route::parse(&route.to_string()), route);
        }
    }

    #[test]
    fn an_unknown_address_is_not_found() {
        for path in ["/c/none", "/c", "/settings/more", "/wp-admin"] {
            assert_eq!(Route::parse(path), Route::NotFound, "{path}");
        }
    }

    #[test]
    fn signing_in_returns_to_the_previous_page() {
        let conversation = Route::Conversation(ConversationId::new());
        for route in [Route::Home, Route::Temporary, Route::Settings, conversation] {
            let address = route.sign_in_address();
            let query = address.split_once('?').map_or("", |(_, query)| query);
            assert_eq!(Route::after_sign_in(query), route);
        }
        assert_eq!(Route::after_sign_in("?a=1&next=%2Fsettings"), Route::Settings);
    }

    #[test]
    fn signing_in_never_leads_to_another_site() {
        for next in
            ["https://evil.example", "//evil.example/c", "javascript:alert(1)", "/\\evil.example", "/auth"]
        {
            assert_eq!(Route::after_sign_in(&format!("?next={next}")), Route::Home, "{next}");
        }
    }
}
