//! Demand that is mostly nothing.

use serde::{Deserialize, Serialize};

/// Smoothing of sizes, intervals and probabilities: the middle of the range Croston and Syntetos advise.
const ALPHA: f64 = 0.1;

/// The kind of a series by how often and how evenly something happens.
///
/// After Syntetos, Boylan and Croston (2005): with `p` the mean number of steps from one value above zero to
/// the next and `v` the squared coefficient of variation of those values, the limits are `p = 1.32` and
/// `v = 0.49`.
///
/// # Examples
/// ```
/// use fincoach_forecast::Demand;
/// assert_eq!(Demand::of(&[3.0, 0.0, 0.0, 3.0, 0.0, 0.0]), Demand::Intermittent);
/// assert_eq!(Demand::of(&[3.0, 4.0, 3.0, 4.0]), Demand::Smooth);
/// assert_eq!(Demand::of(&[0.0; 5]), Demand::Empty);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Demand {
    /// Nothing ever happened.
    Empty,
    /// Often and even.
    Smooth,
    /// Often and uneven.
    Erratic,
    /// Seldom and even.
    Intermittent,
    /// Seldom and uneven.
    Lumpy,
}

impl Demand {
    /// The kind of a series.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "numbers of values")]
    pub fn of(values: &[f64]) -> Self {
        let sizes: Vec<f64> = values.iter().copied().filter(|value| *value > 0.0).collect();
        if sizes.is_empty() {
            return Self::Empty;
        }
        let n = sizes.len() as f64;
        let mean = sizes.iter().sum::<f64>() / n;
        let variance = sizes.iter().map(|size| (size - mean) * (size - mean)).sum::<f64>() / n;
        let (seldom, uneven) = (values.len() as f64 / n >= 1.32, variance / (mean * mean) >= 0.49);
        match (seldom, uneven) {
            (false, false) => Self::Smooth,
            (false, true) => Self::Erratic,
            (true, false) => Self::Intermittent,
            (true, true) => Self::Lumpy,
        }
    }

    /// Whether something happens seldom.
    #[must_use]
    pub const fn is_intermittent(self) -> bool {
        matches!(self, Self::Intermittent | Self::Lumpy)
    }
}

/// The rate of Croston (1972): smoothed size over smoothed interval; `None` without a value above zero.
pub(super) fn croston(values: &[f64]) -> Option<f64> {
    let mut state: Option<(f64, f64)> = None;
    let mut since = 1.0;
    for value in values {
        if *value > 0.0 {
            state = Some(match state {
                None => (*value, since),
                Some((size, interval)) => {
                    (size + ALPHA * (value - size), interval + ALPHA * (since - interval))
                }
            });
            since = 1.0;
        } else {
            since += 1.0;
        }
    }
    state.map(|(size, interval)| size / interval)
}

/// Croston's rate less its bias: times `1 - α/2` (Syntetos and Boylan 2005).
pub(super) fn sba(values: &[f64]) -> Option<f64> {
    croston(values).map(|rate| rate * (1.0 - ALPHA / 2.0))
}

/// Smoothed size times smoothed probability, which falls while nothing happens (Teunter, Syntetos and Babai
/// 2011); `None` without a value above zero.
pub(super) fn tsb(values: &[f64]) -> Option<f64> {
    let first = values.iter().position(|value| *value > 0.0)?;
    #[expect(clippy::cast_precision_loss, reason = "a place in a series")]
    let (mut size, mut probability) = (values[first], 1.0 / (first as f64 + 1.0));
    for value in &values[first + 1..] {
        if *value > 0.0 {
            size += ALPHA * (value - size);
            probability += ALPHA * (1.0 - probability);
        } else {
            probability -= ALPHA * probability;
        }
    }
    Some(size * probability)
}
