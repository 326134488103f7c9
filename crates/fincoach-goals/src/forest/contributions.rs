//! What each column adds to a prediction.

use fincoach_core::FeatureTable;
use fincoach_core::ndarray::{Array2, ArrayView1, ArrayView2};
use rayon::prelude::*;

use super::model::{Forest, row_by_row};
use super::quadrature::{Quadrature, gauss_legendre};
use super::tree::Tree;
use crate::Error;

/// How far each column moves each prediction from the mean of the training draws; made by
/// [`Forest::contributions`].
#[derive(Clone, Debug, PartialEq)]
pub struct Contributions {
    base: f64,
    values: Array2<f64>,
}

impl Contributions {
    /// What the forest says of a row of which nothing is known: the mean over trees of the leaves' shares, each
    /// weighted by its draws.
    #[must_use]
    pub const fn base(&self) -> f64 {
        self.base
    }

    /// Contributions in the order of the columns, shape `(n_rows, n_columns)`; with the base they add up to
    /// the probability of the row.
    #[must_use]
    pub fn values(&self) -> ArrayView2<'_, f64> {
        self.values.view()
    }

    /// The contributions to one row.
    ///
    /// # Panics
    /// When there is no such row.
    #[must_use]
    pub fn row(&self, row: usize) -> ArrayView1<'_, f64> {
        self.values.row(row)
    }
}

impl Forest {
    /// What each column adds to each prediction: the Shapley values of the path-dependent game (`TreeSHAP`,
    /// Lundberg et al. 2018), exactly.
    ///
    /// In the game of a row, a set of columns is worth what a tree says when only they are known: at a split of a
    /// known column the row goes its way, at any other both ways are taken, each with its share of the training
    /// draws. A leaf of value `v` whose path has columns `j`, each let through by the row (`o = 1`) or not (`o = 0`)
    /// and by a share `z` of the draws, gives column `j` its
    /// `v·(o_j − z_j)·∫₀¹ Π_{i≠j} (z_i·(1−t) + o_i·t) dt`. The integral is the mean over all orders of the columns;
    /// its integrand is a polynomial, so Gauss–Legendre quadrature is exact, and all its terms are positive. The sums
    /// are gathered from the leaves upwards (as in Yu et al. 2022, Linear `TreeSHAP`).
    ///
    /// Draws count by number, not by class weight. `O(n_rows · n_nodes · depth / 2)`.
    ///
    /// # Errors
    /// [`fincoach_core::DataError::Columns`] unless the table has exactly the columns of the fit.
    ///
    /// # Examples
    /// ```
    /// use fincoach_core::{FeatureTable, Fit, Predict, RowKey, chrono::NaiveDate, ndarray::Array2};
    /// use fincoach_goals::{ForestParams, GoalExamples};
    /// let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
    /// let keys = (0..40).map(|user| RowKey { user: user.to_string(), as_of }).collect();
    /// let values = Array2::from_shape_fn((40, 2), |(row, column)| if column == 0 { row as f64 } else { 1.0 });
    /// let table = FeatureTable::new(keys, ["saved", "constant"], values)?;
    /// let examples = GoalExamples::new(table.clone(), (0..40).map(|row| row >= 20).collect())?;
    /// let forest = ForestParams::default().with_n_trees(25).fit(&examples)?;
    /// let why = forest.contributions(&table)?;
    /// assert!(why.row(39)[0] > 0.3, "much was saved");
    /// assert_eq!(why.row(39)[1], 0.0, "a constant says nothing");
    /// assert!((why.base() + why.row(39).sum() - forest.predict(&table)?[39]).abs() < 1e-12);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn contributions(&self, table: &FeatureTable) -> Result<Contributions, Error> {
        table.expect_columns(self.columns())?;
        Ok(contributions_of(&self.trees().iter().collect::<Vec<_>>(), table))
    }
}

/// The contributions of these trees, at least one, to the rows of a table with their columns.
pub(super) fn contributions_of(trees: &[&Tree], table: &FeatureTable) -> Contributions {
    let n_columns = table.n_columns();
    let depth = trees.iter().map(|tree| tree.depth()).max().unwrap_or(0);
    let most = depth.min(n_columns);
    // With `most` columns the integrand has degree `most − 1`; `n` points are exact up to `2n − 1`.
    let quadrature = gauss_legendre(most.div_ceil(2).max(1));
    let trees: Vec<PathTree<'_>> = trees.par_iter().map(|tree| PathTree::new(tree)).collect();
    let n_trees = trees.len() as f64;
    let mut flat = vec![0.0; table.n_rows() * n_columns];
    let values = row_by_row(table);
    flat.par_chunks_mut(n_columns).zip(values.par_chunks(n_columns)).for_each_init(
        Room::default,
        |room, (sums, row)| {
            trees.iter().for_each(|tree| tree.add(row, &quadrature, (room, sums)));
            sums.iter_mut().for_each(|sum| *sum /= n_trees);
        },
    );
    let base = trees.iter().map(PathTree::expected).sum::<f64>() / n_trees;
    let values =
        Array2::from_shape_fn((table.n_rows(), n_columns), |(row, column)| flat[row * n_columns + column]);
    Contributions { base, values }
}

