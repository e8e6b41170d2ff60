//! How many calls a caller makes: a bucket for each, which fills with time.

use lru::LruCache;
use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};
use xiaoer_domain::{Code, Refusal, permit::Caller};

/// Calls a second of one caller where nothing is said: more than a system makes that posts one event a call as fast as it can.
pub const CALLS_PER_SECOND: u32 = 20_000;
/// Callers whose calls are counted at a time; one that called longer ago begins with a full bucket.
const CALLERS_MAX: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

/// The buckets.
pub(super) struct Rates {
    per_second: f64,
    buckets: Mutex<LruCache<Arc<str>, Bucket>>,
}

struct Bucket {
    calls: f64,
    at: Instant,
}

impl Rates {
    /// With so many calls a second for each caller, and as many at once.
    pub(super) fn new(per_second: u32) -> Self {
        Self { per_second: f64::from(per_second), buckets: Mutex::new(LruCache::new(CALLERS_MAX)) }
    }

    /// Counts a call.
    ///
    /// # Errors
    /// [`Code::RateLimited`], where the caller made too many.
    pub(super) fn take(&self, caller: &Caller, now: Instant) -> Result<(), Refusal> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.get_or_insert_mut(Arc::clone(&caller.name), || Bucket { calls: self.per_second, at: now });
        let filled = now.saturating_duration_since(bucket.at).as_secs_f64() * self.per_second;
        bucket.calls = (bucket.calls + filled).min(self.per_second);
        bucket.at = now;
        if bucket.calls < 1.0 {
            return Err(Refusal::new(Code::RateLimited, format!("more than {} calls a second", self.per_second)));
        }
        bucket.calls -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use xiaoer_domain::permit::Claims;

    fn caller(name: &str) -> Caller {
        Caller::new(&Claims { name: name.into(), ..Claims::default() }).unwrap()
    }

    #[test]
    fn a_bucket_fills_with_time_and_is_nobody_elses() {
        let (rates, begin) = (Rates::new(10), Instant::now());
        let made = |name: &str, calls: usize, millis: u64| {
            let at = begin + Duration::from_millis(millis);
            (0..calls).filter(|_| rates.take(&caller(name), at).is_ok()).count()
        };
        assert_eq!(made("a", 15, 0), 10, "as many at once as in a second");
        assert_eq!(made("a", 15, 0), 0);
        assert_eq!(made("b", 3, 0), 3, "another's is full");
        assert_eq!(made("a", 15, 500), 5, "half a second fills half");
        assert_eq!(made("a", 15, 60_000), 10, "and no more than a second's");
        let refusal = {
            made("a", 10, 60_000);
            rates.take(&caller("a"), begin + Duration::from_secs(60)).unwrap_err()
        };
        assert_eq!(refusal.code, Code::RateLimited);
    }
}
