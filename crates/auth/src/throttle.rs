//! Limits attempts to sign in and to register.
//!
//! There are two leaky buckets (GCRA). The one for the address is strict: it slows down guessing from one place,
//! whichever accounts are tried. The one for the account is generous: it slows down guessing from many places.
//!
//! No account is ever locked. Over a limit, an attempt to sign in waits for [`DELAY`] and is then checked, so whoever knows
//! the password gets in. Only a few attempts wait at the same time: from each address, and from each address on each
//! account. Further ones are refused. Devices that have signed in to the account before have a limit and places of their
//! own, so strangers cannot keep them out, not even from the same address.
//!
//! Unknown accounts are counted like existing ones, so that the limit does not reveal which ones exist.

use std::{net::IpAddr, sync::Arc, time::Duration};

use kaiwa_bus::{Bus, Limit, Permit, Quota};

use crate::device::Caller;

/// Attempts from one address: ten at once, then one every six seconds.
const ADDRESSES: Quota = Quota { name: "sign-in-address", burst: 10, every: Duration::from_secs(6) };

/// Attempts on one account: thirty at once, then one every twenty seconds.
const ACCOUNTS: Quota = Quota { name: "sign-in-account", burst: 30, every: Duration::from_secs(20) };

/// Attempts on one account from devices that have signed in to it before: ten at once, then one every six seconds.
const DEVICES: Quota = Quota { name: "sign-in-device", burst: 10, every: Duration::from_secs(6) };

/// Changes of a password: ten at once, then one every twenty seconds. Only who is signed in can try.
const PASSWORD_CHANGES: Quota = Quota { name: "password-change", burst: 10, every: Duration::from_secs(20) };

/// How long an attempt over a limit waits.
const DELAY: Duration = Duration::from_secs(1);

/// How many attempts over a limit may wait from each address.
const MAX_WAITING: usize = 8;

/// How many of them on the same account, and how many of an account's devices.
const MAX_WAITING_ON_ACCOUNT: usize = 2;

/// An attempt to sign in that may be made.
pub struct Attempt {
    /// If it is over a limit: how long to wait before the next one.
    pub over_limit: Option<Duration>,
    _place: Vec<Permit>,
}

/// Counts attempts by address and by account, in all processes together.
pub struct Throttle {
    bus: Arc<dyn Bus>,
}

impl Throttle {
    /// A throttle that counts on this bus.
    pub fn new(bus: Arc<dyn Bus>) -> Self {
        Self { bus }
    }

    /// Counts an attempt to sign in to `account` from `address`. Over a limit, returns after a short delay.
    ///
    /// # Errors
    ///
    /// Returns how long to wait before the next attempt, if too many are waiting already.
    pub async fn sign_in(&self, address: IpAddr, account: &str, caller: Caller) -> Result<Attempt, Duration> {
        let account = account.trim().to_lowercase();
        let limit = |key: String, max| Limit { key: format!("sign-in-waiting:{key}"), max };
        let (over, places) = match caller {
            Caller::Known => (
                self.bus.attempt(&DEVICES, &account).await.err(),
                vec![limit(format!("device:{account}"), MAX_WAITING_ON_ACCOUNT)],
            ),
            Caller::Stranger => (
                self.bus
                    .attempt(&ADDRESSES, &address.to_string())
                    .await
                    .err()
                    .max(self.bus.attempt(&ACCOUNTS, &account).await.err()),
                vec![
                    limit(address.to_string(), MAX_WAITING),
                    limit(format!("{address}:{account}"), MAX_WAITING_ON_ACCOUNT),
                ],
            ),
        };
        let Some(wait) = over else { return Ok(Attempt { over_limit: None, _place: Vec::new() }) };
        let place = self.bus.acquire(&places, 1).await.map_err(|_over| wait)?;
        tokio::time::sleep(DELAY).await;
        Ok(Attempt { over_limit: Some(wait), _place: place })
    }

    /// Counts an attempt to register from `address`.
    ///
    /// # Errors
    ///
    /// Returns how long to wait before the next attempt.
    pub async fn register(&self, address: IpAddr) -> Result<(), Duration> {
        self.bus.attempt(&ADDRESSES, &address.to_string()).await
    }