/// A tree with what every path through it needs.
struct PathTree<'a> {
    tree: &'a Tree,
    /// Of every node but the root, the edge that leads to it.
    edges: Vec<Edge>,
}

/// The edge from a parent to a node.
#[derive(Clone, Copy, Debug)]
struct Edge {
    parent: usize,
    column: usize,
    /// Share of the draws that all edges of this column, down to this one, let through.
    let_through: f64,
    /// The nearest edge of the same column above, by its lower node; 0 for none.
    above: usize,
}

/// Room that is used again for every tree: per node a row of quadrature points.
#[derive(Default)]
struct Room {
    /// Whether the row passes all edges of the column of the edge, 1 or 0.
    passes: Vec<f64>,
    /// The product over the columns of the path; on the way back the sum over the leaves below.
    products: Vec<f64>,
}

impl<'a> PathTree<'a> {
    fn new(tree: &'a Tree) -> Self {
        let root = Edge { parent: 0, column: usize::MAX, let_through: 1.0, above: 0 };
        let mut edges = vec![root; tree.n_nodes()];
        for parent in 0..tree.n_nodes() {
            let Some(split) = tree.split(parent) else { continue };
            let above = above(&edges, parent, split.column);
            for child in [split.left, split.right] {
                let share = f64::from(tree.draws_at(child)) / f64::from(tree.draws_at(parent));
                let let_through = share * edges[above].let_through;
                edges[child] = Edge { parent, column: split.column, let_through, above };
            }
        }
        Self { tree, edges }
    }

    /// The mean of the leaves, weighted by their draws.
    fn expected(&self) -> f64 {
        let leaves = (0..self.tree.n_nodes()).filter(|node| self.tree.split(*node).is_none());
        let sum: f64 =
            leaves.map(|leaf| self.tree.share_at(leaf) * f64::from(self.tree.draws_at(leaf))).sum();
        sum / f64::from(self.tree.draws_at(0))
    }

    /// Adds the contributions to this row.
    fn add(&self, row: &[f64], quadrature: &Quadrature, (room, sums): (&mut Room, &mut [f64])) {
        self.descend(row, quadrature, room);
        let n = quadrature.points.len();
        for node in (1..self.tree.n_nodes()).rev() {
            let edge = self.edges[node];
            // Children come after their parents, so all that is below has been added.
            let (before, from) = room.products.split_at_mut(node * n);
            let below = &from[..n];
            let mut sum = quadrature.integral(below, (room.passes[node], edge.let_through));
            if edge.above > 0 {
                let upper = (room.passes[edge.above], self.edges[edge.above].let_through);
                sum -= quadrature.integral(below, upper);
            }
            sums[edge.column] += sum;
            let parent = &mut before[edge.parent * n..edge.parent * n + n];
            parent.iter_mut().zip(below).for_each(|(parent, below)| *parent += below);
        }
    }

    /// Finds which edges the row passes and, for every leaf, its share times the product of its path; 0 for
    /// other nodes.
    fn descend(&self, row: &[f64], quadrature: &Quadrature, room: &mut Room) {
        let (n, n_nodes) = (quadrature.points.len(), self.tree.n_nodes());
        room.passes.clear();
        room.passes.resize(n_nodes, 1.0);
        room.products.clear();
        room.products.resize(n_nodes * n, 1.0);
        for node in 0..n_nodes {
            let Some(split) = self.tree.split(node) else {
                let share = self.tree.share_at(node);
                room.products[node * n..][..n].iter_mut().for_each(|product| *product *= share);
                continue;
            };
            let goes_left = row[split.column] <= split.threshold;
            for (child, goes) in [(split.left, goes_left), (split.right, !goes_left)] {
                let edge = self.edges[child];
                let before = (room.passes[edge.above], self.edges[edge.above].let_through);
                let passes = if goes { before.0 } else { 0.0 };
                room.passes[child] = passes;
                let (upper, lower) = room.products.split_at_mut(child * n);
                for (place, point) in quadrature.points.iter().enumerate() {
                    let factor = factor((passes, edge.let_through), *point) / factor(before, *point);
                    lower[place] = upper[node * n + place] * factor;
                }
            }
            room.products[node * n..][..n].fill(0.0);
        }
    }
}

/// The nearest edge of a column at or above a node, by its lower node; 0 for none.
fn above(edges: &[Edge], node: usize, column: usize) -> usize {
    let mut place = node;
    while place > 0 && edges[place].column != column {
        place = edges[place].parent;
    }
    place
}

/// What a column of a path multiplies with: known with probability `t`, else unknown. The root's `(1, 1)` gives 1.
fn factor((passes, let_through): (f64, f64), t: f64) -> f64 {
    let_through * (1.0 - t) + passes * t
}

