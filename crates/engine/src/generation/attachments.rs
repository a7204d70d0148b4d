//! Files in what is sent to a model: which of them it can read, and in which form.

use std::sync::Arc;

use kaiwa_files::{BlobHash, Blobs, read_all, text};
use kaiwa_llm::{Content, Request};
use kaiwa_shared::{File, FileId, UserId, message::Part};
use kaiwa_store::{
    Store,
    files::{BlobRole, FileBlob},
};

use crate::{Offer, Services, Unreadable};

/// Maximum number of pictures in a request; older ones are only named.
const MAX_PICTURES: usize = 20;

/// Maximum size of all pictures and documents in a request, in bytes. Providers accept 20 to 32 MB of JSON, in which they
/// take a third more.
const MAX_BYTES: u64 = 14 * 1024 * 1024;

/// Maximum size of the text of one file in a request, in bytes.
const MAX_TEXT_BYTES: u64 = 1024 * 1024;

/// Estimated tokens of a picture; providers count up to 1600.
const PICTURE_TOKENS: u64 = 1600;

/// Estimated tokens of a document, for so many of its bytes.
const DOCUMENT_TOKENS: (u64, u64) = (2000, 50 * 1024);

/// Bytes of text that are at least a token.
const TOKEN_BYTES: u64 = 3;

/// A file in a message that will be sent. Until it is loaded, its name stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attachment {
    /// The index of its message.
    pub(crate) message: usize,
    /// The index of its content in the message.
    pub(crate) content: usize,
    pub(crate) file: File,
}

/// The contents of a user's message, in which files are only named, and its files.
pub(crate) fn contents(parts: &[Part]) -> (Vec<Content>, Vec<Attachment>) {
    let mut contents = Vec::new();
    let mut attachments = Vec::new();
    for part in parts {
        match part {
            Part::Text { text } if !text.is_empty() => contents.push(Content::Text(text.clone())),
            Part::File(file) => {
                attachments.push(Attachment { message: 0, content: contents.len(), file: file.clone() });
                contents.push(Content::Text(named(file)));
            }
            _ => {}
        }
    }
    (contents, attachments)
}

/// The ids of the files in a message.
pub(crate) fn files_of(parts: &[Part]) -> Vec<FileId> {
    parts.iter().filter_map(|part| if let Part::File(file) = part { Some(file.id) } else { None }).collect()
}

/// The estimated tokens of a file.
pub(crate) fn tokens(file: &File) -> u64 {
    if file.is_picture() {
        return PICTURE_TOKENS;
    }
    if file.is_pdf() {
        let (tokens, bytes) = DOCUMENT_TOKENS;
        return file.size.min(MAX_BYTES).div_ceil(bytes).saturating_mul(tokens);
    }
    if file.is_text() {
        return file.size.min(MAX_TEXT_BYTES) / TOKEN_BYTES;
    }
    // Office documents are compressed, and have more than text.
    file.size.min(MAX_TEXT_BYTES) / TOKEN_BYTES / 4
}

/// The first file that the model cannot read; `None` if it can read all of them, or may be able to.
pub(crate) fn unreadable(offer: &Offer, files: &[(File, Vec<FileBlob>)]) -> Option<Unreadable> {
    files.iter().find_map(|(file, blobs)| {
        if file.is_picture() {
            (!sees(offer)).then_some(Unreadable::Pictures)
        } else if file.is_pdf() {
            let is_readable = reads_pdf(offer) || with_role(blobs, BlobRole::Text).is_some();
            (!is_readable).then_some(Unreadable::Pdf)
        } else {
            None
        }
    })
}

/// Puts the files into a request, the newest first, as far as the model can read them. Texts are cut off where they fill the
/// `window`, which is in tokens.
pub(crate) async fn load(
    services: &Services,
    owner: UserId,
    offer: &Offer,
    request: &mut Request,
    attachments: Vec<Attachment>,
    window: u64,
) -> kaiwa_store::Result<()> {
    if attachments.is_empty() {
        return Ok(());
    }
    let blobs = find_blobs(&services.store, owner, &attachments).await?;
    let mut loader = Loader {
        files: Arc::clone(&services.files.blobs),
        offer,
        pictures: MAX_PICTURES,
        bytes: MAX_BYTES,
        text_bytes: window.saturating_mul(TOKEN_BYTES),
    };
    for (attachment, blobs) in attachments.iter().zip(blobs).rev() {
        let content = match loader.load(&attachment.file, &blobs).await {
            Ok(content) => content,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a file could not be read");
                None
            }
        };
        let place = request.messages.get_mut(attachment.message);
        if let (Some(content), Some(place)) =
            (content, place.and_then(|message| message.content.get_mut(attachment.content)))
        {
            *place = content;
        }
    }
    Ok(())
}

async fn find_blobs(
    store: &Store,
    owner: UserId,
    attachments: &[Attachment],
) -> kaiwa_store::Result<Vec<Vec<FileBlob>>> {
    let mut tx = store.read().await?;
    let mut all = Vec::with_capacity(attachments.len());
    for attachment in attachments {
        let found = tx.files().find(owner, attachment.file.id).await?;
        all.push(found.map(|(_, blobs)| blobs).unwrap_or_default());
    }
    Ok(all)
}

