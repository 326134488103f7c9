//! What a forest of many classes says of the rows that each of its trees has not seen.

use fincoach_core::{DataError, metrics, rng};
use rayon::prelude::*;

use super::examples::ClassExamples;
use super::model::{ClassForest, most_probable};
use super::split::Rules;
use crate::Error;
use crate::forest::grow::times_drawn;
use crate::forest::model::row_by_row;
use crate::forest::options::Sampling;
use crate::forest::tree::Tree;

/// The answers of a forest for its own training rows, each from the trees that did not draw the row; made by
/// [`ClassForest::out_of_bag`]. See [`OutOfBag`](crate::OutOfBag) for what such an estimate is worth.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassOutOfBag {
    probabilities: Vec<Option<Vec<f64>>>,
    labels: Vec<usize>,
}

impl ClassOutOfBag {
    /// The probability of each class, for each training row; `None` for a row that every tree drew.
    #[must_use]
    pub fn probabilities(&self) -> &[Option<Vec<f64>>] {
        &self.probabilities
    }

    /// The share of rows that at least one tree did not draw, 0 to 1.
    #[must_use]
    pub fn coverage(&self) -> f64 {
        self.probabilities.iter().flatten().count() as f64 / self.probabilities.len() as f64
    }

    /// The share of covered rows whose class is the most probable one, the lowest of equals.
    ///
    /// # Errors
    /// [`DataError::Empty`] when no row is covered.
    pub fn accuracy(&self) -> Result<f64, DataError> {
        let (labels, said) = self.covered()?;
        let most: Vec<usize> = said.iter().map(|said| most_probable(said.iter().copied())).collect();
        metrics::accuracy(&labels, &most)
    }

    /// The mean over covered rows of `Σ (p − y)²`, y 1 for the class of the row and 0 for the others: 0 to 2, and twice
    /// the Brier score of two outcomes.
    ///
    /// # Errors
    /// [`DataError::Empty`] when no row is covered.
    pub fn brier(&self) -> Result<f64, DataError> {
        let (labels, said) = self.covered()?;
        let distance = |(label, said): (&usize, &&[f64])| -> f64 {
            said.iter().enumerate().map(|(class, p)| (p - f64::from(class == *label)).powi(2)).sum()
        };
        Ok(labels.iter().zip(&said).map(distance).sum::<f64>() / labels.len() as f64)
    }

    /// The classes of the covered rows and what is said of them; an error where there are none.
    fn covered(&self) -> Result<(Vec<usize>, Vec<&[f64]>), DataError> {
        let rows = self.labels.iter().zip(&self.probabilities);
        let covered: (Vec<usize>, Vec<&[f64]>) =
            rows.filter_map(|(label, said)| said.as_deref().map(|said| (*label, said))).unzip();
        if covered.0.is_empty() {
            return Err(DataError::Empty { what: "rows out of the bag" });
        }
        Ok(covered)
    }
}

impl ClassForest {
    /// What the forest says of its training rows, each answered by the trees that did not draw it; `examples` must be
    /// those of the fit, in the same order, which is checked by what arrives at every leaf.
    ///
    /// # Errors
    /// [`DataError::Columns`] for other columns, [`DataError::Inconsistent`] for other examples,
    /// [`DataError::Undefined`] unless the rows were sampled.
    pub fn out_of_bag(&self, examples: &ClassExamples) -> Result<ClassOutOfBag, Error> {
        examples.table().expect_columns(&self.columns)?;
        if self.params.sampling() == Sampling::AllRows {
            let (figure, reason) = ("out-of-bag answer", "every tree has seen every row");
            return Err(DataError::Undefined { figure, reason }.into());
        }
        DataError::ensure_len("classes", self.n_classes(), examples.n_classes())?;
        let rules = Rules { weights: self.params.class_weights(examples), min_leaf: 1 };
        let values = row_by_row(examples.table());
        let told: Vec<Vec<Option<usize>>> = self
            .trees
            .par_iter()
            .enumerate()
            .map(|(number, trees)| self.told((number, trees), (examples, &values), &rules))
            .collect::<Result<_, DataError>>()?;
        let mean = |row: usize| {
            let mut sums = vec![0.0; self.n_classes()];
            let mut n_trees = 0_usize;
            for (leaves, trees) in told.iter().zip(&self.trees) {
                let Some(leaf) = leaves[row] else { continue };
                sums.iter_mut().zip(trees).for_each(|(sum, tree)| *sum += tree.share_at(leaf));
                n_trees += 1;
            }
            sums.iter_mut().for_each(|sum| *sum /= n_trees as f64);
            (n_trees > 0).then_some(sums)
        };
        let probabilities = (0..examples.n_rows()).into_par_iter().map(mean).collect();
        Ok(ClassOutOfBag { probabilities, labels: examples.labels().to_vec() })
    }

    /// The leaf of each row that the tree did not draw; an error unless the others are those it grew from.
    fn told(
        &self,
        (number, trees): (usize, &[Tree]),
        (examples, values): (&ClassExamples, &[f64]),
        rules: &Rules,
    ) -> Result<Vec<Option<usize>>, DataError> {
        let (tree, n) = (&trees[0], examples.n_rows());
        let times = times_drawn(&self.params, n, &mut rng::stream(self.params.seed(), number as u64));
        let mut arrived = vec![vec![0_u32; trees.len()]; tree.n_nodes()];
        let mut leaves = vec![None; n];
        for (row, values) in values.chunks_exact(self.columns.len()).enumerate() {
            let leaf = tree.leaf_of(values);
            arrived[leaf][examples.labels()[row]] += times[row];
            leaves[row] = (times[row] == 0).then_some(leaf);
        }
        let same = arrived.iter().enumerate().all(|(node, counts)| {
            let as_grown = || {
                let shares = rules.shares(counts);
                trees.iter().zip(shares).all(|(tree, share)| tree.share_at(node) == share)
            };
            tree.split(node).is_some() || (counts.iter().sum::<u32>() == tree.draws_at(node) && as_grown())
        });
        if same {
            return Ok(leaves);
        }
        let reason = format!("other rows arrive at the leaves of tree {number} than in the fit");
        Err(DataError::Inconsistent { what: "examples of the fit", reason })
    }
}
