//! Amount distributions given by their quantiles.

/// The levels at which a curve gives its quantiles.
pub(crate) const LEVELS: [f64; 9] = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99];

/// A distribution of amounts in pounds: its quantiles at [`LEVELS`], straight lines between them on a
/// logarithmic scale, nothing beyond the outer two.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct QuantileCurve {
    logs: [f64; 9],
}

impl QuantileCurve {
    /// The curve through `quantiles`, its logarithms stretched about the median by `spread` and moved by
    /// `shift`.
    pub(crate) fn new(quantiles: &[f64; 9], shift: f64, spread: f64) -> Self {
        let median = quantiles[4].ln();
        Self { logs: quantiles.map(|quantile| median + shift + spread * (quantile.ln() - median)) }
    }

    /// The quantile at `level` in `[0, 1]`.
    pub(crate) fn at(&self, level: f64) -> f64 {
        let level = level.clamp(LEVELS[0], LEVELS[8]);
        let upper = LEVELS[1..8].iter().filter(|knot| **knot < level).count() + 1;
        let share = (level - LEVELS[upper - 1]) / (LEVELS[upper] - LEVELS[upper - 1]);
        (self.logs[upper - 1] + share * (self.logs[upper] - self.logs[upper - 1])).exp()
    }

    /// The mean amount.
    pub(crate) fn mean(&self) -> f64 {
        // Between two knots the amount is log-uniform on (a, b), whose mean is (b - a) / ln(b / a).
        let inner: f64 =
            (1..9).map(|upper| (LEVELS[upper] - LEVELS[upper - 1]) * self.piece_mean(upper)).sum();
        inner + LEVELS[0] * self.logs[0].exp() + (1.0 - LEVELS[8]) * self.logs[8].exp()
    }

    /// The mean amount where none counts more than `cap`.
    pub(crate) fn capped_mean(&self, cap: f64) -> f64 {
        let log = cap.ln();
        let inner: f64 = (1..9)
            .map(|upper| {
                let (low, high) = (self.logs[upper - 1], self.logs[upper]);
                let reached = ((log - low) / (high - low).max(1e-9)).clamp(0.0, 1.0);
                let below = mean_between(low, low + reached * (high - low));
                (LEVELS[upper] - LEVELS[upper - 1]) * (reached * below + (1.0 - reached) * cap)
            })
            .sum();
        let (first, last) = (self.logs[0].exp().min(cap), self.logs[8].exp().min(cap));
        inner + LEVELS[0] * first + (1.0 - LEVELS[8]) * last
    }

    fn piece_mean(&self, upper: usize) -> f64 {
        mean_between(self.logs[upper - 1], self.logs[upper])
    }
}

/// The mean of amounts whose logarithms are even between two.
fn mean_between(low: f64, high: f64) -> f64 {
    if high - low > 1e-9 { (high.exp() - low.exp()) / (high - low) } else { low.exp() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOUBLING: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

    #[test]
    fn the_knots_are_met() {
        let curve = QuantileCurve::new(&DOUBLING, 0.0, 1.0);
        for (level, quantile) in LEVELS.iter().zip(DOUBLING) {
            assert!((curve.at(*level) - quantile).abs() < 1e-9 * quantile, "{level}");
        }
        assert!((curve.at(0.0) - 1.0).abs() < 1e-12 && (curve.at(1.0) - 256.0).abs() < 1e-9);
    }

    #[test]
    fn shift_moves_every_quantile_and_spread_leaves_the_median() {
        let shifted = QuantileCurve::new(&DOUBLING, 2.0_f64.ln(), 1.0);
        assert!((shifted.at(0.25) - 16.0).abs() < 1e-9);
        let stretched = QuantileCurve::new(&DOUBLING, 0.0, 2.0);
        assert!((stretched.at(0.5) - 16.0).abs() < 1e-9 && (stretched.at(0.75) - 64.0).abs() < 1e-9);
    }

    #[test]
    fn the_mean_is_that_of_many_draws() {
        let curve = QuantileCurve::new(&DOUBLING, 0.0, 1.0);
        let n = 100_000;
        let drawn: f64 =
            (0..n).map(|i| curve.at((f64::from(i) + 0.5) / f64::from(n))).sum::<f64>() / f64::from(n);
        assert!((curve.mean() - drawn).abs() < 1e-3 * drawn, "{} {drawn}", curve.mean());
    }

    #[test]
    fn the_capped_mean_is_that_of_many_draws() {
        let curve = QuantileCurve::new(&DOUBLING, 0.3, 1.2);
        let n = 100_000;
        for cap in [0.5, 1.3, 20.0, 400.0] {
            let draws = (0..n).map(|i| curve.at((f64::from(i) + 0.5) / f64::from(n)).min(cap));
            let drawn = draws.sum::<f64>() / f64::from(n);
            let mean = curve.capped_mean(cap);
            assert!((mean - drawn).abs() < 1e-3 * drawn, "{mean} {drawn}");
        }
        assert!((curve.capped_mean(1e9) - curve.mean()).abs() < 1e-9 * curve.mean());
    }
}
