//! Which passwords are good enough.

use kaiwa_shared::{
    auth::rules::{PASSWORD_MAX_BYTES, PASSWORD_MIN_CHARS},
    problem::FieldError,
};
use secrecy::{ExposeSecret, SecretString};

/// The commonest passwords and their parts, in lower case, sorted.
const COMMON: &str = include_str!("common_passwords.txt");

/// Checks a password for an account. `context` are words that must not be all there is to it: the account's own name
/// and address.
///
/// # Errors
///
/// What is wrong with it, under the field `field`: `too_short`, `too_long` or `too_common`.
pub fn check(field: &str, password: &SecretString, context: &[&str]) -> Result<(), FieldError> {
    let password = password.expose_secret();
    let characters = password.chars().count();
    if characters < PASSWORD_MIN_CHARS {
        let detail =
            format!("Use at least {PASSWORD_MIN_CHARS} characters; a few words make a good password.");
        return Err(FieldError::new(field, "too_short", detail));
    }
    if password.len() > PASSWORD_MAX_BYTES {
        let detail = format!("Use at most {PASSWORD_MAX_BYTES} bytes.");
        return Err(FieldError::new(field, "too_long", detail));
    }
    if is_guessable(&password.to_lowercase(), context) {
        let detail = "This is among the first that an attacker would try. Use a few unrelated words.";
        return Err(FieldError::new(field, "too_common", detail));
    }
    Ok(())
}

fn is_guessable(password: &str, context: &[&str]) -> bool {
    // Digits and signs at the ends are what everybody adds when a form asks for them.
    let core = password.trim_matches(|c: char| !c.is_alphabetic());
    let is_common = |text: &str| COMMON.lines().collect::<Vec<_>>().binary_search(&text).is_ok();
    let is_context = |text: &str| {
        let names = context.iter().flat_map(|name| [*name, name.split('@').next().unwrap_or(name)]);
        names.chain(["kaiwa", "会话"]).any(|name| text == name.to_lowercase())
    };
    is_common(password) || is_common(core) || is_context(password) || is_context(core) || is_pattern(password)
}

/// One character again and again, a short piece repeated, or characters that follow one another.
fn is_pattern(password: &str) -> bool {
    let characters: Vec<char> = password.chars().collect();
    let repeats = |length: usize| {
        characters.len() >= 2 * length
            && characters.iter().zip(characters.iter().skip(length)).all(|(a, b)| a == b)
    };
    let steps = |by: i64| {
        characters.windows(2).all(|pair| {
            let [a, b] = pair else { return false };
            i64::from(u32::from(*b)) - i64::from(u32::from(*a)) == by
        })
    };
    (1..=3).any(repeats) || steps(1) || steps(-1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(password: &str) -> Option<String> {
        check("password", &SecretString::from(password), &["ada", "ada@example.org"])
            .err()
            .map(|error| error.code)
    }

    #[test]
    fn the_list_is_sorted_so_that_it_can_be_searched() {
        assert!(COMMON.lines().is_sorted());
        assert!(COMMON.lines().count() > 150);
    }

    #[test]
    fn what_everybody_uses_is_refused() {
        for password in [
            "password",
            "Password123!",
            "12345678",
            "qwertyuiop",
            "letmein1",
            "iloveyou",
            "aaaaaaaa",
            "abcabcabc",
            "87654321",
            "Kaiwa2026",
            "ada12345",
            "ADA@example.org",
            "changeme",
            "administrator",
        ] {
            assert_eq!(verdict(password).as_deref(), Some("too_common"), "{password}");
        }
    }

    #[test]
    fn length_counts_characters_at_the_bottom_and_bytes_at_the_top() {
        assert_eq!(verdict("七个字不够呀呢").as_deref(), Some("too_short"));
        assert_eq!(verdict("八个字已经足够了"), None);
        assert_eq!(verdict(&"x9".repeat(513)).as_deref(), Some("too_long"));
    }

    #[test]
    fn words_signs_and_emoji_are_welcome() {
        for password in ["correct horse battery staple", "🦀🦀 rust 🦀 never", "a b c d  e !?", "zR7#kQ2p"]
        {
            assert_eq!(verdict(password), None, "{password}");
        }
    }
}
