//! The copies that are made of pictures.

use bytes::Bytes;
use image::{DynamicImage, GenericImageView, Rgba, RgbaImage};
use kaiwa_files::{
    Copy, Kind, Picture, PictureError,
    PictureFormat::{self, Gif, Jpeg, Png, WebP},
    Pictures,
};

use crate::corpus::{SECRET, encoded, marked, png_header, png_with_text, with_exif};

async fn make(format: PictureFormat, bytes: Vec<u8>) -> Result<Picture, PictureError> {
    Pictures::default().make(format, async { Ok(Bytes::from(bytes)) }).await
}

fn copies(picture: &Picture) -> [&Copy; 3] {
    [&picture.content, &picture.for_models, &picture.thumbnail]
}

fn pixels(copy: &Copy) -> DynamicImage {
    let pixels = image::load_from_memory(&copy.bytes).unwrap();
    assert_eq!(pixels.dimensions(), (copy.width, copy.height));
    pixels
}

/// The corner of a picture that is red.
fn red_corner(pixels: &DynamicImage) -> (&'static str, &'static str) {
    let (right, bottom) = (pixels.width() - 1, pixels.height() - 1);
    let corners = [
        ((0, 0), ("top", "left")),
        ((right, 0), ("top", "right")),
        ((0, bottom), ("bottom", "left")),
        ((right, bottom), ("bottom", "right")),
    ];
    let is_red = |(x, y): (u32, u32)| pixels.get_pixel(x, y).0[1] < 100;
    let red: Vec<_> = corners.into_iter().filter(|(at, _)| is_red(*at)).map(|(_, name)| name).collect();
    assert_eq!(red.len(), 1, "{red:?}");
    red[0]
}

#[tokio::test]
async fn every_format_becomes_three_copies() {
    for (format, expected) in
        [(Jpeg, "image/jpeg"), (Png, "image/png"), (WebP, "image/jpeg"), (Gif, "image/png")]
    {
        let bytes = encoded(&marked(700, 350), format);
        assert_eq!(Kind::of(&bytes), Ok(Kind::Picture(format)));
        let made = make(format, bytes).await.unwrap();
        assert_eq!(made.content.media_type, expected, "{format:?}");
        assert_eq!(made.for_models.media_type, "image/jpeg");
        let sizes = copies(&made).map(|copy| pixels(copy).dimensions());
        assert_eq!(sizes, [(700, 350), (700, 350), (512, 256)], "{format:?}");
        assert!(copies(&made).iter().all(|copy| red_corner(&pixels(copy)) == ("top", "left")), "{format:?}");
    }
}

#[tokio::test]
async fn large_pictures_are_scaled_down_and_small_ones_are_not_scaled_up() {
    for (size, expected) in [
        ((5000, 1000), [(4096, 819), (1568, 313), (512, 102)]),
        ((1000, 5000), [(819, 4096), (313, 1568), (102, 512)]),
        ((12_000, 1), [(4096, 1), (1568, 1), (512, 1)]),
        ((1, 1), [(1, 1); 3]),
        ((1568, 1568), [(1568, 1568), (1568, 1568), (512, 512)]),
    ] {
        let white = DynamicImage::from(image::RgbImage::from_pixel(size.0, size.1, image::Rgb([255; 3])));
        let made = make(Png, encoded(&white, Png)).await.unwrap();
        assert_eq!(copies(&made).map(|copy| pixels(copy).dimensions()), expected, "{size:?}");
    }
}

#[tokio::test]
async fn photos_are_turned_upright_and_say_nothing_about_where_they_were_taken() {
    let upright = [
        ("top", "left"),
        ("top", "left"),
        ("top", "right"),
        ("bottom", "right"),
        ("bottom", "left"),
        ("top", "left"),
        ("top", "right"),
        ("bottom", "right"),
        ("bottom", "left"),
        ("top", "left"),
    ];
    for format in [Jpeg, Png, WebP] {
        for (orientation, corner) in (0..).zip(upright) {
            let bytes = with_exif(&marked(64, 32), format, orientation);
            assert!(bytes.windows(SECRET.len()).any(|part| part == SECRET.as_bytes()));
            let made = make(format, bytes).await.unwrap();
            for copy in copies(&made) {
                let turned = (5..=8).contains(&orientation);
                let size = if turned { (32, 64) } else { (64, 32) };
                let pixels = pixels(copy);
                assert_eq!(pixels.dimensions(), size, "{format:?} {orientation}");
                assert_eq!(red_corner(&pixels), corner, "{format:?} {orientation}");
                for word in [SECRET, "Exif", "eXIf"] {
                    assert!(!copy.bytes.windows(word.len()).any(|part| part == word.as_bytes()), "{word}");
                }
            }
        }
    }
}

