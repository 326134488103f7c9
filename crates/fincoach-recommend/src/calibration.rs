//! Temperatures that make the softmax of Q-values say best what was logged.

use fincoach_core::Action;

/// Q-values for rows that the policy was not trained on, and what was logged there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answers {
    pub(crate) q_values: Vec<[f64; 5]>,
    pub(crate) actions: Vec<Action>,
}

impl Answers {
    /// The rows of all these together.
    pub(crate) fn together<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut all = Self::default();
        for part in parts {
            all.q_values.extend_from_slice(&part.q_values);
            all.actions.extend_from_slice(&part.actions);
        }
        all
    }

    /// The mean of `-ln p(logged action)` with `p` the softmax at a temperature, in nats.
    pub(crate) fn log_loss(&self, temperature: f64) -> f64 {
        self.total_log_loss(temperature) / self.actions.len() as f64
    }

    fn total_log_loss(&self, temperature: f64) -> f64 {
        let row = |(q, action): (&[f64; 5], &Action)| {
            let top = q.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let total: f64 = q.iter().map(|value| ((value - top) / temperature).exp()).sum();
            total.ln() - (q[action.index()] - top) / temperature
        };
        self.q_values.iter().zip(&self.actions).map(row).sum()
    }

    /// The temperature between 0.01 and 100 under which the softmax says best what was logged.
    ///
    /// The log loss is convex in `1/T` and so has one minimum in `ln T`, found by golden section to 1e-6.
    pub(crate) fn temperature(&self) -> f64 {
        let ratio = (5.0_f64.sqrt() - 1.0) / 2.0;
        let (mut low, mut high) = (0.01_f64.ln(), 100.0_f64.ln());
        let loss = |log_temperature: f64| self.log_loss(log_temperature.exp());
        while high - low > 1e-6 {
            let (left, right) = (high - ratio * (high - low), low + ratio * (high - low));
            if loss(left) <= loss(right) { high = right } else { low = left }
        }
        f64::midpoint(low, high).exp()
    }
}

/// For each fold the temperature of all the others: no fold has a say in its own.
pub(crate) fn crossed_temperatures(folds: &[Answers]) -> Vec<f64> {
    let others = |fold: usize| folds.iter().enumerate().filter(move |(other, _)| *other != fold);
    (0..folds.len())
        .map(|fold| Answers::together(others(fold).map(|(_, answers)| answers)).temperature())
        .collect()
}

/// The log loss over all rows, in nats a row, each fold at the temperature of the others of its repetition.
pub(crate) fn crossed_log_loss(repetitions: &[Vec<Answers>]) -> f64 {
    let (mut total, mut n_rows) = (0.0, 0);
    for folds in repetitions {
        for (fold, temperature) in folds.iter().zip(crossed_temperatures(folds)) {
            total += fold.total_log_loss(temperature);
            n_rows += fold.actions.len();
        }
    }
    total / n_rows as f64
}

#[cfg(test)]
mod tests {
    use fincoach_core::rng::{Rng, stream};

    use super::*;
    use crate::greedy::softmax;

    fn drawn(n_rows: usize, temperature: f64, rng: &mut Rng) -> Answers {
        let q_values: Vec<[f64; 5]> = (0..n_rows).map(|_| [(); 5].map(|()| 3.0 * rng.normal())).collect();
        let actions = q_values.iter().map(|q| Action::ALL[rng.weighted(&softmax(*q, temperature))]).collect();
        Answers { q_values, actions }
    }

    #[test]
    fn calibration_finds_the_temperature_that_made_the_log() {
        let answers = drawn(20_000, 2.5, &mut stream(3, 0));
        let found = answers.temperature();
        assert!((found - 2.5).abs() < 0.1, "{found}");
        assert!(answers.log_loss(found) <= answers.log_loss(1.0));
    }

    #[test]
    fn a_fold_has_no_say_in_its_own_temperature() {
        let mut rng = stream(3, 1);
        let mut folds: Vec<Answers> = [1.0, 2.0, 4.0].map(|t| drawn(2_000, t, &mut rng)).into();
        let before = crossed_temperatures(&folds);
        assert_eq!(before[0], Answers::together(&folds[1..]).temperature());
        folds[0] = drawn(2_000, 9.0, &mut rng);
        let after = crossed_temperatures(&folds);
        assert_eq!(before[0], after[0]);
        assert!(before[1] < after[1] && before[2] < after[2], "{before:?} {after:?}");
    }

    #[test]
    fn a_temperature_that_fits_only_the_other_folds_costs_the_left_out_one() {
        let mut rng = stream(3, 2);
        let folds = vec![drawn(500, 0.5, &mut rng), drawn(500, 5.0, &mut rng)];
        let together = Answers::together(&folds);
        let crossed = crossed_log_loss(std::slice::from_ref(&folds));
        assert!(crossed > together.log_loss(together.temperature()) + 0.1, "{crossed}");
        let by_hand = f64::midpoint(
            folds[0].log_loss(folds[1].temperature()),
            folds[1].log_loss(folds[0].temperature()),
        );
        assert!((crossed - by_hand).abs() < 1e-12);
    }
}
