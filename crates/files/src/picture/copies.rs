//! The copies that are made of a decoded picture.

use bytes::Bytes;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use image::{
    DynamicImage, ExtendedColorType, GenericImageView, ImageEncoder, Rgb, RgbImage,
    codecs::{jpeg::JpegEncoder, png::PngEncoder},
};

use super::{Copy, Picture, PictureError, decode::Decoded};
use crate::PictureFormat;

/// Maximum length of a side of the picture itself, in pixels: a phone's photo as it is.
const CONTENT_SIDE: u32 = 4096;

/// Maximum length of a side of the copy for models, in pixels. Providers scale larger pictures down.
const MODEL_SIDE: u32 = 1568;

/// Maximum length of a side of the thumbnail, in pixels.
const THUMBNAIL_SIDE: u32 = 512;

/// JPEG qualities, from 1 to 100.
const CONTENT_QUALITY: u8 = 90;
const MODEL_QUALITY: u8 = 85;
const THUMBNAIL_QUALITY: u8 = 80;

/// Makes all copies. Each is made of the one before, so that the largest is held no longer than necessary.
pub(super) fn make(picture: Decoded, format: PictureFormat) -> Result<Picture, PictureError> {
    let mut pixels = fit(with_8_bits(picture.pixels), CONTENT_SIDE)?;
    pixels.apply_orientation(picture.orientation);
    let has_alpha = is_transparent(&pixels);
    if !has_alpha {
        pixels = pixels.into_rgb8().into();
    }
    let is_photo = matches!(format, PictureFormat::Jpeg | PictureFormat::WebP);
    let content = if has_alpha || !is_photo { png(&pixels)? } else { jpeg(&pixels, CONTENT_QUALITY)? };
    pixels = fit(pixels, MODEL_SIDE)?;
    let for_models = jpeg(&on_white(&pixels).into(), MODEL_QUALITY)?;
    pixels = fit(pixels, THUMBNAIL_SIDE)?;
    let thumbnail = if has_alpha { png(&pixels)? } else { jpeg(&pixels, THUMBNAIL_QUALITY)? };
    Ok(Picture { content, for_models, thumbnail, turn: None })
}

/// The picture with eight bits for each channel.
fn with_8_bits(pixels: DynamicImage) -> DynamicImage {
    match pixels {
        DynamicImage::ImageRgb8(_) | DynamicImage::ImageRgba8(_) => pixels,
        other if other.color().has_alpha() => other.into_rgba8().into(),
        other => other.into_rgb8().into(),
    }
}

/// The picture, scaled down if one of its sides is longer than `side`.
fn fit(pixels: DynamicImage, side: u32) -> Result<DynamicImage, PictureError> {
    let (width, height) = pixels.dimensions();
    let longest = width.max(height);
    if longest <= side {
        return Ok(pixels);
    }
    let scaled = |length: u32| {
        let scaled = u64::from(length) * u64::from(side) / u64::from(longest);
        u32::try_from(scaled).unwrap_or(side).max(1)
    };
    let mut small = DynamicImage::new(scaled(width), scaled(height), pixels.color());
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom));
    Resizer::new().resize(&pixels, &mut small, &options).map_err(|_unsupported| PictureError::Damaged)?;
    Ok(small)
}

/// Whether any pixel is not opaque.
fn is_transparent(pixels: &DynamicImage) -> bool {
    pixels.as_rgba8().is_some_and(|pixels| pixels.pixels().any(|pixel| pixel.0[3] < u8::MAX))
}

/// The picture on a white page, because JPEG has no transparency.
fn on_white(pixels: &DynamicImage) -> RgbImage {
    let Some(transparent) = pixels.as_rgba8() else { return pixels.to_rgb8() };
    let (width, height) = transparent.dimensions();
    RgbImage::from_fn(width, height, |x, y| {
        let [red, green, blue, alpha] = transparent.get_pixel(x, y).0;
        let blend = |channel: u8| {
            let (channel, alpha) = (u16::from(channel), u16::from(alpha));
            u8::try_from((channel * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
        };
        Rgb([blend(red), blend(green), blend(blue)])
    })
}

fn jpeg(pixels: &DynamicImage, quality: u8) -> Result<Copy, PictureError> {
    let mut bytes = Vec::new();
    encode(JpegEncoder::new_with_quality(&mut bytes, quality), pixels)?;
    Ok(copy("image/jpeg", bytes, pixels))
}

fn png(pixels: &DynamicImage) -> Result<Copy, PictureError> {
    let mut bytes = Vec::new();
    encode(PngEncoder::new(&mut bytes), pixels)?;
    Ok(copy("image/png", bytes, pixels))
}

fn encode(encoder: impl ImageEncoder, pixels: &DynamicImage) -> Result<(), PictureError> {
    let (width, height) = pixels.dimensions();
    let color = ExtendedColorType::from(pixels.color());
    encoder.write_image(pixels.as_bytes(), width, height, color).map_err(|_unsupported| PictureError::Damaged)
}

fn copy(media_type: &'static str, bytes: Vec<u8>, pixels: &DynamicImage) -> Copy {
    Copy { media_type, bytes: Bytes::from(bytes), width: pixels.width(), height: pixels.height() }
}
