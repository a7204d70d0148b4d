//! Files: those of a message, those being added to one, and the overlay while files are dragged over the page.

mod attached;
mod chips;
mod drop;
mod reading;

pub use self::{
    attached::attached,
    chips::chips,
    drop::drop_overlay,
    reading::{cannot_read, only_text},
};
