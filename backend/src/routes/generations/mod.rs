//! Following and stopping generations.

mod events;
mod stop;

use super::endpoints::endpoints;

endpoints![events::follow_generation, stop::stop_generation,];
