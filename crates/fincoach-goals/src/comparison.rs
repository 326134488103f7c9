//! Models side by side on the same goals, with intervals over users.

use std::collections::BTreeMap;

use fincoach_core::{DataError, ParamError, metrics, rng};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::checks::ensure_probabilities;
use crate::{Error, Reliability};

/// A figure and its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// On the goals as they are.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// What one model is worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparedModel {
    /// Its name.
    pub name: String,
    /// Brier score.
    pub brier: Figure,
    /// Log loss in nats.
    pub log_loss: Figure,
    /// Area under the ROC curve.
    pub auc: Figure,
    /// Expected calibration error. Resampling adds noise, which only raises it: the interval lies high.
    pub expected_calibration_error: Figure,
    /// Its Brier score less that of the first model, pair by pair: above 0 the first is better. 0 for the first.
    pub brier_gain: Figure,
    /// The first model's area less its own, pair by pair: above 0 the first is better. 0 for the first.
    pub auc_gain: Figure,
    /// What was said against what happened.
    pub reliability: Reliability,
}

/// Models side by side; made by [`ComparisonParams`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// Goals.
    pub n_goals: usize,
    /// Users, or whatever was resampled.
    pub n_units: usize,
    /// The share of reached goals.
    pub base_rate: f64,
    /// The models in the order given.
    pub models: Vec<ComparedModel>,
}

impl Comparison {
    /// The model of a name.
    #[must_use]
    pub fn model(&self, name: &str) -> Option<&ComparedModel> {
        self.models.iter().find(|model| model.name == name)
    }
}

/// How models are compared.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `n_resamples` | 1000 | 10 to 100,000 | bootstrap samples |
/// | `level` | 0.95 | (0, 1) | what an interval covers |
/// | `n_bins` | 10 | 1 to 1000 | bins of the calibration error |
/// | `seed` | 0 | – | sample `i` draws from stream `i` of the seed |
///
/// A sample draws as many units (users) as there are, with replacement, and takes all goals of each; every model is
/// judged on the same samples, so differences are paired. Intervals are the outer quantiles over samples. Samples in
/// which all goals have the same outcome have no area and are left out of its interval.
///
/// # Examples
/// ```
/// use fincoach_goals::ComparisonParams;
/// let happened = [true, false, true, false, true, false];
/// let good = ("good", vec![0.9, 0.2, 0.8, 0.1, 0.6, 0.3]);
/// let rate = ("base rate", vec![0.5; 6]);
/// let found = ComparisonParams::default().compare(&happened, &[0, 0, 1, 1, 2, 2], &[good, rate])?;
/// assert_eq!(found.models[0].auc.value, 1.0);
/// assert!(found.models[1].brier_gain.low > 0.0);
/// # Ok::<(), fincoach_goals::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ComparisonParams {
    n_resamples: usize,
    level: f64,
    n_bins: usize,
    seed: u64,
}

impl Default for ComparisonParams {
    fn default() -> Self {
        Self { n_resamples: 1000, level: 0.95, n_bins: 10, seed: 0 }
    }
}

impl ComparisonParams {
    /// The number of samples.
    #[must_use]
    pub const fn n_resamples(&self) -> usize {
        self.n_resamples
    }

    /// What an interval covers.
    #[must_use]
    pub const fn level(&self) -> f64 {
        self.level
    }

    /// Bins of the calibration error.
    #[must_use]
    pub const fn n_bins(&self) -> usize {
        self.n_bins
    }

    /// The seed.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// Sets the number of samples.
    #[must_use]
    pub const fn with_n_resamples(self, n_resamples: usize) -> Self {
        Self { n_resamples, ..self }
    }

    /// Sets what an interval covers.
    #[must_use]
    pub const fn with_level(self, level: f64) -> Self {
        Self { level, ..self }
    }

    /// Sets the bins of the calibration error.
    #[must_use]
    pub const fn with_n_bins(self, n_bins: usize) -> Self {
        Self { n_bins, ..self }
    }

    /// Sets the seed.
    #[must_use]
    pub const fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    fn check(&self) -> Result<(), ParamError> {
        let (n, level) = (self.n_resamples, self.level);
        ParamError::ensure((10..=100_000).contains(&n), "n_resamples", "in 10 to 100000", n)?;
        ParamError::ensure(level > 0.0 && level < 1.0, "level", "in (0, 1)", level)
    }

