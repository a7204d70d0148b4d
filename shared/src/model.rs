//! The models that can be chosen.

use serde::{Deserialize, Serialize};

/// A model that is offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Model {
    /// What a request names: `<provider>/<model>`, or `demo`.
    pub id: String,
    /// What the picker shows.
    pub name: String,
    /// The provider's name.
    pub provider: String,
    /// It is Kaiwa's built-in demonstration, not a language model.
    #[serde(default)]
    pub demo: bool,
}

/// Answer to `GET /api/models`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Models {
    /// Everything that can be chosen, in the order in which it is shown.
    pub models: Vec<Model>,
    /// The id of the model of a new conversation.
    pub default: String,
}
