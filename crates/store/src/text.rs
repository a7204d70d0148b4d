//! Text that both engines store and compare in the same way.

/// Folds the case of `text` for keys and searches, because the engines differ beyond ASCII.
///
/// Works character by character, so that a substring folds to a substring of the folded text. `str::to_lowercase` treats
/// a sigma at the end of a word differently.
pub(crate) fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).map(|c| if c == 'ς' { 'σ' } else { c }).collect()
}

/// Removes NUL, the one character that PostgreSQL cannot store.
pub(crate) fn storable(text: &str) -> String {
    text.replace('\0', "")
}

/// A `LIKE` pattern with the escape character `\` that matches every text containing `needle`.
pub(crate) fn containing(needle: &str) -> String {
    let mut pattern = String::with_capacity(needle.len() + 2);
    pattern.push('%');
    for c in fold(&storable(needle)).chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    if pattern.len() > 1 {
        pattern.push('%');
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_of_a_text_folds_to_a_piece_of_the_folded_text() {
        assert!(fold("ΣΑΣΑ").contains(&fold("ΣΑΣ")));
        assert_eq!(fold("Straße ÄÖ 会话"), "straße äö 会话");
    }

    #[test]
    fn a_needles_wildcards_lose_their_meaning() {
        assert_eq!(containing(r"50%_\"), r"%50\%\_\\%");
        assert_eq!(containing(""), "%");
    }
}
