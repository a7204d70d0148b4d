//! Every repository method, on SQLite and on a real PostgreSQL.
//!
//! A scenario is an `async fn(Store)` on an empty, migrated database of its own; [`on_both_engines!`] makes a test of
//! it for each engine. PostgreSQL is the server that `TEST_DATABASE_URL` names. Where it is not set the scenarios say
//! that they are skipped, and fail instead if `CI=true` or `KAIWA_REQUIRE_POSTGRES=1`.

#![cfg(test)]

mod branches;
mod conversations;
mod crash;
mod files;
mod fixture;
mod fork;
mod generations;
mod harness;
mod history;
mod hosts;
mod lifecycle;
mod messages;
mod prompts;
mod queue;
mod runners;
mod sessions;
mod turns;
mod units;
mod upgrade;
mod users;