    /// Compares what models say of the same goals; `units` has the user of each goal as a number, any number.
    ///
    /// # Errors
    /// [`Error::Param`]; [`Error::Data`] without goals or models, for lists of different length, a probability outside
    /// `[0, 1]`, or where all goals have the same outcome.
    pub fn compare(
        &self,
        happened: &[bool],
        units: &[usize],
        models: &[(&str, Vec<f64>)],
    ) -> Result<Comparison, Error> {
        self.check()?;
        DataError::ensure_len("units", happened.len(), units.len())?;
        if models.is_empty() {
            return Err(DataError::Empty { what: "models to compare" }.into());
        }
        for (_, said) in models {
            ensure_probabilities(said, happened)?;
        }
        let (units, n_units) = numbered(units);
        let judges: Vec<Judge<'_>> =
            models.iter().map(|(_, said)| Judge::new(happened, said, self.n_bins)).collect();
        let samples: Vec<Vec<Judged>> = (0..self.n_resamples)
            .into_par_iter()
            .map(|sample| {
                let weights = self.weights(sample, &units, n_units);
                judges.iter().map(|judge| judge.judge(&weights)).collect()
            })
            .collect();
        let whole: Vec<Judged> = judges.iter().map(|judge| judge.judge(&vec![1.0; happened.len()])).collect();
        let found = models.iter().enumerate().map(|(place, (name, said))| {
            // Also tells where there is no area to speak of.
            metrics::roc_auc(happened, said)?;
            let reliability = Reliability::new(happened, said, self.n_bins)?;
            Ok(self.sum_up((name, place), reliability, (&whole, &samples)))
        });
        let models = found.collect::<Result<_, Error>>()?;
        let base_rate = happened.iter().filter(|reached| **reached).count() as f64 / happened.len() as f64;
        Ok(Comparison { n_goals: happened.len(), n_units, base_rate, models })
    }

    /// How often each goal stands in a sample.
    fn weights(&self, sample: usize, units: &[usize], n_units: usize) -> Vec<f64> {
        let mut counts = vec![0.0; n_units];
        let mut chance = rng::stream(self.seed, sample as u64);
        for _ in 0..n_units {
            counts[chance.below(n_units)] += 1.0;
        }
        units.iter().map(|unit| counts[*unit]).collect()
    }

    fn sum_up(
        &self,
        (name, place): (&str, usize),
        reliability: Reliability,
        (whole, samples): (&[Judged], &[Vec<Judged>]),
    ) -> ComparedModel {
        let figure = |of: &dyn Fn(&[Judged]) -> Option<f64>| {
            let mut values: Vec<f64> = samples.iter().filter_map(|sample| of(sample)).collect();
            values.sort_unstable_by(f64::total_cmp);
            let value = of(whole).unwrap_or(0.0);
            let tail = 0.5 - 0.5 * self.level;
            let at = |share: f64| quantile(&values, share).unwrap_or(value);
            Figure { value, low: at(tail), high: at(1.0 - tail) }
        };
        ComparedModel {
            name: name.to_owned(),
            brier: figure(&|sample| Some(sample[place].brier)),
            log_loss: figure(&|sample| Some(sample[place].log_loss)),
            auc: figure(&|sample| sample[place].auc),
            expected_calibration_error: figure(&|sample| Some(sample[place].calibration_error)),
            brier_gain: figure(&|sample| Some(sample[place].brier - sample[0].brier)),
            auc_gain: figure(&|sample| Some(sample[0].auc? - sample[place].auc?)),
            reliability,
        }
    }
}

/// The units numbered from 0 without gaps, and how many they are.
fn numbered(units: &[usize]) -> (Vec<usize>, usize) {
    let mut numbers: BTreeMap<usize, usize> = units.iter().map(|unit| (*unit, 0)).collect();
    numbers.values_mut().zip(0..).for_each(|(place, number)| *place = number);
    (units.iter().map(|unit| numbers[unit]).collect(), numbers.len())
}

fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = share * sorted.len().saturating_sub(1) as f64;
    let low = *sorted.get(place.floor() as usize)?;
    let high = *sorted.get(place.ceil() as usize)?;
    Some(low + place.fract() * (high - low))
}

/// The figures of one model on one sample.
struct Judged {
    brier: f64,
    log_loss: f64,
    auc: Option<f64>,
    calibration_error: f64,
}

/// What is the same in every sample.
struct Judge<'a> {
    happened: &'a [bool],
    said: &'a [f64],
    /// Rows by what was said, ascending.
    order: Vec<usize>,
    bins: Vec<usize>,
    n_bins: usize,
    losses: Vec<(f64, f64)>,
}

impl<'a> Judge<'a> {
    fn new(happened: &'a [bool], said: &'a [f64], n_bins: usize) -> Self {
        let mut order: Vec<usize> = (0..said.len()).collect();
        order.sort_by(|a, b| said[*a].total_cmp(&said[*b]));
        let n_bins = n_bins.clamp(1, 1000);
        let bin = |p: &f64| ((p * n_bins as f64) as usize).min(n_bins - 1);
        let loss = |(reached, p): (&bool, &f64)| {
            let kept = p.clamp(f64::EPSILON, 1.0 - f64::EPSILON);
            let log = if *reached { -kept.ln() } else { -(1.0 - kept).ln() };
            ((p - f64::from(*reached)).powi(2), log)
        };
        let losses = happened.iter().zip(said).map(loss).collect();
        Self { happened, said, order, bins: said.iter().map(bin).collect(), n_bins, losses }
    }

