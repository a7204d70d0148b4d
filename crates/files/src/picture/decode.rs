//! Decoding, with limits that hold before the pixels are read.

use std::io::Cursor;

use bytes::Bytes;
use image::{
    DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, error::ImageResult,
    metadata::Orientation,
};
use zune_jpeg::{JpegDecoder, zune_core::bytestream::ZCursor};

use super::PictureError;
use crate::PictureFormat;

/// Maximum width and height of a picture, in pixels.
const MAX_SIDE: u32 = 12_000;

/// Maximum number of pixels of a picture.
const MAX_PIXELS: u64 = 50_000_000;

/// Maximum memory for the decoded pixels, in bytes.
const MAX_MEMORY: u64 = 256 * 1024 * 1024;

/// Maximum memory for the pixels and the coefficients of a progressive JPEG, in bytes: enough for 50 million pixels with
/// colours at half the resolution.
const MAX_PROGRESSIVE_MEMORY: u64 = 300 * 1024 * 1024;

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
    let coefficients = if format == PictureFormat::Jpeg { coefficients_of(&bytes) } else { 0 };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), image_format(format));
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    limits.check_dimensions(width, height)?;
    limits.reserve(decoder.total_bytes())?;
    let is_heavy = coefficients > 0 && coefficients + decoder.total_bytes() > MAX_PROGRESSIVE_MEMORY;
    if u64::from(width) * u64::from(height) > MAX_PIXELS || is_heavy {
        return Err(too_large());
    }
    decoder.set_limits(limits)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    Ok(Decoded { pixels: DynamicImage::from_decoder(decoder)?, orientation })
}

/// The memory that a JPEG needs besides its pixels, in bytes: the coefficients of a progressive one are all kept until its
/// last scan.
fn coefficients_of(jpeg: &[u8]) -> u64 {
    let mut decoder = JpegDecoder::new(ZCursor::new(jpeg));
    let info = decoder.decode_headers().ok().and_then(|()| decoder.info());
    let Some(info) = info.filter(|info| info.sof.is_progressive()) else { return 0 };
    let pixels = u64::from(info.width) * u64::from(info.height);
    let sampling = u64::try_from(info.sample_ratio.sample()).unwrap_or(1).max(1);
    let colours = pixels * u64::from(info.components.saturating_sub(1)) / sampling;
    2 * (pixels + colours)
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
