//! Probabilities that mean what they say.

use fincoach_core::DataError;
use fincoach_core::ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::Isotonic;
use crate::checks::ensure_probabilities;
use crate::newton::{LogisticLoss, sigmoid};

/// A way to calibrate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CalibrationMethod {
    /// Leaves probabilities as they are.
    Identity,
    /// Two numbers: see [`Platt`].
    Platt,
    /// A rising curve: see [`Isotonic`].
    Isotonic,
}

/// A rising map from the probabilities of a model to calibrated ones.
///
/// Fit it on probabilities of rows that the model has not learnt from: on the others a forest is far too sure.
///
/// # Examples
/// ```
/// use fincoach_goals::{Calibration, CalibrationMethod};
/// // Ten times 0.9 was said, and five times it happened.
/// let labels: Vec<bool> = (0..20).map(|row| row % 2 == 0 && row < 10).collect();
/// let said: Vec<f64> = (0..20).map(|row| if row < 10 { 0.9 } else { 0.2 }).collect();
/// let curve = Calibration::fit(CalibrationMethod::Isotonic, &said, &labels)?;
/// assert_eq!(curve.apply(0.9), 0.5);
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Calibration {
    /// Leaves probabilities as they are.
    #[default]
    Identity,
    /// Two numbers.
    Platt(Platt),
    /// A rising curve.
    Isotonic(Isotonic),
}

impl Calibration {
    /// Fits on probabilities, each in `[0, 1]`, and what happened.
    ///
    /// # Errors
    /// [`DataError::Length`], [`DataError::Empty`], or [`DataError::OutOfRange`] for a probability outside
    /// `[0, 1]`.
    pub fn fit(method: CalibrationMethod, probabilities: &[f64], labels: &[bool]) -> Result<Self, DataError> {
        ensure_probabilities(probabilities, labels)?;
        Ok(match method {
            CalibrationMethod::Identity => Self::Identity,
            CalibrationMethod::Platt => Self::Platt(Platt::fit(probabilities, labels)?),
            CalibrationMethod::Isotonic => Self::Isotonic(Isotonic::fit(probabilities, labels)?),
        })
    }

    /// Which way it is.
    #[must_use]
    pub const fn method(&self) -> CalibrationMethod {
        match self {
            Self::Identity => CalibrationMethod::Identity,
            Self::Platt(_) => CalibrationMethod::Platt,
            Self::Isotonic(_) => CalibrationMethod::Isotonic,
        }
    }

    /// The calibrated probability, in `[0, 1]`.
    #[must_use]
    pub fn apply(&self, probability: f64) -> f64 {
        match self {
            Self::Identity => probability,
            Self::Platt(line) => line.apply(probability),
            Self::Isotonic(curve) => curve.apply(probability),
        }
    }
}

/// Straightens log-odds: `1 / (1 + exp(−(slope · ln(p / (1 − p)) + intercept)))`.
///
/// After Platt 1999, with his smoothed targets `(n₁ + 1) / (n₁ + 2)` and `1 / (n₀ + 2)`, but on the log-odds
/// and not on the probability: so slope 1 and intercept 0 change nothing. Probabilities are kept `0.001` away
/// from 0 and 1 before; the slope is never negative, a model that is worse than chance becomes level.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "PlattRepr", into = "PlattRepr")]
pub struct Platt {
    slope: f64,
    intercept: f64,
}

/// How close to 0 and 1 a probability may be before its log-odds are taken.
const MARGIN: f64 = 0.001;

/// Just enough for a minimum where all probabilities are equal.
const PLATT_L2: f64 = 1e-6;

fn log_odds(probability: f64) -> f64 {
    let p = probability.clamp(MARGIN, 1.0 - MARGIN);
    (p / (1.0 - p)).ln()
}

impl Platt {
    /// The line from these probabilities to what happened.
    ///
    /// # Errors
    /// As [`Calibration::fit`].
    pub fn fit(probabilities: &[f64], labels: &[bool]) -> Result<Self, DataError> {
        ensure_probabilities(probabilities, labels)?;
        let n_reached = labels.iter().filter(|reached| **reached).count();
        let n_missed = labels.len() - n_reached;
        let (high, low) = ((n_reached + 1) as f64 / (n_reached + 2) as f64, 1.0 / (n_missed + 2) as f64);
        let targets: Vec<f64> = labels.iter().map(|reached| if *reached { high } else { low }).collect();
        let mut odds = Array2::zeros((labels.len(), 1));
        odds.iter_mut().zip(probabilities).for_each(|(place, p)| *place = log_odds(*p));
        let loss = LogisticLoss { columns: odds.view(), targets: &targets, l2: PLATT_L2 };
        let found = loss.minimise(100, 1e-12);
        if found.weights[0] >= 0.0 {
            return Ok(Self { slope: found.weights[0], intercept: found.weights[1] });
        }
        // The best line that does not fall is level, at the mean of the targets.
        let mean = targets.iter().sum::<f64>() / targets.len() as f64;
        Ok(Self { slope: 0.0, intercept: (mean / (1.0 - mean)).ln() })
    }

