//! From a complete upload to a stored file.

use bytes::Bytes;
use kaiwa_extract::Format;
use kaiwa_files::{Error, Kind, Picture, PictureError, PictureFormat, Staged};
use kaiwa_shared::{
    Code, File, FileId, UserId,
    time::{Clock, Millis},
};
use kaiwa_store::{
    Store,
    files::{BlobRole, FileBlob, InsertOutcome, NewFile},
};

use super::{Files, KEPT_FOR, extract::NoText};
use crate::http::ApiError;

/// A complete upload.
pub(crate) struct Received {
    pub(crate) owner: UserId,
    pub(crate) id: FileId,
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) staged: Staged,
}

/// Stores an upload: first its blobs, then its row. A repeated upload returns the file that is stored already.
pub(crate) async fn store(
    files: &Files,
    store: &Store,
    clock: &dyn Clock,
    received: Received,
) -> Result<File, ApiError> {
    let Received { owner, id, name, kind, staged } = received;
    let upload_hash = *staged.hash().as_bytes();
    if let Some((file, earlier)) = store.read().await?.files().find_upload(owner, id).await? {
        return if earlier == upload_hash { Ok(file) } else { Err(id_taken()) };
    }
    let (file, blobs) = match kind {
        Kind::Picture(format) => store_picture(files, id, name, format, staged).await?,
        Kind::Text => store_as_is(files, id, name, kind, staged).await?,
        // Its text is for models that cannot read it themselves. A scanned one has none.
        Kind::Pdf => {
            let text = read(files, Format::Pdf, &staged).await.ok();
            store_document(files, id, name, kind, staged, text).await?
        }
        Kind::Office(_) => {
            let text = read(files, Format::Office, &staged).await?;
            store_document(files, id, name, kind, staged, Some(text)).await?
        }
    };
    let now = clock.now();
    let kept_until = Millis(now.0.saturating_add(i64::try_from(KEPT_FOR.as_millis()).unwrap_or(i64::MAX)));
    let new = NewFile { owner, file, upload_hash, blobs, kept_until, now };
    let mut tx = store.begin().await?;
    match tx.files().insert(&new, files.limits.quota_bytes).await? {
        InsertOutcome::Stored => {
            tx.commit().await?;
            Ok(new.file)
        }
        InsertOutcome::Repeated(file) => Ok(file),
        InsertOutcome::IdTaken => Err(id_taken()),
        InsertOutcome::OverQuota { used } => Err(over_quota(files, used)),
    }
}

/// The account's files would be larger than allowed.
pub(crate) fn over_quota(files: &Files, used: u64) -> ApiError {
    let mib = |bytes: u64| bytes / (1024 * 1024);
    let detail = format!(
        "Your files take {} of {} MiB. Delete conversations with files to make room.",
        mib(used),
        mib(files.limits.quota_bytes)
    );
    ApiError::new(Code::StorageQuota, detail)
}

fn id_taken() -> ApiError {
    ApiError::new(Code::Conflict, "You have another file with this id. Upload this one with a new id.")
}

async fn store_as_is(
    files: &Files,
    id: FileId,
    name: String,
    kind: Kind,
    staged: Staged,
) -> Result<(File, Vec<FileBlob>), ApiError> {
    let media_type = kind.media_type(&name).to_owned();
    let blob = FileBlob {
        role: BlobRole::Content,
        hash: *staged.hash().as_bytes(),
        size: staged.size(),
        media_type: media_type.clone(),
    };
    let file = File { id, name, media_type, size: blob.size, width: None, height: None, has_text: None };
    files.blobs.put(staged).await?;
    Ok((file, vec![blob]))
}

/// The text of a document.
async fn read(files: &Files, format: Format, staged: &Staged) -> Result<Bytes, ApiError> {
    files.extractor.text(format, staged.path()).await.map_err(|error| match error {
        NoText::NotRun(_) => ApiError::internal(error),
        NoText::Unreadable => {
            let detail = "The document is damaged, protected by a password, or has no text. Save it again without a \
                          password and upload that.";
            ApiError::new(Code::DamagedFile, detail)
        }
    })
}

async fn store_document(
    files: &Files,
    id: FileId,
    name: String,
    kind: Kind,
    staged: Staged,
    text: Option<Bytes>,
) -> Result<(File, Vec<FileBlob>), ApiError> {
    let (file, mut blobs) = store_as_is(files, id, name, kind, staged).await?;
    let file = File { has_text: Some(text.is_some()), ..file };
    if let Some(text) = text {
        blobs.push(store_bytes(files, BlobRole::Text, "text/markdown", text).await?);
    }
    Ok((file, blobs))
}

async fn store_picture(
    files: &Files,
    id: FileId,
    name: String,
    format: PictureFormat,
    staged: Staged,
) -> Result<(File, Vec<FileBlob>), ApiError> {
    let picture = files.pictures.make(format, async { Ok::<_, ApiError>(staged.read().await?) }).await?;
    // Nothing of the original is kept: it may say where it was taken.
    drop(staged);
    let Picture { content, for_models, thumbnail, .. } = &picture;
    let file = File {
        id,
        name,
        media_type: content.media_type.to_owned(),
        size: u64::try_from(content.bytes.len()).unwrap_or(u64::MAX),
        width: Some(content.width),
        height: Some(content.height),
        has_text: None,
    };
    let copies =
        [(BlobRole::Content, content), (BlobRole::ForModels, for_models), (BlobRole::Thumbnail, thumbnail)];
    let mut blobs = Vec::new();
    for (role, copy) in copies {
        blobs.push(store_bytes(files, role, copy.media_type, copy.bytes.clone()).await?);
    }
    Ok((file, blobs))
}

async fn store_bytes(
    files: &Files,
    role: BlobRole,
    media_type: &str,
    bytes: Bytes,
) -> Result<FileBlob, ApiError> {
    let staged = files.folder.stage(bytes).await?;
    let (hash, size) = (*staged.hash().as_bytes(), staged.size());
    files.blobs.put(staged).await?;
    Ok(FileBlob { role, hash, size, media_type: media_type.to_owned() })
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        match error {
            Error::TooLarge { limit } => {
                let detail = format!("A file can have at most {} MiB.", limit / (1024 * 1024));
                Self::new(Code::TooLarge, detail)
            }
            Error::DiskFull(_) => Self::disk_full(error),
            Error::Missing | Error::Io(_) => Self::internal(error),
        }
    }
}

impl From<PictureError> for ApiError {
    fn from(error: PictureError) -> Self {
        let code = match error {
            PictureError::TooManyPixels => Code::PictureTooLarge,
            PictureError::Damaged => Code::DamagedFile,
        };
        Self::new(code, error.to_string())
    }
}
