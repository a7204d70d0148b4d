//! Ids of tool calls in the form that the host accepts.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde::{Serialize, Serializer};

/// The exact length of Mistral's ids, which consist of letters and digits.
const SHORT: usize = 9;

/// The characters of a short id.
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// An id in the form that the host accepts. A call and its result get the same id in this request and in every later
/// one, so that the host's cache stays valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CallId<'a> {
    /// The original id.
    pub(super) written: &'a str,
    /// The host accepts short ids only.
    pub(super) short: bool,
}

impl Serialize for CallId<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !self.short || is_short(self.written) {
            serializer.serialize_str(self.written)
        } else {
            serializer.serialize_str(&shortened(self.written))
        }
    }
}

fn is_short(id: &str) -> bool {
    id.len() == SHORT && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A short id derived from another id. The chance of a collision is 1 in 10^16 per pair.
fn shortened(id: &str) -> String {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    let mut rest = hasher.finish();
    let mut short = String::with_capacity(SHORT);
    for _ in 0..SHORT {
        let digit = usize::try_from(rest % 62).ok().and_then(|at| DIGITS.get(at)).copied();
        short.push(digit.map_or('0', char::from));
        rest /= 62;
    }
    short
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn sent(written: &str, short: bool) -> String {
        serde_json::to_value(CallId { written, short }).unwrap().as_str().unwrap().to_owned()
    }

    #[test]
    fn a_short_id_replaces_only_what_would_be_refused() {
        for id in [
            "call_PTLP8xhu3uwZk4l3nlnrrJha",
            "toolu_01A09q90qw90lq917835lq9",
            "",
            "a",
            "12345678-",
            "漢字漢字漢字漢字漢",
            "0123456789",
        ] {
            assert!(is_short(&sent(id, true)), "{id:?} became {}", sent(id, true));
            assert_eq!(sent(id, true), sent(id, true), "a call and its answer get the same id");
            assert_eq!(sent(id, false), id, "others get what was written");
        }
        assert_eq!(sent("D681PevKs", true), "D681PevKs");
    }

    #[test]
    fn different_ids_stay_different() {
        let short: HashSet<String> = (0..10_000).map(|n| sent(&format!("call_{n}"), true)).collect();
        assert_eq!(short.len(), 10_000);
    }
}
