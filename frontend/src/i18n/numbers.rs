//! Formats numbers. Whole numbers only, because formatting floats would make the client larger.

/// A number of tokens in few characters: `950`, `1.2k`, `18k`, `1.2M`.
pub fn short(tokens: u64) -> String {
    let (unit, sign) = match tokens {
        0..=999 => return tokens.to_string(),
        1_000..=999_499 => (1_000, 'k'),
        _ => (1_000_000, 'M'),
    };
    let tenths = (tokens + unit / 20) / (unit / 10);
    match (tenths / 10, tenths % 10) {
        (whole, tenth) if whole < 10 && tenth > 0 => format!("{whole}.{tenth}{sign}"),
        (whole, _) if whole < 10 => format!("{whole}{sign}"),
        _ => format!("{}{sign}", (tokens + unit / 2) / unit),
    }
}

/// A number with its thousands set apart: `12,345`.
pub fn whole(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + 6);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The size of a file: `1 B`, `12 kB`, `1.5 MB`.
pub fn bytes(size: u64) -> String {
    let (unit, name) = match size {
        0..=999 => return format!("{size} B"),
        1_000..=999_499 => (1_000, "kB"),
        999_500..=999_499_999 => (1_000_000, "MB"),
        _ => (1_000_000_000, "GB"),
    };
    let tenths = size.saturating_add(unit / 20) / (unit / 10);
    match (tenths / 10, tenths % 10) {
        (whole, tenth) if whole < 10 && tenth > 0 => format!("{whole}.{tenth} {name}"),
        (whole, _) if whole < 10 => format!("{whole} {name}"),
        _ => format!("{} {name}", size / unit + u64::from(size % unit >= unit / 2)),
    }
}

/// Millionths of a US dollar: `$1.25`, `$0.0042`, `< $0.0001`.
pub fn cost(micros: u64) -> String {
    match micros {
        0 => "$0".to_owned(),
        1..=99 => "< $0.0001".to_owned(),
        100..=999_999 => {
            let rounded = (micros + 50) / 100;
            format!("${}.{:04}", rounded / 10_000, rounded % 10_000)
        }
        _ => {
            let cents = (micros + 5_000) / 10_000;
            format!("${}.{:02}", cents / 100, cents % 100)
        }
    }
}

/// A price in millionths of a US dollar: `$0.15`, `$2.50`, `$10`, `$0.075`.
pub fn price(micros: u64) -> String {
    let (whole, rest) = (micros / 1_000_000, micros % 1_000_000);
    match rest {
        0 => format!("${whole}"),
        rest if rest % 10_000 == 0 => format!("${whole}.{:02}", rest / 10_000),
        rest => {
            let digits = format!("{rest:06}");
            format!("${whole}.{}", digits.trim_end_matches('0'))
        }
    }
}

/// US dollars in millionths.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "no price is below zero or that high"
)]
pub fn micros(dollars: f64) -> u64 {
    (dollars * 1_000_000.0).round() as u64
}

/// A temperature: `0.7`, `1`, `0.25`.
pub fn temperature(value: f32) -> String {
    hundredths(in_hundredths(value))
}

/// A temperature in hundredths.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a temperature lies between 0 and 2"
)]
pub fn in_hundredths(temperature: f32) -> u32 {
    (temperature * 100.0).round() as u32
}

/// Hundredths as a number: `0.7`, `1`, `0.25`.
fn hundredths(number: u32) -> String {
    match (number / 100, number % 100) {
        (whole, 0) => whole.to_string(),
        (whole, rest) if rest % 10 == 0 => format!("{whole}.{}", rest / 10),
        (whole, rest) => format!("{whole}.{rest:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_counts_are_short() {
        for (tokens, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1k"),
            (1_234, "1.2k"),
            (9_960, "10k"),
            (18_400, "18k"),
            (200_000, "200k"),
            (999_600, "1M"),
            (1_048_576, "1M"),
            (1_260_000, "1.3M"),
        ] {
            assert_eq!(short(tokens), text, "{tokens}");
        }
    }

    #[test]
    fn thousands_are_separated() {
        assert_eq!(
            [whole(7), whole(123), whole(1_234), whole(1_234_567)],
            ["7", "123", "1,234", "1,234,567"]
        );
    }

    #[test]
    fn sizes_have_two_or_three_digits() {
        for (size, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1 kB"),
            (1_540, "1.5 kB"),
            (48_200, "48 kB"),
            (999_600, "1 MB"),
            (25_000_000, "25 MB"),
            (26_214_400, "26 MB"),
            (999_500_000, "1 GB"),
            (u64::MAX, "18446744074 GB"),
        ] {
            assert_eq!(bytes(size), text, "{size}");
        }
    }

    #[test]
    fn costs_are_rounded_to_significant_digits() {
        for (micros, text) in [
            (0, "$0"),
            (30, "< $0.0001"),
            (4_249, "$0.0042"),
            (999_960, "$1.0000"),
            (1_254_999, "$1.25"),
            (12_000_000, "$12.00"),
        ] {
            assert_eq!(cost(micros), text, "{micros}");
        }
    }

    #[test]
    fn prices_have_as_many_digits_as_they_need() {
        for (dollars, text) in [
            (0.0, "$0"),
            (10.0, "$10"),
            (2.5, "$2.50"),
            (0.15, "$0.15"),
            (0.075, "$0.075"),
            (0.0003, "$0.0003"),
            (1.75, "$1.75"),
        ] {
            assert_eq!(price(micros(dollars)), text, "{dollars}");
        }
    }

    #[test]
    fn a_temperature_has_no_trailing_zeros() {
        assert_eq!(
            [hundredths(70), hundredths(100), hundredths(125), hundredths(5)],
            ["0.7", "1", "1.25", "0.05"]
        );
    }
}
