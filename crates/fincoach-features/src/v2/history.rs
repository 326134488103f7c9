//! A quantile of what is near: values come and go, each in the time of a search tree.

use std::collections::BTreeMap;

/// The value at rank `⌈q n⌉` of the values within, counted from the smallest.
#[derive(Clone, Debug)]
pub(crate) struct SlidingQuantile {
    quantile: f64,
    /// The `⌈q n⌉` smallest values.
    low: Multiset,
    high: Multiset,
}

#[derive(Clone, Debug, Default)]
struct Multiset {
    counts: BTreeMap<i64, u32>,
    len: usize,
}

impl Multiset {
    fn insert(&mut self, value: i64) {
        *self.counts.entry(value).or_insert(0) += 1;
        self.len += 1;
    }

    fn remove(&mut self, value: i64) -> bool {
        let Some(count) = self.counts.get_mut(&value) else { return false };
        *count -= 1;
        if *count == 0 {
            self.counts.remove(&value);
        }
        self.len -= 1;
        true
    }

    fn min(&self) -> Option<i64> {
        self.counts.first_key_value().map(|(value, _)| *value)
    }

    fn max(&self) -> Option<i64> {
        self.counts.last_key_value().map(|(value, _)| *value)
    }
}

impl SlidingQuantile {
    pub(crate) fn new(quantile: f64) -> Self {
        Self { quantile, low: Multiset::default(), high: Multiset::default() }
    }

    pub(crate) const fn len(&self) -> usize {
        self.low.len + self.high.len
    }

    /// The quantile; `None` of nothing.
    pub(crate) fn value(&self) -> Option<i64> {
        self.low.max()
    }

    /// `O(log n)`.
    pub(crate) fn insert(&mut self, value: i64) {
        if self.low.max().is_some_and(|most| value <= most) {
            self.low.insert(value);
        } else {
            self.high.insert(value);
        }
        self.balance();
    }

    /// Takes back a value that was inserted. `O(log n)`.
    pub(crate) fn remove(&mut self, value: i64) {
        if !self.low.remove(value) {
            self.high.remove(value);
        }
        self.balance();
    }

    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank between 0 and a count far below 2^53"
    )]
    fn balance(&mut self) {
        let wanted = (self.quantile * self.len() as f64).ceil() as usize;
        while self.low.len > wanted {
            let Some(value) = self.low.max() else { return };
            self.low.remove(value);
            self.high.insert(value);
        }
        while self.low.len < wanted {
            let Some(value) = self.high.min() else { return };
            self.high.remove(value);
            self.low.insert(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use fincoach_core::rng;

    use super::*;

    #[test]
    fn the_quantile_is_that_of_the_sorted_values() {
        let mut rng = rng::stream(3, 0);
        for quantile in [0.5, 0.9, 0.99] {
            let (mut sliding, mut within) = (SlidingQuantile::new(quantile), VecDeque::new());
            assert_eq!(sliding.value(), None);
            for step in 0..3000 {
                let value = i64::try_from(rng.below(40)).unwrap();
                within.push_back(value);
                sliding.insert(value);
                if within.len() > 1 + step % 60 {
                    sliding.remove(within.pop_front().unwrap());
                    if step % 7 == 0 && within.len() > 1 {
                        sliding.remove(within.pop_front().unwrap());
                    }
                }
                let mut sorted: Vec<i64> = within.iter().copied().collect();
                sorted.sort_unstable();
                let rank = (quantile * sorted.len() as f64).ceil() as usize;
                assert_eq!(sliding.value(), Some(sorted[rank - 1]), "{sorted:?}");
                assert_eq!(sliding.len(), sorted.len());
            }
        }
    }
}
