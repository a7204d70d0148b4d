//! Following and stopping a generation.

mod events;
mod stop;

use super::endpoints::endpoints;

endpoints![events::follow_generation, stop::stop_generation,];
