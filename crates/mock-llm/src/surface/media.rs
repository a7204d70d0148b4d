//! Pictures and documents in requests, refused where the real providers refuse them.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use super::Protocol;

/// Maximum size of a request with files that Gemini and Anthropic accept, in bytes of Base64.
const MAX_REQUEST: usize = 20 * 1024 * 1024;

/// Maximum size of one of Anthropic's pictures, in bytes.
const MAX_PICTURE: usize = 5 * 1024 * 1024;

/// Maximum number of pictures in a request.
const MAX_PICTURES: usize = 100;

/// The first bytes of each picture format.
const SIGNATURES: [(&str, &[u8]); 4] = [
    ("image/png", b"\x89PNG\r\n\x1a\n"),
    ("image/jpeg", b"\xff\xd8\xff"),
    ("image/gif", b"GIF8"),
    ("image/webp", b"RIFF"),
];

/// What was found in a request so far.
#[derive(Default)]
struct Found {
    pictures: usize,
    /// Bytes of Base64.
    size: usize,
}

/// Checks all pictures and documents of a request. The error is a message for the client.
pub(super) fn check(protocol: Protocol, body: &Value) -> Result<(), String> {
    let mut found = Found::default();
    let (list, parts) = match protocol {
        Protocol::Chat | Protocol::Messages => ("messages", "content"),
        Protocol::Responses => ("input", "content"),
        Protocol::Gemini => ("contents", "parts"),
        Protocol::Ollama => ("messages", "images"),
    };
    for message in body[list].as_array().into_iter().flatten() {
        let role = message["role"].as_str().unwrap_or_default();
        for part in message[parts].as_array().into_iter().flatten() {
            match protocol {
                Protocol::Chat => chat(role, part, &mut found),
                Protocol::Responses => responses(role, part, &mut found),
                Protocol::Messages => messages(role, part, &mut found),
                Protocol::Gemini => gemini(part, &mut found),
                Protocol::Ollama => ollama(part, &mut found),
            }?;
        }
    }
    if found.pictures > MAX_PICTURES {
        return Err(format!("Too many images: {} are more than {MAX_PICTURES}.", found.pictures));
    }
    if found.size > MAX_REQUEST && matches!(protocol, Protocol::Gemini | Protocol::Messages) {
        return Err("Request size exceeds the limit.".to_owned());
    }
    Ok(())
}

fn chat(role: &str, part: &Value, found: &mut Found) -> Result<(), String> {
    match part["type"].as_str() {
        Some("text" | "refusal") => Ok(()),
        Some("image_url") => {
            only_user(role)?;
            if let Some(other) = part["image_url"]["detail"].as_str().filter(|detail| !is_detail(detail)) {
                return Err(format!("Invalid value: '{other}' is no detail."));
            }
            picture_url(&part["image_url"]["url"], found)
        }
        Some("file") => {
            only_user(role)?;
            pdf_url(&part["file"]["filename"], &part["file"]["file_data"], found)
        }
        other => Err(format!("Invalid value: {other:?} is no type of a content part.")),
    }
}

fn responses(role: &str, part: &Value, found: &mut Found) -> Result<(), String> {
    match part["type"].as_str() {
        Some("input_text" | "output_text" | "refusal") => Ok(()),
        Some("input_image") => {
            only_user(role)?;
            if let Some(other) = part["detail"].as_str().filter(|detail| !is_detail(detail)) {
                return Err(format!("Invalid value: '{other}' is no detail."));
            }
            picture_url(&part["image_url"], found)
        }
        Some("input_file") => {
            only_user(role)?;
            pdf_url(&part["filename"], &part["file_data"], found)
        }
        other => Err(format!("Invalid value: {other:?} is no type of a content part.")),
    }
}

