//! The script of a text, which decides how it is set and read aloud.

/// Whether a text has Chinese characters, which are not slanted or spaced out.
pub fn has_han(text: &str) -> bool {
    text.chars().any(is_han)
}

/// The language of a text as far as its script tells it: `ja`, `ko` or `zh`, or `en` if there are only ASCII letters; `None`
/// if there are too few letters or those of another language.
pub fn language_of(text: &str) -> Option<&'static str> {
    /// How many letters are looked at.
    const SAMPLE: usize = 2_000;
    /// How many are needed.
    const ENOUGH: usize = 8;
    let (mut han, mut kana, mut hangul, mut ascii, mut other) = (0, 0, 0, 0, 0);
    for c in text.chars().filter(|c| c.is_alphabetic()).take(SAMPLE) {
        match c {
            c if c.is_ascii() => ascii += 1,
            '\u{3040}'..='\u{30FF}' => kana += 1,
            '\u{AC00}'..='\u{D7AF}' | '\u{1100}'..='\u{11FF}' => hangul += 1,
            c if is_han(c) => han += 1,
            _ => other += 1,
        }
    }
    let letters = han + kana + hangul + ascii + other;
    // A Chinese character says as much as several letters.
    let east = (han + kana + hangul) * 4;
    if letters < ENOUGH && east == 0 {
        None
    } else if east > ascii + other {
        Some(if kana * 8 > han {
            "ja"
        } else if hangul > han {
            "ko"
        } else {
            "zh"
        })
    } else {
        (other * 50 < ascii).then_some("en")
    }
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
}

#[cfg(test)]
mod tests {
    use super::language_of;

    #[test]
    fn the_script_tells_the_language() {
        for (text, expected) in [
            ("先关灯，再出门。", Some("zh")),
            ("用 `cargo build` 编译，然后用 `cargo run` 运行这个程序。", Some("zh")),
            ("これはテストです。", Some("ja")),
            ("東京駅へ行きます", Some("ja")),
            ("안녕하세요 여러분", Some("ko")),
            ("The quick brown fox, in Chinese 狐狸.", Some("en")),
            ("Déjà vu à l'été, près du marché", None),
            ("Это проверка текста", None),
            ("42", None),
            ("ok", None),
        ] {
            assert_eq!(language_of(text), expected, "{text}");
        }
    }
}
