//! Estimates that are sums of ratios of sums over users: their errors and bootstrap samples come from per-user sums.

use fincoach_core::ndarray::{Array1, Array2};

/// `value = Σⱼ Nⱼ/Dⱼ`, with `Nⱼ` and `Dⱼ` sums over users; a ratio without a denominator counts 0.
///
/// The mean reward has one ratio with counts below, the self-normalised mean one with weights below, and a
/// trajectory has one a step.
#[derive(Clone, Debug)]
pub(crate) struct Ratios {
    /// `(n_users, n_ratios)`.
    pub(crate) numerators: Array2<f64>,
    /// `(n_users, n_ratios)`.
    pub(crate) denominators: Array2<f64>,
}

impl Ratios {
    pub(crate) fn zeros(n_users: usize, n_ratios: usize) -> Self {
        let zeros = Array2::zeros((n_users, n_ratios));
        Self { numerators: zeros.clone(), denominators: zeros }
    }

    /// One ratio: each row adds to the sums of its user.
    pub(crate) fn of_rows(users: &[usize], n_users: usize, row: impl Fn(usize) -> (f64, f64)) -> Self {
        let mut ratios = Self::zeros(n_users, 1);
        for (index, user) in users.iter().enumerate() {
            let (above, below) = row(index);
            ratios.add((*user, 0), above, below);
        }
        ratios
    }

    /// A value whose error is that of a mean of these influences, one a user: their own mean is taken off.
    pub(crate) fn of_influences(value: f64, influences: &[f64]) -> Self {
        let n = influences.len() as f64;
        let mean = influences.iter().sum::<f64>() / n;
        let numerators =
            influences.iter().map(|influence| value + n * (influence - mean)).collect::<Array1<_>>();
        let n_users = influences.len();
        let numerators = numerators.into_shape_with_order((n_users, 1)).unwrap_or_default();
        Self { numerators, denominators: Array2::ones((n_users, 1)) }
    }

    pub(crate) fn add(&mut self, place: (usize, usize), above: f64, below: f64) {
        self.numerators[place] += above;
        self.denominators[place] += below;
    }

    pub(crate) fn n_users(&self) -> usize {
        self.numerators.nrows()
    }

    /// The value and its standard error.
    pub(crate) fn evaluate(&self) -> (f64, f64) {
        self.evaluate_with(&Array1::ones(self.n_users()))
    }

    /// The value and its standard error where each user stands so many times in the log.
    ///
    /// The error is that of the jackknife over users: `(n − 1)/n · Σᵤ (v₋ᵤ − mean)²`, with `v₋ᵤ` the value without user
    /// `u` (once). For means it is the textbook's; for ratios with uneven weights it is larger than the linearised
    /// one, which is too small there.
    pub(crate) fn evaluate_with(&self, counts: &Array1<f64>) -> (f64, f64) {
        let (above, below) = (counts.dot(&self.numerators), counts.dot(&self.denominators));
        let value = above.iter().zip(&below).map(|(above, below)| ratio(*above, *below, 0.0)).sum();
        let rows = self.numerators.rows().into_iter().zip(self.denominators.rows());
        let without: Vec<f64> = rows
            .map(|(own_above, own_below)| {
                let sums = above.iter().zip(&below).zip(own_above.iter().zip(own_below));
                sums.map(|((above, below), (own, weight))| ratio(above - own, below - weight, *below)).sum()
            })
            .collect();
        let n = counts.sum();
        let mean = without.iter().zip(counts).map(|(value, count)| count * value).sum::<f64>() / n;
        let squares =
            without.iter().zip(counts).map(|(value, count)| count * (value - mean) * (value - mean));
        (value, (squares.sum::<f64>() * (n - 1.0) / n).sqrt())
    }
}

/// `above/below`, or 0 where nothing is left of what was below.
fn ratio(above: f64, below: f64, before: f64) -> f64 {
    // What rounding leaves of a sum taken off itself is nothing.
    if below > 1e-12 * before { above / below } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use fincoach_core::ndarray::array;

    use super::*;

    #[test]
    fn one_ratio_with_counts_below_is_the_mean_with_its_textbook_error() {
        let rewards = [1.0, 2.0, 6.0];
        let mean = Ratios::of_rows(&[0, 1, 2], 3, |row| (rewards[row], 1.0));
        let (value, error) = mean.evaluate();
        // Variance 7, over 3 values.
        assert!((value - 3.0).abs() < 1e-15 && (error - (7.0_f64 / 3.0).sqrt()).abs() < 1e-15);
    }

    #[test]
    fn a_user_who_counts_twice_stands_twice() {
        let rewards = [1.0, 2.0, 6.0, 6.0];
        let all = Ratios::of_rows(&[0, 1, 2, 3], 4, |row| (rewards[row], 1.0 + row.min(2) as f64));
        let three = Ratios::of_rows(&[0, 1, 2], 3, |row| (rewards[row], 1.0 + row as f64));
        let (a, b) = (all.evaluate(), three.evaluate_with(&array![1.0, 1.0, 2.0]));
        assert!((a.0 - b.0).abs() < 1e-14 && (a.1 - b.1).abs() < 1e-14, "{a:?} {b:?}");
    }

    #[test]
    fn influences_give_back_their_value() {
        let (value, error) = Ratios::of_influences(5.0, &[0.1, -0.3, 0.4]).evaluate();
        let mean: f64 = 0.2 / 3.0;
        let squares: f64 = [0.1, -0.3, 0.4].iter().map(|own| (own - mean) * (own - mean)).sum();
        assert!((value - 5.0).abs() < 1e-14 && (error - (squares * 1.5).sqrt()).abs() < 1e-14);
    }
}
