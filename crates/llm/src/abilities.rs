//! What a model can do and what it costs.

use kaiwa_shared::model::Abilities;

mod table;

pub use table::known;

/// A model as its provider lists it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listed {
    /// What a request names.
    pub id: String,
    /// What people call it; empty if the list does not say.
    pub name: String,
    /// What the list says of it.
    pub abilities: Abilities,
}
