//! Sums over rows from which linear models of the value are solved.

use fincoach_core::ndarray::{Array1, Array2, Axis, concatenate};
use rayon::prelude::*;

/// Rows as linear models see them.
#[derive(Clone, Debug)]
pub(crate) struct Design {
    /// Functions of the states, `(n_rows, p)`.
    pub(crate) x: Array2<f64>,
    /// What comes after, unless only the reward counts.
    pub(crate) next: Option<NextDesign>,
    pub(crate) actions: Vec<usize>,
    pub(crate) rewards: Array1<f64>,
    pub(crate) n_actions: usize,
}

/// The next states as linear models see them.
#[derive(Clone, Debug)]
pub(crate) struct NextDesign {
    /// Functions of the next states, `(n_rows, p)`.
    pub(crate) x: Array2<f64>,
    /// `discount · target(a | next state)`, `(n_rows, n_actions)`.
    pub(crate) weights: Array2<f64>,
}

/// For the rows of each action `a`: `Σ x xᵀ`, `Σ x r` and `Σ x φ̄ᵀ`, where `φ̄ᵀv` is the discounted value of the next state
/// under coefficients `v` of all actions one after another. They add up over any parts of the rows.
#[derive(Clone, Debug)]
pub(crate) struct Moments(pub(crate) Vec<ActionMoments>);

#[derive(Clone, Debug)]
pub(crate) struct ActionMoments {
    pub(crate) n_rows: f64,
    pub(crate) gram: Array2<f64>,
    pub(crate) right: Array1<f64>,
    /// `(p, n_actions·p)`, or without columns where only the reward counts.
    pub(crate) cross: Array2<f64>,
}

impl Moments {
    /// The sums over these rows, each counted so many times. `O(n·k·p²)`.
    pub(crate) fn of(design: &Design, rows: &[(usize, f64)]) -> Self {
        let of_action = |action: usize| {
            let own: Vec<(usize, f64)> =
                rows.iter().filter(|(row, _)| design.actions[*row] == action).copied().collect();
            ActionMoments::of(design, &own)
        };
        Self((0..design.n_actions).into_par_iter().map(of_action).collect())
    }

    /// The sum of several, in their order.
    pub(crate) fn sum<'a>(parts: impl Iterator<Item = &'a Self>) -> Option<Self> {
        parts.fold(None, |sum, part| match sum {
            None => Some(part.clone()),
            Some(mut sum) => {
                sum.0.iter_mut().zip(&part.0).for_each(|(sum, part)| sum.add(part));
                Some(sum)
            }
        })
    }

    /// The sums over all actions.
    pub(crate) fn pooled(&self) -> Option<ActionMoments> {
        let mut parts = self.0.iter();
        let mut sum = parts.next()?.clone();
        parts.for_each(|part| sum.add(part));
        Some(sum)
    }
}

impl ActionMoments {
    fn of(design: &Design, rows: &[(usize, f64)]) -> Self {
        let indices: Vec<usize> = rows.iter().map(|(row, _)| *row).collect();
        let counts: Array1<f64> = rows.iter().map(|(_, count)| *count).collect();
        let x = design.x.select(Axis(0), &indices);
        let weighted = &x * &counts.view().insert_axis(Axis(1));
        let (gram, right) =
            (weighted.t().dot(&x), weighted.t().dot(&design.rewards.select(Axis(0), &indices)));
        let cross = design.next.as_ref().map_or_else(
            || Array2::zeros((x.ncols(), 0)),
            |next| {
                let after = next.x.select(Axis(0), &indices);
                let weights = next.weights.select(Axis(0), &indices);
                let block = |action: usize| {
                    let scaled = &after * &weights.column(action).insert_axis(Axis(1));
                    weighted.t().dot(&scaled)
                };
                let blocks: Vec<Array2<f64>> = (0..design.n_actions).map(block).collect();
                let views: Vec<_> = blocks.iter().map(Array2::view).collect();
                concatenate(Axis(1), &views).unwrap_or_default()
            },
        );
        Self { n_rows: counts.sum(), gram, right, cross }
    }

    fn add(&mut self, other: &Self) {
        self.n_rows += other.n_rows;
        self.gram += &other.gram;
        self.right += &other.right;
        self.cross += &other.cross;
    }
}

#[cfg(test)]
mod tests {
    use fincoach_core::ndarray::array;

    use super::*;

    #[test]
    fn moments_of_parts_add_up_and_counts_repeat_rows() {
        let design = Design {
            x: array![[1.0, 2.0], [1.0, -1.0], [1.0, 0.5]],
            next: Some(NextDesign {
                x: array![[1.0, 3.0], [1.0, 4.0], [1.0, 5.0]],
                weights: array![[0.5, 0.4], [0.0, 0.0], [0.9, 0.0]],
            }),
            actions: vec![0, 1, 0],
            rewards: array![1.0, 2.0, 3.0],
            n_actions: 2,
        };
        let parts = [vec![(0, 1.0)], vec![(1, 2.0), (2, 1.0)]].map(|rows| Moments::of(&design, &rows));
        let sum = Moments::sum(parts.iter()).unwrap();
        let all = Moments::of(&design, &[(0, 1.0), (1, 1.0), (2, 1.0), (1, 1.0)]);
        for (sum, all) in sum.0.iter().zip(&all.0) {
            assert_eq!((&sum.gram, &sum.right, &sum.cross), (&all.gram, &all.right, &all.cross));
        }
        // Action 0: x·φ̄ of rows 0 and 2, second function with the first of action 0: 2·0.5 + 0.5·0.9.
        assert!((sum.0[0].cross[(1, 0)] - 1.45).abs() < 1e-15);
        assert_eq!(sum.pooled().unwrap().n_rows, 4.0);
    }
}
