//! Limits attempts to sign in and to register.
//!
//! There are two leaky buckets (GCRA). The one for the address is strict: it slows down guessing from one place,
//! whichever accounts are tried. The one for the account is generous: it slows down guessing from many places. No account
//! is ever locked: a refused attempt does not count, so nobody can make the wait longer than one interval of
//! [`ACCOUNTS`], and existing sessions continue. While strangers guess an account's password, its owner shares the rate with them, so an
//! attempt from a device that is known to be the owner's should not name the account. Unknown accounts are counted like
//! existing ones, so that the limit does not reveal which ones exist.

use std::{net::IpAddr, sync::Arc, time::Duration};

use kaiwa_bus::{Bus, Quota};

/// Attempts from one address: ten at once, then one every six seconds.
const ADDRESSES: Quota = Quota { name: "sign-in-address", burst: 10, every: Duration::from_secs(6) };

/// Attempts on one account: thirty at once, then one every twenty seconds.
const ACCOUNTS: Quota = Quota { name: "sign-in-account", burst: 30, every: Duration::from_secs(20) };

/// Counts attempts by address and by account, in all processes together.
pub struct Throttle {
    bus: Arc<dyn Bus>,
}

impl Throttle {
    /// A throttle that counts on this bus.
    pub fn new(bus: Arc<dyn Bus>) -> Self {
        Self { bus }
    }

    /// Counts an attempt from `address` on `account`, if it names one.
    ///
    /// # Errors
    ///
    /// Returns how long to wait before the next attempt.
    pub async fn attempt(&self, address: IpAddr, account: Option<&str>) -> Result<(), Duration> {
        self.bus.attempt(&ADDRESSES, &address.to_string()).await?;
        match account {
            Some(account) => self.bus.attempt(&ACCOUNTS, &account.trim().to_lowercase()).await,
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use kaiwa_bus::LocalBus;

    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([203, 0, 113, last])
    }

    fn throttle() -> Throttle {
        Throttle::new(Arc::new(LocalBus::new()))
    }

    #[tokio::test]
    async fn each_address_has_its_own_limit() {
        let throttle = throttle();
        for n in 0..ADDRESSES.burst {
            assert!(throttle.attempt(address(1), Some(&format!("user{n}"))).await.is_ok());
        }
        let wait = throttle.attempt(address(1), Some("one more")).await.unwrap_err();
        assert!(wait > Duration::ZERO && wait <= ADDRESSES.every, "{wait:?}");
        assert!(throttle.attempt(address(2), Some("user1")).await.is_ok());
    }

    #[tokio::test]
    async fn an_account_is_limited_across_addresses_and_spellings() {
        let throttle = throttle();
        let mut refused = 0;
        for n in 0..=u8::MAX {
            let account = if n % 2 == 0 { "ada" } else { "ADA " };
            refused += usize::from(throttle.attempt(address(n), Some(account)).await.is_err());
        }
        assert_eq!(refused, 256 - usize::try_from(ACCOUNTS.burst).unwrap());
        assert!(throttle.attempt(address(9), Some("grace")).await.is_ok());
    }

    #[tokio::test]
    async fn an_attack_from_everywhere_locks_nobody_out() {
        let throttle = throttle();
        for n in 0..20_000_u32 {
            let _ = throttle.attempt(IpAddr::from(n.to_be_bytes()), Some("ada")).await;
        }
        let wait = throttle.attempt(address(1), Some("ada")).await.unwrap_err();
        assert!(wait <= ACCOUNTS.every, "{wait:?}");
        assert!(throttle.attempt(address(1), None).await.is_ok(), "a device of the owner is not limited");
    }

    #[tokio::test]
    async fn two_processes_count_together() {
        let bus: Arc<dyn Bus> = Arc::new(LocalBus::new());
        let (one, two) = (Throttle::new(Arc::clone(&bus)), Throttle::new(bus));
        for _ in 0..ADDRESSES.burst {
            assert!(one.attempt(address(1), None).await.is_ok());
        }
        assert!(two.attempt(address(1), None).await.is_err());
    }
}
