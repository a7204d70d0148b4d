//! Stamps that record in a token when it was sent.

/// Hexadecimal digits of a stamp.
const DIGITS: u32 = 16;

/// Nanoseconds of the system's monotonic clock, which is the same for all processes of a machine.
#[cfg(unix)]
pub fn monotonic_nanos() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    let seconds = u64::try_from(now.tv_sec).unwrap_or(0);
    seconds * 1_000_000_000 + u64::try_from(now.tv_nsec).unwrap_or(0)
}

/// Nanoseconds since the first call: without the system's clock, stamps are valid within one process only.
#[cfg(not(unix))]
pub fn monotonic_nanos() -> u64 {
    use std::{sync::OnceLock, time::Instant};
    static FIRST: OnceLock<Instant> = OnceLock::new();
    u64::try_from(FIRST.get_or_init(Instant::now).elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// Appends the current stamp.
pub(crate) fn push(text: &mut String) {
    text.push('@');
    let nanos = monotonic_nanos();
    for place in (0..DIGITS).rev() {
        let digit = u32::try_from(nanos >> (place * 4) & 0xf).unwrap_or(0);
        text.extend(char::from_digit(digit, 16));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_the_clock_in_sixteen_digits() {
        let before = monotonic_nanos();
        let mut token = String::from("t7");
        push(&mut token);
        let digits = token.strip_prefix("t7@").unwrap();
        assert_eq!(digits.len(), 16);
        let stamp = u64::from_str_radix(digits, 16).unwrap();
        assert!((before..=monotonic_nanos()).contains(&stamp), "{stamp}");
    }
}
