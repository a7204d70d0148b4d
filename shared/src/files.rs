//! Uploaded files.

use serde::{Deserialize, Serialize};

use crate::FileId;

/// Maximum number of files in one message.
pub const MAX_FILES: usize = 20;

/// An uploaded file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct File {
    /// Its id, chosen by the client that uploaded it.
    pub id: FileId,
    /// Its name.
    pub name: String,
    /// Its type, as its bytes tell it. Pictures are stored as JPEG or PNG.
    pub media_type: String,
    /// Its size as it is stored, in bytes.
    pub size: u64,
    /// The width of a picture, in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// The height of a picture, in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// For a document, whether it has text that can be read. Models that do not read the document itself get that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_text: Option<bool>,
}

impl File {
    /// Whether it is a picture.
    pub const fn is_picture(&self) -> bool {
        self.width.is_some()
    }

    /// Whether it is text as it is: neither a picture nor a document.
    pub fn is_text(&self) -> bool {
        !self.is_picture() && !self.is_document()
    }

    /// Whether it is a document: a PDF or an office document.
    pub fn is_document(&self) -> bool {
        self.is_pdf() || self.media_type.starts_with("application/vnd.")
    }

    /// Whether it is a PDF document.
    pub fn is_pdf(&self) -> bool {
        self.media_type == "application/pdf"
    }
}