fn messages(role: &str, block: &Value, found: &mut Found) -> Result<(), String> {
    let source = &block["source"];
    match block["type"].as_str() {
        Some("image") => {
            only_user(role)?;
            if source["type"] != "base64" {
                return Err("messages: an image's source must be base64 here".to_owned());
            }
            let size = picture(&source["media_type"], &source["data"], found)?;
            if size > MAX_PICTURE { Err("messages: image exceeds 5 MB maximum".to_owned()) } else { Ok(()) }
        }
        Some("document") => {
            only_user(role)?;
            if source["type"] != "base64" || source["media_type"] != "application/pdf" {
                return Err("messages: a document's source must be a PDF in base64 here".to_owned());
            }
            pdf(&source["data"], found)
        }
        Some(_) => Ok(()),
        None => Err("messages: content blocks need a type".to_owned()),
    }
}

fn gemini(part: &Value, found: &mut Found) -> Result<(), String> {
    let inline = &part["inlineData"];
    if inline.is_null() {
        return Ok(());
    }
    // Google reads both alphabets of Base64 and both spellings of names.
    let data = inline["data"].as_str().map(|data| data.replace('-', "+").replace('_', "/")).into();
    let media_type = inline.get("mimeType").unwrap_or(&inline["mime_type"]);
    if media_type == "application/pdf" {
        return pdf(&data, found);
    }
    picture(media_type, &data, found).map(drop)
}

fn ollama(image: &Value, found: &mut Found) -> Result<(), String> {
    let bytes = decoded(image, found)?;
    found.pictures += 1;
    let is_known = SIGNATURES.iter().any(|(_, signature)| bytes.starts_with(signature));
    if is_known { Ok(()) } else { Err("invalid image data".to_owned()) }
}

fn only_user(role: &str) -> Result<(), String> {
    if role == "user" {
        Ok(())
    } else {
        Err(format!("Files are only allowed in messages of users, not of '{role}'."))
    }
}

fn is_detail(detail: &str) -> bool {
    matches!(detail, "auto" | "low" | "high" | "original")
}

/// A picture as a `data:` URL.
fn picture_url(url: &Value, found: &mut Found) -> Result<(), String> {
    let url = url.as_str().ok_or("image_url: a string is required")?;
    if url.starts_with("https://") {
        return Ok(());
    }
    let (media_type, data) = split_url(url)?;
    picture(&media_type.into(), &data.into(), found).map(drop)
}

/// A PDF as a `data:` URL.
fn pdf_url(name: &Value, url: &Value, found: &mut Found) -> Result<(), String> {
    if name.as_str().is_none_or(str::is_empty) {
        return Err("Missing required parameter: 'filename'.".to_owned());
    }
    let (media_type, data) = split_url(url.as_str().ok_or("file_data: a string is required")?)?;
    if media_type != "application/pdf" {
        return Err(format!("Invalid file data: '{media_type}' is not supported, only PDF is."));
    }
    pdf(&data.into(), found)
}

fn split_url(url: &str) -> Result<(&str, &str), String> {
    url.strip_prefix("data:")
        .and_then(|rest| rest.split_once(";base64,"))
        .ok_or_else(|| "Invalid URL: expected a base64-encoded data URL.".to_owned())
}

/// Checks a picture's type and bytes; returns its size.
fn picture(media_type: &Value, data: &Value, found: &mut Found) -> Result<usize, String> {
    let bytes = decoded(data, found)?;
    found.pictures += 1;
    let declared = media_type.as_str().unwrap_or_default();
    let signature = SIGNATURES.iter().find(|(name, _)| *name == declared);
    let (_, signature) = signature.ok_or_else(|| format!("Unsupported image type: '{declared}'."))?;
    if bytes.starts_with(signature) {
        Ok(bytes.len())
    } else {
        Err(format!("The image does not appear to be a valid {declared}."))
    }
}

fn pdf(data: &Value, found: &mut Found) -> Result<(), String> {
    let bytes = decoded(data, found)?;
    if bytes.starts_with(b"%PDF-") { Ok(()) } else { Err("The PDF specified was not valid.".to_owned()) }
}

