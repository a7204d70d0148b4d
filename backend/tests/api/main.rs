//! The server as its clients see it: the real application on port 0, with its own database and a scripted provider.

mod accounts;
mod chat;
mod conversations;
mod durability;
mod errors;
mod guards;
mod health;
mod models;
mod resume;
mod support;
