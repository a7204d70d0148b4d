//! The headings of the sidebar: today, yesterday, and so on.

use kaiwa_shared::time::Millis;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// When a conversation was last used, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Period {
    /// Today, by the user's clock.
    Today,
    /// Yesterday.
    Yesterday,
    /// In the seven days before today.
    Week,
    /// In the thirty days before today.
    Month,
    /// Earlier, in this month of this year.
    Earlier {
        /// The year.
        year: i64,
        /// The month, 1 to 12.
        month: u8,
    },
}

impl Period {
    /// Returns the period of `moment` for a clock that shows `now` and is `utc_offset` milliseconds ahead of UTC.
    pub fn of(moment: Millis, now: Millis, utc_offset: i64) -> Self {
        let day = (moment.0 + utc_offset).div_euclid(DAY);
        let today = (now.0 + utc_offset).div_euclid(DAY);
        match today - day {
            // With a clock that is behind the server's, a conversation may be from tomorrow.
            i64::MIN..=0 => Self::Today,
            1 => Self::Yesterday,
            2..=7 => Self::Week,
            8..=30 => Self::Month,
            _ => {
                let (year, month) = year_and_month(day);
                Self::Earlier { year, month }
            }
        }
    }
}

/// Year and month of a day counted from 1970-01-01, after Howard Hinnant's `civil_from_days`.
fn year_and_month(day: i64) -> (i64, u8) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, u8::try_from(month).unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-21T03:00:00Z.
    const NOW: Millis = Millis(1_795_230_000_000);
    const HOUR: i64 = 60 * 60 * 1000;

    fn ago(hours: i64) -> Period {
        Period::of(Millis(NOW.0 - hours * HOUR), NOW, 0)
    }

    #[test]
    fn a_day_begins_at_midnight() {
        assert_eq!(ago(0), Period::Today);
        assert_eq!(ago(3), Period::Today);
        assert_eq!(ago(4), Period::Yesterday);
        assert_eq!(ago(27), Period::Yesterday);
        assert_eq!(ago(28), Period::Week);
        assert_eq!(ago(24 * 7), Period::Week);
        assert_eq!(ago(24 * 8), Period::Month);
        assert_eq!(ago(24 * 30), Period::Month);
    }

    #[test]
    fn midnight_is_local() {
        let four_hours_ago = Millis(NOW.0 - 4 * HOUR);
        assert_eq!(Period::of(four_hours_ago, NOW, 0), Period::Yesterday);
        assert_eq!(Period::of(four_hours_ago, NOW, 8 * HOUR), Period::Today);
        assert_eq!(Period::of(four_hours_ago, NOW, -5 * HOUR), Period::Today);
    }

    #[test]
    fn older_conversations_are_under_their_month() {
        assert_eq!(ago(24 * 31), Period::Earlier { year: 2026, month: 10 });
        let at = |millis| Period::of(Millis(millis), NOW, 0);
        assert_eq!(at(951_782_400_000), Period::Earlier { year: 2000, month: 2 });
        assert_eq!(at(951_868_800_000), Period::Earlier { year: 2000, month: 3 });
        assert_eq!(at(1_735_689_599_000), Period::Earlier { year: 2024, month: 12 });
    }

    #[test]
    fn a_clock_behind_the_servers_still_says_today() {
        assert_eq!(ago(-48), Period::Today);
    }
}
