//! Randomness that a seed reproduces.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng};
use rand_distr::{Distribution, Gamma, Poisson, StandardNormal};

/// The stream of randomness of one unit of work (a tree, a restart, a household) under one seed.
///
/// Streams of one seed are independent, so units can be worked on in any order and on any number of
/// threads without changing what they draw.
///
/// # Examples
/// ```
/// use fincoach_core::rng;
/// let mut first = rng::stream(7, 0);
/// let mut again = rng::stream(7, 0);
/// let mut other = rng::stream(7, 1);
/// let draw = first.uniform();
/// assert_eq!(draw, again.uniform());
/// assert_ne!(draw, other.uniform());
/// ```
#[must_use]
pub fn stream(seed: u64, unit: u64) -> Rng {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    generator.set_stream(unit);
    Rng(generator)
}

/// A seed of its own for a named use, so that two uses of one seed never draw the same numbers.
///
/// # Examples
/// ```
/// use fincoach_core::rng::derived;
/// assert_eq!(derived(7, "goals"), derived(7, "goals"));
/// assert_ne!(derived(7, "goals"), derived(7, "forecast"));
/// ```
#[must_use]
pub fn derived(seed: u64, purpose: &str) -> u64 {
    // FNV-1a (Fowler, Noll, Vo) spreads the name over the streams of the seed.
    let hash = purpose.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    stream(seed, hash).bits()
}

/// A seeded generator (`ChaCha8`); made by [`stream`] alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Rng(ChaCha8Rng);

impl Rng {
    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number in `[0, 1)`, uniform over multiples of 2⁻⁵³.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit an f64 exactly")]
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// A number in `[low, high)`.
    pub fn range(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// An index in `0..n`, without bias; 0 when `n` is 0 or 1.
    #[expect(clippy::cast_possible_truncation, reason = "the high half of the product is below n")]
    pub fn below(&mut self, n: usize) -> usize {
        // Lemire 2019: multiply, keep the high half, reject the few low halves that would bias it.
        let n = n.max(1) as u64;
        let threshold = n.wrapping_neg() % n;
        loop {
            let product = u128::from(self.bits()) * u128::from(n);
            if product as u64 >= threshold {
                return (product >> 64) as usize;
            }
        }
    }

    /// True with probability `p`.
    pub fn bernoulli(&mut self, p: f64) -> bool {
        self.uniform() < p
    }

    /// A draw from the standard normal distribution.
    pub fn normal(&mut self) -> f64 {
        StandardNormal.sample(&mut self.0)
    }

    /// A draw from the Poisson distribution; 0 where `mean` is not a positive number below 10⁹.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count below 2^53")]
    pub fn poisson(&mut self, mean: f64) -> u64 {
        match Poisson::new(mean) {
            Ok(distribution) if mean < 1e9 => Distribution::<f64>::sample(&distribution, &mut self.0) as u64,
            _ => 0,
        }
    }

    /// A draw from the gamma distribution with this shape and scale; 0 where either is not positive.
    pub fn gamma(&mut self, shape: f64, scale: f64) -> f64 {
        Gamma::new(shape, scale).map_or(0.0, |distribution| distribution.sample(&mut self.0))
    }

    /// An index drawn with probability proportional to its weight; the last one where all weights are 0.
    ///
    /// Weights must not be negative; an empty slice gives 0.
    pub fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.uniform() * weights.iter().sum::<f64>();
        for (index, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return index;
            }
        }
        weights.len().saturating_sub(1)
    }

    /// Puts the items into a random order (Fisher–Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// The numbers `0..n` in a random order.
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        self.shuffle(&mut order);
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_draws_of_a_seed_never_change() {
        let mut rng = stream(42, 3);
        let draws = [rng.bits(), rng.bits()];
        assert_eq!(draws, [stream(42, 3).bits(), draws[1]]);
        assert_eq!(draws, FIRST_DRAWS);
    }

    /// Pinned: a change here changes every model, and belongs under "changed numbers".
    const FIRST_DRAWS: [u64; 2] = [6_672_028_999_979_260_041, 10_928_159_205_316_631_748];

    #[test]
    fn below_is_even() {
        let mut rng = stream(1, 0);
        let mut counts = [0_u32; 7];
        for _ in 0..70_000 {
            counts[rng.below(7)] += 1;
        }
        // 5 standard deviations of a binomial(70000, 1/7) are 463.
        assert!(counts.iter().all(|count| count.abs_diff(10_000) < 463), "{counts:?}");
    }

    #[test]
    fn weights_are_honoured_and_zero_weights_never_drawn() {
        let mut rng = stream(2, 0);
        let mut counts = [0_u32; 3];
        for _ in 0..30_000 {
            counts[rng.weighted(&[1.0, 0.0, 2.0])] += 1;
        }
        assert_eq!(counts[1], 0);
        assert!(counts[0].abs_diff(10_000) < 410, "{counts:?}");
    }

    #[test]
    fn degenerate_arguments_do_not_panic() {
        let mut rng = stream(3, 0);
        assert_eq!(rng.below(0), 0);
        assert_eq!(rng.poisson(f64::NAN), 0);
        assert_eq!(rng.poisson(-1.0), 0);
        assert_eq!(rng.gamma(-1.0, 1.0), 0.0);
        assert_eq!(rng.weighted(&[]), 0);
    }

    #[test]
    fn a_shuffle_keeps_every_item() {
        let mut order = stream(4, 0).permutation(100);
        assert_ne!(order, (0..100).collect::<Vec<_>>());
        order.sort_unstable();
        assert_eq!(order, (0..100).collect::<Vec<_>>());
    }
}