fn decoded(data: &Value, found: &mut Found) -> Result<Vec<u8>, String> {
    let data = data.as_str().ok_or("base64 data: a string is required")?;
    found.size += data.len();
    STANDARD.decode(data).map_err(|error| format!("Invalid base64 data: {error}."))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n....";
    const PDF: &[u8] = b"%PDF-1.7 ...";

    fn base64(bytes: &[u8]) -> String {
        STANDARD.encode(bytes)
    }

    fn url(media_type: &str, bytes: &[u8]) -> String {
        format!("data:{media_type};base64,{}", base64(bytes))
    }

    /// A request in this protocol with one picture and one document.
    fn request(protocol: Protocol, role: &str, media_type: &str, picture: &[u8], document: &[u8]) -> Value {
        let (image, pdf) = (url(media_type, picture), url("application/pdf", document));
        match protocol {
            Protocol::Chat => json!({ "messages": [{ "role": role, "content": [
                { "type": "text", "text": "?" },
                { "type": "image_url", "image_url": { "url": image } },
                { "type": "file", "file": { "filename": "a.pdf", "file_data": pdf } },
            ] }] }),
            Protocol::Responses => json!({ "input": [{ "role": role, "content": [
                { "type": "input_text", "text": "?" },
                { "type": "input_image", "image_url": image, "detail": "auto" },
                { "type": "input_file", "filename": "a.pdf", "file_data": pdf },
            ] }] }),
            Protocol::Messages => json!({ "messages": [{ "role": role, "content": [
                { "type": "text", "text": "?" },
                { "type": "image", "source": { "type": "base64", "media_type": media_type, "data": base64(picture) } },
                { "type": "document", "source": {
                    "type": "base64", "media_type": "application/pdf", "data": base64(document),
                } },
            ] }] }),
            Protocol::Gemini => json!({ "contents": [{ "role": role, "parts": [
                { "text": "?" },
                { "inlineData": { "mimeType": media_type, "data": base64(picture) } },
                { "inlineData": { "mimeType": "application/pdf", "data": base64(document) } },
            ] }] }),
            Protocol::Ollama => {
                json!({ "messages": [{ "role": role, "content": "?", "images": [base64(picture)] }] })
            }
        }
    }

    #[test]
    fn what_the_providers_accept_is_accepted_and_the_rest_is_not() {
        for protocol in
            [Protocol::Chat, Protocol::Responses, Protocol::Messages, Protocol::Gemini, Protocol::Ollama]
        {
            let check = |role, media_type, picture, document| {
                check(protocol, &request(protocol, role, media_type, picture, document)).is_ok()
            };
            assert!(check("user", "image/png", PNG, PDF), "{protocol:?}");
            assert!(!check("user", "image/png", b"<svg>", PDF), "{protocol:?}");
            assert!(!check("user", "image/png", b"", PDF), "{protocol:?}");
            if protocol == Protocol::Ollama {
                continue;
            }
            assert!(!check("user", "image/jpeg", PNG, PDF), "{protocol:?}: the declared type is another one");
            assert!(!check("user", "image/svg+xml", b"<svg>", PDF), "{protocol:?}");
            assert!(!check("user", "image/png", PNG, b"PK"), "{protocol:?}");
            if protocol != Protocol::Gemini {
                assert!(!check("assistant", "image/png", PNG, PDF), "{protocol:?}");
            }
        }
    }

    #[test]
    fn too_much_is_refused() {
        let part = json!({ "inlineData": { "mimeType": "image/png", "data": base64(PNG) } });
        let many =
            |count: usize| json!({ "contents": [{ "role": "user", "parts": vec![part.clone(); count] }] });
        assert!(check(Protocol::Gemini, &many(MAX_PICTURES)).is_ok());
        assert!(check(Protocol::Gemini, &many(MAX_PICTURES + 1)).is_err());
        let large = [PNG, vec![0; MAX_PICTURE].as_slice()].concat();
        assert!(
            check(Protocol::Messages, &request(Protocol::Messages, "user", "image/png", &large, PDF))
                .is_err()
        );
        assert!(check(Protocol::Chat, &request(Protocol::Chat, "user", "image/png", &large, PDF)).is_ok());
    }
}
