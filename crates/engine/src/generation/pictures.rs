//! Pictures that a model wrote into its reply as data. They become files of the owner, so that their data is neither kept
//! in the text nor sent back to the model with every message.
//!
//! Data that is not an image, is damaged or too large, or would exceed the owner's quota stays text. User messages and
//! temporary conversations, which are not stored, are left alone.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use kaiwa_markdown::{DataImage, data_images};
use kaiwa_shared::{File, FileId, UserId, message::Part};

use super::live::{Cut, Live};
use crate::Services;

/// Maximum number of pictures of one reply that become files.
const MAX_PICTURES: usize = 16;

/// The prefix of image data URLs.
const DATA: &str = "data:image/";

/// Stores pictures as files.
pub trait PictureStore: Send + Sync {
    /// Stores the picture under a name, which may be empty; `None` if it cannot be stored.
    fn store(&self, owner: UserId, name: String, bytes: Bytes) -> BoxFuture<'_, Option<File>>;
}

/// Stores the pictures in a reply as files, and puts their addresses in the place of their data.
pub(super) async fn store(services: &Services, live: &Live) -> Vec<FileId> {
    if !live.mentions(DATA) || live.is_shutting_down() {
        return Vec::new();
    }
    let (mut parts, mut stored, mut cuts) = (live.parts(), Vec::new(), Vec::new());
    for (at, part) in parts.iter_mut().enumerate() {
        let Part::Text { text } = part else { continue };
        // From the last one to the first, whose place does not change meanwhile.
        for image in data_images(text).into_iter().rev() {
            if stored.len() >= MAX_PICTURES {
                break;
            }
            let Some(file) = store_one(services, live.ids().owner, text, &image).await else { continue };
            let address = address_of(&file);
            let removed = image.address.len().saturating_sub(address.len());
            cuts.push(Cut { part: at, end: image.address.end, bytes: removed });
            text.replace_range(image.address, &address);
            stored.push(file.id);
        }
    }
    if !stored.is_empty() {
        live.replace_texts(parts, &cuts);
    }
    stored
}

/// The address of a file. The size after it lets a page keep the place free.
fn address_of(file: &File) -> String {
    let size =
        file.width.zip(file.height).map(|(width, height)| format!("#{width}x{height}")).unwrap_or_default();
    format!("/api/files/{}/content{size}", file.id)
}

async fn store_one(services: &Services, owner: UserId, text: &str, image: &DataImage) -> Option<File> {
    let bytes = STANDARD.decode(text.get(image.base64.clone())?).ok()?;
    services.files.pictures.store(owner, image.alt.clone(), bytes.into()).await
}
