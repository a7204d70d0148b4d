//! Limits attempts to sign in and to register.
//!
//! There are two leaky buckets (GCRA). The one for the address is strict: it slows down guessing from one place,
//! whichever accounts are tried. The one for the account is generous: it slows down guessing from many places.
//!
//! No account is ever locked. Over a limit, an attempt to sign in waits for [`DELAY`] and then joins a queue, which is
//! checked one attempt at a time. The right password therefore gets in after a few seconds if there is room in the queue.
//! The queue holds [`MAX_WAITING`] attempts per address and [`MAX_WAITING_IN_ALL`] in total; further attempts are refused.
//! A user on a new device is refused only while attackers fill the queue for the same address, or the whole queue.
//! Refusals are delayed too, so this takes one open connection per place in the queue.
//!
//! Devices that have signed in to the account before have a limit and a line of their own, so strangers cannot keep them
//! out, not even from the same address.
//!
//! Unknown accounts are counted like existing ones, so that the limit does not reveal which ones exist.

use std::{net::IpAddr, sync::Arc, time::Duration};

use kaiwa_bus::{Bus, Limit, Permit, Quota};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::device::Caller;

/// Attempts from one address: ten at once, then one every six seconds.
const ADDRESSES: Quota = Quota { name: "sign-in-address", burst: 10, every: Duration::from_secs(6) };

/// Attempts on one account: thirty at once, then one every twenty seconds.
const ACCOUNTS: Quota = Quota { name: "sign-in-account", burst: 30, every: Duration::from_secs(20) };

/// Attempts on one account from devices that have signed in to it before: ten at once, then one every six seconds.
const DEVICES: Quota = Quota { name: "sign-in-device", burst: 10, every: Duration::from_secs(6) };

/// Changes of a password: ten at once, then one every twenty seconds. Only who is signed in can try.
const PASSWORD_CHANGES: Quota = Quota { name: "password-change", burst: 10, every: Duration::from_secs(20) };

/// How long an attempt over a limit waits before its turn or its refusal.
const DELAY: Duration = Duration::from_secs(1);

/// How many attempts over a limit may wait from each address, and from the devices of each account. A check takes less than
/// a tenth of a second, so the last of them waits a few seconds.
const MAX_WAITING: usize = 64;

/// How many attempts over a limit may wait, from everywhere.
const MAX_WAITING_IN_ALL: usize = 512;

/// How many attempts within the limits are checked at the same time. Further ones wait like attempts over a limit.
const MAX_CHECKED: usize = 32;

/// An attempt to sign in that may be made. It counts as waiting until it is dropped.
pub struct Attempt {
    /// If it is over a limit: how long to wait before the next one.
    pub over_limit: Option<Duration>,
    _places: Vec<Permit>,
    _turn: Option<OwnedMutexGuard<()>>,
}

/// Counts attempts by address and by account, in all processes together.
pub struct Throttle {
    bus: Arc<dyn Bus>,
    devices: Arc<Mutex<()>>,
    strangers: Arc<Mutex<()>>,
}

impl Throttle {
    /// A throttle that counts on this bus.
    pub fn new(bus: Arc<dyn Bus>) -> Self {
        Self { bus, devices: Arc::default(), strangers: Arc::default() }
    }

    /// Counts an attempt to sign in to `account` from `address`. Over a limit, returns when it is the attempt's turn.
    ///
    /// # Errors
    ///
    /// Returns how long to wait before the next attempt, if too many are waiting already.
    pub async fn sign_in(&self, address: IpAddr, account: &str, caller: Caller) -> Result<Attempt, Duration> {
        let account = account.trim().to_lowercase();
        let over = self.count(address, &account, caller).await.err();
        let limit = |key: String, max| Limit { key: format!("sign-in-{key}"), max };
        let checked = limit(format!("checked:{caller:?}"), MAX_CHECKED);
        if over.is_none()
            && let Ok(places) = self.bus.acquire(&[checked], 1).await
        {
            return Ok(Attempt { over_limit: None, _places: places, _turn: None });
        }
        let wait = over.unwrap_or(DELAY);
        let (waiting, turns) = match caller {
            Caller::Known => (format!("waiting:{account}"), &self.devices),
            Caller::Stranger => (format!("waiting:{address}"), &self.strangers),
        };
        let in_all = limit(format!("waiting:{caller:?}"), MAX_WAITING_IN_ALL);
        let places = self.bus.acquire(&[limit(waiting, MAX_WAITING), in_all], 1).await;
        tokio::time::sleep(DELAY).await;
        let places = places.map_err(|_full| wait)?;
        let turn = Arc::clone(turns).lock_owned().await;
        Ok(Attempt { over_limit: Some(wait), _places: places, _turn: Some(turn) })
    }

