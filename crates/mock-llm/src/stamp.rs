//! When a token was sent, written into the token itself.

/// Where the stamp goes. It is filled in when the token leaves.
pub(crate) const PLACE: &str = "@0000000000000000";

/// Nanoseconds of the system's monotonic clock, which all processes of a machine read alike.
#[cfg(unix)]
pub fn monotonic_nanos() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    let seconds = u64::try_from(now.tv_sec).unwrap_or(0);
    seconds * 1_000_000_000 + u64::try_from(now.tv_nsec).unwrap_or(0)
}

/// Nanoseconds since the first call: where the system's clock is out of reach, stamps are of use inside one process
/// only.
#[cfg(not(unix))]
pub fn monotonic_nanos() -> u64 {
    use std::{sync::OnceLock, time::Instant};
    static FIRST: OnceLock<Instant> = OnceLock::new();
    u64::try_from(FIRST.get_or_init(Instant::now).elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// The stamp of this moment, as it stands in a token.
pub(crate) fn now() -> [u8; PLACE.len()] {
    let mut stamp = [b'@'; PLACE.len()];
    let mut rest = monotonic_nanos();
    for digit in stamp.iter_mut().skip(1).rev() {
        let value = u8::try_from(rest % 16).unwrap_or(0);
        *digit = if value < 10 { b'0' + value } else { b'a' + value - 10 };
        rest /= 16;
    }
    stamp
}

/// Writes the time of this moment into every place for a stamp.
pub(crate) fn fill(bytes: &mut [u8]) {
    let mut at = 0;
    while let Some(place) = bytes.get_mut(at..at + PLACE.len()) {
        if place == PLACE.as_bytes() {
            place.copy_from_slice(&now());
            at += PLACE.len();
        } else {
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_the_clock_in_sixteen_digits() {
        let before = monotonic_nanos();
        let mut token = format!("data: t7{PLACE}!").into_bytes();
        fill(&mut token);
        let token = String::from_utf8(token).unwrap();
        let digits = token.strip_prefix("data: t7@").unwrap().strip_suffix('!').unwrap();
        assert_eq!(digits.len(), 16);
        let stamp = u64::from_str_radix(digits, 16).unwrap();
        assert!((before..=monotonic_nanos()).contains(&stamp), "{stamp}");
    }
}