impl Quadrature {
    /// `(o − z)·∫ S(t) / (z·(1−t) + o·t) dt` for the sum `S` over the leaves below an edge.
    fn integral(&self, below: &[f64], (passes, let_through): (f64, f64)) -> f64 {
        let points = self.points.iter().zip(&self.weights).zip(below);
        let terms = points.map(|((t, weight), sum)| weight * sum / factor((passes, let_through), *t));
        (passes - let_through) * terms.sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use fincoach_core::{Fit, Predict};
    use proptest::prelude::*;

    use super::*;
    use crate::synthetic::{noisy, table};
    use crate::{ClassWeight, ForestParams, GoalExamples, MaxFeatures, Sampling};

    /// What a tree says when only the columns of the set are known: algorithm 1 of Lundberg et al. 2018.
    fn known(tree: &Tree, node: usize, row: &[f64], set: usize) -> f64 {
        let Some(split) = tree.split(node) else { return tree.share_at(node) };
        if set >> split.column & 1 == 1 {
            let child = if row[split.column] <= split.threshold { split.left } else { split.right };
            return known(tree, child, row, set);
        }
        let part = |child: usize| f64::from(tree.draws_at(child)) * known(tree, child, row, set);
        (part(split.left) + part(split.right)) / f64::from(tree.draws_at(node))
    }

    fn factorial(n: usize) -> f64 {
        (1..=n).map(|factor| factor as f64).product()
    }

    /// Shapley values by their definition: over all sets of the other columns.
    fn by_definition(forest: &Forest, row: &[f64]) -> Vec<f64> {
        let n = row.len();
        let worth = |set: usize| {
            forest.trees().iter().map(|tree| known(tree, 0, row, set)).sum::<f64>() / forest.n_trees() as f64
        };
        let worths: Vec<f64> = (0..1 << n).map(worth).collect();
        let value = |column: usize| {
            let sets = (0..1_usize << n).filter(|set| set >> column & 1 == 0);
            let gains = sets.map(|set| {
                let size = set.count_ones() as usize;
                let weight = factorial(size) * factorial(n - size - 1) / factorial(n);
                weight * (worths[set | 1 << column] - worths[set])
            });
            gains.sum()
        };
        (0..n).map(value).collect()
    }

    fn ensure_exact(forest: &Forest, examples: &GoalExamples, n_rows: usize) {
        let why = forest.contributions(examples.table()).unwrap();
        let answers = forest.predict(examples.table()).unwrap();
        for (row, answer) in answers.iter().enumerate() {
            assert!((why.base() + why.row(row).sum() - answer).abs() < 1e-12);
        }
        for row in 0..n_rows {
            let values = examples.table().row(row).to_vec();
            for (ours, defined) in why.row(row).iter().zip(by_definition(forest, &values)) {
                assert!((ours - defined).abs() < 1e-12, "{ours} {defined}");
            }
        }
    }

    #[test]
    fn two_columns_are_as_counted_by_hand() {
        // `and`: missed, missed, missed, reached. Known neither 1/4, one of the two 1/2, both 1.
        let rows = vec![vec![0.0, 0.0], vec![0.0, 1.0], vec![1.0, 0.0], vec![1.0, 1.0]];
        let data = GoalExamples::new(table(rows), vec![false, false, false, true]).unwrap();
        let forest = ForestParams::default()
            .with_n_trees(1)
            .with_sampling(Sampling::AllRows)
            .with_max_features(MaxFeatures::All)
            .fit(&data)
            .unwrap();
        let why = forest.contributions(data.table()).unwrap();
        assert_eq!(why.base(), 0.25);
        assert!(why.row(3).iter().all(|value| (value - 0.375).abs() < 1e-15), "{why:?}");
    }

    #[test]
    fn a_forest_without_splits_has_no_contributions() {
        let data = GoalExamples::new(table(vec![vec![1.0], vec![1.0]]), vec![true, false]).unwrap();
        let why = ForestParams::default().fit(&data).unwrap().contributions(data.table()).unwrap();
        assert!(why.values().iter().all(|value| *value == 0.0));
    }

    #[test]
    fn unlimited_depth_and_many_columns_still_add_up() {
        let data = noisy(500, 30, 5);
        let forest = ForestParams::default().with_n_trees(10).with_max_depth(None).fit(&data).unwrap();
        ensure_exact(&forest, &data, 0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn contributions_are_the_shapley_values(
            seed in 0_u64..1000, n_columns in 2_usize..7, depth in 1_usize..8, balanced: bool,
        ) {
            let data = noisy(60, n_columns, seed);
            let weight = if balanced { ClassWeight::Balanced } else { ClassWeight::Equal };
            let params = ForestParams::default().with_n_trees(3).with_max_depth(depth).with_seed(seed);
            ensure_exact(&params.with_class_weight(weight).fit(&data).unwrap(), &data, 3);
        }
    }
}
