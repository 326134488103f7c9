//! Importance weights of decisions and of trajectories.

use super::params::OffPolicyParams;
use super::ratios::Ratios;
use super::trajectories::Trajectories;

/// Sums that tell how much data weights leave (Kish, 1965).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Kish {
    sum: f64,
    squares: f64,
    largest: f64,
}

impl Kish {
    pub(crate) fn of(weights: &[f64]) -> Self {
        let mut kish = Self::default();
        weights.iter().for_each(|weight| kish.add(*weight));
        kish
    }

    pub(crate) fn add(&mut self, weight: f64) {
        self.sum += weight;
        self.squares += weight * weight;
        self.largest = self.largest.max(weight);
    }

    /// `(Σw)²/Σw²`; 0 without weight.
    pub(crate) fn size(&self) -> f64 {
        if self.squares > 0.0 { self.sum * self.sum / self.squares } else { 0.0 }
    }

    /// The largest weight as a share of all; 0 without weight.
    pub(crate) fn largest_share(&self) -> f64 {
        if self.sum > 0.0 { self.largest / self.sum } else { 0.0 }
    }
}

/// What a step's sum of weighted rewards is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Below {
    /// The trajectories that reach the step.
    Count,
    /// Their weights.
    Weights,
}

/// Weighted rewards of trajectories, step by step.
///
/// A trajectory whose story ended stays among the trajectories of later steps with its last weight and no reward, as in a
/// state without end; one that the log cuts off leaves, as if at random.
pub(crate) struct Weighted<'a> {
    pub(crate) log: &'a Trajectories,
    pub(crate) params: &'a OffPolicyParams,
    /// `target/propensity` of each row.
    pub(crate) weights: &'a [f64],
}

/// A step of a trajectory among those that reach it.
struct Reached {
    step: usize,
    row: Option<usize>,
    /// Product of the weights up to the step.
    weight: f64,
    /// Discount of the step's reward.
    discount: f64,
}

impl Weighted<'_> {
    /// A ratio a step: `Σ discount·weight·value` over counts or weights.
    pub(crate) fn ratios(&self, values: &[f64], below: Below) -> Ratios {
        let mut ratios = Ratios::zeros(self.log.decisions().n_users(), self.n_steps());
        for rows in self.log.rows() {
            let user = self.log.user(rows);
            self.walk(rows, |Reached { step, row, weight, discount }| {
                let above = row.map_or(0.0, |row| discount * weight * values[row]);
                ratios.add((user, step), above, if below == Below::Weights { weight } else { 1.0 });
            });
        }
        ratios
    }

    /// `Σₜ discount·weight·value` of each trajectory.
    pub(crate) fn totals(&self, values: &[f64]) -> Vec<f64> {
        let total = |rows: &Vec<usize>| {
            let mut sum = 0.0;
            self.walk(rows, |reached| {
                sum += reached.row.map_or(0.0, |row| reached.discount * reached.weight * values[row]);
            });
            sum
        };
        self.log.rows().iter().map(total).collect()
    }

    /// The weights of the step at which they are worth least.
    pub(crate) fn worst(&self) -> Kish {
        let mut steps = vec![Kish::default(); self.n_steps()];
        for rows in self.log.rows() {
            self.walk(rows, |reached| steps[reached.step].add(reached.weight));
        }
        steps.into_iter().min_by(|a, b| a.size().total_cmp(&b.size())).unwrap_or_default()
    }

    /// Share of trajectories that the log cuts off before their end or the horizon.
    pub(crate) fn cut_short(&self) -> f64 {
        let needed = self.params.n_steps().unwrap_or(usize::MAX);
        let cut = |rows: &&Vec<usize>| rows.len() < needed && !self.log.is_over(rows);
        self.log.rows().iter().filter(cut).count() as f64 / self.log.n_trajectories() as f64
    }

    fn n_steps(&self) -> usize {
        self.log.longest(self.params.n_steps())
    }

    fn walk(&self, rows: &[usize], mut visit: impl FnMut(Reached)) {
        let (mut weight, mut discount) = (1.0, 1.0);
        for step in 0..self.n_steps() {
            let row = rows.get(step).copied();
            if row.is_none() && !self.log.is_over(rows) {
                return;
            }
            weight *= row.map_or(1.0, |row| self.weights[row]);
            visit(Reached { step, row, weight, discount });
            discount *= row.map_or(1.0, |row| self.log.discount(row, self.params.gamma()));
        }
    }
}

#[cfg(test)]
mod tests {
    use fincoach_core::ndarray::Array2;

    use super::*;
    use crate::{Decisions, Ended};

    #[test]
    fn an_ended_story_stays_and_one_cut_off_leaves() {
        // Three trajectories: ended after one row, cut off after one row, two rows.
        let log = Decisions::new(vec![0; 4], vec![1.0; 4], Array2::ones((4, 1))).unwrap();
        let log = log.with_users(&[0, 1, 2, 2]).unwrap();
        let log =
            Trajectories::new(log, &[Ended::Terminal, Ended::Truncated, Ended::No, Ended::Terminal]).unwrap();
        let params = OffPolicyParams::default().with_gamma(0.5);
        let weighted = Weighted { log: &log, params: &params, weights: &[2.0, 3.0, 4.0, 0.5] };
        let ratios = weighted.ratios(&[1.0; 4], Below::Weights);
        assert_eq!(ratios.numerators.column(0).to_vec(), [2.0, 3.0, 4.0]);
        assert_eq!(ratios.numerators.column(1).to_vec(), [0.0, 0.0, 0.5 * 2.0]);
        assert_eq!(ratios.denominators.column(1).to_vec(), [2.0, 0.0, 2.0]);
        assert_eq!(weighted.ratios(&[1.0; 4], Below::Count).denominators.column(1).to_vec(), [1.0, 0.0, 1.0]);
        assert_eq!(weighted.totals(&[1.0; 4]), [2.0, 3.0, 5.0]);
        assert_eq!(weighted.worst().size(), 2.0);
        assert_eq!(weighted.cut_short(), 1.0 / 3.0);
    }
}
