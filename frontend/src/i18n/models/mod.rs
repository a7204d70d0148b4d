//! Words of the model picker.

pub(super) mod en;
pub(super) mod zh;

/// Words of the model picker.
pub struct ModelsWords {
    /// Name of the picker's panel.
    pub title: &'static str,
    /// Search field.
    pub search: &'static str,
    /// Group.
    pub favourites: &'static str,
    /// Group of recently used models.
    pub recent: &'static str,
    /// Button that makes this model a favourite.
    pub add_favourite: fn(&str) -> String,
    /// Button that makes it an ordinary one.
    pub remove_favourite: fn(&str) -> String,
    /// Ability.
    pub sees: &'static str,
    /// Ability.
    pub tools: &'static str,
    /// Ability.
    pub reasons: &'static str,
    /// The size of the context window.
    pub context: fn(&str) -> String,
    /// The prices of a million tokens of prompt and of reply.
    pub prices: fn(&str, &str) -> String,
    /// Nothing has to be paid.
    pub free: &'static str,
    /// No model matches the search.
    pub none_found: &'static str,
    /// The chosen model, by its id, is not offered any more.
    pub gone: fn(&str) -> String,
    /// Button that lets more models answer.
    pub compare: &'static str,
    /// Explains it, with the maximum number of models.
    pub compare_hint: fn(usize) -> String,
    /// Button that ends the choice of those models.
    pub compare_done: &'static str,
}
