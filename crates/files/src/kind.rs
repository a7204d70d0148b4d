//! Detects the type of a file from its bytes.

use crate::text;

/// How many of a file's first bytes decide what it is.
pub const HEAD_BYTES: usize = 64 * 1024;

/// The type of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A picture that can be decoded.
    Picture(PictureFormat),
    /// A PDF document.
    Pdf,
    /// A document of Office, as it has written them since 2007.
    Office(OfficeFormat),
    /// Text in any language and encoding: prose, code, tables, HTML, SVG.
    Text,
}

/// A picture format that can be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureFormat {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP.
    WebP,
    /// GIF; only its first frame is used.
    Gif,
}

/// A format of Office.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfficeFormat {
    /// A text document.
    Docx,
    /// A workbook.
    Xlsx,
    /// A presentation.
    Pptx,
}

/// Why a file is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    /// It is empty.
    #[error("The file is empty.")]
    Empty,
    /// A picture as iPhones take it.
    #[error("Pictures in the HEIC format cannot be read. Save the picture as JPEG and upload that.")]
    Heic,
    /// A picture in another format.
    #[error(
        "Pictures in this format cannot be read. Save the picture as JPEG, PNG, WebP or GIF and upload that."
    )]
    Picture,
    /// Anything else.
    #[error(
        "Files of this type cannot be read. Upload a JPEG, PNG, WebP or GIF picture, a PDF, DOCX, XLSX or PPTX document, or a text file."
    )]
    Other,
}

/// The brands of HEIC and HEIF files.
const HEIC_BRANDS: [&[u8; 4]; 10] =
    [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"];

impl Kind {
    /// Detects the type from `head`: the first [`HEAD_BYTES`] bytes of the file, or all of it if it is shorter.
    ///
    /// # Errors
    ///
    /// [`Unsupported`] says in words why no model could read it.
    pub fn of(head: &[u8]) -> Result<Self, Unsupported> {
        if head.is_empty() {
            return Err(Unsupported::Empty);
        }
        if is_heic(head) {
            return Err(Unsupported::Heic);
        }
        match infer::get(head).map(|found| (found.mime_type(), found.matcher_type())) {
            Some(("image/jpeg", _)) => Ok(Self::Picture(PictureFormat::Jpeg)),
            Some(("image/png", _)) => Ok(Self::Picture(PictureFormat::Png)),
            Some(("image/webp", _)) => Ok(Self::Picture(PictureFormat::WebP)),
            Some(("image/gif", _)) => Ok(Self::Picture(PictureFormat::Gif)),
            Some(("application/pdf", _)) => Ok(Self::Pdf),
            _ if head.starts_with(b"PK\x03\x04") => {
                OfficeFormat::of_archive(head).map(Self::Office).ok_or(Unsupported::Other)
            }
            // Text may begin with what happens to be the signature of something else, such as `BM`.
            _ if text::is_text(head) => Ok(Self::Text),
            Some((_, infer::MatcherType::Image)) => Err(Unsupported::Picture),
            _ => Err(Unsupported::Other),
        }
    }

    /// The media type of a file of this kind and name. The name only tells one kind of text from another.
    pub fn media_type(self, name: &str) -> &'static str {
        match self {
            Self::Picture(format) => format.media_type(),
            Self::Pdf => "application/pdf",
            Self::Office(format) => format.media_type(),
            Self::Text => text::media_type(name),
        }
    }
}

impl PictureFormat {
    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Gif => "image/gif",
        }
    }
}

impl OfficeFormat {
    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        }
    }

    /// The format of an archive, by the folders of the files at its beginning.
    fn of_archive(head: &[u8]) -> Option<Self> {
        /// The length of the header before a file's name.
        const HEADER: usize = 30;
        let folders = [(b"word/".as_slice(), Self::Docx), (b"xl/", Self::Xlsx), (b"ppt/", Self::Pptx)];
        let headers = head.windows(4).enumerate().filter(|(_, window)| window == b"PK\x03\x04");
        headers.into_iter().find_map(|(at, _)| {
            let name = head.get(at + HEADER..)?;
            folders.iter().find(|(folder, _)| name.starts_with(folder)).map(|(_, format)| *format)
        })
    }
}

/// An ISO media file whose main or a compatible brand is one of HEIC. AVIF files may name `mif1` as compatible.
fn is_heic(head: &[u8]) -> bool {
    let is_heic = |brand: &[u8]| HEIC_BRANDS.iter().any(|heic| brand == *heic);
    head.get(4..8) == Some(b"ftyp") && head.get(8..12).is_some_and(is_heic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_decide() {
        let cases: &[(&[u8], Result<Kind, Unsupported>)] = &[
            (b"", Err(Unsupported::Empty)),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", Ok(Kind::Picture(PictureFormat::Jpeg))),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Ok(Kind::Picture(PictureFormat::Png))),
            (b"GIF89a\x01\0\x01\0", Ok(Kind::Picture(PictureFormat::Gif))),
            (b"RIFF\x10\0\0\0WEBPVP8L", Ok(Kind::Picture(PictureFormat::WebP))),
            (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", Ok(Kind::Pdf)),
            (b"\0\0\0\x18ftypheic\0\0\0\0", Err(Unsupported::Heic)),
            (b"\0\0\0\x18ftypmif1\0\0\0\0heic", Err(Unsupported::Heic)),
            (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", Err(Unsupported::Picture)),
            (b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0", Err(Unsupported::Picture)),
            (b"II*\0\x08\0\0\0\x01\0", Err(Unsupported::Picture)),
            (b"PK\x03\x04\x14\0\0\0\x08\0", Err(Unsupported::Other)),
            (b"PK\x03\x04--------------------------word/document.xml", Ok(Kind::Office(OfficeFormat::Docx))),
            (b"PK\x03\x04--------------------------xl/workbook.xml", Ok(Kind::Office(OfficeFormat::Xlsx))),
            (
                b"PK\x03\x04--------------------------[Content_Types].xml PK\x03\x04--------------------------ppt/a",
                Ok(Kind::Office(OfficeFormat::Pptx)),
            ),
            (b"PK\x03\x04--------------------------words/document.xml", Err(Unsupported::Other)),
            (b"\x7fELF\x02\x01\x01\0\0\0", Err(Unsupported::Other)),
            (b"MZ\x90\0\x03\0\0\0", Err(Unsupported::Other)),
            (b"BM is short for Bristol Motor", Ok(Kind::Text)),
            (b"#!/bin/sh\necho hello\n", Ok(Kind::Text)),
            (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", Ok(Kind::Text)),
            (b"<!doctype html><script>alert(1)</script>", Ok(Kind::Text)),
            (b"{\\rtf1\\ansi hello}", Ok(Kind::Text)),
            ("你好，世界".as_bytes(), Ok(Kind::Text)),
        ];
        for (head, expected) in cases {
            assert_eq!(Kind::of(head), *expected, "{}", head.escape_ascii());
        }
    }
}
