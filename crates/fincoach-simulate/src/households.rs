//! Many households, in lockstep.

use std::ops::Index;

use fincoach_core::Action;
use rayon::prelude::*;

use crate::policy::draw;
use crate::{Error, Household, SimulationParams, Week};

/// Households that live the same weeks side by side, in parallel; the number of threads and the number of
/// neighbours change nothing for any of them.
///
/// # Examples
/// ```
/// use fincoach_core::Action;
/// use fincoach_simulate::{Households, SimulationParams};
/// let params = SimulationParams::default().with_n_households(3);
/// let mut households = Households::new(&params)?;
/// let weeks = households.step(&[Action::SavingsNudge; 3])?;
/// assert_eq!(weeks.len(), 3);
/// assert_eq!(households[2].n_weeks(), 1);
/// assert!(households.step(&[Action::SavingsNudge]).is_err());
/// # Ok::<(), fincoach_simulate::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Households(Vec<Household>);

impl Households {
    /// The households of a simulation, on their first day.
    ///
    /// # Errors
    /// [`Error::Param`] for a parameter out of range.
    pub fn new(params: &SimulationParams) -> Result<Self, Error> {
        params.check()?;
        Ok(Self::range(params, 0..params.n_households()))
    }

    pub(crate) fn range(params: &SimulationParams, indices: std::ops::Range<usize>) -> Self {
        Self(indices.into_par_iter().map(|index| Household::unchecked(params, index)).collect())
    }

    /// The number of households.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The households, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Household> {
        self.0.iter()
    }

    /// The households, in order.
    #[must_use]
    pub fn as_slice(&self) -> &[Household] {
        &self.0
    }

    /// Tells each household something and lives seven days.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one action for each.
    pub fn step(&mut self, actions: &[Action]) -> Result<Vec<Week>, Error> {
        Error::same_length("actions", self.len(), actions.len())?;
        let pairs = self.0.par_iter_mut().zip(actions);
        Ok(pairs.map(|(household, action)| household.step(*action)).collect())
    }

    /// Lives seven days without a coach.
    pub fn live_week(&mut self) -> Vec<Week> {
        self.0.par_iter_mut().map(Household::live_week).collect()
    }

    /// Goes back to the first day, with the same luck.
    pub fn reset(&mut self) {
        self.0.par_iter_mut().for_each(Household::reset);
    }

    /// Lets go of all rows up to now.
    pub fn forget_rows(&mut self) {
        self.0.par_iter_mut().for_each(Household::forget_rows);
    }

    /// Draws an action for each household, from a stream that nothing else draws from: the same chances
    /// give the same actions, and near ones mostly the same.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one row for each household; [`Error::Chances`] for a row that is
    /// not a distribution.
    pub fn draw(&self, chances: &[[f64; 5]]) -> Result<Vec<Action>, Error> {
        Error::same_length("chances", self.len(), chances.len())?;
        let sane = |row: &[f64; 5]| {
            row.iter().all(|chance| *chance >= 0.0) && (row.iter().sum::<f64>() - 1.0).abs() < 1e-6
        };
        if let Some(household) = chances.iter().position(|row| !sane(row)) {
            return Err(Error::Chances { household, chances: chances[household] });
        }
        Ok(self.iter().zip(chances).map(|(household, row)| draw(row, household.coach().uniform())).collect())
    }
}

impl Index<usize> for Households {
    type Output = Household;

    fn index(&self, index: usize) -> &Household {
        &self.0[index]
    }
}

impl<'a> IntoIterator for &'a Households {
    type Item = &'a Household;
    type IntoIter = std::slice::Iter<'a, Household>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
