//! English.

use super::ModelsWords;

pub(in crate::i18n) const WORDS: ModelsWords = ModelsWords {
    title: "Choose a model",
    search: "Search models",
    favourites: "Favorites",
    recent: "Recent",
    add_favourite: |name| format!("Add {name} to favorites"),
    remove_favourite: |name| format!("Remove {name} from favorites"),
    sees: "Sees images",
    tools: "Uses tools",
    reasons: "Thinks before answering",
    context: |tokens| format!("{tokens} context"),
    prices: |input, output| format!("{input} in · {output} out / 1M tokens"),
    free: "Free",
    none_found: "No model matches.",
    gone: |id| format!("{id} is no longer available. Choose another model."),
    compare: "Compare with…",
    compare_hint: |max| format!("Up to {max} more models can answer the same message."),
    compare_done: "Done",
};
