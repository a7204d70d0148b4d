//! Generations against providers that say exactly what a test wants them to say, and that remember what they were told.

#![cfg(test)]

mod continuation;
mod ends;
mod natives;
mod processes;
mod support;
mod titles;
