//! Lenient parsing of the JSON that hosts send.
//!
//! A field of the wrong type counts as absent, because hosts disagree about types and one odd field should not cost
//! the reply. Use these as `#[serde(deserialize_with = "lenient")]` in a struct with `#[serde(default)]`.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};
use serde_json::Value;

use crate::{Error, ErrorKind};

/// The value, or the default if it has another type.
pub(crate) fn lenient<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned + Default,
{
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

/// A string; empty for anything else. Like [`lenient`], without the intermediate `Value`, for fields of every frame.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(loose::<D, String>(deserializer)?.unwrap_or_default())
}

/// An object with lenient fields; `None` for anything else. Like [`lenient`], without the intermediate `Value`.
pub(crate) fn object<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    loose::<D, Map<T>>(deserializer).map(|map| map.map(|map| map.0))
}

/// A list of objects with lenient fields, skipping entries that are not objects; empty for anything else. Like
/// [`lenient`], without the intermediate `Value`.
pub(crate) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let list = loose::<D, List<T>>(deserializer)?.map(|list| list.0).unwrap_or_default();
    Ok(list.into_iter().filter_map(|element| Some(element.0?.0)).collect())
}

/// A type that reads one kind of JSON.
trait Kind<'de>: Sized {
    fn of_string(_text: &str) -> Option<Self> {
        None
    }

    fn of_map<A: MapAccess<'de>>(map: A) -> Result<Option<Self>, A::Error> {
        skip_map(map)
    }

    fn of_list<A: SeqAccess<'de>>(list: A) -> Result<Option<Self>, A::Error> {
        skip_list(list)
    }
}

fn skip_map<'de, A: MapAccess<'de>, T>(mut map: A) -> Result<Option<T>, A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(None)
}

fn skip_list<'de, A: SeqAccess<'de>, T>(mut list: A) -> Result<Option<T>, A::Error> {
    while list.next_element::<IgnoredAny>()?.is_some() {}
    Ok(None)
}

impl Kind<'_> for String {
    fn of_string(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

/// An object.
struct Map<T>(T);

impl<'de, T: Deserialize<'de>> Kind<'de> for Map<T> {
    fn of_map<A: MapAccess<'de>>(map: A) -> Result<Option<Self>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|value| Some(Self(value)))
    }
}

/// A list of objects and other things.
struct List<T>(Vec<Element<T>>);

impl<'de, T: Deserialize<'de>> Kind<'de> for List<T> {
    fn of_list<A: SeqAccess<'de>>(list: A) -> Result<Option<Self>, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(|elements| Some(Self(elements)))
    }
}

struct Element<T>(Option<Map<T>>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Element<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        loose(deserializer).map(Self)
    }
}

fn loose<'de, D: Deserializer<'de>, K: Kind<'de>>(deserializer: D) -> Result<Option<K>, D::Error> {
    deserializer.deserialize_any(Loose(PhantomData))
}

/// Accepts any JSON and returns what [`Kind`] reads from it.
struct Loose<K>(PhantomData<K>);

impl<'de, K: Kind<'de>> Visitor<'de> for Loose<K> {
    type Value = Option<K>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(K::of_string(text))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        K::of_map(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        K::of_list(list)
    }
}

/// A token count in any notation; 0 if it is invalid. Limited so that sums cannot overflow.
pub(crate) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let count = value.as_u64().or_else(|| value.as_str()?.parse().ok()).unwrap_or_default();
    Ok(count.min(u64::from(u32::MAX)))
}

/// Parses a frame's JSON. Where a field appears twice, the last one counts.
///
/// # Errors
///
/// [`ErrorKind::CutOff`] if it ends too early, [`ErrorKind::Protocol`] if it is not JSON.
pub(crate) fn parse<T: DeserializeOwned>(data: &str) -> Result<T, Error> {
    let parsed = serde_json::from_str(data).or_else(|error| {
        if error.is_data() { serde_json::from_value(serde_json::from_str(data)?) } else { Err(error) }
    });
    parsed.map_err(|error: serde_json::Error| {
        if error.is_eof() {
            Error::new(ErrorKind::CutOff, "the stream ended in the middle of an event")
        } else {
            Error::new(ErrorKind::Protocol, "an event of the stream is not JSON")
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Outer {
        #[serde(deserialize_with = "text")]
        name: String,
        #[serde(deserialize_with = "object")]
        inner: Option<Inner>,
        #[serde(deserialize_with = "list")]
        list: Vec<Inner>,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Inner {
        #[serde(deserialize_with = "text")]
        word: String,
        #[serde(deserialize_with = "lenient")]
        number: u32,
    }

    #[test]
    fn a_field_of_another_type_counts_as_absent() {
        let odd = [
            json!(null),
            json!(true),
            json!(-1),
            json!(7),
            json!(1.5),
            json!("x"),
            json!([]),
            json!({}),
            json!([[1]]),
        ];
        for odd in odd {
            let read: Outer = serde_json::from_str(
                &json!({ "name": odd, "inner": odd, "list": odd, "new": odd }).to_string(),
            )
            .unwrap();
            let name = odd.as_str().unwrap_or_default().to_owned();
            let inner = odd.is_object().then(Inner::default);
            assert_eq!(read, Outer { name, inner, list: Vec::new() }, "{odd}");
        }
    }

    #[test]
    fn valid_fields_next_to_it_are_kept() {
        let json = json!({ "name": "n", "inner": { "word": 1, "number": 2 }, "list": [1, { "word": "w" }, null, [{}], {}] });
        let inner = |word: &str, number| Inner { word: word.into(), number };
        let expected =
            Outer { name: "n".into(), inner: Some(inner("", 2)), list: vec![inner("w", 0), inner("", 0)] };
        assert_eq!(serde_json::from_str::<Outer>(&json.to_string()).unwrap(), expected);
        assert_eq!(Outer::deserialize(&json).unwrap(), expected);
    }
}
