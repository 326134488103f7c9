//! What each weekday and due date adds, drawn towards nothing as far as it may be noise.

use fincoach_core::ndarray::{Array1, Array2};

use super::due::{Days, N, WEEKDAYS};

/// Turns of estimating variances and effects, at most; and by how much they may differ from one turn to the next where it is
/// enough.
const TURNS: usize = 8;
const SETTLED: f64 = 0.02;

/// The least variance of effects and of noise, as a share of that of the values.
const LEAST: f64 = 1e-9;

/// Sums over days, of differences to the mean, from which effects are solved.
pub(super) struct Moments {
    mean: f64,
    gram: Array2<f64>,
    right: Array1<f64>,
    counts: Array1<f64>,
    n: f64,
    squares: f64,
}

/// A level above the mean and what the columns add to it, with the variances they were drawn by.
pub(super) struct Effects {
    level: f64,
    added: Array1<f64>,
    noise: f64,
    /// Of weekdays and of due dates.
    spread: [f64; 2],
}

impl Moments {
    #[expect(clippy::cast_precision_loss, reason = "numbers of days")]
    pub(super) fn of(days: &Days, values: &[f64]) -> Self {
        let (mut gram, mut right, mut counts) = (Array2::zeros((N, N)), Array1::zeros(N), Array1::zeros(N));
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let rest: Vec<f64> = values.iter().map(|value| value - mean).collect();
        for (day, value) in rest.iter().enumerate() {
            let columns = days.columns(day);
            for a in columns {
                right[*a] += value;
                counts[*a] += 1.0;
                for b in columns {
                    gram[[*a, *b]] += 1.0;
                }
            }
        }
        let squares = rest.iter().map(|value| value * value).sum();
        Self { mean, gram, right, counts, n, squares }
    }

    /// Effects that are hardly drawn towards nothing.
    pub(super) fn first_look(&self) -> Option<Effects> {
        let variance = (self.squares / self.n).max(f64::MIN_POSITIVE);
        let spread = [variance / 10.0, variance];
        let start = Effects { level: 0.0, added: Array1::zeros(N), noise: variance, spread };
        self.turn(start)
    }

    /// The effects under variances that are likely for them (empirical Bayes, by the fixed point of `MacKay` 1992).
    pub(super) fn refined(&self, first: Effects) -> Option<Effects> {
        let mut effects = first;
        for _ in 0..TURNS {
            let before = effects.variances();
            effects = self.turn(effects)?;
            if before
                .iter()
                .zip(effects.variances())
                .all(|(before, after)| (after / before - 1.0).abs() < SETTLED)
            {
                break;
            }
        }
        Some(effects)
    }

    /// Solves the effects under the variances, then the variances from the effects.
    fn turn(&self, Effects { level, noise, spread, .. }: Effects) -> Option<Effects> {
        let spread_of = |column: usize| spread[usize::from(column >= WEEKDAYS)];
        let mut precision = &self.gram / noise;
        for column in 0..N {
            precision[[column, column]] += 1.0 / spread_of(column);
        }
        let covariance = inverse(precision)?;
        let added = covariance.dot(&(&self.right - &(level * &self.counts))) / noise;
        let level = -self.counts.dot(&added) / self.n;
        let mut effects = Effects { level, added, noise, spread };
        let least = LEAST * (self.squares / self.n);
        let mut told = 0.0;
        for (kind, columns) in [0..WEEKDAYS, WEEKDAYS..N].into_iter().enumerate() {
            let size: f64 = columns.clone().map(|column| effects.added[column].powi(2)).sum();
            let n: f64 = columns.map(|column| 1.0 - covariance[[column, column]] / spread[kind]).sum();
            effects.spread[kind] = (size / n.max(0.01)).max(least);
            told += n;
        }
        effects.noise = (self.left(&effects) / (self.n - 1.0 - told).max(1.0)).max(least);
        Some(effects)
    }

    /// The sum of squares that effects leave unexplained.
    pub(super) fn left(&self, Effects { level, added, .. }: &Effects) -> f64 {
        let explained = 2.0 * added.dot(&self.right);
        let size =
            self.n * level * level + 2.0 * level * self.counts.dot(added) + added.dot(&self.gram.dot(added));
        (self.squares - explained + size).max(0.0)
    }

    /// What effects make one expect of a day with these columns.
    pub(super) fn expected(&self, Effects { level, added, .. }: &Effects, columns: &[usize]) -> f64 {
        self.mean + level + columns.iter().map(|column| added[*column]).sum::<f64>()
    }
}

impl Effects {
    /// Of the noise, of weekdays and of due dates.
    const fn variances(&self) -> [f64; 3] {
        [self.noise, self.spread[0], self.spread[1]]
    }
}

/// The inverse of a positive definite matrix by sweeping one row after the other (Gauss and Jordan); `None` for any other. A
/// fit takes about ten of them: with those of the library the bench `forecast/plain/habit` takes three times as long.
fn inverse(mut matrix: Array2<f64>) -> Option<Array2<f64>> {
    for pivot in 0..matrix.nrows() {
        let scale = 1.0 / matrix[[pivot, pivot]];
        if !(scale > 0.0 && scale.is_finite()) {
            return None;
        }
        let mut swept = &matrix.row(pivot) * scale;
        swept[pivot] = scale;
        for (place, mut row) in matrix.rows_mut().into_iter().enumerate() {
            if place == pivot {
                row.assign(&swept);
            } else {
                let share = std::mem::take(&mut row[pivot]);
                row.scaled_add(-share, &swept);
            }
        }
    }
    Some(matrix)
}

#[cfg(test)]
mod tests {
    use fincoach_core::ndarray::array;

    use super::*;

    #[test]
    fn a_positive_matrix_is_inverted_and_another_is_not() {
        let matrix = array![[4.0, 2.0, 0.5], [2.0, 3.0, 1.0], [0.5, 1.0, 2.0]];
        let product = matrix.dot(&inverse(matrix.clone()).unwrap());
        assert!((product - Array2::<f64>::eye(3)).iter().all(|error| error.abs() < 1e-14));
        assert!(inverse(array![[1.0, 1.0], [1.0, 1.0]]).is_none());
        assert!(inverse(array![[f64::NAN]]).is_none());
    }
}
