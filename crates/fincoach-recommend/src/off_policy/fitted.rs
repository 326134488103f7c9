//! Values of fitted models: their errors by the influence of each user, and models that leave users out.

use fincoach_core::ndarray::Array1;
use rayon::prelude::*;

use super::bounds::{IntervalMethod, interval, percentile, resample};
use super::decisions::Decisions;
use super::estimate::Interval;
use super::linear_q::{Coefficients, Operator};
use super::moments::{Design, Moments};
use super::params::OffPolicyParams;
use super::ratios::Ratios;
use crate::Error;

/// A linear model of values and the rows whose states start what is judged.
pub(crate) struct Fitted<'a> {
    pub(crate) params: &'a OffPolicyParams,
    pub(crate) log: &'a Decisions,
    pub(crate) design: &'a Design,
    pub(crate) initial: &'a [usize],
}

impl Fitted<'_> {
    /// Value, standard error and interval of the policy over the initial rows.
    pub(crate) fn judge(&self) -> Result<(f64, f64, Interval), Error> {
        let (operator, found) = self.fit(&Array1::ones(self.log.n_users()))?;
        let start = self.start(&Array1::ones(self.log.n_users()));
        let value = start.dot(found.last());
        let mut influences = vec![0.0; self.log.n_users()];
        for (row, moved) in operator.influences(self.design, &found, &start).into_iter().enumerate() {
            influences[self.log.users()[row]] += moved;
        }
        for row in self.initial {
            let own = self.feature(*row).dot(found.last());
            influences[self.log.users()[*row]] += (own - value) / self.initial.len() as f64;
        }
        let ratios = Ratios::of_influences(value, &influences);
        let interval = if self.params.interval() == IntervalMethod::Percentile {
            self.refits()?
        } else {
            interval(self.params, &ratios, self.log.n_users() as f64)
        };
        Ok((value, ratios.evaluate().1, interval))
    }

    fn refits(&self) -> Result<Interval, Error> {
        let value = |sample| {
            let counts = resample(self.params.seed(), sample, self.log.n_users());
            Ok(self.start(&counts).dot(self.fit(&counts)?.1.last()))
        };
        let values: Vec<Result<f64, Error>> =
            (0..self.params.n_refits()).into_par_iter().map(value).collect();
        let values = values.into_iter().collect::<Result<Vec<f64>, Error>>()?;
        Ok(percentile(values.into_iter(), self.params.level()))
    }

    /// The fit where each user stands so many times in the log.
    fn fit(&self, counts: &Array1<f64>) -> Result<(Operator, Coefficients), Error> {
        let rows = self.log.users().iter().enumerate().map(|(row, user)| (row, counts[*user]));
        let rows: Vec<(usize, f64)> = rows.filter(|(_, count)| *count > 0.0).collect();
        let operator = Operator::of(&Moments::of(self.design, &rows), self.params.ridge())?;
        let found = solve(self.params, self.design, &operator)?;
        Ok((operator, found))
    }

    /// Mean over the initial rows of what coefficients of all actions are multiplied with.
    fn start(&self, counts: &Array1<f64>) -> Array1<f64> {
        let mut sum = Array1::zeros(self.design.x.ncols() * self.design.n_actions);
        let mut total = 0.0;
        for row in self.initial {
            let count = counts[self.log.users()[*row]];
            sum.scaled_add(count, &self.feature(*row));
            total += count;
        }
        sum / total
    }

    /// `target(a)·x` of each action, one after another.
    fn feature(&self, row: usize) -> Array1<f64> {
        let (x, target) = (self.design.x.row(row), self.log.target());
        let mut feature = Array1::zeros(x.len() * self.design.n_actions);
        let parts = feature.exact_chunks_mut(x.len());
        for (mut part, probability) in parts.into_iter().zip(target.row(row)) {
            part.scaled_add(*probability, &x);
        }
        feature
    }
}

pub(crate) fn solve(
    params: &OffPolicyParams,
    design: &Design,
    operator: &Operator,
) -> Result<Coefficients, Error> {
    if design.next.is_some() { operator.iterate(params) } else { Ok(operator.rewards()) }
}

/// The fold of each user, and for each fold a model of the other folds' rows. Costs little more than one fit: sums over
/// rows are made once a fold and added up.
pub(crate) fn leave_out(
    params: &OffPolicyParams,
    log: &Decisions,
    design: &Design,
) -> Result<(Vec<usize>, Vec<Coefficients>), Error> {
    let (n_users, n_folds) = (log.n_users(), params.n_folds());
    if n_users < n_folds {
        return Err(Error::TooFewUsers { n_users, n_folds });
    }
    let folds = params.folds(n_users);
    let part = |fold: usize| {
        let own = |row: &usize| folds[log.users()[*row]] == fold;
        let rows: Vec<(usize, f64)> = (0..log.n_rows()).filter(own).map(|row| (row, 1.0)).collect();
        Moments::of(design, &rows)
    };
    let parts: Vec<Moments> = (0..n_folds).into_par_iter().map(part).collect();
    let model = |fold: usize| {
        let others = parts.iter().enumerate().filter(|(other, _)| *other != fold).map(|(_, part)| part);
        let sum = Moments::sum(others).ok_or(Error::TooFewUsers { n_users, n_folds })?;
        solve(params, design, &Operator::of(&sum, params.ridge())?)
    };
    let models: Vec<Result<Coefficients, Error>> = (0..n_folds).into_par_iter().map(model).collect();
    Ok((folds, models.into_iter().collect::<Result<_, _>>()?))
}
