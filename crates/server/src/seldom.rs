//! What anyone outside can make the server say, said a few times a second at most: a log that a client fills hides the rest.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Times a second that one thing is said.
const SAID_MAX: u32 = 5;

/// One thing that is said.
pub(crate) struct Seldom(Mutex<Said>);

struct Said {
    since: Option<Instant>,
    said: u32,
    kept: u64,
}

impl Seldom {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Said { since: None, said: 0, kept: 0 }))
    }

    /// Whether it is said now; with how often it was not, since it was last.
    pub(crate) fn says(&self, now: Instant) -> Option<u64> {
        let mut this = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if this.since.is_none_or(|since| now.saturating_duration_since(since) >= Duration::from_secs(1)) {
            (this.since, this.said) = (Some(now), 0);
        }
        if this.said == SAID_MAX {
            this.kept += 1;
            return None;
        }
        this.said += 1;
        Some(std::mem::take(&mut this.kept))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_counted() {
        let (seldom, begin) = (Seldom::new(), Instant::now());
        let said = |millis: u64| seldom.says(begin + Duration::from_millis(millis));
        assert!((0..SAID_MAX).all(|_| said(0) == Some(0)));
        assert!((0..7).all(|_| said(900).is_none()));
        assert_eq!((said(1_000), said(1_001)), (Some(7), Some(0)));
    }
}
