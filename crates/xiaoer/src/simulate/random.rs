//! The chance of the district, drawn from [`SplitMix`], so that a seed means the same in every release.

use crate::splitmix::SplitMix;

/// A stream of numbers that its seed determines.
#[derive(Debug, Clone)]
pub(super) struct Random(SplitMix);

impl Random {
    /// The stream of one thing of a district. Seed, kind and number are mixed one after the other: streams that only begin at
    /// neighbouring states of splitmix64 would repeat each other.
    pub(super) fn of(seed: u64, kind: u64, number: u64) -> Self {
        let mixed = |state: u64| SplitMix::new(state).next_u64();
        Self(SplitMix::new(mixed(mixed(mixed(seed) ^ kind) ^ number)))
    }

    /// A stream of its own for something that begins here.
    pub(super) fn branch(&mut self) -> Self {
        Self(SplitMix::new(SplitMix::new(!self.0.next_u64()).next_u64()))
    }

    /// 0 up to `n`, `n` not included; 0 where `n` is.
    pub(super) fn below(&mut self, n: u32) -> u32 {
        u32::try_from(self.0.below(u64::from(n))).unwrap_or(0)
    }

    /// `least` to `most`, both included.
    pub(super) fn between(&mut self, least: u32, most: u32) -> u32 {
        least + self.below(most.saturating_sub(least) + 1)
    }

    /// True in so many of a thousand.
    pub(super) fn chance(&mut self, permille: u32) -> bool {
        self.below(1000) < permille
    }

    /// One of a list that is not empty.
    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        *self.0.pick(from)
    }

    /// One of a list that is not empty, each as often as its weight says.
    pub(super) fn weighted<T: Copy>(&mut self, from: &[(u32, T)]) -> T {
        let mut left = self.below(from.iter().map(|(weight, _)| weight).sum());
        for &(weight, item) in from {
            if left < weight {
                return item;
            }
            left -= weight;
        }
        from[0].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_are_kept() {
        let mut random = Random::of(7, 1, 1);
        let hits = (0..100_000).filter(|_| random.chance(250)).count();
        assert!((24_000..26_000).contains(&hits), "{hits}");
        assert!((0..1000).all(|_| (3..=5).contains(&random.between(3, 5))));
        let threes = (0..100_000).filter(|_| random.weighted(&[(1, 1), (3, 3)]) == 3).count();
        assert!((74_000..76_000).contains(&threes), "{threes}");
    }

    #[test]
    fn neighbouring_streams_do_not_repeat_each_other() {
        let draws = |number| {
            let mut random = Random::of(0, 0, number);
            (0..50).map(|_| random.below(u32::MAX)).collect::<Vec<_>>()
        };
        let (first, second) = (draws(1), draws(2));
        assert!(first.iter().all(|draw| !second.contains(draw)));
    }
}
