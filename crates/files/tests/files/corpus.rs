//! Pictures that are made by the tests.

use image::{
    DynamicImage, ExtendedColorType, ImageEncoder, ImageFormat, Rgba, RgbaImage,
    codecs::{jpeg::JpegEncoder, png::PngEncoder, webp::WebPEncoder},
};
use kaiwa_files::PictureFormat::{self, Gif, Jpeg, Png, WebP};

/// A position in the metadata, which no copy may contain.
pub(crate) const SECRET: &str = "N 48 51 29.6 E 2 17 40.2";

/// A picture whose upper left corner is red and whose other pixels are white.
pub(crate) fn marked(width: u32, height: u32) -> DynamicImage {
    RgbaImage::from_fn(width, height, |x, y| {
        if x < width / 2 && y < height / 2 { Rgba([255, 0, 0, 255]) } else { Rgba([255; 4]) }
    })
    .into()
}

/// The picture in this format.
pub(crate) fn encoded(picture: &DynamicImage, format: PictureFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let (picture, format) = match format {
        Jpeg => (&DynamicImage::from(picture.to_rgb8()), ImageFormat::Jpeg),
        Png => (picture, ImageFormat::Png),
        WebP => (picture, ImageFormat::WebP),
        Gif => (picture, ImageFormat::Gif),
    };
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// The picture as a camera stores it: turned, with EXIF that says so and where it was taken.
pub(crate) fn with_exif(picture: &DynamicImage, format: PictureFormat, orientation: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let exif = exif(orientation);
    let rgb = picture.to_rgb8();
    let (width, height) = rgb.dimensions();
    let color = ExtendedColorType::Rgb8;
    match format {
        Jpeg => {
            let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 95);
            encoder.set_exif_metadata(exif).unwrap();
            encoder.write_image(&rgb, width, height, color).unwrap();
        }
        Png => {
            let mut encoder = PngEncoder::new(&mut bytes);
            encoder.set_exif_metadata(exif).unwrap();
            encoder.write_image(&rgb, width, height, color).unwrap();
        }
        WebP => {
            let mut encoder = WebPEncoder::new_lossless(&mut bytes);
            encoder.set_exif_metadata(exif).unwrap();
            encoder.write_image(&rgb, width, height, color).unwrap();
        }
        Gif => unreachable!("GIF has no EXIF"),
    }
    bytes
}

/// EXIF with two entries: the orientation and a description.
fn exif(orientation: u8) -> Vec<u8> {
    let mut exif = b"MM\0*\0\0\0\x08\0\x02".to_vec();
    let text = u32::try_from(SECRET.len() + 1).unwrap();
    exif.extend([0x01, 0x0e, 0, 2]);
    exif.extend(text.to_be_bytes());
    exif.extend(38_u32.to_be_bytes());
    exif.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
    exif.extend([0; 4]);
    exif.extend(SECRET.as_bytes());
    exif.push(0);
    exif
}

/// A PNG whose header declares any size and whose pixels are missing or few.
pub(crate) fn png_header(width: u32, height: u32, bits: u8, color: u8) -> Vec<u8> {
    let mut header = width.to_be_bytes().to_vec();
    header.extend(height.to_be_bytes());
    header.extend([bits, color, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    png.extend(chunk(*b"IHDR", &header));
    png.extend(chunk(*b"IDAT", &deflated(&[0; 1000])));
    png.extend(chunk(*b"IEND", &[]));
    png
}

/// A PNG whose text chunk grows to `size` bytes.
pub(crate) fn png_with_text(size: usize) -> Vec<u8> {
    let mut png = encoded(&marked(8, 8), Png);
    let mut text = b"Comment\0\0".to_vec();
    text.extend(deflated(&vec![b'x'; size]));
    let after_header = 8 + 25;
    png.splice(after_header..after_header, chunk(*b"zTXt", &text));
    png
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut encoder, bytes).unwrap();
    encoder.finish().unwrap()
}

fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let mut chunk = u32::try_from(data.len()).unwrap().to_be_bytes().to_vec();
    chunk.extend(kind);
    chunk.extend(data);
    let mut crc = flate2::Crc::new();
    crc.update(&kind);
    crc.update(data);
    chunk.extend(crc.sum().to_be_bytes());
    chunk
}
