//! Images that a text contains as data, in base64.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Parser, Tag};

use crate::builder::OPTIONS;

/// An image within a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataImage {
    /// Where its address stands in the text, in bytes.
    pub address: Range<usize>,
    /// Where the base64 of its bytes stands.
    pub base64: Range<usize>,
    /// Its alternative text.
    pub alt: String,
}

/// The images of a text whose address is `data:image/…;base64,…`, in order. Code does not contain images.
pub fn data_images(text: &str) -> Vec<DataImage> {
    if !text.contains("data:image/") {
        return Vec::new();
    }
    let mut found: Vec<DataImage> = Vec::new();
    let mut open = None;
    for (event, range) in Parser::new_ext(text, OPTIONS).into_offset_iter() {
        match event {
            Event::Start(Tag::Image { link_type: LinkType::Inline, dest_url, .. }) => {
                open = image_in(text, range, &dest_url);
            }
            Event::Text(piece) | Event::Code(piece) => {
                if let Some(image) = &mut open {
                    image.alt.push_str(&piece);
                }
            }
            Event::End(pulldown_cmark::TagEnd::Image) => found.extend(open.take()),
            _ => {}
        }
    }
    found
}

/// The image that is written at `range`, if its address is data and stands there literally.
fn image_in(text: &str, range: Range<usize>, address: &str) -> Option<DataImage> {
    let (head, base64) = address.split_once(',')?;
    if !head.starts_with("data:image/") || !head.ends_with(";base64") || base64.is_empty() {
        return None;
    }
    let start = range.start + text.get(range)?.rfind(address)?;
    let end = start + address.len();
    Some(DataImage { address: start..end, base64: end - base64.len()..end, alt: String::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(&str, &str, String)> {
        let part = |range: Range<usize>| text.get(range).unwrap_or("?");
        data_images(text)
            .into_iter()
            .map(|image| (part(image.address), part(image.base64), image.alt))
            .collect()
    }

    #[test]
    fn images_in_base64_are_found() {
        for text in [
            "![a cat](data:image/png;base64,AAAA)",
            "Text ![a `cat`](<data:image/png;base64,AAAA> \"title\") more",
            "- item\n  > ![a cat](data:image/png;base64,AAAA)\n",
            "[![a cat](data:image/png;base64,AAAA)](https://example.com)",
            "| ![a cat](data:image/png;base64,AAAA) |\n|---|\n",
            "猫 ![a **cat**](data:image/png;base64,AAAA)",
        ] {
            assert_eq!(found(text), [("data:image/png;base64,AAAA", "AAAA", "a cat".to_owned())], "{text}");
        }
        let two = "![x](data:image/png;base64,QQ==)![y](data:image/jpeg;base64,Qg==)";
        assert_eq!(found(two).iter().map(|(_, data, _)| *data).collect::<Vec<_>>(), ["QQ==", "Qg=="]);
    }

    #[test]
    fn nothing_else_is_an_image() {
        for text in [
            "`![a](data:image/png;base64,AAAA)`",
            "```\n![a](data:image/png;base64,AAAA)\n```",
            "    ![a](data:image/png;base64,AAAA)",
            "<img src=\"data:image/png;base64,AAAA\">",
            "[a](data:image/png;base64,AAAA)",
            "![a](data:image/svg+xml,<svg/>)",
            "![a](data:text/html;base64,AAAA)",
            "![a](data:image/png;base64,)",
            "![a](data:image/png;base64,AAAA",
            "![a](https://example.com/data:image/png;base64,AAAA)",
            "\\![a](data:image/png;base64,AAAA)",
            "data:image/png;base64,AAAA",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