/// Loads files until a request holds as much as providers accept.
struct Loader<'a> {
    files: Arc<dyn Blobs>,
    offer: &'a Offer,
    /// The number of further pictures.
    pictures: usize,
    /// The size of further pictures and documents, in bytes.
    bytes: u64,
    /// The size of further texts, in bytes.
    text_bytes: u64,
}

impl Loader<'_> {
    /// The content of a file; `None` if it is only named.
    async fn load(&mut self, file: &File, blobs: &[FileBlob]) -> kaiwa_files::Result<Option<Content>> {
        if file.is_picture() {
            return self.picture(blobs).await;
        }
        if file.is_pdf()
            && let Some(document) = self.document(file, blobs).await?
        {
            return Ok(Some(document));
        }
        self.text(file, blobs).await
    }

    async fn picture(&mut self, blobs: &[FileBlob]) -> kaiwa_files::Result<Option<Content>> {
        let Some(blob) = with_role(blobs, BlobRole::ForModels) else { return Ok(None) };
        if !sees(self.offer) || self.pictures == 0 || blob.size > self.bytes {
            return Ok(None);
        }
        self.pictures -= 1;
        self.bytes -= blob.size;
        let data = read_all(&*self.files, BlobHash::new(blob.hash), blob.size, u64::MAX).await?;
        Ok(Some(Content::Image { media_type: blob.media_type.clone(), data }))
    }

    async fn document(&mut self, file: &File, blobs: &[FileBlob]) -> kaiwa_files::Result<Option<Content>> {
        let Some(blob) = with_role(blobs, BlobRole::Content) else { return Ok(None) };
        if !reads_pdf(self.offer) || blob.size > self.bytes {
            return Ok(None);
        }
        self.bytes -= blob.size;
        let data = read_all(&*self.files, BlobHash::new(blob.hash), blob.size, u64::MAX).await?;
        Ok(Some(Content::Document { name: file.name.clone(), media_type: blob.media_type.clone(), data }))
    }

    async fn text(&mut self, file: &File, blobs: &[FileBlob]) -> kaiwa_files::Result<Option<Content>> {
        let own_text = with_role(blobs, BlobRole::Content).filter(|_| file.is_text());
        let Some(blob) = with_role(blobs, BlobRole::Text).or(own_text) else { return Ok(None) };
        let limit = self.text_bytes.min(MAX_TEXT_BYTES);
        self.text_bytes -= limit.min(blob.size);
        let bytes = read_all(&*self.files, BlobHash::new(blob.hash), blob.size, limit).await?;
        let cut = if blob.size > limit { "\n[The rest of the file was left out.]" } else { "" };
        let name = attribute(&file.name);
        let text = text::decode(&bytes);
        Ok(Some(Content::Text(format!("<file name=\"{name}\">\n{}{cut}\n</file>", text.trim_end()))))
    }
}

fn sees(offer: &Offer) -> bool {
    offer.model.abilities.vision != Some(false)
}

fn reads_pdf(offer: &Offer) -> bool {
    offer.model.reads_pdf && sees(offer)
}

fn with_role(blobs: &[FileBlob], role: BlobRole) -> Option<&FileBlob> {
    blobs.iter().find(|blob| blob.role == role)
}

/// The placeholder for a file that is not sent.
fn named(file: &File) -> String {
    let kind = if file.is_picture() { "picture" } else { "file" };
    format!("[{kind}: {}]", file.name)
}

fn attribute(name: &str) -> String {
    name.replace('"', "'").replace(['<', '>'], "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(media_type: &str, size: u64, width: Option<u32>) -> File {
        File {
            id: FileId::new(),
            name: "a.x".into(),
            media_type: media_type.into(),
            size,
            width,
            height: width,
            has_text: None,
        }
    }

    #[test]
    fn a_file_is_named_at_its_place() {
        let text = |text: &str| Part::Text { text: text.into() };
        let picture = file("image/png", 9, Some(3));
        let (contents, attachments) =
            contents(&[text("a"), Part::File(picture.clone()), text(""), text("b")]);
        let expected = ["a", "[picture: a.x]", "b"].map(|text| Content::Text(text.into()));
        assert_eq!(contents, expected);
        assert_eq!(attachments, [Attachment { message: 0, content: 1, file: picture }]);
    }

    #[test]
    fn tokens_are_estimated_by_type_and_size() {
        assert_eq!(tokens(&file("image/png", 1 << 30, Some(3))), PICTURE_TOKENS);
        assert_eq!(tokens(&file("application/pdf", 1, None)), 2000);
        assert_eq!(tokens(&file("application/pdf", 100 * 1024, None)), 4000);
        assert_eq!(tokens(&file("text/plain", 300, None)), 100);
        assert_eq!(tokens(&file("text/plain", u64::MAX, None)), MAX_TEXT_BYTES / 3);
    }
}
