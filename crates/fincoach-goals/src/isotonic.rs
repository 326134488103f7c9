//! The best rising curve through points.

use fincoach_core::DataError;
use serde::{Deserialize, Serialize};

use crate::checks::ensure_probabilities;

/// A rising curve from probabilities to probabilities, straight between its knots and level outside.
///
/// The fit minimises the squared distance to the outcomes among all rising curves, by pooling adjacent
/// violators (Ayer et al. 1955), `O(n log n)`; equal probabilities are one point. Same as scikit-learn's
/// `IsotonicRegression(out_of_bounds="clip")`. It may answer exactly 0 or 1, which the log loss punishes.
///
/// # Examples
/// ```
/// use fincoach_goals::Isotonic;
/// let curve = Isotonic::fit(&[0.1, 0.4, 0.6, 0.9], &[false, true, false, true])?;
/// assert_eq!([0.0, 0.4, 0.5, 0.6, 1.0].map(|p| curve.apply(p)), [0.0, 0.5, 0.5, 0.5, 1.0]);
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Repr", into = "Repr")]
pub struct Isotonic {
    /// Strictly rising.
    from: Vec<f64>,
    /// Rising.
    to: Vec<f64>,
}

impl Isotonic {
    /// The curve from these probabilities to what happened.
    ///
    /// # Errors
    /// [`DataError::Length`], [`DataError::Empty`], or [`DataError::OutOfRange`] for a probability outside
    /// `[0, 1]`.
    pub fn fit(probabilities: &[f64], labels: &[bool]) -> Result<Self, DataError> {
        ensure_probabilities(probabilities, labels)?;
        let mut order: Vec<usize> = (0..labels.len()).collect();
        order.sort_by(|a, b| probabilities[*a].total_cmp(&probabilities[*b]));
        let mut blocks: Vec<Block> = Vec::new();
        for tied in order.chunk_by(|a, b| probabilities[*a] == probabilities[*b]) {
            let place = probabilities[tied[0]];
            let reached = tied.iter().filter(|row| labels[**row]).count();
            blocks.push(Block { first: place, last: place, reached, rows: tied.len() });
            pool(&mut blocks);
        }
        let knots = blocks.iter().flat_map(|block| block.knots());
        let (from, to) = knots.unzip();
        Ok(Self { from, to })
    }

    /// Where the curve bends.
    #[must_use]
    pub fn from_knots(&self) -> &[f64] {
        &self.from
    }

    /// The value of the curve where it bends.
    #[must_use]
    pub fn to_knots(&self) -> &[f64] {
        &self.to
    }

    /// The value of the curve, in `[0, 1]`.
    #[must_use]
    pub fn apply(&self, probability: f64) -> f64 {
        let above = self.from.partition_point(|knot| *knot < probability);
        let last = self.from.len() - 1;
        if above == 0 || above > last {
            return self.to[above.min(last)];
        }
        let (low, high) = (above - 1, above);
        let share = (probability - self.from[low]) / (self.from[high] - self.from[low]);
        // Weighted this way a level stretch stays level to the last bit and nothing leaves [0, 1].
        (self.to[low] + share * (self.to[high] - self.to[low])).clamp(self.to[low], self.to[high])
    }
}

/// Neighbouring points that share a value.
#[derive(Clone, Copy)]
struct Block {
    first: f64,
    last: f64,
    reached: usize,
    rows: usize,
}

impl Block {
    fn value(&self) -> f64 {
        self.reached as f64 / self.rows as f64
    }

    /// The ends of the block, or its one point.
    fn knots(self) -> impl Iterator<Item = (f64, f64)> {
        let last = (self.last > self.first).then_some((self.last, self.value()));
        [(self.first, self.value())].into_iter().chain(last)
    }

    /// Whether the value does not lie below that of `next`: compared in whole numbers, so exactly.
    const fn not_below(&self, next: &Self) -> bool {
        self.reached as u128 * next.rows as u128 >= next.reached as u128 * self.rows as u128
    }
}

/// Joins the last block with those before it until the values rise.
fn pool(blocks: &mut Vec<Block>) {
    while let [.., before, last] = blocks.as_slice() {
        if !before.not_below(last) {
            return;
        }
        let joined = Block {
            first: before.first,
            last: last.last,
            reached: before.reached + last.reached,
            rows: before.rows + last.rows,
        };
        blocks.truncate(blocks.len() - 2);
        blocks.push(joined);
    }
}

/// The form on disk.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repr {
    from: Vec<f64>,
    to: Vec<f64>,
}

impl From<Isotonic> for Repr {
    fn from(curve: Isotonic) -> Self {
        Self { from: curve.from, to: curve.to }
    }
}

impl TryFrom<Repr> for Isotonic {
    type Error = DataError;

    fn try_from(repr: Repr) -> Result<Self, DataError> {
        let Repr { from, to } = repr;
        DataError::ensure_len("values of the curve", from.len(), to.len())?;
        if from.is_empty() {
            return Err(DataError::Empty { what: "knots of the curve" });
        }
        let in_range = from.iter().chain(&to).all(|value| (0.0..=1.0).contains(value));
        let rises =
            from.windows(2).all(|pair| pair[0] < pair[1]) && to.windows(2).all(|pair| pair[0] <= pair[1]);
        if in_range && rises {
            return Ok(Self { from, to });
        }
        let reason = "it must rise from [0, 1] to [0, 1]".to_owned();
        Err(DataError::Inconsistent { what: "isotonic curve", reason })
    }
}

#[cfg(test)]
mod tests {
    use fincoach_core::rng;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_falling_series_becomes_its_mean() {
        let curve = Isotonic::fit(&[0.2, 0.5, 0.7], &[true, false, false]).unwrap();
        assert_eq!([0.0, 0.3, 1.0].map(|p| curve.apply(p)), [1.0 / 3.0; 3]);
    }

    #[test]
    fn a_damaged_curve_is_refused() {
        let read = |text: &str| serde_json::from_str::<Isotonic>(text);
        assert!(read(r#"{"from":[0.1,0.2],"to":[0.0,1.0]}"#).is_ok());
        for text in [
            r#"{"from":[0.2,0.1],"to":[0.0,1.0]}"#,
            r#"{"from":[0.1,0.2],"to":[1.0,0.0]}"#,
            r#"{"from":[0.1,0.2],"to":[0.0,1.5]}"#,
            r#"{"from":[0.1],"to":[0.0,1.0]}"#,
            r#"{"from":[],"to":[]}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_curve_rises_and_keeps_the_mean(seed in 0_u64..500, n in 1_usize..60) {
            let mut rng = rng::stream(seed, 0);
            let p: Vec<f64> = (0..n).map(|_| (rng.uniform() * 20.0).round() / 20.0).collect();
            let labels: Vec<bool> = p.iter().map(|p| rng.bernoulli(*p)).collect();
            let curve = Isotonic::fit(&p, &labels).unwrap();
            let fine: Vec<f64> = (0..=200).map(|i| curve.apply(f64::from(i) / 200.0)).collect();
            prop_assert!(fine.windows(2).all(|pair| pair[0] <= pair[1]));
            prop_assert!(fine.iter().all(|value| (0.0..=1.0).contains(value)));
            let mean: f64 = p.iter().map(|p| curve.apply(*p)).sum();
            let reached = labels.iter().filter(|reached| **reached).count() as f64;
            prop_assert!((mean - reached).abs() < 1e-9);
        }
    }
}
