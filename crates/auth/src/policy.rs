//! The password policy: long enough, and not easy to guess.

use std::{cmp::Reverse, collections::BTreeSet};

use kaiwa_shared::{
    auth::rules::{PASSWORD_MAX_BYTES, PASSWORD_MIN_CHARS},
    problem::FieldError,
};
use secrecy::{ExposeSecret, SecretString};

/// The most common passwords and the words they consist of: lower case, sorted, one per line.
const COMMON: &str = include_str!("common_passwords.txt");
/// How many characters may surround a known word without making it a better password.
const MAX_EXTRA: usize = 4;
/// How many different characters a password needs.
const MIN_DISTINCT: usize = 4;
/// Sequences of neighbouring keys.
const KEYBOARD: [&str; 4] = [
    "1234567890-=",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
];
/// Kaiwa's own name.
const OWN_NAMES: [&str; 2] = ["kaiwa", "会话"];

/// Checks a new password. It must consist of more than the words in `context`, the account's own name and address.
///
/// # Errors
///
/// Says what is wrong with the field `field`: `too_short`, `too_long` or `too_common`.
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
        let detail = "This password is easy to guess. Use a few unrelated words.";
        return Err(FieldError::new(field, "too_common", detail));
    }
    Ok(())
}

fn is_guessable(password: &str, context: &[&str]) -> bool {
    let core = repeated_part(password);
    is_common(&core)
        || is_walk(&core)
        || core.chars().count() < PASSWORD_MIN_CHARS
        || core.chars().collect::<BTreeSet<_>>().len() < MIN_DISTINCT
        || is_mostly_known(password, context)
}

/// The part that a text repeats, or the whole text if it does not repeat.
fn repeated_part(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let repeats =
        |period: &usize| chars.iter().zip(chars.iter().skip(*period)).all(|(one, other)| one == other);
    let period = (1..=chars.len() / 2).find(repeats).unwrap_or(chars.len());
    chars.into_iter().take(period).collect()
}

/// Whether this is a common password, or a common word with a few digits and signs around it, as people add when a form
/// requires them.
fn is_common(text: &str) -> bool {
    let is_listed = |text: &str| COMMON.lines().any(|common| common == text);
    let word = text.trim_matches(|c: char| !c.is_alphabetic());
    let trimmed = text.chars().count() - word.chars().count();
    is_listed(text) || (trimmed <= MAX_EXTRA && is_listed(word))
}

/// Whether the characters are neighbours in the alphabet, among the digits or on a keyboard, in either direction.
fn is_walk(text: &str) -> bool {
    let codes: Vec<i64> = text.chars().map(|c| i64::from(u32::from(c))).collect();
    let steps = |by: i64| codes.iter().zip(codes.iter().skip(1)).all(|(one, next)| next - one == by);
    let backwards: String = text.chars().rev().collect();
    steps(1) || steps(-1) || KEYBOARD.iter().any(|walk| walk.contains(text) || walk.contains(&backwards))
}

/// Whether this is little more than the account's name or address, or Kaiwa's own name.
fn is_mostly_known(password: &str, context: &[&str]) -> bool {
    let names = context.iter().flat_map(|name| [*name, name.split('@').next().unwrap_or(name)]);
    let mut words: Vec<String> = names.chain(OWN_NAMES).map(str::to_lowercase).collect();
    // The longest first, so that an address is removed before the name inside it.
    words.sort_by_key(|word| Reverse(word.len()));
    let mut rest = password.to_owned();
    for word in words.iter().filter(|word| word.chars().count() >= 2) {
        rest = rest.replace(word, "");
    }
    rest.len() < password.len() && rest.chars().filter(|c| c.is_alphanumeric()).count() <= MAX_EXTRA
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(password: &str) -> Option<String> {
        check("password", &SecretString::from(password), &["alice", "alice.b@example.org"])
            .err()
            .map(|error| error.code)
    }

    #[test]
    fn the_list_is_sorted_and_in_lower_case() {
        let lines: Vec<&str> = COMMON.lines().collect();
        assert!(lines.len() > 500);
        assert!(lines.is_sorted_by(|one, other| one < other), "sorted, without duplicates");
        assert!(lines.iter().all(|line| *line == line.to_lowercase().trim() && !line.is_empty()));
    }

    #[test]
    fn common_passwords_are_refused() {
        for password in [
            "password",
            "Password123!",
            "P@ssw0rd",
            "password2024",
            "12345678",
            "1234567890",
            "qwertyuiop",
            "Qwerty123",
            "1qaz2wsx",
            "3edc4rfv",
            "letmein1",
            "iloveyou",
            "woaini1314",
            "changeme",
            "administrator",
            "welcome!!",
            "87654321",
            "hgfedcba",
            "lkjhgfdsa",
            "aaaaaaaa",
            "abcabcabc",
            "12341234",
            "passwordpassword",
            "11112222",
            "мммммммм",
            "会话会话会话会话",
        ] {
            assert_eq!(verdict(password).as_deref(), Some("too_common"), "{password}");
        }
    }

    #[test]
    fn a_password_of_known_words_is_refused() {
        for password in [
            "alice1234",
            "AliceAlice",
            "1alice1!",
            "alice.b@example.org",
            "Kaiwa2026",
            "alice@kaiwa",
            "会话alice2026",
        ] {
            assert_eq!(verdict(password).as_deref(), Some("too_common"), "{password}");
        }
        assert_eq!(verdict("alice walks in wonderland"), None);
    }

    #[test]
    fn the_minimum_is_in_characters_and_the_maximum_in_bytes() {
        assert_eq!(verdict("七个字不够呀呢").as_deref(), Some("too_short"));
        assert_eq!(verdict("八个字已经足够了"), None);
        let long: String = ('一'..).take(341).collect();
        assert_eq!(verdict(&format!("{long}x")), None, "1024 bytes");
        assert_eq!(verdict(&format!("{long}xy")).as_deref(), Some("too_long"), "1025 bytes");
    }

    #[test]
    fn phrases_signs_and_emoji_are_accepted() {
        for password in [
            "correct horse battery staple",
            "🦀🦀 rust 🦀 never",
            "a b c d  e !?",
            "zR7#kQ2p",
            "tr0ub4dor&3x",
            "dragon 1942 8371",
            "窗前明月光疑是地上霜",
            "mondscheinsonate",
        ] {
            assert_eq!(verdict(password), None, "{password}");
        }
    }
}