    /// Counts an attempt to change the password of `account`.
    ///
    /// # Errors
    ///
    /// Returns how long to wait before the next attempt.
    pub async fn change_password(&self, account: &str) -> Result<(), Duration> {
        self.bus.attempt(&PASSWORD_CHANGES, account).await
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

    async fn is_over(throttle: &Throttle, last: u8, account: &str) -> bool {
        let attempt = throttle.sign_in(address(last), account, Caller::Stranger).await;
        attempt.is_ok_and(|attempt| attempt.over_limit.is_some())
    }

    #[tokio::test(start_paused = true)]
    async fn each_address_has_its_own_limit() {
        let throttle = throttle();
        for n in 0..ADDRESSES.burst {
            assert!(!is_over(&throttle, 1, &format!("user{n}")).await);
        }
        assert!(is_over(&throttle, 1, "one more").await);
        assert!(!is_over(&throttle, 2, "user1").await);
    }

    #[tokio::test(start_paused = true)]
    async fn an_account_is_limited_across_addresses_and_spellings() {
        let throttle = throttle();
        let mut over = 0;
        for n in 0..=u8::MAX {
            over += usize::from(is_over(&throttle, n, if n % 2 == 0 { "ada" } else { "ADA " }).await);
        }
        assert_eq!(over, 256 - usize::try_from(ACCOUNTS.burst).unwrap());
        assert!(!is_over(&throttle, 9, "grace").await);
    }

    #[tokio::test(start_paused = true)]
    async fn an_attack_from_everywhere_only_delays_the_owner() {
        let throttle = Arc::new(throttle());
        for n in 0..20_000_u32 {
            let throttle = Arc::clone(&throttle);
            tokio::spawn(async move {
                let address = IpAddr::from(n.to_be_bytes());
                throttle.sign_in(address, "ada", Caller::Stranger).await.is_ok()
            });
        }
        tokio::task::yield_now().await;
        let start = tokio::time::Instant::now();
        let attempt = throttle.sign_in(address(1), "ada", Caller::Stranger).await;
        let attempt = attempt.unwrap_or_else(|wait| panic!("{wait:?}"));
        assert!(attempt.over_limit.is_some_and(|wait| wait <= ACCOUNTS.every));
        assert_eq!(start.elapsed().as_secs(), DELAY.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn few_attempts_of_an_address_wait_at_the_same_time() {
        let throttle = throttle();
        for _ in 0..ADDRESSES.burst {
            assert!(!is_over(&throttle, 1, "ada").await);
        }
        for (accounts, waiting) in
            [(1, MAX_WAITING_ON_ACCOUNT), (2, 2 * MAX_WAITING_ON_ACCOUNT), (50, MAX_WAITING)]
        {
            let accounts: Vec<_> = (0..100).map(|n| format!("user{}", n % accounts)).collect();
            let attempts =
                accounts.iter().map(|account| throttle.sign_in(address(1), account, Caller::Stranger));
            let attempts = futures_util::future::join_all(attempts).await;
            assert_eq!(attempts.iter().filter(|attempt| attempt.is_ok()).count(), waiting);
            drop(attempts);
            assert!(is_over(&throttle, 1, "ada").await, "there is a place again");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn strangers_do_not_keep_a_known_device_out() {
        let throttle = throttle();
        let guess = |last: u8| throttle.sign_in(address(last), "ada", Caller::Stranger);
        let guesses = futures_util::future::join_all((0..255).chain([1; 100]).map(guess));
        let owner = async {
            for _ in 0..DEVICES.burst {
                let attempt = throttle.sign_in(address(1), "Ada", Caller::Known).await;
                assert!(attempt.is_ok_and(|attempt| attempt.over_limit.is_none()));
            }
            let attempt = throttle.sign_in(address(1), "ada", Caller::Known).await;
            assert!(attempt.is_ok_and(|attempt| attempt.over_limit.is_some()), "devices are limited, too");
        };
        futures_util::future::join(guesses, owner).await;
    }

    #[tokio::test]
    async fn two_processes_count_together() {
        let bus: Arc<dyn Bus> = Arc::new(LocalBus::new());
        let (one, two) = (Throttle::new(Arc::clone(&bus)), Throttle::new(bus));
        for _ in 0..ADDRESSES.burst {
            assert!(one.register(address(1)).await.is_ok());
        }
        assert!(two.register(address(1)).await.is_err());
        for _ in 0..PASSWORD_CHANGES.burst {
            assert!(one.change_password("ada").await.is_ok());
        }
        assert!(two.change_password("ada").await.is_err());
    }
}