    async fn count(&self, address: IpAddr, account: &str, caller: Caller) -> Result<(), Duration> {
        match caller {
            Caller::Known => self.bus.attempt(&DEVICES, account).await,
            Caller::Stranger => {
                let address = self.bus.attempt(&ADDRESSES, &address.to_string()).await;
                let account = self.bus.attempt(&ACCOUNTS, account).await;
                address.err().max(account.err()).map_or(Ok(()), Err)
            }
        }
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
    use std::cell::Cell;

    use kaiwa_bus::LocalBus;
    use tokio::time::Instant;

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

    /// Guesses until `owner` has signed in, with `connections` that wait for each response. Each check takes a moment.
    async fn attack(
        addresses: u32,
        connections: u32,
        owner: IpAddr,
    ) -> (Result<Option<Duration>, Duration>, Duration) {
        const CHECK: Duration = Duration::from_millis(50);
        let throttle = throttle();
        let guesses = (0..connections).map(|n| {
            let address = IpAddr::from((n % addresses).to_be_bytes());
            let throttle = &throttle;
            async move {
                loop {
                    let attempt = throttle.sign_in(address, "ada", Caller::Stranger).await;
                    if attempt.is_ok() {
                        tokio::time::sleep(CHECK).await;
                    }
                }
            }
        });
        let sign_in = async {
            tokio::time::sleep(Duration::from_secs(20)).await;
            let start = Instant::now();
            let attempt = throttle.sign_in(owner, "ada", Caller::Stranger).await;
            (attempt.map(|attempt| attempt.over_limit), start.elapsed())
        };
        tokio::select! {
            outcome = sign_in => outcome,
            _ = futures_util::future::join_all(guesses) => unreachable!("guessing never ends"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_attack_only_delays_the_owner() {
        let elsewhere = address(1);
        let same = IpAddr::from([0; 4]);
        for (addresses, connections, owner) in
            [(1, 1, same), (1, 60, same), (1, 1000, elsewhere), (7, 400, same), (7, 400, elsewhere)]
        {
            let (attempt, took) = attack(addresses, connections, owner).await;
            let wait = attempt.unwrap_or_else(|wait| panic!("{addresses} {connections}: {wait:?}"));
            assert!(wait.is_some_and(|wait| wait <= ACCOUNTS.every), "{wait:?}");
            assert!(took >= DELAY && took.as_secs() < 30, "{took:?}");
        }
        let (attempt, took) = attack(1, 1000, same).await;
        assert!(attempt.is_err(), "no place is left for the address");
        assert_eq!(took, DELAY, "refusals are delayed, too");
    }

    #[tokio::test(start_paused = true)]
    async fn attempts_over_a_limit_are_checked_one_after_the_other() {
        let throttle = throttle();
        for _ in 0..ADDRESSES.burst {
            assert!(!is_over(&throttle, 1, "ada").await);
        }
        let most = Cell::new((0, 0));
        let guesses = (0..3 * MAX_WAITING).map(|n| {
            let (throttle, most) = (&throttle, &most);
            async move {
                let user = format!("user{n}");
                let attempt = throttle.sign_in(address(1), &user, Caller::Stranger).await;
                let Ok(_attempt) = attempt else { return false };
                let (now, before) = most.get();
                most.set((now + 1, before.max(now + 1)));
                tokio::time::sleep(Duration::from_millis(50)).await;
                most.set((most.get().0 - 1, most.get().1));
                true
            }
        });
        let outcomes = futures_util::future::join_all(guesses).await;
        assert_eq!(outcomes.iter().filter(|is_checked| **is_checked).count(), MAX_WAITING);
        assert_eq!(most.get(), (0, 1));
        assert!(is_over(&throttle, 1, "ada").await, "there is a place again");
    }

    #[tokio::test(start_paused = true)]
    async fn attempts_within_the_limits_wait_when_many_come_from_everywhere() {
        let throttle = throttle();
        let attempts: Vec<_> = (0..u8::MAX).map(|n| (n, format!("user{n}"))).collect();
        let attempts = attempts.iter().map(|(n, user)| throttle.sign_in(address(*n), user, Caller::Stranger));
        let attempts = attempts.map(|attempt| async {
            let attempt = attempt.await.unwrap();
            tokio::time::sleep(Duration::from_millis(50)).await;
            attempt.over_limit.is_some()
        });
        let waited = futures_util::future::join_all(attempts).await;
        assert_eq!(waited.iter().filter(|waited| !**waited).count(), MAX_CHECKED);
    }

    #[tokio::test(start_paused = true)]
    async fn strangers_do_not_keep_a_known_device_out() {
        let throttle = throttle();
        let guess = |last: u8| is_over(&throttle, last, "ada");
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
