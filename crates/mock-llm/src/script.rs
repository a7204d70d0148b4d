//! What a model's name asks for.

use std::{str::FromStr, time::Duration};

/// What the reply says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// `t0 t1 t2 …`
    Tokens,
    /// A long answer with every Markdown element.
    Markdown,
    /// Thoughts, then tokens.
    Reasoning,
    /// A sentence, then two tool calls.
    Tools,
    /// The last user message.
    Echo,
}

/// Where and how a reply fails. The number of a stream's fault is the count of tokens sent before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// An error body with this status.
    Error(u16),
    /// A web page with this status.
    Html(u16),
    /// No response.
    Hang,
    /// The connection is torn.
    Cut(u64),
    /// The response ends without saying that the reply does.
    End(u64),
    /// Silence.
    Stall(u64),
    /// An error object in mid-stream.
    Fail(u64),
}

/// An oddity of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// Lines end in CR LF.
    CrLf,
    /// Lines end in CR.
    Cr,
    /// A byte order mark comes first.
    Bom,
    /// Chunks are cut inside characters.
    SplitUtf8,
    /// A few bytes at a time.
    Drip,
    /// Lines and bytes that mean nothing.
    Garbage,
    /// A first chunk without choices.
    EmptyChoices,
    /// No `[DONE]`.
    NoDone,
    /// Events after `[DONE]`.
    Trailing,
    /// A chunk whose JSON stops half-way.
    Broken,
    /// `stream_options` is refused.
    Strict,
}

/// A model's name, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// What the reply says.
    pub content: Content,
    /// How many numbered tokens.
    pub tokens: u64,
    /// How many KiB of Markdown.
    pub kb: u64,
    /// Tokens a second; 0 is as fast as possible.
    pub rate: u64,
    /// Wait before the first token.
    pub delay: Duration,
    /// Seconds for `Retry-After`.
    pub retry_after: Option<u64>,
    /// KiB of a line that is longer than any reader should take.
    pub huge_kb: Option<u64>,
    /// How the reply fails, if it does.
    pub fault: Option<Fault>,
    /// Each numbered token says when it was sent.
    pub stamp: bool,
    /// What is odd about the wire.
    pub oddities: Vec<Oddity>,
}

impl Script {
    /// The wire has this oddity.
    pub fn is(&self, oddity: Oddity) -> bool {
        self.oddities.contains(&oddity)
    }

    fn saying(content: Content) -> Self {
        Self {
            content,
            tokens: 20,
            kb: 4,
            rate: 100,
            delay: Duration::ZERO,
            retry_after: None,
            huge_kb: None,
            fault: None,
            stamp: false,
            oddities: Vec::new(),
        }
    }

    fn set_number(&mut self, key: &str, number: u64) -> Option<()> {
        match key {
            "tokens" => self.tokens = number,
            "kb" => self.kb = number,
            "rate" => self.rate = number,
            "delay" => self.delay = Duration::from_millis(number),
            "after" => self.retry_after = Some(number),
            "huge" => self.huge_kb = Some(number),
            "error" => self.fault = Some(Fault::Error(u16::try_from(number).ok()?)),
            "html" => self.fault = Some(Fault::Html(u16::try_from(number).ok()?)),
            "cut" => self.fault = Some(Fault::Cut(number)),
            "end" => self.fault = Some(Fault::End(number)),
            "stall" => self.fault = Some(Fault::Stall(number)),
            "fail" => self.fault = Some(Fault::Fail(number)),
            _ => return None,
        }
        Some(())
    }

    fn set_word(&mut self, word: &str) -> Option<()> {
        match word {
            "hang" => self.fault = Some(Fault::Hang),
            "html" => self.fault = Some(Fault::Html(200)),
            "huge" => self.huge_kb = Some(4096),
            "stamp" => self.stamp = true,
            _ => self.oddities.push(Oddity::from_word(word)?),
        }
        Some(())
    }
}

impl Oddity {
    fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "crlf" => Self::CrLf,
            "cr" => Self::Cr,
            "bom" => Self::Bom,
            "utf8" => Self::SplitUtf8,
            "drip" => Self::Drip,
            "garbage" => Self::Garbage,
            "empty" => Self::EmptyChoices,
            "nodone" => Self::NoDone,
            "trailing" => Self::Trailing,
            "broken" => Self::Broken,
            "strict" => Self::Strict,
            _ => return None,
        })
    }
}

/// The name is no script; holds the part that is not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownScript(pub String);

impl FromStr for Script {
    type Err = UnknownScript;

    fn from_str(name: &str) -> Result<Self, UnknownScript> {
        let mut words = name.split('-').peekable();
        let mut script = match words.next().unwrap_or_default() {
            "mock" => Self::saying(Content::Tokens),
            "markdown" => Self::saying(Content::Markdown),
            "reasoning" => Self::saying(Content::Reasoning),
            "tools" => Self::saying(Content::Tools),
            "echo" => Self::saying(Content::Echo),
            other => return Err(UnknownScript(other.to_owned())),
        };
        while let Some(word) = words.next() {
            let number = words.next_if(|next| next.parse::<u64>().is_ok()).and_then(|next| next.parse().ok());
            let known = match number {
                Some(number) => script.set_number(word, number),
                None => script.set_word(word),
            };
            known.ok_or_else(|| UnknownScript(word.to_owned()))?;
        }
        Ok(script)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_sets_pace_fault_and_oddities() {
        let script: Script = "mock-tokens-500-rate-50-delay-200-cut-7-crlf-utf8".parse().unwrap();
        assert_eq!((script.tokens, script.rate, script.delay.as_millis()), (500, 50, 200));
        assert_eq!(script.fault, Some(Fault::Cut(7)));
        assert!(script.is(Oddity::CrLf) && script.is(Oddity::SplitUtf8) && !script.is(Oddity::Bom));
    }

    #[test]
    fn a_number_may_be_left_out_where_a_usual_one_exists() {
        assert_eq!("mock-html".parse::<Script>().unwrap().fault, Some(Fault::Html(200)));
        assert_eq!("mock-html-502".parse::<Script>().unwrap().fault, Some(Fault::Html(502)));
        assert_eq!("mock-huge".parse::<Script>().unwrap().huge_kb, Some(4096));
    }

    #[test]
    fn what_is_not_understood_is_named() {
        assert_eq!("gpt-4o".parse::<Script>(), Err(UnknownScript("gpt".into())));
        assert_eq!("mock-cut".parse::<Script>(), Err(UnknownScript("cut".into())));
        assert_eq!("mock-error-70000".parse::<Script>(), Err(UnknownScript("error".into())));
    }
}
