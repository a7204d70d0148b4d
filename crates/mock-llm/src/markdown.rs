//! A realistic long answer.

const SECTION: &str = include_str!("markdown.md");

/// At least `kb` KiB of Markdown in numbered sections, ending with a paragraph.
pub(crate) fn of_length(kb: u64) -> String {
    let target = usize::try_from(kb.saturating_mul(1024)).unwrap_or(usize::MAX).min(64 * 1024 * 1024);
    let mut text = String::from("# A long answer\n\n");
    for section in 1.. {
        for block in SECTION.replace("{n}", &section.to_string()).split_inclusive("\n\n") {
            text.push_str(block);
            // An open fence would absorb the text after it.
            if text.len() >= target && text.matches("\n```").count().is_multiple_of(2) {
                return text.trim_end().to_owned();
            }
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reply_has_its_length_and_no_open_code_block() {
        for kb in [1, 4, 48] {
            let text = of_length(kb);
            assert!(
                (kb * 1024..kb * 1024 + 1500).contains(&(text.len() as u64 + 2)),
                "{} for {kb}",
                text.len()
            );
            assert!(text.matches("\n```").count().is_multiple_of(2));
        }
    }
}
