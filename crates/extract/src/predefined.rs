//! Fonts whose characters are encoded by a character map that every reader is expected to have.
//!
//! Chinese, Japanese and Korean documents refer to such maps by name. Those that encode Unicode are spelled out here.

use pdf_extract::{Document, Object, ObjectId, Stream, dictionary};

/// The ends of the names of maps whose codes are UTF-16.
const UNICODE: [&[u8]; 4] = [b"UCS2-H", b"UCS2-V", b"UTF16-H", b"UTF16-V"];

/// Every code stands for the character of the same number.
const TO_UNICODE: &[u8] = b"/CIDInit /ProcSet findresource begin begincmap\n\
    1 begincodespacerange <0000> <ffff> endcodespacerange\n\
    2 beginbfrange <0000> <d7ff> <0000> <e000> <ffff> <e000> endbfrange\n\
    endcmap end";

/// Gives the fonts of a document that use one of those maps what it says.
pub(crate) fn spell_out(document: &mut Document) {
    let uses_one = |object: &Object| {
        let encoding = object.as_dict().ok()?.get(b"Encoding").ok()?.as_name().ok()?;
        Some(encoding.starts_with(b"Uni") && UNICODE.iter().any(|end| encoding.ends_with(end)))
    };
    let fonts: Vec<ObjectId> = document
        .objects
        .iter()
        .filter(|(_, object)| uses_one(object).unwrap_or_default())
        .map(|(id, _)| *id)
        .collect();
    if fonts.is_empty() {
        return;
    }
    let map = document.add_object(Stream::new(dictionary! {}, TO_UNICODE.to_vec()));
    for id in fonts {
        if let Ok(font) = document.get_object_mut(id).and_then(Object::as_dict_mut) {
            font.set("Encoding", Object::Name(b"Identity-H".to_vec()));
            font.set("ToUnicode", Object::Reference(map));
        }
    }
}
