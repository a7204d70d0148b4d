//! JSON as loosely as hosts write it.
//!
//! A field of the wrong type counts as absent: hosts disagree about all of them, and one odd field should not cost the
//! reply. Use these as `#[serde(deserialize_with = "lenient")]` in a struct with `#[serde(default)]`.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

use crate::{Error, ErrorKind};

/// The value, or the default where it is of another type.
pub(crate) fn lenient<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned + Default,
{
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

/// A count of tokens, however it is written; nonsense is 0. Never so large that a sum could overflow.
pub(crate) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let count = value.as_u64().or_else(|| value.as_str()?.parse().ok()).unwrap_or_default();
    Ok(count.min(u64::from(u32::MAX)))
}

/// A frame's JSON.
///
/// # Errors
///
/// [`ErrorKind::CutOff`] if it ends too early, [`ErrorKind::Protocol`] if it is none.
pub(crate) fn parse<T: DeserializeOwned>(data: &str) -> Result<T, Error> {
    serde_json::from_str(data).map_err(|error| {
        if error.is_eof() {
            Error::new(ErrorKind::CutOff, "the stream ended in the middle of an event")
        } else {
            Error::new(ErrorKind::Protocol, "an event of the stream is not JSON")
        }
    })
}