    /// The factor on the log-odds, not negative; below 1 where the model is too sure.
    #[must_use]
    pub const fn slope(&self) -> f64 {
        self.slope
    }

    /// What is added to the log-odds.
    #[must_use]
    pub const fn intercept(&self) -> f64 {
        self.intercept
    }

    /// The calibrated probability, in `[0, 1]`.
    #[must_use]
    pub fn apply(&self, probability: f64) -> f64 {
        sigmoid(self.slope * log_odds(probability) + self.intercept)
    }
}

/// The form on disk.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlattRepr {
    slope: f64,
    intercept: f64,
}

impl From<Platt> for PlattRepr {
    fn from(line: Platt) -> Self {
        Self { slope: line.slope, intercept: line.intercept }
    }
}

impl TryFrom<PlattRepr> for Platt {
    type Error = DataError;

    fn try_from(repr: PlattRepr) -> Result<Self, DataError> {
        let PlattRepr { slope, intercept } = repr;
        if slope >= 0.0 && slope.is_finite() && intercept.is_finite() {
            return Ok(Self { slope, intercept });
        }
        let reason = format!("slope {slope} and intercept {intercept}");
        Err(DataError::Inconsistent { what: "calibration line", reason })
    }
}

#[cfg(test)]
mod tests {
    use fincoach_core::rng;

    use super::*;

    /// Probabilities and outcomes whose true log-odds are `slope` times those said, plus `shift`.
    fn said(n: usize, slope: f64, shift: f64) -> (Vec<f64>, Vec<bool>) {
        let mut rng = rng::stream(3, 0);
        (0..n)
            .map(|_| {
                let p = rng.range(0.02, 0.98);
                (p, rng.bernoulli(sigmoid(slope * log_odds(p) + shift)))
            })
            .unzip()
    }

    #[test]
    fn a_model_that_is_too_sure_is_brought_back() {
        let (p, labels) = said(20_000, 0.5, 0.3);
        let line = Platt::fit(&p, &labels).unwrap();
        assert!((line.slope() - 0.5).abs() < 0.03 && (line.intercept() - 0.3).abs() < 0.05, "{line:?}");
        let curve = Isotonic::fit(&p, &labels).unwrap();
        for p in [0.1, 0.5, 0.9] {
            assert!((curve.apply(p) - sigmoid(0.5 * log_odds(p) + 0.3)).abs() < 0.05);
        }
    }

    #[test]
    fn order_is_never_turned_around() {
        let (p, labels) = said(500, -1.0, 0.0);
        let line = Platt::fit(&p, &labels).unwrap();
        assert_eq!(line.slope(), 0.0);
        assert_eq!(line.apply(0.1), line.apply(0.9));
    }

    #[test]
    fn degenerate_data_give_finite_lines() {
        for (p, labels) in
            [(vec![0.5; 4], vec![true; 4]), (vec![0.0, 1.0], vec![false, true]), (vec![1.0], vec![false])]
        {
            let line = Platt::fit(&p, &labels).unwrap();
            assert!(line.slope().is_finite() && line.intercept().is_finite(), "{line:?}");
            assert!((0.0..=1.0).contains(&line.apply(0.3)));
        }
        assert!(Platt::fit(&[], &[]).is_err());
        assert!(Platt::fit(&[f64::NAN], &[true]).is_err());
    }

    #[test]
    fn every_method_survives_json() {
        let (p, labels) = said(50, 1.0, 0.0);
        for method in [CalibrationMethod::Identity, CalibrationMethod::Platt, CalibrationMethod::Isotonic] {
            let calibration = Calibration::fit(method, &p, &labels).unwrap();
            let text = serde_json::to_string(&calibration).unwrap();
            assert_eq!(serde_json::from_str::<Calibration>(&text).unwrap(), calibration);
            assert_eq!(calibration.method(), method);
        }
        assert!(serde_json::from_str::<Calibration>(r#"{"platt":{"slope":-1.0,"intercept":0.0}}"#).is_err());
    }
}
