//! Which passwords are good enough: long enough, and not among the first that anybody would try.

use std::{cmp::Reverse, collections::BTreeSet};

use kaiwa_shared::{
    auth::rules::{PASSWORD_MAX_BYTES, PASSWORD_MIN_CHARS},
    problem::FieldError,
};
use secrecy::{ExposeSecret, SecretString};

/// The commonest passwords and the words that they are made of: lower case, sorted, one on a line.
const COMMON: &str = include_str!("common_passwords.txt");
/// A word with no more than this many characters around it is still that word.
const TRIMMINGS: usize = 4;
/// Fewest different characters.
const DISTINCT: usize = 4;
/// Walks over a keyboard.
const KEYBOARD: [&str; 4] = [
    "1234567890-=",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
];
/// Our own name.
const OURS: [&str; 2] = ["kaiwa", "会话"];

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
    let core = once(password);
    is_common(&core)
        || is_walk(&core)
        || core.chars().count() < PASSWORD_MIN_CHARS
        || core.chars().collect::<BTreeSet<_>>().len() < DISTINCT
        || is_mostly_known(password, context)
}

/// What a text repeats, once; the text itself if it repeats nothing.
fn once(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let repeats =
        |period: &usize| chars.iter().zip(chars.iter().skip(*period)).all(|(one, other)| one == other);
    let period = (1..=chars.len() / 2).find(repeats).unwrap_or(chars.len());
    chars.into_iter().take(period).collect()
}

/// A common password, or a common word with a few digits and signs at its ends, which is what everybody adds when a
/// form asks for them.
fn is_common(text: &str) -> bool {
    let is_listed = |text: &str| COMMON.lines().any(|common| common == text);
    let word = text.trim_matches(|c: char| !c.is_alphabetic());
    let trimmed = text.chars().count() - word.chars().count();
    is_listed(text) || (trimmed <= TRIMMINGS && is_listed(word))
}

/// Characters that follow one another in the alphabet, among the digits or on a keyboard, in either direction.
fn is_walk(text: &str) -> bool {
    let codes: Vec<i64> = text.chars().map(|c| i64::from(u32::from(c))).collect();
    let steps = |by: i64| codes.iter().zip(codes.iter().skip(1)).all(|(one, next)| next - one == by);
    let backwards: String = text.chars().rev().collect();
    steps(1) || steps(-1) || KEYBOARD.iter().any(|walk| walk.contains(text) || walk.contains(&backwards))
}

/// What an attacker knows of the account, or our own name, and hardly anything else.
fn is_mostly_known(password: &str, context: &[&str]) -> bool {
    let names = context.iter().flat_map(|name| [*name, name.split('@').next().unwrap_or(name)]);
    let mut words: Vec<String> = names.chain(OURS).map(str::to_lowercase).collect();
    // The longest first: an address goes as a whole before the name within it does.
    words.sort_by_key(|word| Reverse(word.len()));
    let mut rest = password.to_owned();
    for word in words.iter().filter(|word| word.chars().count() >= 2) {
        rest = rest.replace(word, "");
    }
    rest.len() < password.len() && rest.chars().filter(|c| c.is_alphanumeric()).count() <= TRIMMINGS
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
    fn the_list_is_in_order_and_in_lower_case() {
        let lines: Vec<&str> = COMMON.lines().collect();
        assert!(lines.len() > 500);
        assert!(lines.is_sorted_by(|one, other| one < other), "sorted, and nothing twice");
        assert!(lines.iter().all(|line| *line == line.to_lowercase().trim() && !line.is_empty()));
    }

    #[test]
    fn what_everybody_uses_is_refused() {
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
    fn what_an_attacker_knows_makes_no_password() {
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
    fn length_counts_characters_at_the_bottom_and_bytes_at_the_top() {
        assert_eq!(verdict("七个字不够呀呢").as_deref(), Some("too_short"));
        assert_eq!(verdict("八个字已经足够了"), None);
        let long: String = ('一'..).take(341).collect();
        assert_eq!(verdict(&format!("{long}x")), None, "1024 bytes");
        assert_eq!(verdict(&format!("{long}xy")).as_deref(), Some("too_long"), "1025 bytes");
    }

    #[test]
    fn words_signs_and_emoji_are_welcome() {
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
