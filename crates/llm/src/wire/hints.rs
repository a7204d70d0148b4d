//! What a decoder knows besides events, to explain a reply without text.

use serde_json::Value;

/// What a decoder knows besides events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hints {
    /// The finish reason as the provider spells it.
    pub(crate) reason: String,
    /// The name of a field or a kind of content that has no neutral form.
    pub(crate) unknown: String,
}

impl Hints {
    /// Remembers the first content that has no neutral form.
    pub(crate) fn note_unknown(&mut self, name: &str) {
        if self.unknown.is_empty() {
            self.unknown = name.chars().take(60).collect();
        }
    }
}

/// The name of the first field outside `known` that holds text, a list or an object.
pub(crate) fn unknown_field(value: &Value, known: &[&str]) -> Option<String> {
    let has_content = |value: &Value| match value {
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => !values.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => false,
    };
    let mut fields = value.as_object()?.iter();
    fields
        .find(|(name, value)| !known.contains(&name.as_str()) && has_content(value))
        .map(|(name, _)| name.clone())
}
