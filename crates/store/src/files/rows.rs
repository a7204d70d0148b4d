//! Rows of files and blobs.

use kaiwa_shared::{File, FileId};
use sqlx::FromRow;
use uuid::Uuid;

use super::{BlobRole, FileBlob, Hash};
use crate::{Error, Result, chat::rows::count, json::unknown};

/// The columns of [`FileRow`], of a table that is called `f` or by the given name.
macro_rules! file_columns {
    () => {
        file_columns!("f")
    };
    ($table:literal) => {
        concat!(
            $table,
            ".id, ",
            $table,
            ".name, ",
            $table,
            ".media_type, ",
            $table,
            ".size, ",
            $table,
            ".width, ",
            $table,
            ".height,
             EXISTS (SELECT 1 FROM file_blobs t
                     WHERE t.owner_id = ",
            $table,
            ".owner_id AND t.file_id = ",
            $table,
            ".id AND t.role = 'text') AS has_text"
        )
    };
}

pub(super) use file_columns;

#[derive(FromRow)]
pub(super) struct FileRow {
    id: Uuid,
    name: String,
    media_type: String,
    size: i64,
    width: Option<i64>,
    height: Option<i64>,
    has_text: bool,
}

#[derive(FromRow)]
pub(super) struct BlobRow {
    pub(super) file_id: Uuid,
    role: String,
    hash: Vec<u8>,
    #[sqlx(rename = "blob_size")]
    size: i64,
    #[sqlx(rename = "blob_media_type")]
    media_type: String,
}

impl From<FileRow> for File {
    fn from(row: FileRow) -> Self {
        let side = |pixels: i64| u32::try_from(pixels).unwrap_or_default();
        let file = Self {
            id: FileId::from_uuid(row.id),
            name: row.name,
            media_type: row.media_type,
            size: count(row.size),
            width: row.width.map(side),
            height: row.height.map(side),
            has_text: None,
        };
        let has_text = file.is_document().then_some(row.has_text);
        Self { has_text, ..file }
    }
}

impl TryFrom<BlobRow> for FileBlob {
    type Error = Error;

    fn try_from(row: BlobRow) -> Result<Self> {
        let role = BlobRole::ALL.into_iter().find(|role| role.as_str() == row.role);
        Ok(Self {
            role: role.ok_or_else(|| unknown("file_blobs", "role", row.file_id, &row.role))?,
            hash: read_hash("hash", row.file_id, &row.hash)?,
            size: count(row.size),
            media_type: row.media_type,
        })
    }
}

impl BlobRole {
    const ALL: [Self; 4] = [Self::Content, Self::ForModels, Self::Thumbnail, Self::Text];

    /// The role as it is stored.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::ForModels => "for_models",
            Self::Thumbnail => "thumbnail",
            Self::Text => "text",
        }
    }
}

pub(super) fn read_hash(column: &'static str, file: Uuid, bytes: &[u8]) -> Result<Hash> {
    bytes
        .try_into()
        .map_err(|_wrong_length| unknown("file_blobs", column, file, &format!("{} bytes", bytes.len())))
}
