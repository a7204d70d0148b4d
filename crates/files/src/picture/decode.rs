//! Decoding, with limits that hold before the pixels are read.

use std::io::Cursor;

use bytes::Bytes;
use image::{
    DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, error::ImageResult,
    metadata::Orientation,
};

use super::PictureError;
use crate::PictureFormat;

/// Maximum width and height of a picture, in pixels.
const MAX_SIDE: u32 = 12_000;

/// Maximum number of pixels of a picture.
const MAX_PIXELS: u64 = 50_000_000;

/// Maximum memory for the decoded pixels, in bytes.
const MAX_MEMORY: u64 = 256 * 1024 * 1024;

/// A decoded picture and how it must be turned.
pub(super) struct Decoded {
    pub(super) pixels: DynamicImage,
    pub(super) orientation: Orientation,
}

/// Decodes the first frame of a picture.
pub(super) fn decode(format: PictureFormat, bytes: Bytes) -> Result<Decoded, PictureError> {
    read(format, bytes).map_err(|error| match error {
        ImageError::Limits(_) => PictureError::TooManyPixels,
        _ => PictureError::Damaged,
    })
}

fn read(format: PictureFormat, bytes: Bytes) -> ImageResult<Decoded> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), image_format(format));
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    limits.check_dimensions(width, height)?;
    limits.reserve(decoder.total_bytes())?;
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(too_large());
    }
    decoder.set_limits(limits)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    Ok(Decoded { pixels: DynamicImage::from_decoder(decoder)?, orientation })
}

fn too_large() -> ImageError {
    use image::error::{LimitError, LimitErrorKind};
    ImageError::Limits(LimitError::from_kind(LimitErrorKind::DimensionError))
}

const fn image_format(format: PictureFormat) -> ImageFormat {
    match format {
        PictureFormat::Jpeg => ImageFormat::Jpeg,
        PictureFormat::Png => ImageFormat::Png,
        PictureFormat::WebP => ImageFormat::WebP,
        PictureFormat::Gif => ImageFormat::Gif,
    }
}
