//! Intervals: from the standard error, or from bootstrap samples of users.

use fincoach_core::ndarray::Array1;
use fincoach_core::rng::{derived, stream};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::estimate::Interval;
use super::params::OffPolicyParams;
use super::ratios::Ratios;

/// How an interval is made. All take users, not rows, as what repeats itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IntervalMethod {
    /// Value ± Student's t times the standard error, with one degree of freedom fewer than there are users or than the
    /// effective sample size says, if that is smaller; symmetric, no resampling.
    Normal,
    /// Quantiles of the values of bootstrap samples of users; models inside estimators without cross-fitting are fitted
    /// again to each sample.
    Percentile,
    /// Bootstrap-t: quantiles of `(value* − value)/error*` of bootstrap samples, times the error. Skewed where the
    /// weights are; fitted models enter through their influence function.
    Studentised,
}

/// How many times each user stands in bootstrap sample `sample`: as many draws as there are users.
pub(crate) fn resample(seed: u64, sample: usize, n_users: usize) -> Array1<f64> {
    let mut counts = Array1::zeros(n_users);
    let mut rng = stream(derived(seed, "off-policy bootstrap"), sample as u64);
    for _ in 0..n_users {
        counts[rng.below(n_users)] += 1.0;
    }
    counts
}

/// The interval of a sum of ratios, which rests on effectively so many observations.
pub(crate) fn interval(params: &OffPolicyParams, ratios: &Ratios, size: f64) -> Interval {
    let (value, error) = ratios.evaluate();
    let level = params.level();
    let samples = || -> Vec<(f64, f64)> {
        let sample = |sample| ratios.evaluate_with(&resample(params.seed(), sample, ratios.n_users()));
        (0..params.n_resamples()).into_par_iter().map(sample).collect()
    };
    match params.interval() {
        IntervalMethod::Normal => normal(value, error, (level, size.min(ratios.n_users() as f64))),
        IntervalMethod::Percentile => percentile(samples().into_iter().map(|(value, _)| value), level),
        IntervalMethod::Studentised => {
            // A sample in which nothing varies (one user alone) has no t; leaving it out is the usual remedy.
            let usable = samples().into_iter().filter(|(_, error)| *error > 0.0);
            let t = percentile(usable.map(|(other, own)| (other - value) / own), level);
            Interval { low: value - t.high * error, high: value - t.low * error, level }
        }
    }
}

/// Value ± t·error, with one degree of freedom fewer than the number of independent observations; at least 1.
pub(crate) fn normal(value: f64, error: f64, (level, size): (f64, f64)) -> Interval {
    let reach = error * t_quantile(0.5 + 0.5 * level, (size - 1.0).max(1.0));
    Interval { low: value - reach, high: value + reach, level }
}

/// Both outer quantiles of the values, interpolated; both 0 without values.
pub(crate) fn percentile(values: impl Iterator<Item = f64>, level: f64) -> Interval {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let tail = 0.5 - 0.5 * level;
    Interval { low: quantile(&values, tail), high: quantile(&values, 1.0 - tail), level }
}

fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len().saturating_sub(1)) as f64;
    let (below, rest) = (place.floor() as usize, place.fract());
    match (sorted.get(below), sorted.get(below + 1)) {
        (Some(low), Some(high)) => low + rest * (high - low),
        (Some(only), None) => *only,
        _ => 0.0,
    }
}

/// Student's t by the expansion around the normal (Abramowitz and Stegun, 26.7.5): the 97.5 % point is right to 1 % from
/// 3 degrees on, to 1e-5 from 15.
fn t_quantile(share: f64, degrees: f64) -> f64 {
    let z = normal_quantile(share);
    let s = z * z;
    let terms = [
        (s + 1.0) * z / 4.0,
        ((5.0 * s + 16.0) * s + 3.0) * z / 96.0,
        (((3.0 * s + 19.0) * s + 17.0) * s - 15.0) * z / 384.0,
        ((((79.0 * s + 776.0) * s + 1482.0) * s - 1920.0) * s - 945.0) * z / 92_160.0,
    ];
    terms.iter().rev().fold(0.0, |sum, term| (sum + term) / degrees) + z
}

/// The standard normal quantile for shares of at least a half by the rational functions of Acklam (2003): right to
/// 1.15e-9, relative.
fn normal_quantile(share: f64) -> f64 {
    if share > 0.975_75 { upper_tail(1.0 - share) } else { middle(share - 0.5) }
}

fn middle(q: f64) -> f64 {
    let r = q * q;
    let above = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    let below = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
        1.0,
    ];
    horner(&above, r) * q / horner(&below, r)
}

fn upper_tail(tail: f64) -> f64 {
    let q = (-2.0 * tail.ln()).sqrt();
    let above = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    let below = [
        7.784_695_709_041_462e-3,
        3.224_671_290_700_398e-1,
        2.445_134_137_142_996,
        3.754_408_661_907_416,
        1.0,
    ];
    -horner(&above, q) / horner(&below, q)
}

fn horner(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_tables() {
        for (share, expected) in
            [(0.5, 0.0), (0.75, 0.674_489_750_196), (0.975, 1.959_963_984_54), (0.995, 2.575_829_303_55)]
        {
            assert!((normal_quantile(share) - expected).abs() < 1e-8, "{share}");
        }
        for (degrees, expected, within) in
            [(3.0, 3.182_446, 0.03), (15.0, 2.131_450, 1e-5), (100.0, 1.983_972, 1e-6)]
        {
            assert!((t_quantile(0.975, degrees) - expected).abs() < within, "{degrees}");
        }
    }

    #[test]
    fn a_sample_draws_as_many_users_as_there_are() {
        let counts = resample(1, 0, 50);
        assert_eq!(counts.sum(), 50.0);
        assert_eq!(counts, resample(1, 0, 50));
        assert_ne!(counts, resample(1, 1, 50));
    }

    #[test]
    fn every_method_agrees_where_the_mean_is_nearly_normal() {
        let mut rng = stream(3, 0);
        let rewards: Vec<f64> = (0..400).map(|_| rng.normal()).collect();
        let users: Vec<usize> = (0..400).collect();
        let mean = Ratios::of_rows(&users, 400, |row| (rewards[row], 1.0));
        let of = |method| interval(&OffPolicyParams::default().with_interval(method), &mean, 400.0);
        let normal = of(IntervalMethod::Normal);
        for method in [IntervalMethod::Percentile, IntervalMethod::Studentised] {
            let other = of(method);
            assert!((other.low - normal.low).abs() < 0.02 && (other.high - normal.high).abs() < 0.02);
        }
    }

    #[test]
    fn interpolation_is_linear_and_nothing_gives_nothing() {
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.75), 3.0);
        assert_eq!(quantile(&[1.0], 0.3), 1.0);
        assert_eq!(quantile(&[], 0.3), 0.0);
    }
}
