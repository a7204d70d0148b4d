//! Reading a model's name.

use std::{str::FromStr, time::Duration};

use super::{Content, Fault, RetryAfter, Script, oddity};

/// The name is not a script; contains the unknown part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownScript(pub String);

/// The first words of names.
const CONTENTS: [(&str, Content); 10] = [
    ("mock", Content::Tokens),
    ("markdown", Content::Markdown),
    ("reasoning", Content::Reasoning),
    ("think", Content::Think),
    ("tools", Content::Tools),
    ("call", Content::Call),
    ("citations", Content::Citations),
    ("refusal", Content::Refusal),
    ("blocked", Content::Blocked),
    ("echo", Content::Echo),
];

/// Practically forever, but small enough that sums cannot overflow.
const ENDLESS: u64 = 1 << 60;

impl Script {
    fn set_number(&mut self, key: &str, number: u64) -> Option<()> {
        let status = || u16::try_from(number).ok().filter(|status| (100..1000).contains(status));
        match key {
            "tokens" => self.tokens = number,
            "thinking" => self.thoughts = number,
            "kb" => self.kb = number,
            "rate" => self.rate = number,
            "wait" => self.wait = Duration::from_millis(number),
            "delay" => self.delay = Duration::from_millis(number),
            "loop" => self.rounds = number,
            "cached" => self.cached = number,
            "after" => self.retry_after = Some(RetryAfter::Seconds(number)),
            "huge" => self.huge_kb = Some(number),
            "nested" => self.nested = Some(number),
            "bomb" => self.bomb_mb = Some(number),
            "first" => self.first = Some(number),
            "error" => self.fault = Some(Fault::Error(status()?)),
            "html" => self.fault = Some(Fault::Html(status()?)),
            "blank" => self.fault = Some(Fault::Blank(status()?)),
            "redirect" => self.fault = Some(Fault::Redirect(status()?)),
            "cut" => self.fault = Some(Fault::Cut(number)),
            "tear" => self.fault = Some(Fault::Tear(number)),
            "end" => self.fault = Some(Fault::End(number)),
            "stall" => self.fault = Some(Fault::Stall(number)),
            "fail" => self.fault = Some(Fault::Fail(number)),
            _ => return None,
        }
        Some(())
    }

    fn set_word(&mut self, word: &str) -> Option<()> {
        match word {
            "thinking" => self.thoughts = 5,
            "endless" => self.tokens = ENDLESS,
            "loop" => self.rounds = ENDLESS,
            "stamp" => self.stamp = true,
            "afterdate" => self.retry_after = Some(RetryAfter::Date),
            "afterjunk" => self.retry_after = Some(RetryAfter::Junk),
            // Part of a name for clients that tell models apart by it.
            "claude" => {}
            "hang" => self.fault = Some(Fault::Hang),
            "html" => self.fault = Some(Fault::Html(200)),
            "cutcall" => self.fault = Some(Fault::CutCall),
            "endcall" => self.fault = Some(Fault::EndCall),
            "huge" => self.huge_kb = Some(4096),
            "nested" => self.nested = Some(100_000),
            "bomb" => self.bomb_mb = Some(1024),
            _ => {
                let (_, oddity) = oddity::WORDS.iter().find(|(known, _)| *known == word)?;
                self.oddities.push(*oddity);
            }
        }
        Some(())
    }
}

impl FromStr for Script {
    type Err = UnknownScript;