#[tokio::test]
async fn transparency_is_kept_for_people_and_white_for_models() {
    let clear = DynamicImage::from(RgbaImage::from_pixel(600, 10, Rgba([0, 0, 0, 0])));
    for format in [Png, WebP, Gif] {
        let made = make(format, encoded(&clear, format)).await.unwrap();
        assert_eq!(pixels(&made.content).get_pixel(5, 5).0[3], 0, "{format:?}");
        assert_eq!(pixels(&made.thumbnail).get_pixel(5, 5).0[3], 0, "{format:?}");
        assert_eq!(pixels(&made.for_models).get_pixel(5, 5).0, [255; 4], "{format:?}");
    }
}

#[tokio::test]
async fn pictures_of_other_depths_are_read() {
    let gray = DynamicImage::from(marked(20, 20).to_luma8());
    let deep = DynamicImage::from(marked(20, 20).to_rgba16());
    let both = DynamicImage::from(marked(20, 20).to_luma_alpha16());
    for picture in [gray, deep, both] {
        let made = make(Png, encoded(&picture, Png)).await.unwrap();
        assert_eq!(red_corner(&pixels(&made.content)), ("top", "left"), "{:?}", picture.color());
    }
}

#[tokio::test]
async fn bombs_are_refused_before_they_are_decoded() {
    for (width, height, bits, color) in [
        (50_000, 50_000, 8, 6),
        (12_001, 1, 8, 2),
        (1, 12_001, 8, 2),
        (10_000, 5_001, 8, 2),
        (7_000, 7_000, 16, 6),
        (u32::MAX >> 1, u32::MAX >> 1, 8, 6),
        (50_000, 50_000, 1, 0),
    ] {
        let made = make(Png, png_header(width, height, bits, color)).await;
        assert_eq!(made.unwrap_err(), PictureError::TooManyPixels, "{width} x {height}");
    }
    let mut gif = encoded(&marked(8, 8), Gif);
    gif[6..10].copy_from_slice(&[0xff; 4]);
    assert_eq!(make(Gif, gif).await.unwrap_err(), PictureError::TooManyPixels);
}

#[tokio::test]
async fn what_surrounds_the_pixels_is_bounded() {
    // Either outcome is fine; what counts is that the text is not unpacked without a limit.
    let _ = make(Png, png_with_text(300 * 1024 * 1024)).await;
}

#[tokio::test]
async fn damaged_pictures_are_refused() {
    for format in [Jpeg, Png, WebP, Gif] {
        let bytes = encoded(&marked(64, 64), format);
        assert_eq!(
            make(format, bytes[..12].to_vec()).await.unwrap_err(),
            PictureError::Damaged,
            "{format:?}"
        );
        assert_eq!(make(format, Vec::new()).await.unwrap_err(), PictureError::Damaged, "{format:?}");
        // Whatever the decoder makes of noise, it must not take the process down.
        for seed in 0..20_u32 {
            let mut noisy = bytes.clone();
            for (at, byte) in (0_u32..).zip(&mut noisy).skip(20).step_by(7) {
                *byte ^=
                    u8::try_from((at.wrapping_mul(2_654_435_761) ^ seed.wrapping_mul(40_503)) >> 24 & 0xff)
                        .unwrap();
            }
            let _ = make(format, noisy).await;
        }
    }
}

#[tokio::test]
async fn nothing_of_a_polyglot_is_left() {
    let script = b"<script>alert(document.cookie)</script>%PDF-1.7 PK\x03\x04";
    for format in [Jpeg, Png, WebP, Gif] {
        let mut bytes = encoded(&marked(64, 64), format);
        bytes.extend_from_slice(script);
        assert_eq!(Kind::of(&bytes), Ok(Kind::Picture(format)));
        let made = make(format, bytes).await.unwrap();
        for copy in copies(&made) {
            assert!(!copy.bytes.windows(8).any(|part| part == b"<script>"), "{format:?}");
        }
    }
}
