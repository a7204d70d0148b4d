//! Names of files: as clients send them, as they are stored, and as they are sent back.

use actix_web::http::header::{
    Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue, HeaderValue,
};

/// Maximum length of a name, in characters.
const MAX_CHARS: usize = 255;

/// The name of a file without one.
const NAMELESS: &str = "file";

/// The name in a `Content-Disposition` header: `filename*` (RFC 8187) or `filename`. What could mislead a reader or a
/// file system is left out of it: folders, control characters, and characters that reverse the direction of writing.
pub(crate) fn name_of(header: Option<&HeaderValue>) -> String {
    let header = header.and_then(|header| ContentDisposition::from_raw(header).ok());
    let given = header.as_ref().and_then(|header| {
        let extended =
            header.get_filename_ext().map(|value| String::from_utf8_lossy(&value.value).into_owned());
        extended.or_else(|| header.get_filename().map(ToOwned::to_owned))
    });
    tidy(&given.unwrap_or_default())
}

/// The `Content-Disposition` of a response.
pub(crate) fn disposition(kind: DispositionType, name: &str) -> ContentDisposition {
    let name = ExtendedValue {
        charset: Charset::Ext("UTF-8".to_owned()),
        language_tag: None,
        value: name.as_bytes().to_vec(),
    };
    ContentDisposition { disposition: kind, parameters: vec![DispositionParam::FilenameExt(name)] }
}

/// A name without what could mislead.
pub(super) fn tidy(given: &str) -> String {
    let name = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = name.chars().filter(|c| !c.is_control() && !is_invisible(*c)).collect();
    let kept = kept.trim().trim_start_matches('.');
    let (stem, end) = match kept.rsplit_once('.') {
        Some((stem, end)) if end.chars().count() < 16 => (stem, format!(".{end}")),
        _ => (kept, String::new()),
    };
    let room = MAX_CHARS - end.chars().count();
    let name: String = stem.chars().take(room).chain(end.chars()).collect();
    if name.is_empty() { NAMELESS.to_owned() } else { name }
}

/// Characters that show nothing and change the order of those around them.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &str) -> String {
        name_of(Some(&HeaderValue::from_bytes(header.as_bytes()).unwrap()))
    }

    #[test]
    fn the_extended_name_counts_more() {
        assert_eq!(read("attachment; filename=\"x.txt\"; filename*=UTF-8''%E7%8C%AB.txt"), "猫.txt");
        assert_eq!(read("attachment; filename*=utf-8'zh'%e4%bd%a0%20%e5%a5%bd.md"), "你 好.md");
        assert_eq!(read("attachment; filename=\"a \\\"b\\\".txt\""), "a \"b\".txt");
        assert_eq!(read("attachment; filename=plain.txt"), "plain.txt");
    }

    #[test]
    fn a_name_never_leaves_its_folder_and_never_misleads() {
        for (given, expected) in [
            ("../../etc/passwd", "passwd"),
            ("..\\..\\x.txt", "x.txt"),
            ("/abs/olute.txt", "olute.txt"),
            ("C:\\x.txt", "x.txt"),
            ("a\0.png", "a.png"),
            ("a\r\nSet-Cookie: x=1.txt", "aSet-Cookie: x=1.txt"),
            (".htaccess", "htaccess"),
            ("photo\u{202e}gpj.exe", "photogpj.exe"),
            ("", "file"),
            ("...", "file"),
            ("  ", "file"),
            ("/", "file"),
        ] {
            assert_eq!(tidy(given), expected, "{given:?}");
        }
        let long = tidy(&format!("{}.png", "长".repeat(5000)));
        assert_eq!(long.chars().count(), MAX_CHARS);
        assert!(long.ends_with("长.png"));
        assert_eq!(tidy(&format!("a.{}", "b".repeat(5000))).chars().count(), MAX_CHARS);
    }

    #[test]
    fn a_header_that_cannot_be_read_names_no_file() {
        for header in
            ["", ";", "attachment", "attachment; filename*=x", "attachment; filename=\"open", "=;=;"]
        {
            assert_eq!(read(header), "file", "{header}");
        }
        assert_eq!(name_of(None), "file");
    }

    #[test]
    fn a_name_is_sent_back_as_it_is() {
        for name in ["猫.txt", "a \"b\"; c.txt", "100%.txt", "'.txt"] {
            let header = disposition(DispositionType::Attachment, name).to_string();
            assert!(header.is_ascii(), "{header}");
            assert_eq!(read(&header), name, "{header}");
        }
    }
}