    fn from_str(name: &str) -> Result<Self, UnknownScript> {
        // Ollama's clients add the default tag.
        let name = name.strip_suffix(":latest").unwrap_or(name);
        let mut words = name.split('-').peekable();
        let number = |words: &mut std::iter::Peekable<std::str::Split<'_, char>>| {
            words.next_if(|next| next.parse::<u64>().is_ok()).and_then(|next| next.parse().ok())
        };
        let first = words.next().unwrap_or_default();
        let content = CONTENTS.iter().find(|(word, _)| *word == first);
        let mut script = Self::saying(content.ok_or_else(|| UnknownScript(first.to_owned()))?.1);
        while let Some(word) = words.next() {
            let known = match (number(&mut words), number(&mut words)) {
                (Some(failures), Some(status)) if word == "fail" => {
                    script.first = Some(failures);
                    script.set_number("error", status)
                }
                (Some(number), None) => script.set_number(word, number),
                (None, _) => script.set_word(word),
                (Some(_), Some(_)) => None,
            };
            known.ok_or_else(|| UnknownScript(word.to_owned()))?;
        }
        if script.content == Content::Reasoning {
            script.thoughts = script.tokens;
        }
        Ok(script)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{GRAMMAR, Oddity};

    #[test]
    fn a_name_sets_pace_fault_and_oddities() {
        let script: Script = "mock-tokens-500-rate-50-delay-200-cut-7-crlf-utf8".parse().unwrap();
        assert_eq!((script.tokens, script.rate, script.delay.as_millis()), (500, 50, 200));
        assert_eq!(script.fault, Some(Fault::Cut(7)));
        assert!(script.is(Oddity::CrLf) && script.is(Oddity::SplitUtf8) && !script.is(Oddity::Bom));
    }

    #[test]
    fn a_number_with_a_default_may_be_left_out() {
        assert_eq!("mock-html".parse::<Script>().unwrap().fault, Some(Fault::Html(200)));
        assert_eq!("mock-html-502".parse::<Script>().unwrap().fault, Some(Fault::Html(502)));
        assert_eq!("mock-huge".parse::<Script>().unwrap().huge_kb, Some(4096));
    }

    #[test]
    fn only_the_first_requests_of_a_name_can_fail() {
        let script: Script = "mock-first-2-error-429-after-1".parse().unwrap();
        assert_eq!("mock-fail-2-429-after-1".parse(), Ok(script.clone()));
        assert_eq!(script.healthy().fault, None);
        assert_eq!("mock-fail-2".parse::<Script>().unwrap().fault, Some(Fault::Fail(2)));
    }

    #[test]
    fn ollamas_default_tag_is_ignored() {
        assert_eq!("mock-tokens-3:latest".parse::<Script>(), "mock-tokens-3".parse());
    }

    #[test]
    fn the_unknown_part_of_a_name_is_reported() {
        assert_eq!("gpt-4o".parse::<Script>(), Err(UnknownScript("gpt".into())));
        assert_eq!("mock-cut".parse::<Script>(), Err(UnknownScript("cut".into())));
        assert_eq!("mock-cut-1-2".parse::<Script>(), Err(UnknownScript("cut".into())));
        assert_eq!("mock-error-70000".parse::<Script>(), Err(UnknownScript("error".into())));
    }

    /// The first column of the grammar's tables, without paths.
    fn documented() -> Vec<&'static str> {
        let rows = GRAMMAR.lines().filter_map(|line| line.strip_prefix("| `")?.split_once(" |"));
        let rows = rows.filter(|(cell, _)| !cell.starts_with('/'));
        rows.flat_map(|(cell, _)| cell.split(", ").map(|name| name.trim_matches('`'))).collect()
    }

    #[test]
    fn every_documented_name_is_understood() {
        let names = documented();
        assert!(names.len() > 60, "{names:?}");
        for name in names {
            let example = name.replace("-N", "-418").replace("-S", "-429");
            let is_content = CONTENTS.iter().any(|(word, _)| *word == example);
            let full = if is_content { example } else { format!("mock-{example}") };
            assert_eq!(full.parse::<Script>().map(drop), Ok(()), "{name}");
        }
    }

    #[test]
    fn every_oddity_and_content_is_documented() {
        let names = documented();
        let words = oddity::WORDS.iter().map(|(word, _)| word);
        for word in words.chain(CONTENTS.iter().map(|(word, _)| word)) {
            assert!(names.contains(word), "{word}");
        }
    }
}
