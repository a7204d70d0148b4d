//! Radicals in place of characters.
//!
//! Browsers that print a page as PDF map glyphs that a radical and a character share to the radical, so that 校长 becomes
//! 校⻓ and no search finds it.

use unicode_normalization::UnicodeNormalization;

/// The radicals of the supplement that Unicode does not decompose, and the characters that look the same.
const SUPPLEMENT: [(char, char); 48] = [
    ('⺁', '厂'),
    ('⺄', '乙'),
    ('⺌', '小'),
    ('⺍', '小'),
    ('⺒', '巳'),
    ('⺓', '幺'),
    ('⺕', '彐'),
    ('⺗', '心'),
    ('⺙', '攵'),
    ('⺛', '旡'),
    ('⺜', '日'),
    ('⺝', '月'),
    ('⺟', '母'),
    ('⺠', '民'),
    ('⺩', '王'),
    ('⺫', '目'),
    ('⺬', '示'),
    ('⺮', '竹'),
    ('⺰', '纟'),
    ('⺶', '羊'),
    ('⺷', '羊'),
    ('⺻', '聿'),
    ('⺼', '肉'),
    ('⻁', '虎'),
    ('⻃', '覀'),
    ('⻄', '西'),
    ('⻅', '见'),
    ('⻆', '角'),
    ('⻉', '贝'),
    ('⻋', '车'),
    ('⻓', '长'),
    ('⻔', '门'),
    ('⻘', '青'),
    ('⻙', '韦'),
    ('⻚', '页'),
    ('⻛', '风'),
    ('⻜', '飞'),
    ('⻝', '食'),
    ('⻢', '马'),
    ('⻣', '骨'),
    ('⻤', '鬼'),
    ('⻥', '鱼'),
    ('⻦', '鸟'),
    ('⻨', '麦'),
    ('⻩', '黄'),
    ('⻬', '齐'),
    ('⻮', '齿'),
    ('⻰', '龙'),
];

/// The text with characters in place of radicals.
pub(crate) fn unified(text: &str) -> String {
    text.chars().map(of_char).collect()
}

fn of_char(c: char) -> char {
    match c {
        // Unicode decomposes it to the traditional form.
        '⼾' => '户',
        '\u{2f00}'..='\u{2fdf}' | '⻳' => std::iter::once(c).nfkc().next().unwrap_or(c),
        '\u{2e80}'..='\u{2eff}' => {
            SUPPLEMENT.iter().find(|(radical, _)| *radical == c).map_or(c, |(_, character)| *character)
        }
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn radicals_become_characters_and_everything_else_stays() {
        assert_eq!(unified("用⼾和校⻓的⼒量，⻅⻢⻰⻳！ＡＢ"), "用户和校长的力量，见马龙龟！ＡＢ");
    }
}
