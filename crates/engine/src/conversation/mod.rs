//! Conversations: sending messages, their queues and branches, and what their owner's open pages hear of it.

mod announce;
mod branches;
pub(crate) mod feed;
mod files;
mod queue;
mod send;
mod temporary;

use std::sync::Arc;

use crate::{Services, generation::Generations};
use feed::Feed;

pub use send::Sent;

/// Everything that can be done in conversations. Cheap to clone.
#[derive(Clone)]
pub struct Conversations {
    services: Arc<Services>,
    generations: Generations,
    feed: Feed,
}

impl Conversations {
    pub(crate) fn new(services: Arc<Services>, generations: Generations, feed: Feed) -> Self {
        Self { services, generations, feed }
    }
}
