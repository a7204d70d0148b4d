//! What a user sends: a list of parts.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{File, FileId, message::Part};

/// The content of a user's message. In JSON it is a list of parts, or a string for text alone.
///
/// Neighbouring texts are one part, an empty text is none, and each file is in it once, so equal contents have equal parts
/// however they were sent.
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
    /// A file that was uploaded before.
    File {
        /// The file's id.
        id: FileId,
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
        if let ContentPart::Text { text } = &part {
            match self.0.last_mut() {
                _ if text.is_empty() => {}
                Some(ContentPart::Text { text: last }) => last.push_str(text),
                _ => self.0.push(part),
            }
        } else if !self.0.contains(&part) {
            self.0.push(part);
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

    /// Whether it says nothing: there is only white space in it, and no file.
    pub fn is_blank(&self) -> bool {
        self.0.iter().all(|part| matches!(part, ContentPart::Text { text } if text.trim().is_empty()))
    }

    /// The files in it, in order.
    pub fn files(&self) -> impl Iterator<Item = FileId> {
        self.0.iter().filter_map(|part| match part {
            ContentPart::Text { .. } => None,
            ContentPart::File { id } => Some(*id),
        })
    }

    /// The text of all parts.
    pub fn text(&self) -> String {
        self.0.iter().map(ContentPart::text).collect()
    }

    /// The size of all texts, in bytes.
    pub fn size(&self) -> usize {
        self.0.iter().map(|part| part.text().len()).sum()
    }

    /// The parts as a message stores them. A file that is not among `files` is left out.
    pub fn to_message_parts(&self, files: &[File]) -> Vec<Part> {
        let parts = self.0.iter().filter_map(|part| match part {
            ContentPart::Text { text } => Some(Part::Text { text: text.clone() }),
            ContentPart::File { id } => files.iter().find(|file| file.id == *id).cloned().map(Part::File),
        });
        parts.collect()
    }
}

impl ContentPart {
    /// The text of this part; empty for a file.
    pub fn text(&self) -> &str {
        match self {
            Self::Text { text } => text,
            Self::File { .. } => "",
        }
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
        assert_eq!(content.to_message_parts(&[]), [Part::Text { text: "Hello".into() }]);
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
    fn a_file_stands_between_texts_and_is_there_once() {
        let id = FileId::new();
        let part = |text: &str| ContentPart::Text { text: text.into() };
        let content = Content::new([
            part("a"),
            ContentPart::File { id },
            ContentPart::File { id },
            part("b"),
            part("c"),
        ]);
        assert_eq!(content.parts(), [part("a"), ContentPart::File { id }, part("bc")]);
        assert_eq!((content.text().as_str(), content.size()), ("abc", 3));
        let json = format!(
            r#"[{{"type":"text","text":"a"}},{{"type":"file","id":"{id}"}},{{"type":"text","text":"bc"}}]"#
        );
        assert_eq!(serde_json::to_string(&content).unwrap(), json);
        assert_eq!(serde_json::from_str::<Content>(&json).unwrap(), content);
        assert!(!Content::new([ContentPart::File { id }]).is_blank());
        let file = File {
            id,
            name: "n".into(),
            media_type: "text/plain".into(),
            size: 1,
            width: None,
            height: None,
            has_text: None,
        };
        assert_eq!(content.to_message_parts(std::slice::from_ref(&file)).get(1), Some(&Part::File(file)));
        assert_eq!(content.to_message_parts(&[]).len(), 2);
    }

    #[test]
    fn an_unknown_part_is_refused() {
        assert!(serde_json::from_str::<Content>(r#"[{"type":"smell","text":"x"}]"#).is_err());
        assert!(serde_json::from_str::<Content>(r#"[{"type":"text","text":"x","lang":"en"}]"#).is_err());
        assert!(serde_json::from_str::<Content>("3").is_err());
    }
}
