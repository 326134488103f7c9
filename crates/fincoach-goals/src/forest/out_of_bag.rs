//! What a forest says of the rows that each of its trees has not seen.

use fincoach_core::{DataError, metrics, rng};
use rayon::prelude::*;

use super::grow::times_drawn;
use super::model::{Forest, row_by_row};
use super::options::Sampling;
use super::split::share;
use super::tree::Tree;
use crate::{Error, GoalExamples};

/// The answers of a forest for its own training rows, each from the trees that did not draw the row
/// (Breiman 2001); made by [`Forest::out_of_bag`].
///
/// A tree leaves out a row with probability `(1 − 1/n)^draws`, 0.37 for a whole bootstrap. The estimate is of a
/// smaller forest than the one at hand, so a little too low for few trees; and it takes rows for independent:
/// where one user has several rows, judge on folds that keep users together.
#[derive(Clone, Debug, PartialEq)]
pub struct OutOfBag {
    probabilities: Vec<Option<f64>>,
    labels: Vec<bool>,
    n_trees: Vec<usize>,
}

impl OutOfBag {
    /// The probability of each training row that its goal is reached, `None` for a row that every tree drew.
    #[must_use]
    pub fn probabilities(&self) -> &[Option<f64>] {
        &self.probabilities
    }

    /// The number of trees that did not draw each row.
    #[must_use]
    pub fn n_trees(&self) -> &[usize] {
        &self.n_trees
    }

    /// The share of rows that at least one tree did not draw, 0 to 1.
    #[must_use]
    pub fn coverage(&self) -> f64 {
        self.probabilities.iter().flatten().count() as f64 / self.probabilities.len() as f64
    }

    /// The mean squared distance between probability and outcome, over the rows covered.
    ///
    /// # Errors
    /// [`DataError::Empty`] when no row is covered.
    pub fn brier(&self) -> Result<f64, DataError> {
        let (labels, probabilities) = self.covered();
        metrics::brier(&labels, &probabilities)
    }

    /// The share of covered rows whose outcome is the more probable one; one half counts as missed.
    ///
    /// # Errors
    /// [`DataError::Empty`] when no row is covered.
    pub fn accuracy(&self) -> Result<f64, DataError> {
        let (labels, probabilities) = self.covered();
        let said: Vec<bool> = probabilities.iter().map(|p| *p > 0.5).collect();
        metrics::accuracy(&labels, &said)
    }

    /// The area under the ROC curve, over the rows covered.
    ///
    /// # Errors
    /// [`DataError::Empty`] when no row is covered, [`DataError::Undefined`] when all of them have one outcome.
    pub fn auc(&self) -> Result<f64, DataError> {
        let (labels, probabilities) = self.covered();
        metrics::roc_auc(&labels, &probabilities)
    }

    fn covered(&self) -> (Vec<bool>, Vec<f64>) {
        let rows = self.labels.iter().zip(&self.probabilities);
        rows.filter_map(|(label, p)| p.map(|p| (*label, p))).unzip()
    }
}

impl Forest {
    /// What the forest says of its training rows, each answered by the trees that did not draw it.
    ///
    /// Nothing of it is kept in the forest: the draws of a tree follow from the seed, so they are made anew.
    /// `examples` must be those of the fit, in the same order; this is checked by what arrives at every leaf.
    /// `O(n_rows · n_trees · depth)`.
    ///
    /// # Errors
    /// [`DataError::Columns`] for other columns, [`DataError::Inconsistent`] for other examples,
    /// [`DataError::Undefined`] unless the rows were sampled.
    pub fn out_of_bag(&self, examples: &GoalExamples) -> Result<OutOfBag, Error> {
        examples.table().expect_columns(self.columns())?;
        if self.params().sampling() == Sampling::AllRows {
            let (figure, reason) = ("out-of-bag answer", "every tree has seen every row");
            return Err(DataError::Undefined { figure, reason }.into());
        }
        let seen = Seen {
            values: &row_by_row(examples.table()),
            examples,
            weights: self.params().weights(examples),
        };
        let told: Result<Vec<TreeTold>, DataError> = self
            .trees()
            .par_iter()
            .enumerate()
            .map(|(number, tree)| self.told(number, tree, &seen))
            .collect();
        Ok(gathered(&told?, self.trees(), examples))
    }

    /// What one tree says of the rows it did not draw; an error unless the others are those it grew from.
    fn told(&self, number: usize, tree: &Tree, seen: &Seen<'_>) -> Result<TreeTold, DataError> {
        let labels = seen.examples.labels();
        let mut rng = rng::stream(self.params().seed(), number as u64);
        let times = times_drawn(self.params(), labels.len(), &mut rng);
        let mut arrived = vec![[0_u32; 2]; tree.n_nodes()];
        let mut leaves = vec![None; labels.len()];
        for (row, values) in seen.values.chunks_exact(self.columns().len()).enumerate() {
            let leaf = tree.leaf_of(values);
            arrived[leaf][usize::from(labels[row])] += times[row];
            leaves[row] = (times[row] == 0).then_some(leaf as u32);
        }
        // Bounds of monotone columns cut shares: then only the numbers are compared.
        let cut = !self.params().monotone().is_empty();
        let same = arrived.iter().enumerate().all(|(node, counts)| {
            tree.split(node).is_some()
                || (counts[0] + counts[1] == tree.draws_at(node)
                    && (cut || share(*counts, seen.weights) == tree.share_at(node)))
        });
        if same {
            return Ok(TreeTold { leaves });
        }
        let reason = format!("other rows arrive at the leaves of tree {number} than in the fit");
        Err(DataError::Inconsistent { what: "examples of the fit", reason })
    }
}

