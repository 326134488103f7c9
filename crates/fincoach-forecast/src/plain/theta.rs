//! The Theta method.

use super::ets::{Ets, Form};

/// Forecasts of the Theta method with θ = 2 on a series without its season: `None` for fewer values than two
/// seasons and three.
///
/// The season is the mean deviation of each place from the centred moving average over one period, made to sum to zero.
/// What is left is smoothed simply with the `α` of least squares; the forecast adds half the slope `b` of the line through it (Assimakopoulos and
/// Nikolopoulos 2000, in the form of Hyndman and Billah 2003):
/// `ŷ(h) = l + b/2·(h - 1 + (1 - (1 - α)ⁿ)/α) + season`.
#[expect(clippy::cast_precision_loss, reason = "numbers of values")]
pub(super) fn theta(values: &[f64], period: usize, horizon: usize) -> Option<Vec<f64>> {
    let n = values.len();
    if n < 2 * period + 3 {
        return None;
    }
    let season = season(values, period);
    let rest: Vec<f64> =
        values.iter().enumerate().map(|(time, value)| value - season[time % period]).collect();
    let fitted = Ets::fit(&rest, 1, Form::LEVEL);
    let alpha = fitted.smoothing.alpha;
    let reached = (1.0 - (1.0 - alpha).powf(n as f64)) / alpha;
    let drift = slope(&rest) / 2.0;
    let path =
        |ahead: usize| fitted.state.level + drift * (ahead as f64 + reached) + season[(n + ahead) % period];
    Some((0..horizon).map(path).collect())
}

/// Mean deviation of each place of the period from the centred moving average.
#[expect(clippy::cast_precision_loss, reason = "numbers of values")]
pub(super) fn season(values: &[f64], period: usize) -> Vec<f64> {
    let half = period / 2;
    let mut sums = vec![(0.0, 0.0); period];
    for centre in half..values.len().saturating_sub(half) {
        let window = &values[centre - half..=centre + half];
        let inner: f64 = window.iter().sum();
        // An even period takes half of each end.
        let ends = if period.is_multiple_of(2) { (window[0] + window[window.len() - 1]) / 2.0 } else { 0.0 };
        let sum = &mut sums[centre % period];
        *sum = (sum.0 + values[centre] - (inner - ends) / period as f64, sum.1 + 1.0);
    }
    let means: Vec<f64> = sums.iter().map(|(sum, n)| if *n > 0.0 { sum / n } else { 0.0 }).collect();
    let offset = means.iter().sum::<f64>() / period as f64;
    means.iter().map(|mean| mean - offset).collect()
}

/// The slope of the line of least squares over time.
#[expect(clippy::cast_precision_loss, reason = "numbers of values")]
fn slope(values: &[f64]) -> f64 {
    let middle = (values.len() as f64 - 1.0) / 2.0;
    let (mut up, mut across) = (0.0, 0.0);
    for (time, value) in values.iter().enumerate() {
        let x = time as f64 - middle;
        up += x * value;
        across += x * x;
    }
    if across > 0.0 { up / across } else { 0.0 }
}
