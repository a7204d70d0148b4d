//! What a model can do and what it costs.

use kaiwa_shared::model::Abilities;
use serde::{Deserialize, Serialize};

mod names;
mod table;

pub use names::name_of;
pub use table::known;

/// A model in its provider's list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Listed {
    /// The name in requests.
    pub id: String,
    /// The display name; empty if the list has none.
    pub name: String,
    /// Its abilities, as far as the list states them.
    pub abilities: Abilities,
}
