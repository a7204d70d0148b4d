//! The text of documents, for models that cannot read the documents themselves.
//!
//! The parsers may panic, loop, or take any amount of memory on a hostile document. Run [`extract`] only in a process of
//! its own with limits, as `kaiwa extract` is run.

mod predefined;
mod radicals;

use std::{panic::AssertUnwindSafe, str::FromStr};

use pdf_extract::{Document, PlainTextOutput, output_doc_page};

/// The type of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// PDF.
    Pdf,
    /// Text documents, workbooks and presentations, as Office has written them since 2007.
    Office,
}

/// Why a document has no text.
#[derive(Debug, thiserror::Error)]
pub enum ExtractError {
    /// It is damaged, encrypted, or of another type.
    #[error("the document cannot be read: {0}")]
    Unreadable(String),
    /// It consists of pictures.
    #[error("there is no text in the document")]
    NoText,
}

/// The name is not that of a type of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the type of the document must be `pdf` or `office`")]
pub struct UnknownFormat;

/// Characters on a page without pictures of text.
const MIN_CHARS_A_PAGE: usize = 20;

impl Format {
    /// Its name on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Office => "office",
        }
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        [Self::Pdf, Self::Office].into_iter().find(|format| format.as_str() == name).ok_or(UnknownFormat)
    }
}

/// The text of a document in Markdown.
pub fn extract(format: Format, bytes: &[u8]) -> Result<String, ExtractError> {
    match format {
        Format::Pdf => of_pdf(bytes),
        Format::Office => of_office(bytes),
    }
}

fn of_pdf(bytes: &[u8]) -> Result<String, ExtractError> {
    let mut document = Document::load_mem(bytes).map_err(unreadable)?;
    if document.is_encrypted() {
        // Many documents are encrypted with an empty password.
        document.decrypt("").map_err(unreadable)?;
    }
    predefined::spell_out(&mut document);
    let numbers: Vec<u32> = document.get_pages().into_keys().collect();
    let pages: Vec<String> = numbers.iter().map(|number| of_page(&document, *number)).collect();
    let chars: usize = pages.iter().map(|page| page.chars().filter(|c| !c.is_whitespace()).count()).sum();
    if chars < MIN_CHARS_A_PAGE * pages.len().max(1) {
        return Err(ExtractError::NoText);
    }
    Ok(pages.join("\n\n"))
}

/// The text of a page; empty if it cannot be read.
fn of_page(document: &Document, number: u32) -> String {
    // The parser panics on what it does not know.
    let read = std::panic::catch_unwind(AssertUnwindSafe(|| {
        let mut text = String::new();
        let mut output = PlainTextOutput::new(&mut text);
        output_doc_page(document, &mut output, number).is_ok().then_some(text)
    }));
    read.ok().flatten().map(|text| radicals::unified(text.trim())).unwrap_or_default()
}

fn of_office(bytes: &[u8]) -> Result<String, ExtractError> {
    let document = undoc::parse_bytes(bytes).map_err(unreadable)?;
    let options = undoc::render::RenderOptions::new().with_images(false);
    let text = undoc::render::to_markdown(&document, &options).map_err(unreadable)?;
    if text.trim().is_empty() { Err(ExtractError::NoText) } else { Ok(text) }
}

fn unreadable(error: impl std::fmt::Display) -> ExtractError {
    ExtractError::Unreadable(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_reads_back_its_name() {
        for format in [Format::Pdf, Format::Office] {
            assert_eq!(format.as_str().parse(), Ok(format));
        }
        assert_eq!("docx".parse::<Format>(), Err(UnknownFormat));
    }

    #[test]
    fn what_is_no_document_is_unreadable() {
        for format in [Format::Pdf, Format::Office] {
            for bytes in [b"".as_slice(), b"text", b"PK\x03\x04", b"%PDF-1.7\n"] {
                assert!(extract(format, bytes).is_err(), "{format:?} {}", bytes.escape_ascii());
            }
        }
    }
}