/// The data that a fit is said to have seen.
struct Seen<'a> {
    /// One row after the other.
    values: &'a [f64],
    examples: &'a GoalExamples,
    weights: [f64; 2],
}

/// The leaf of each row in one tree, `None` where the tree drew the row.
struct TreeTold {
    leaves: Vec<Option<u32>>,
}

fn gathered(told: &[TreeTold], trees: &[Tree], examples: &GoalExamples) -> OutOfBag {
    let mut sums = vec![0.0; examples.n_rows()];
    let mut n_trees = vec![0_usize; examples.n_rows()];
    for (told, tree) in told.iter().zip(trees) {
        for (row, leaf) in told.leaves.iter().enumerate() {
            if let Some(leaf) = leaf {
                sums[row] += tree.share_at(*leaf as usize);
                n_trees[row] += 1;
            }
        }
    }
    let mean = |(sum, count): (&f64, &usize)| (*count > 0).then(|| sum / *count as f64);
    let probabilities = sums.iter().zip(&n_trees).map(mean).collect();
    OutOfBag { probabilities, labels: examples.labels().to_vec(), n_trees }
}

#[cfg(test)]
mod tests {
    use fincoach_core::{Artifact, Fit};

    use super::*;
    use crate::synthetic::noisy;
    use crate::{ClassWeight, ForestParams, Monotone};

    #[test]
    fn what_rows_outside_the_bag_get_is_close_to_what_new_rows_get() {
        let (data, other) = (noisy(1000, 4, 1), noisy(1000, 4, 2));
        let forest = ForestParams::default().with_class_weight(ClassWeight::Balanced).fit(&data).unwrap();
        let told = forest.out_of_bag(&data).unwrap();
        assert_eq!(told.coverage(), 1.0);
        // A bag leaves out 0.368 of the rows.
        let mean = told.n_trees().iter().sum::<usize>() as f64 / 1000.0;
        assert!((mean - 36.8).abs() < 0.5, "{mean}");
        let answers = fincoach_core::Predict::predict(&forest, other.table()).unwrap();
        let held_out = metrics::brier(other.labels(), &answers).unwrap();
        assert!((told.brier().unwrap() - held_out).abs() < 0.015, "{told:?}");
        let seen = fincoach_core::Predict::predict(&forest, data.table()).unwrap();
        assert!(metrics::brier(data.labels(), &seen).unwrap() < 0.8 * held_out);
        assert!(told.accuracy().unwrap() > 0.75 && told.auc().unwrap() > 0.85);
    }

    #[test]
    fn rows_that_every_tree_drew_have_no_answer() {
        let data = noisy(50, 2, 1);
        let one = ForestParams::default().with_n_trees(1).fit(&data).unwrap().out_of_bag(&data).unwrap();
        assert!(one.coverage() < 0.6 && one.coverage() > 0.1);
        assert_eq!(one.probabilities().iter().flatten().count(), one.n_trees().iter().sum::<usize>());
        let small = ForestParams::default().with_n_trees(1).with_bootstrap_share(0.1).fit(&data).unwrap();
        assert!(small.out_of_bag(&data).unwrap().coverage() >= 0.9);
    }

    #[test]
    fn other_data_than_that_of_the_fit_is_refused() {
        let data = noisy(80, 2, 1);
        let forest = ForestParams::default().with_n_trees(5).fit(&data).unwrap();
        let turned: Vec<usize> = (0..80).rev().collect();
        let labels = data.labels().iter().map(|label| !label).collect();
        let other = GoalExamples::new(data.table().clone(), labels).unwrap();
        for other in [noisy(80, 2, 2), noisy(60, 2, 1), data.take(&turned).unwrap(), other] {
            let refused = forest.out_of_bag(&other).unwrap_err();
            assert!(matches!(refused, Error::Data(DataError::Inconsistent { .. })), "{refused}");
        }
        let all = ForestParams::default().with_n_trees(2).with_sampling(Sampling::AllRows);
        let refused = all.fit(&data).unwrap().out_of_bag(&data).unwrap_err();
        assert!(matches!(refused, Error::Data(DataError::Undefined { .. })), "{refused}");
    }

    #[test]
    fn a_saved_forest_and_a_monotone_one_know_their_rows() {
        let data = noisy(200, 3, 4);
        let params = ForestParams::default().with_n_trees(10).with_monotone("x0", Monotone::Rising);
        let forest = params.fit(&data).unwrap();
        let loaded = Forest::from_bytes(&forest.to_bytes().unwrap()).unwrap();
        assert_eq!(loaded.out_of_bag(&data).unwrap(), forest.out_of_bag(&data).unwrap());
    }
}
