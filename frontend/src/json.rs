//! Reading JSON: what the server sends and what the browser keeps.
//!
//! A general reader takes a record from an object or from an array, takes numbers from texts, and tells what was wrong
//! and where; all of that is compiled once for every type that is read. Here a record is an object, whatever cannot be
//! read is only unreadable, and the client is a good deal smaller. What is written stays with `serde_json`; tests hold
//! the two together.

use std::{fmt, mem};

use serde::{
    Deserializer,
    de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor},
    forward_to_deserialize_any,
};

/// What `text` says; `None` if it is not JSON or says something else.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    let mut reader = Reader { rest: text };
    let value = T::deserialize(&mut reader).ok()?;
    reader.peek().is_none().then_some(value)
}

/// The text cannot be read.
#[derive(Debug)]
struct Unreadable;

type Result<T> = std::result::Result<T, Unreadable>;

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unreadable")
    }
}

impl std::error::Error for Unreadable {}

impl de::Error for Unreadable {
    fn custom<T: fmt::Display>(_message: T) -> Self {
        Self
    }
}

/// What is still to be read.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        self.rest = self.rest.trim_ascii_start();
        self.rest.as_bytes().first().copied()
    }

    /// Goes past what has to come next.
    fn pass(&mut self, token: &str) -> Result<()> {
        self.rest = self.rest.trim_ascii_start().strip_prefix(token).ok_or(Unreadable)?;
        Ok(())
    }

    fn string(&mut self) -> Result<String> {
        self.pass("\"")?;
        let mut text = String::new();
        loop {
            let at = self.rest.find(['"', '\\']).ok_or(Unreadable)?;
            let (plain, rest) = self.rest.split_at(at);
            text.push_str(plain);
            if let Some(rest) = rest.strip_prefix('"') {
                self.rest = rest;
                return Ok(text);
            }
            text.push(self.escaped(rest)?);
        }
    }

    /// The character that the escape at the beginning of `rest` stands for.
    fn escaped(&mut self, rest: &'a str) -> Result<char> {
        let mut escape = rest.chars();
        // The backslash.
        escape.next();
        let name = escape.next().ok_or(Unreadable)?;
        self.rest = escape.as_str();
        Ok(match name {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{c}',
            '"' | '\\' | '/' => name,
            'u' => {
                let mut code = self.unit()?;
                // A character beyond the first 65536 is written as two halves.
                if let 0xd800..0xdc00 = code {
                    self.rest = self.rest.strip_prefix("\\u").ok_or(Unreadable)?;
                    let low =
                        self.unit()?.checked_sub(0xdc00).filter(|low| *low < 0x400).ok_or(Unreadable)?;
                    code = 0x1_0000 + ((code - 0xd800) << 10) + low;
                }
                char::from_u32(code).ok_or(Unreadable)?
            }
            _ => return Err(Unreadable),
        })
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Result<u32> {
        let (digits, rest) = self.rest.split_at_checked(4).ok_or(Unreadable)?;
        self.rest = rest;
        digits.chars().try_fold(0, |unit, digit| Some(unit * 16 + digit.to_digit(16)?)).ok_or(Unreadable)
    }

    /// A number or a word.
    fn word(&mut self) -> Result<&'a str> {
        let rest = self.rest.trim_ascii_start();
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.');
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let (word, rest) = rest.split_at(end);
        self.rest = rest;
        if word.is_empty() { Err(Unreadable) } else { Ok(word) }
    }

    fn bool(&mut self) -> Result<bool> {
        self.word()?.parse().map_err(|_not_a_bool| Unreadable)
    }

    fn float(&mut self) -> Result<f64> {
        float(self.word()?).ok_or(Unreadable)
    }

    /// Goes past a value that nobody asked for. What is within it needs a beginning and an end, no more.
    fn skip(&mut self) -> Result<()> {
        let mut depth = 0_usize;
        loop {
            match self.peek() {
                Some(b'"') => _ = self.string()?,
                Some(mark @ (b'[' | b'{' | b']' | b'}' | b',' | b':')) => {
                    depth = match mark {
                        b'[' | b'{' => depth + 1,
                        b']' | b'}' => depth.checked_sub(1).ok_or(Unreadable)?,
                        _ => depth,
                    };
                    self.rest = self.rest.get(1..).unwrap_or_default();
                }
                _ => _ = self.word()?,
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }
}

/// A number. Up to fifteen digits it is exact, which is more than anything here has that is not a whole number.
fn float(text: &str) -> Option<f64> {
    let (text, exponent) = match text.split_once(['e', 'E']) {
        Some((text, exponent)) => (text, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let (digits, sign) = whole.strip_prefix('-').map_or((whole, 1.0), |digits| (digits, -1.0));
    let read = |value: f64, digit: char| Some(value * 10.0 + f64::from(digit.to_digit(10)?));
    let value = digits.chars().chain(fraction.chars()).try_fold(0.0, read)?;
    let exponent = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    let power = 10_f64.powi(exponent.saturating_abs());
    Some(sign * if exponent < 0 { value / power } else { value * power })
}

impl<'de> Deserializer<'de> for &mut Reader<'_> {
    type Error = Unreadable;

    /// Nothing here is read without knowing what it is.
    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value> {
        Err(Unreadable)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_bool(self.bool()?)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_i64(self.word()?.parse().map_err(|_not_a_number| Unreadable)?)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_u64(self.word()?.parse().map_err(|_not_a_number| Unreadable)?)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_f64(self.float()?)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_string(self.string()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_str(&self.string()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.pass("null").is_ok() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.pass("[")?;
        let value = visitor.visit_seq(Entries { reader: self, end: b']', first: true })?;
        self.pass("]")?;
        Ok(value)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.pass("{")?;
        let value = visitor.visit_map(Entries { reader: self, end: b'}', first: true })?;
        self.pass("}")?;
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_map(visitor)
    }

    /// A name; what is more than a name is read as a record.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_enum(self.string()?.into_deserializer())
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.skip()?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { i8 i16 i32 u8 char bytes byte_buf unit unit_struct tuple tuple_struct }
}

/// What stands between two brackets.
struct Entries<'r, 'a> {
    reader: &'r mut Reader<'a>,
    end: u8,
    first: bool,
}

impl Entries<'_, '_> {
    fn has_next(&mut self) -> Result<bool> {
        if self.reader.peek() == Some(self.end) {
            return Ok(false);
        }
        if !mem::take(&mut self.first) {
            self.reader.pass(",")?;
        }
        Ok(true)
    }
}

impl<'de> SeqAccess<'de> for Entries<'_, '_> {
    type Error = Unreadable;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        if !self.has_next()? {
            return Ok(None);
        }
        seed.deserialize(&mut *self.reader).map(Some)
    }
}

impl<'de> MapAccess<'de> for Entries<'_, '_> {
    type Error = Unreadable;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        if !self.has_next()? {
            return Ok(None);
        }
        seed.deserialize(&mut *self.reader).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        self.reader.pass(":")?;
        seed.deserialize(&mut *self.reader)
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fmt::Debug};

    use kaiwa_shared::{
        Code, ConversationId, GenerationId, MessageId, Problem,
        conversation::{Conversation, Page},
        message::{Finish, MessageOptions, Part, Status, ToolResult},
        model::{Abilities, Model, Models, Prices},
        stream::StreamEvent,
        time::Millis,
    };
    use serde::Serialize;

    use super::*;

    fn reads_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
        for json in [serde_json::to_string(value).unwrap(), serde_json::to_string_pretty(value).unwrap()] {
            assert_eq!(read::<T>(&json).as_ref(), Some(value), "{json}");
        }
    }

    #[test]
    fn what_the_server_writes_is_read() {
        reads_back(&StreamEvent::Created {
            conversation_id: ConversationId::new(),
            user_message_id: MessageId::new(),
            message_id: MessageId::new(),
            generation_id: GenerationId::new(),
            model: "a/b".into(),
            beside: Vec::new(),
        });
        let parts = vec![
            Part::Reasoning { text: "Hm".into(), duration_ms: Some(u64::MAX) },
            Part::ToolResult(ToolResult { id: "1".into(), output: r#"{"a":["\"]}"#.into(), is_error: true }),
            Part::Error { problem: Problem::new(Code::ProviderRateLimit, "wait") },
        ];
        reads_back(&StreamEvent::Snapshot { message_id: MessageId::new(), parts });
        reads_back(&StreamEvent::End { status: Status::Complete, finish: Some(Finish::Length) });
        let conversation = Conversation {
            id: ConversationId::new(),
            title: "河流".into(),
            model: None,
            active_leaf_id: Some(MessageId::new()),
            created_at: Millis(-1),
            updated_at: Millis(1_700_000_000_000),
        };
        reads_back(&Page { items: vec![conversation.clone(), conversation], next: None });
        let prices = Some(Prices { input: 1.25, output: 15.0, cached: Some(0.000_125) });
        let abilities = Abilities { vision: Some(false), prices, ..Abilities::default() };
        let model = Model { name: "B".into(), abilities, ..Model::default() };
        reads_back(&Models { models: vec![model], default: "a/b".into() });
        reads_back(&MessageOptions { temperature: Some(0.7), max_tokens: Some(u32::MAX), effort: None });
    }

    #[test]
    fn every_text_is_read_however_it_is_escaped() {
        for text in ["", "a\"b\\c/d", "\n\r\t\u{8}\u{c}\u{0}\u{1f}", "会话 😀", "\u{2028}"] {
            reads_back(&text.to_owned());
        }
        assert_eq!(read::<String>(r#""\u4f1a\u8bDD \ud83d\ude00\/""#).as_deref(), Some("会话 😀/"));
        for broken in [
            r#"""#,
            r#""\"#,
            r#""\x""#,
            r#""\u12""#,
            r#""\u+123""#,
            r#""\ud83d""#,
            r#""\ud83d\u0041""#,
            r#""\ude00""#,
        ] {
            assert_eq!(read::<String>(broken), None, "{broken}");
        }
    }

    #[test]
    fn numbers_are_read_as_they_were_meant() {
        for (text, expected) in [
            ("0", 0.0),
            ("-0.5", -0.5),
            ("1e3", 1000.0),
            ("12.5E-1", 1.25),
            ("1E+2", 100.0),
            ("0.1", 0.1),
            ("0.000125", 0.000_125),
            ("123456789012345", 123_456_789_012_345.0),
        ] {
            let exact = read::<f64>(text).is_some_and(|read| read.to_bits() == f64::to_bits(expected));
            assert!(exact, "{text}");
        }
        assert_eq!(read::<i64>("-9223372036854775808"), Some(i64::MIN));
        assert_eq!(read::<u16>("65535"), Some(u16::MAX));
        assert_eq!([read::<u16>("65536"), read("-1"), read("1.0"), read("")], [None; 4]);
    }

    #[test]
    fn fields_that_nobody_asked_for_are_passed_over() {
        let json = r#"{"event":"delta","new":{"a":[1,{"b":"}\""},[]],"c":null},"text":"x","other":-1.5e3}"#;
        assert_eq!(read(json), Some(StreamEvent::Delta { text: "x".into() }));
        for broken in [r#"{"new":}"#, r#"{"new":[}"#, r#"{"new":"#, r#"{"new"}"#, r#"{"new":]}"#] {
            assert_eq!(
                read::<StreamEvent>(&broken.replacen('{', r#"{"event":"delta","text":"x","#, 1)),
                None
            );
        }
    }

    #[test]
    fn what_is_not_whole_is_not_read() {
        type Map = BTreeMap<String, Vec<bool>>;
        let whole = r#" { "a" : [ true , false ] , "b" : [ ] } "#;
        let expected = Map::from([("a".into(), vec![true, false]), ("b".into(), Vec::new())]);
        assert_eq!(read::<Map>(whole), Some(expected));
        let end = whole.trim_end().len();
        for cut in 0..end {
            assert_eq!(read::<Map>(&whole[..cut]), None, "{}", &whole[..cut]);
        }
        for broken in [
            r#"{"a":[true false]}"#,
            r#"{"a":[true,]}"#,
            r#"{"a":[],}"#,
            r#"{"a":[]}x"#,
            r"{a:[]}",
            "[]",
            "null",
        ] {
            assert_eq!(read::<Map>(broken), None, "{broken}");
        }
    }
}
