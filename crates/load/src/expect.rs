//! The exact text that a stream must deliver.

use anyhow::{Result, ensure};

/// The number of hexadecimal digits in a timestamp.
const STAMP_DIGITS: u8 = 16;

/// Checks the text of one stream: `t0 t1 t2 …`, each with a timestamp if the plan has them.
pub(crate) struct Expectation {
    /// The number of the current token.
    token: u64,
    count: u64,
    stamped: bool,
    /// The token's text before the timestamp.
    literal: Vec<u8>,
    /// How much of the literal has arrived.
    matched: usize,
    stamp: u64,
    stamp_digits: u8,
}

impl Expectation {
    /// Expects `count` tokens.
    pub(crate) fn new(count: u64, stamped: bool) -> Self {
        let mut expectation =
            Self { token: 0, count, stamped, literal: Vec::new(), matched: 0, stamp: 0, stamp_digits: 0 };
        expectation.expect_token();
        expectation
    }

    /// Checks more text, in arbitrary pieces. Calls `arrived` with the timestamp of each completed token, or with 0.
    pub(crate) fn push(&mut self, mut text: &[u8], mut arrived: impl FnMut(u64)) -> Result<()> {
        while !text.is_empty() {
            ensure!(self.token < self.count, "text after the last token");
            let wanted = self.literal.get(self.matched..).unwrap_or_default();
            let (head, tail) = text.split_at(wanted.len().min(text.len()));
            ensure!(wanted.starts_with(head), "token {} was lost, duplicated or damaged", self.token);
            self.matched += head.len();
            text = tail;
            if self.matched == self.literal.len() && self.stamped {
                text = self.read_stamp(text)?;
            }
            if self.is_token_complete() {
                arrived(self.stamp);
                self.token += 1;
                self.expect_token();
            }
        }
        Ok(())
    }

    /// How many complete tokens have arrived.
    pub(crate) fn tokens(&self) -> u64 {
        self.token
    }

    /// Whether all tokens have arrived and nothing else.
    pub(crate) fn is_met(&self) -> bool {
        self.token == self.count && self.matched == 0
    }

    fn is_token_complete(&self) -> bool {
        self.matched == self.literal.len() && (!self.stamped || self.stamp_digits == STAMP_DIGITS)
    }

    fn read_stamp<'a>(&mut self, text: &'a [u8]) -> Result<&'a [u8]> {
        let digits = usize::from(STAMP_DIGITS - self.stamp_digits).min(text.len());
        let (head, tail) = text.split_at(digits);
        for &byte in head {
            let digit = char::from(byte).to_digit(16);
            ensure!(digit.is_some(), "the stamp of token {} was damaged", self.token);
            self.stamp = self.stamp << 4 | u64::from(digit.unwrap_or(0));
            self.stamp_digits += 1;
        }
        Ok(tail)
    }

    fn expect_token(&mut self) {
        self.matched = 0;
        self.stamp = 0;
        self.stamp_digits = 0;
        self.literal.clear();
        self.literal.extend_from_slice(if self.token == 0 { b"t" } else { b" t" });
        self.literal.extend_from_slice(self.token.to_string().as_bytes());
        if self.stamped {
            self.literal.push(b'@');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(count: u64, stamped: bool, text: &str, piece: usize) -> Result<Vec<u64>> {
        let (mut expectation, mut stamps) = (Expectation::new(count, stamped), Vec::new());
        for piece in text.as_bytes().chunks(piece) {
            expectation.push(piece, |stamp| stamps.push(stamp))?;
        }
        ensure!(expectation.is_met(), "only {} tokens", expectation.tokens());
        Ok(stamps)
    }

    #[test]
    fn stamps_can_arrive_in_any_pieces() {
        for piece in 1..40 {
            let text = "t0@00000000000000ff t1@0000000000000100";
            assert_eq!(read(2, true, text, piece).unwrap(), vec![255, 256], "{piece}");
            assert_eq!(read(12, false, "t0 t1 t2 t3 t4 t5 t6 t7 t8 t9 t10 t11", piece).unwrap().len(), 12);
        }
    }

    #[test]
    fn lost_duplicated_damaged_and_extra_tokens_are_found() {
        for text in ["t0 t2", "t0 t1 t1 t2", "t0 x1 t2", "t0 t1", "t0 t1 t2 t3", "t0 t1 t2 ", "t0 t1 t22", ""]
        {
            assert!(read(3, false, text, 4).is_err(), "{text}");
        }
        assert!(read(1, true, "t0@00000000000000g0", 4).is_err());
    }
}
