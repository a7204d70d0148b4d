//! Account names and e-mail addresses, as types that are always valid.

use kaiwa_shared::{
    auth::rules::{EMAIL_MAX_BYTES, USERNAME_MAX_CHARS, USERNAME_MIN_CHARS},
    problem::FieldError,
};

/// A valid account name. Its case is preserved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Username(String);

/// A valid e-mail address. Its case is preserved.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

/// The name and address of a new account.
#[derive(Clone)]
pub struct Identity {
    /// The account name.
    pub username: Username,
    /// The e-mail address, if there is one.
    pub email: Option<Email>,
}

impl Username {
    /// Parses a name of letters, digits, `.`, `-`, `_` and inner spaces, in any script.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the field `username`.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let text = text.trim();
        let error = |code: &str, detail: String| Err(FieldError::new("username", code, detail));
        match text.chars().count() {
            0 => return error("required", "Choose a name.".into()),
            count if count < USERNAME_MIN_CHARS => {
                return error("too_short", format!("A name needs at least {USERNAME_MIN_CHARS} characters."));
            }
            count if count > USERNAME_MAX_CHARS => {
                return error(
                    "too_long",
                    format!("A name can have at most {USERNAME_MAX_CHARS} characters."),
                );
            }
            _ => {}
        }
        if text.contains('@') {
            let detail = "A name cannot contain `@`. Send an e-mail address as `email`.";
            return error("malformed", detail.into());
        }
        if !is_name(text) {
            let detail = "A name can contain letters, digits, `.`, `-`, `_` and single spaces, and needs at least one letter or digit.";
            return error("malformed", detail.into());
        }
        Ok(Self(text.to_owned()))
    }

    /// The name, in its original case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Email {
    /// Parses an address with one `@`, a host after it, and no white space.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the field `email`.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let text = text.trim();
        let malformed = || FieldError::new("email", "malformed", "This is not an e-mail address.");
        if text.len() > EMAIL_MAX_BYTES {
            let detail = format!("An e-mail address can have at most {EMAIL_MAX_BYTES} bytes.");
            return Err(FieldError::new("email", "too_long", detail));
        }
        let (local, domain) = text.rsplit_once('@').ok_or_else(malformed)?;
        let is_domain_valid = !domain.is_empty()
            && domain.split('.').all(|label| {
                !label.is_empty()
                    && label.chars().all(|c| is_letter(c) || c == '-')
                    && !label.starts_with('-')
                    && !label.ends_with('-')
            });
        let is_local_valid = !local.is_empty()
            && !local.contains('@')
            && local.chars().all(|c| is_visible(c) && !"<>()[],;:\\\"".contains(c));
        if is_local_valid && is_domain_valid { Ok(Self(text.to_owned())) } else { Err(malformed()) }
    }

    /// The address, in its original case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A name for an account that has only an address: the part before the `@`.
    pub fn suggested_name(&self) -> Username {
        let local = self.0.split('@').next().unwrap_or_default();
        let kept: String = local
            .chars()
            .map(|c| if is_letter(c) || matches!(c, '.' | '-' | '_') { c } else { '-' })
            .take(USERNAME_MAX_CHARS)
            .collect();
        if !is_name(&kept) {
            Username("user".to_owned())
        } else if kept.chars().count() < USERNAME_MIN_CHARS {
            Username(format!("{kept}-user"))
        } else {
            Username(kept)
        }
    }
}

impl std::fmt::Debug for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Email([redacted])")
    }
}

fn is_name(text: &str) -> bool {
    text.chars().all(|c| is_letter(c) || matches!(c, '.' | '-' | '_' | ' '))
        && text.chars().any(char::is_alphanumeric)
        && !text.contains("  ")
}

/// Accepts letters, digits and combining marks: many scripts need marks, and macOS may write é as e and an accent.
fn is_letter(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() } else { is_visible(c) }
}

/// Rejects spaces, control characters, direction marks, fillers and all else that makes different texts look alike.
fn is_visible(c: char) -> bool {
    !c.is_control()
        && !c.is_whitespace()
        && !matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{e000}'..='\u{f8ff}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{ffff}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{10ffff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_script_are_accepted() {
        for name in ["ada", "Ada Lovelace", "王小明", "josé.garcía", "jose\u{301}", "नमस्ते", "Пётр", "x_1"]
        {
            assert_eq!(Username::parse(name).unwrap().as_str(), name);
        }
        assert_eq!(Username::parse("  ada ").unwrap().as_str(), "ada");
    }

    #[test]
    fn names_that_look_like_something_else_are_refused() {
        for (name, code) in [
            ("", "required"),
            ("a", "too_short"),
            ("ada@example.org", "malformed"),
            ("a\u{202e}b", "malformed"),
            ("a\nb", "malformed"),
            ("<b>ada</b>", "malformed"),
        ] {
            assert_eq!(Username::parse(name).unwrap_err().code, code, "{name:?}");
        }
        assert_eq!(Username::parse(&"x".repeat(65)).unwrap_err().code, "too_long");
    }

    #[test]
    fn invisible_and_confusable_characters_are_refused() {
        for name in [
            "\u{3164}\u{3164}",
            "\u{1160}\u{1160}",
            "\u{2800}\u{2800}",
            "ada\u{200b}",
            "a\u{ad}da",
            "ada\u{feff}x",
            "ad\u{e0061}a",
            "ada  lovelace",
            "ada\u{a0}lovelace",
            "..",
            "- -",
            "a\0b",
        ] {
            assert_eq!(
                Username::parse(name).map_err(|error| error.code),
                Err("malformed".to_owned()),
                "{name:?}"
            );
        }
        for address in
            ["ad\u{202e}a@x.org", "ada\u{200b}@x.org", "ada@x\u{3164}.org", "a\0da@x.org", "a@x-.org"]
        {
            assert_eq!(
                Email::parse(address).map_err(|error| error.code),
                Err("malformed".to_owned()),
                "{address:?}"
            );
        }
    }

    #[test]
    fn only_valid_addresses_are_accepted() {
        for address in ["ada@example.org", "a.b+c@sub.example.org", "root@localhost", "用户@例子.公司"]
        {
            assert!(Email::parse(address).is_ok(), "{address}");
        }
        for text in
            ["", "ada", "@x.org", "a@", "a b@x.org", "a@x..org", "a@@x.org", "a@x.org\nBcc: b", "<a@x.org>"]
        {
            assert!(Email::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_account_without_a_name_gets_one_from_its_address() {
        assert_eq!(Email::parse("a.b+c@x.org").unwrap().suggested_name().as_str(), "a.b-c");
        assert_eq!(Email::parse("a@x.org").unwrap().suggested_name().as_str(), "a-user");
        for nameless in ["..@x.org", "!!@x.org", "_@x.org"] {
            assert_eq!(Email::parse(nameless).unwrap().suggested_name().as_str(), "user", "{nameless}");
        }
    }
}
