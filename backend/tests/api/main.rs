//! Tests of the server over HTTP: the real application on port 0, with its own database and a scripted provider.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic in a test or its helpers is a failed test"
)]

mod abandoned;
mod accounts;
mod asked_again;
mod branches;
mod chat;
mod compare;
mod context;
mod conversation_settings;
mod conversations;
mod durability;
mod edits;
mod errors;
mod feed;
mod files;
mod files_documents;
mod files_fallbacks;
mod files_in_messages;
mod files_kept;
mod files_large;
mod full_disk;
mod guards;
mod health;
mod kills;
mod limits;
mod logs;
mod loose_streams;
mod lost_answers;
mod models;
mod natives;
mod open_responses;
mod outages;
mod peer;
mod privacy;
mod program;
mod prompts;
mod providers;
mod providers_fail;
mod queue;
mod reconnects;
mod resume;
mod schemathesis;
mod setup_code;
mod support;
mod temporary;
mod two_processes;
mod written_pictures;
