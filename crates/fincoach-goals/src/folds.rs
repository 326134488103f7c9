//! Splits into training and test rows.

use fincoach_core::{ParamError, rng};
use serde::{Deserialize, Serialize};

use crate::{Error, GoalExamples};

/// One split: rows to learn from and rows to be judged on, both in ascending order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fold {
    /// Which repeat, counted from 0.
    pub repeat: usize,
    /// Rows to learn from.
    pub train: Vec<usize>,
    /// Rows to be judged on.
    pub test: Vec<usize>,
}

/// Folds that have about the same share of reached goals, drawn anew several times, users never torn apart.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `n_folds` | 5 | ≥ 2 | parts of one repeat; each is once the test part |
/// | `n_repeats` | 10 | ≥ 1 | how often the parts are drawn anew |
/// | `seed` | 0 | – | repeat `i` draws from stream `i` of the seed |
///
/// All rows of a user are in the same part: rows of one user are alike, and a model that has seen one of them
/// would be judged too well on the others. Users come in random order, those with most rows first; each goes
/// to the part where missed and reached goals are furthest from their share (least sum of squares of both
/// counts, each divided by its total), then to the smallest part, then to the lowest. With one row per user
/// this is plain stratification: the counts of an outcome differ by at most one between parts.
///
/// # Examples
/// ```
/// use fincoach_core::{FeatureTable, RowKey, chrono::NaiveDate, ndarray::Array2};
/// use fincoach_goals::{GoalExamples, RepeatedStratifiedFolds};
/// let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
/// let keys = (0..20).map(|user| RowKey { user: user.to_string(), as_of }).collect();
/// let table = FeatureTable::new(keys, ["income"], Array2::zeros((20, 1)))?;
/// let examples = GoalExamples::new(table, (0..20).map(|row| row < 5).collect())?;
/// let folds = RepeatedStratifiedFolds::default().with_n_repeats(2).split(&examples)?;
/// assert_eq!(folds.len(), 10);
/// assert!(folds.iter().all(|fold| fold.test.iter().filter(|row| **row < 5).count() == 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RepeatedStratifiedFolds {
    n_folds: usize,
    n_repeats: usize,
    seed: u64,
}

impl Default for RepeatedStratifiedFolds {
    fn default() -> Self {
        Self { n_folds: 5, n_repeats: 10, seed: 0 }
    }
}

impl RepeatedStratifiedFolds {
    /// The number of parts.
    #[must_use]
    pub const fn n_folds(&self) -> usize {
        self.n_folds
    }

    /// How often the parts are drawn anew.
    #[must_use]
    pub const fn n_repeats(&self) -> usize {
        self.n_repeats
    }

    /// The seed.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// Sets the number of parts.
    #[must_use]
    pub const fn with_n_folds(self, n_folds: usize) -> Self {
        Self { n_folds, ..self }
    }

    /// Sets how often the parts are drawn anew.
    #[must_use]
    pub const fn with_n_repeats(self, n_repeats: usize) -> Self {
        Self { n_repeats, ..self }
    }

    /// Sets the seed.
    #[must_use]
    pub const fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    pub(crate) fn check(&self) -> Result<(), ParamError> {
        ParamError::ensure(self.n_folds >= 2, "n_folds", "at least 2", self.n_folds)?;
        ParamError::ensure(self.n_repeats >= 1, "n_repeats", "at least 1", self.n_repeats)
    }

    /// All folds: those of the first repeat, then those of the second, and so on.
    ///
    /// # Errors
    /// [`Error::Param`]; [`Error::TooFewUsers`] when fewer than `n_folds` users have a goal of an outcome:
    /// a part would be without it. Asking for fewer folds is the caller's decision, since it changes what the
    /// figures mean.
    pub fn split(&self, examples: &GoalExamples) -> Result<Vec<Fold>, Error> {
        self.check()?;
        let users = Users::new(examples);
        for (outcome, reached) in [false, true].into_iter().enumerate() {
            let count = users.counts.iter().filter(|counts| counts[outcome] > 0).count();
            if count < self.n_folds {
                return Err(Error::TooFewUsers { reached, users: count, n_folds: self.n_folds });
            }
        }
        Ok((0..self.n_repeats).flat_map(|repeat| self.repeat(repeat, &users)).collect())
    }

    fn repeat(&self, repeat: usize, users: &Users) -> Vec<Fold> {
        let order = rng::stream(self.seed, repeat as u64).permutation(users.counts.len());
        let part_of_user = users.deal(order, self.n_folds);
        let part = |row: usize| part_of_user[users.of_row[row]];
        let rows = 0..users.of_row.len();
        (0..self.n_folds)
            .map(|number| {
                let (test, train) = rows.clone().partition(|row| part(*row) == number);
                Fold { repeat, train, test }
            })
            .collect()
    }
}

