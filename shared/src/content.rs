//! What a user sends: a list of parts.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::message::Part;

/// The content of a user's message. In JSON it is a list of parts, or a string for text alone.
///
/// Neighbouring texts are one part and an empty text is none, so equal contents have equal parts however they were
/// sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content(Vec<ContentPart>);

/// A piece of a user's message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ContentPart {
    /// Markdown.
    Text {
        /// The Markdown.
        text: String,
    },
}

impl Content {
    /// Content of these parts.
    pub fn new(parts: impl IntoIterator<Item = ContentPart>) -> Self {
        let mut content = Self::default();
        for part in parts {
            content.push(part);
        }
        content
    }

    fn push(&mut self, part: ContentPart) {
        let ContentPart::Text { text } = &part;
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(ContentPart::Text { text: last }) => last.push_str(text),
            None => self.0.push(part),
        }
    }

    /// The parts, in order.
    pub fn parts(&self) -> &[ContentPart] {
        &self.0
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it says nothing: there is only white space in it.
    pub fn is_blank(&self) -> bool {
        self.0.iter().all(|part| part.text().trim().is_empty())
    }

    /// The text of all parts.
    pub fn text(&self) -> String {
        self.0.iter().map(ContentPart::text).collect()
    }

    /// The size of all parts, in bytes.
    pub fn size(&self) -> usize {
        self.0.iter().map(|part| part.text().len()).sum()
    }

    /// The parts as a message stores them.
    pub fn to_message_parts(&self) -> Vec<Part> {
        self.0.iter().cloned().map(Part::from).collect()
    }
}

impl ContentPart {
    /// The text of this part.
    pub fn text(&self) -> &str {
        let Self::Text { text } = self;
        text
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Self::new([ContentPart::Text { text }])
    }
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<ContentPart> for Part {
    fn from(part: ContentPart) -> Self {
        let ContentPart::Text { text } = part;
        Self::Text { text }
    }
}

impl Serialize for Content {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [] => serializer.serialize_str(""),
            [ContentPart::Text { text }] => serializer.serialize_str(text),
            parts => parts.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "`content` must be a string or a list of parts")]
        enum Wire {
            Text(String),
            Parts(Vec<ContentPart>),
        }
        Ok(match Wire::deserialize(deserializer)? {
            Wire::Text(text) => text.into(),
            Wire::Parts(parts) => Self::new(parts),
        })
    }
}

#[cfg(feature = "openapi")]
mod openapi {
    use utoipa::{
        PartialSchema, ToSchema,
        openapi::{
            RefOr, Schema,
            schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Type},
        },
    };

    use super::{Content, ContentPart};

    impl PartialSchema for Content {
        fn schema() -> RefOr<Schema> {
            OneOfBuilder::new()
                .description(Some("Markdown, or a list of parts"))
                .item(ObjectBuilder::new().schema_type(Type::String))
                .item(ArrayBuilder::new().items(ContentPart::schema()))
                .into()
        }
    }

    impl ToSchema for Content {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_and_a_list_of_texts_are_the_same_content() {
        let list = r#"[{"type":"text","text":"He"},{"type":"text","text":""},{"type":"text","text":"llo"}]"#;
        let content: Content = serde_json::from_str(list).unwrap();
        assert_eq!(content, Content::from("Hello"));
        assert_eq!(serde_json::from_str::<Content>("\"Hello\"").unwrap(), content);
        assert_eq!(serde_json::to_string(&content).unwrap(), "\"Hello\"");
        assert_eq!(content.to_message_parts(), [Part::Text { text: "Hello".into() }]);
    }

    #[test]
    fn empty_texts_are_no_content() {
        assert!(Content::from("").is_empty());
        assert!(serde_json::from_str::<Content>(r#"[{"type":"text","text":""}]"#).unwrap().is_empty());
    }

    #[test]
    fn white_space_is_blank_content() {
        assert!(Content::default().is_blank());
        assert!(Content::from(" \n").is_blank());
        assert!(!Content::from(" x").is_blank());
    }

    #[test]
    fn an_unknown_part_is_refused() {
        assert!(serde_json::from_str::<Content>(r#"[{"type":"smell","text":"x"}]"#).is_err());
        assert!(serde_json::from_str::<Content>(r#"[{"type":"text","text":"x","lang":"en"}]"#).is_err());
        assert!(serde_json::from_str::<Content>("3").is_err());
    }
}
