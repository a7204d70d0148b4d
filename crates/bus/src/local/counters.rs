//! The number of permits that are held for every key.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{Limit, OverLimit, Permit};

#[derive(Clone, Default)]
pub(super) struct Counters(Arc<Mutex<HashMap<String, usize>>>);

impl Counters {
    pub(super) fn acquire(&self, limits: &[Limit], count: usize) -> Result<Vec<Permit>, OverLimit> {
        let mut held = self.lock();
        let has_capacity = |limit: &Limit| {
            held.get(&limit.key).copied().unwrap_or_default().saturating_add(count) <= limit.max
        };
        if !limits.iter().all(has_capacity) {
            return Err(OverLimit);
        }
        for limit in limits {
            *held.entry(limit.key.clone()).or_default() += count;
        }
        let keys: Arc<[String]> = limits.iter().map(|limit| limit.key.clone()).collect();
        Ok((0..count).map(|_| self.permit(&keys)).collect())
    }

    fn permit(&self, keys: &Arc<[String]>) -> Permit {
        let (counters, keys) = (self.clone(), Arc::clone(keys));
        Permit::new(move || counters.release(&keys))
    }

    fn release(&self, keys: &[String]) {
        let mut held = self.lock();
        for key in keys {
            if let Some(count) = held.get_mut(key) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    held.remove(key);
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        // Nothing can panic between changes that belong together.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(own: &str, own_max: usize, all_max: usize) -> [Limit; 2] {
        [Limit { key: own.to_owned(), max: own_max }, Limit { key: "all".to_owned(), max: all_max }]
    }

    #[test]
    fn a_permit_counts_towards_every_limit_until_it_is_dropped() {
        let counters = Counters::default();
        let held = counters.acquire(&limits("ada", 2, 3), 2).unwrap();
        assert!(counters.acquire(&limits("ada", 2, 3), 1).is_err());
        assert!(counters.acquire(&limits("grace", 2, 3), 2).is_err(), "all of them or none");
        let last = counters.acquire(&limits("grace", 2, 3), 1).unwrap();
        assert!(counters.acquire(&limits("alan", 2, 3), 1).is_err());
        drop((held, last));
        assert!(counters.lock().is_empty(), "a key without permits is not kept");
        assert_eq!(counters.acquire(&limits("alan", 3, 3), 3).unwrap().len(), 3);
    }
}
