//! The weight above which SWITCH trusts the model.

/// The threshold with the smallest estimated mean squared error (Wang, Agarwal and Dudík, 2017, section 3.1).
///
/// For each of 21 candidates in geometric progression from the smallest to the largest weight: the variance of the estimate over
/// users, plus the square of a bound on its bias, `max|r − q̂| · Σ w·1(w > τ)/n`. The paper bounds rewards; what SWITCH
/// leaves out are residuals, so we bound those. The sum is the paper's `E[π(w > τ)]`, weighted from the actions taken.
/// Ties go to the larger threshold, which leaves out less.
pub(crate) fn threshold(weights: &[f64], residuals: &[f64], variance: impl Fn(f64) -> f64) -> f64 {
    let n = weights.len() as f64;
    let bound = residuals.iter().fold(0.0, |most: f64, residual| most.max(residual.abs()));
    let error = |threshold: f64| {
        let above: f64 = weights.iter().filter(|weight| **weight > threshold).sum();
        variance(threshold) + (bound * above / n).powi(2)
    };
    let tried = candidates(weights).into_iter().map(|threshold| (threshold, error(threshold)));
    tried.rev().min_by(|a, b| a.1.total_cmp(&b.1)).map_or(f64::INFINITY, |(threshold, _)| threshold)
}

const N_CANDIDATES: usize = 21;

fn candidates(weights: &[f64]) -> Vec<f64> {
    let positive = || weights.iter().copied().filter(|weight| *weight > 0.0);
    let Some((low, high)) = positive().min_by(f64::total_cmp).zip(positive().max_by(f64::total_cmp)) else {
        return Vec::new();
    };
    let share = |step: usize| step as f64 / (N_CANDIDATES - 1) as f64;
    let inner = (0..N_CANDIDATES - 1).map(|step| low * (high / low).powf(share(step)));
    // The last is the largest weight itself: rounding must not leave it out.
    inner.chain([high]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bias_is_weighed_against_variance() {
        let (weights, residuals) = ([1.0, 1.0, 4.0], [0.5, -1.0, 0.1]);
        let steep = |threshold: f64| threshold * threshold * 10.0;
        assert_eq!(threshold(&weights, &residuals, steep), 1.0);
        assert_eq!(threshold(&weights, &residuals, |_| 0.0), 4.0);
        assert_eq!(threshold(&[0.0], &[1.0], |_| 0.0), f64::INFINITY);
        assert_eq!(candidates(&[0.0, 1.0, 4.0])[10], 2.0);
    }
}
