//! `{{…}}` in an inserted prompt: selected one after another, for the user to type over.

use std::ops::Range;

use leptos::{html, prelude::*};
use web_sys::{HtmlTextAreaElement, KeyboardEvent};

use crate::browser::{
    keyboard::{Press, press_of},
    text_field,
};

/// The longest placeholder, in characters between the braces.
const LONGEST: usize = 64;

/// The placeholders of the prompt that was inserted last.
#[derive(Clone, Copy)]
pub(super) struct Placeholders {
    field: NodeRef<html::Textarea>,
    /// Whether there may be more of them, for which Tab is needed.
    any_left: StoredValue<bool>,
}

impl Placeholders {
    pub(super) fn new(field: NodeRef<html::Textarea>) -> Self {
        Self { field, any_left: StoredValue::new(false) }
    }

    /// Selects the first one of a prompt that was inserted at `start`.
    pub(super) fn begin(self, field: &HtmlTextAreaElement, start: u32) {
        self.any_left.set_value(select_next(field, start));
    }

    /// Handles a key. Returns whether it selected the next one.
    pub(super) fn on_key(self, event: &KeyboardEvent) -> bool {
        if event.key() != "Tab" || press_of(event) != Press::default() || !self.any_left.get_value() {
            return false;
        }
        let is_selected =
            self.field.get_untracked().is_some_and(|field| select_next(&field, text_field::caret(&field)));
        self.any_left.set_value(is_selected);
        if is_selected {
            event.prevent_default();
        }
        is_selected
    }
}

/// Selects the first placeholder at or after `from`. Positions are in UTF-16 units.
fn select_next(field: &HtmlTextAreaElement, from: u32) -> bool {
    let Some(after) = text_field::after(field, from) else { return false };
    let Some(found) = first_in(&after) else { return false };
    let units = |end: usize| {
        let text = after.get(..end).unwrap_or_default();
        from.saturating_add(u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX))
    };
    field.set_selection_range(units(found.start), units(found.end)).is_ok()
}

/// The bytes of the first placeholder in `text`.
fn first_in(text: &str) -> Option<Range<usize>> {
    text.match_indices("{{").find_map(|(mut start, _)| {
        // Of three braces, the last two count.
        while text.get(start + 1..).is_some_and(|rest| rest.starts_with("{{")) {
            start += 1;
        }
        let inner = text.get(start + 2..)?;
        let (length, _) =
            inner.char_indices().take(LONGEST + 1).find(|(_, c)| matches!(c, '{' | '}' | '\n'))?;
        let (name, end) = inner.split_at(length);
        (end.starts_with("}}") && !name.trim().is_empty()).then(|| start..start + length + 4)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_has_a_name_in_two_braces() {
        let long = "x".repeat(LONGEST);
        let (fits, too_long) = (format!("{{{{{long}}}}}"), format!("{{{{{long}x}}}}"));
        for (text, expected) in [
            ("Review {{code}} for {{reader}}.", Some("{{code}}")),
            ("翻译成{{目标语言}}", Some("{{目标语言}}")),
            ("{{ target language }}", Some("{{ target language }}")),
            ("{{{a}}}", Some("{{a}}")),
            ("{{ {{a}}", Some("{{a}}")),
            ("{{}} {{ }} {{b}}", Some("{{b}}")),
            (&fits, Some(fits.as_str())),
            (&too_long, None),
            ("{{a\nb}}", None),
            ("{a} {{a} a}} }}{{", None),
            ("", None),
        ] {
            assert_eq!(first_in(text).and_then(|found| text.get(found)), expected, "{text}");
        }
    }
}