    fn judge(&self, weights: &[f64]) -> Judged {
        let total: f64 = weights.iter().sum();
        let mut bins = vec![0.0; self.n_bins];
        let (mut brier, mut log_loss) = (0.0, 0.0);
        for (row, weight) in weights.iter().enumerate() {
            brier += weight * self.losses[row].0;
            log_loss += weight * self.losses[row].1;
            bins[self.bins[row]] += weight * (f64::from(self.happened[row]) - self.said[row]);
        }
        let gaps: f64 = bins.iter().map(|gap: &f64| gap.abs()).sum();
        Judged {
            brier: brier / total,
            log_loss: log_loss / total,
            auc: self.auc(weights),
            calibration_error: gaps / total,
        }
    }

    /// The weighted share of pairs in the right order, ties counting half.
    fn auc(&self, weights: &[f64]) -> Option<f64> {
        let (mut right, mut reached, mut missed) = (0.0, 0.0, 0.0);
        for tied in self.order.chunk_by(|a, b| self.said[*a] == self.said[*b]) {
            let (mut up, mut down) = (0.0, 0.0);
            for row in tied {
                if self.happened[*row] { up += weights[*row] } else { down += weights[*row] }
            }
            right += up * (missed + 0.5 * down);
            reached += up;
            missed += down;
        }
        (reached > 0.0 && missed > 0.0).then(|| right / (reached * missed))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_clear_winner_has_an_interval_above_zero_and_a_twin_none() {
        let mut chance = rng::stream(4, 0);
        let p: Vec<f64> = (0..2000).map(|_| chance.uniform()).collect();
        let happened: Vec<bool> = p.iter().map(|p| chance.bernoulli(*p)).collect();
        let units: Vec<usize> = (0..2000).map(|row| row / 5).collect();
        let models = [("true", p.clone()), ("twin", p.clone()), ("coin", vec![0.5; 2000])];
        let found =
            ComparisonParams::default().with_n_resamples(200).compare(&happened, &units, &models).unwrap();
        let [first, twin, coin] = &found.models[..] else { panic!("three models") };
        assert_eq!((twin.brier_gain.low, twin.brier_gain.high), (0.0, 0.0));
        assert!(coin.brier_gain.low > 0.05 && coin.auc_gain.low > 0.25);
        assert!(first.expected_calibration_error.value < 0.04);
        assert!(first.brier.low < first.brier.value && first.brier.value < first.brier.high);
        assert_eq!((found.n_goals, found.n_units), (2000, 400));
    }

    #[test]
    fn one_user_alone_has_no_width_and_one_outcome_no_area() {
        let models = [("a", vec![0.2, 0.9, 0.4])];
        let found = ComparisonParams::default().compare(&[false, true, true], &[0; 3], &models).unwrap();
        let brier = found.models[0].brier;
        assert!((brier.high - brier.low).abs() < 1e-15);
        let far =
            ComparisonParams::default().compare(&[false, true, true], &[usize::MAX; 3], &models).unwrap();
        assert_eq!(far, found);
        assert!(ComparisonParams::default().compare(&[true; 3], &[0; 3], &models).is_err());
        assert!(
            ComparisonParams::default().with_level(f64::NAN).compare(&[true; 3], &[0; 3], &models).is_err()
        );
        assert!(ComparisonParams::default().compare(&[true; 3], &[0; 2], &models).is_err());
        assert!(ComparisonParams::default().compare(&[true; 3], &[0; 3], &[]).is_err());
    }

    proptest! {
        #[test]
        fn the_figures_are_those_of_the_metrics(rows in prop::collection::vec((any::<bool>(), 0_u8..=10), 2..60)) {
            let happened: Vec<bool> = rows.iter().map(|row| row.0).collect();
            prop_assume!(happened.contains(&true) && happened.contains(&false));
            let said: Vec<f64> = rows.iter().map(|row| f64::from(row.1) / 10.0).collect();
            let units: Vec<usize> = (0..rows.len()).collect();
            let params = ComparisonParams::default().with_n_resamples(10);
            let found = params.compare(&happened, &units, &[("a", said.clone())]).unwrap();
            let model = &found.models[0];
            prop_assert!((model.brier.value - metrics::brier(&happened, &said).unwrap()).abs() < 1e-12);
            prop_assert!((model.log_loss.value - metrics::log_loss(&happened, &said).unwrap()).abs() < 1e-9);
            prop_assert!((model.auc.value - metrics::roc_auc(&happened, &said).unwrap()).abs() < 1e-12);
            let error = model.reliability.expected_calibration_error();
            prop_assert!((model.expected_calibration_error.value - error).abs() < 1e-12);
        }
    }
}