struct Users {
    of_row: Vec<usize>,
    /// Missed and reached goals of each user.
    counts: Vec<[usize; 2]>,
}

impl Users {
    fn new(examples: &GoalExamples) -> Self {
        let of_row = examples.users();
        let mut counts = vec![[0; 2]; of_row.iter().max().map_or(0, |last| last + 1)];
        for (user, reached) in of_row.iter().zip(examples.labels()) {
            counts[*user][usize::from(*reached)] += 1;
        }
        Self { of_row, counts }
    }

    /// The part that each user goes to.
    fn deal(&self, mut order: Vec<usize>, n_folds: usize) -> Vec<usize> {
        let size = |counts: &[usize; 2]| counts[0] + counts[1];
        order.sort_by_key(|user| std::cmp::Reverse(size(&self.counts[*user])));
        let total = self.counts.iter().fold([0, 0], |sum, counts| [sum[0] + counts[0], sum[1] + counts[1]]);
        let share = |count: usize, outcome: usize| count as f64 / total[outcome].max(1) as f64;
        let mut parts = vec![[0_usize; 2]; n_folds];
        let mut part_of_user = vec![0; self.counts.len()];
        for user in order {
            let own = self.counts[user];
            // What the sum of squares grows by.
            let growth = |part: &[usize; 2]| -> f64 {
                let of = |o: usize| share(own[o], o) * (2.0 * share(part[o], o) + share(own[o], o));
                of(0) + of(1)
            };
            let cost = |part: &[usize; 2]| (growth(part), size(part));
            let mut best = 0;
            for candidate in 1..n_folds {
                if cost(&parts[candidate]) < cost(&parts[best]) {
                    best = candidate;
                }
            }
            parts[best] = [parts[best][0] + own[0], parts[best][1] + own[1]];
            part_of_user[user] = best;
        }
        part_of_user
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::synthetic::{noisy, noisy_of};

    fn count(fold: &Fold, examples: &GoalExamples, reached: bool) -> usize {
        fold.test.iter().filter(|row| examples.labels()[**row] == reached).count()
    }

    #[test]
    fn too_few_of_an_outcome_are_refused() {
        let examples = noisy(30, 2, 1);
        let reached = examples.n_reached();
        let folds = RepeatedStratifiedFolds::default().with_n_folds(reached.min(30 - reached) + 1);
        let error = folds.split(&examples).unwrap_err();
        assert!(matches!(error, Error::TooFewUsers { .. }), "{error}");
        assert!(RepeatedStratifiedFolds::default().with_n_folds(1).split(&examples).is_err());
        assert!(RepeatedStratifiedFolds::default().with_n_repeats(0).split(&examples).is_err());
    }

    #[test]
    fn repeats_differ_and_seeds_count() {
        let examples = noisy(60, 2, 2);
        let folds = RepeatedStratifiedFolds::default().split(&examples).unwrap();
        assert_ne!(folds[0].test, folds[5].test);
        let other = RepeatedStratifiedFolds::default().with_seed(1).split(&examples).unwrap();
        assert_ne!(folds[0].test, other[0].test);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn every_row_is_tested_once_a_repeat(seed in 0_u64..500, n_rows in 40_usize..120, per_user in 1_usize..4) {
            let examples = noisy_of(n_rows, 2, seed, per_user);
            let folds = RepeatedStratifiedFolds::default().with_n_folds(3).with_n_repeats(2);
            let folds = folds.with_seed(seed).split(&examples).unwrap();
            let users = examples.users();
            for repeat in folds.chunks(3) {
                let mut tested: Vec<usize> = repeat.iter().flat_map(|fold| fold.test.clone()).collect();
                tested.sort_unstable();
                prop_assert_eq!(tested, (0..n_rows).collect::<Vec<_>>());
                for fold in repeat {
                    prop_assert_eq!(fold.train.len() + fold.test.len(), n_rows);
                    let torn = fold.train.iter().any(|a| fold.test.iter().any(|b| users[*a] == users[*b]));
                    prop_assert!(!torn);
                }
            }
        }

        #[test]
        fn single_rows_are_dealt_evenly(seed in 0_u64..500, n_rows in 40_usize..120) {
            let examples = noisy(n_rows, 2, seed);
            let folds = RepeatedStratifiedFolds::default().with_seed(seed).split(&examples).unwrap();
            for repeat in folds.chunks(5) {
                for reached in [false, true] {
                    let counts: Vec<usize> = repeat.iter().map(|fold| count(fold, &examples, reached)).collect();
                    let (low, high) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
                    prop_assert!(high - low <= 1, "{:?}", counts);
                }
            }
        }
    }
}
