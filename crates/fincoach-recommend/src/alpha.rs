//! The weight of the conservative part, fixed or tuned.

use serde::{Deserialize, Serialize};

use crate::CqlParams;

/// The weight and, where it is tuned, the moments of Adam for its logarithm.
///
/// Tuned, it is the multiplier of the constraint `conservative ≤ threshold`: its logarithm climbs the gradient of
/// `alpha · (conservative - threshold)`, so that it grows while the part is above the threshold and shrinks below.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Alpha {
    value: f64,
    first: f64,
    second: f64,
}

/// Beyond this the two parts of the loss no longer fit one `f32`; d3rlpy stops here too.
const LARGEST: f64 = 1e6;
/// Below this there is nothing left to shrink, and the way back up would take long.
const SMALLEST: f64 = 1e-6;

impl Alpha {
    pub(crate) const fn new(params: &CqlParams) -> Self {
        Self { value: params.alpha(), first: 0.0, second: 0.0 }
    }

    pub(crate) const fn value(&self) -> f64 {
        self.value
    }

    /// Whether a file may hold this.
    pub(crate) fn is_sound(&self) -> bool {
        self.value >= 0.0 && self.value.is_finite() && self.first.is_finite() && self.second >= 0.0
    }

    /// One step of Adam up the gradient, `n` counted from 1; nothing where there is no threshold.
    pub(crate) fn step(&mut self, params: &CqlParams, conservative: f64, n: u64) {
        let Some(threshold) = params.alpha_threshold() else { return };
        let gradient = self.value * (conservative - threshold);
        self.first = 0.9 * self.first + 0.1 * gradient;
        self.second = 0.999 * self.second + 0.001 * gradient * gradient;
        let corrected = |beta: f64| 1.0 - beta.powi(i32::try_from(n).unwrap_or(i32::MAX));
        let root = (self.second / corrected(0.999)).sqrt();
        let up = params.alpha_learning_rate() * self.first / corrected(0.9) / (root + 1e-8);
        self.value = (self.value * up.exp()).clamp(SMALLEST, LARGEST);
    }
}
