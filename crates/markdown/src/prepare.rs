//! Prepares a text for the parser.

use std::borrow::Cow;

use crate::{flanking, formula, hidden, nested, tags};

/// A prepared text.
pub(crate) struct Prepared<'a> {
    pub(crate) text: Cow<'a, str>,
    /// The offset in the written text of the first line whose meaning may still change, although later lines follow.
    pub(crate) undecided: Option<usize>,
}

/// Prepares a normalised text. The changes depend only on the block around them.
pub(crate) fn prepare(text: &str) -> Prepared<'_> {
    if hidden::is_in(text) {
        return Prepared { text: Cow::Borrowed(text), undecided: None };
    }
    let protected = nested::protect(text);
    let (undecided_formula, hidden) = {
        let hidden = formula::hide(&protected.text);
        let undecided = hidden.undecided.map(|mut at| {
            hidden::written_offsets(&protected.text, std::iter::once(&mut at));
            at
        });
        (undecided, owned(hidden.text))
    };
    let undecided = [protected.undecided, undecided_formula].into_iter().flatten().min();
    let text = hidden.map_or(protected.text, Cow::Owned);
    let tagged = owned(tags::mark(&text));
    let text = tagged.map_or(text, Cow::Owned);
    let marked = owned(flanking::mark(&text));
    Prepared { text: marked.map_or(text, Cow::Owned), undecided }
}

/// The text if it was changed.
fn owned(text: Cow<'_, str>) -> Option<String> {
    match text {
        Cow::Borrowed(_) => None,
        Cow::Owned(text) => Some(text),
    }
}
