//! A type for each kind of id, so that a message's id cannot be passed as a conversation's.
//!
//! Every id that Kaiwa makes is a UUID v7. It sorts by creation time, which keeps indexes dense.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Creates a new id from the current time and random bits.
            #[expect(clippy::disallowed_methods, reason = "this module is where ids are made")]
            #[expect(clippy::new_without_default, reason = "an id that nobody asked for is a bug")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            /// Wraps an id from the database.
            pub const fn from_uuid(id: Uuid) -> Self {
                Self(id)
            }

            /// The id as a UUID, for the database.
            pub const fn as_uuid(&self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0.hyphenated())
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self)
            }
        }
    };
}

id!(
    /// An account.
    UserId
);
id!(
    /// One login of an account; the access token names it.
    SessionId
);
id!(
    /// A conversation.
    ConversationId
);
id!(
    /// A message in a conversation, the user's or the assistant's.
    MessageId
);
id!(
    /// One run of a model that fills one assistant message.
    GenerationId
);
id!(
    /// A process that runs generations.
    RunnerId
);
id!(
    /// The client's id for a message that it sends. Sending the same id twice stores one message.
    ClientMessageId
);
id!(
    /// An uploaded file. The client chooses the id, so uploading the same file twice stores it once.
    FileId
);
id!(
    /// A saved prompt.
    PromptId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_what_it_writes() {
        let id = MessageId::new();
        assert_eq!(id.to_string().parse::<MessageId>().unwrap(), id);
        assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{id}\""));
    }

    #[test]
    fn later_ids_sort_later() {
        let first = ConversationId::new();
        let second = ConversationId::new();
        assert!(first < second);
    }
}
