//! Decisions of users in the order of time.

use fincoach_core::ndarray::Array2;
use fincoach_core::{Action, DataError};

use super::decisions::{Decisions, ensure_allowed, ensure_probabilities, ensure_table};
use crate::{Ended, Replay, Transition};

/// Decisions that follow one another: rows of one user in their order, cut after each row that ended.
///
/// The first row of a trajectory has its initial state. A last row that goes on is taken as cut off by the log. What a
/// reward counts falls by `gamma^elapsed` from row to row.
///
/// # Examples
/// ```
/// use fincoach_core::ndarray::Array2;
/// use fincoach_recommend::{Decisions, Ended, OffPolicyParams, SequenceEstimator, Trajectories};
/// // Two users, two steps each, one action: the value is the mean of the sums.
/// let log = Decisions::new(vec![0; 4], vec![1.0, 2.0, 3.0, 6.0], Array2::ones((4, 1)))?
///     .with_users(&["anna", "anna", "ben", "ben"])?
///     .with_propensities(vec![1.0; 4])?;
/// let ended = [Ended::No, Ended::Terminal, Ended::No, Ended::Terminal];
/// let log = Trajectories::new(log, &ended)?;
/// let params = OffPolicyParams::default().with_gamma(0.5);
/// let estimate = params.estimate_sequence(&log, SequenceEstimator::WeightedPerDecision)?;
/// assert_eq!(estimate.value, (1.0 + 0.5 * 2.0 + 3.0 + 0.5 * 6.0) / 2.0);
/// # Ok::<(), fincoach_recommend::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Trajectories {
    decisions: Decisions,
    ended: Vec<Ended>,
    elapsed: Vec<f64>,
    next: Option<Next>,
    next_values: Option<Vec<f64>>,
    /// Rows of each trajectory in the order of time.
    rows: Vec<Vec<usize>>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Next {
    pub(crate) states: Array2<f64>,
    pub(crate) target: Array2<f64>,
}

impl Trajectories {
    /// Decisions whose rows are, for each user, in the order of time, with how each ended.
    ///
    /// # Errors
    /// [`DataError::Length`].
    pub fn new(decisions: Decisions, ended: &[Ended]) -> Result<Self, DataError> {
        let order: Vec<usize> = (0..decisions.n_rows()).collect();
        Self::ordered(decisions, ended, &order)
    }

    /// The trajectories of a log, with the judged policy's probabilities in its states and its next states, both
    /// `(n_rows, n_actions)`. Rows of a user are brought into the order of their dates; rows of one date keep theirs.
    ///
    /// # Errors
    /// As [`Decisions::from_replay`], for both tables of probabilities.
    pub fn from_replay(
        replay: &Replay,
        target: Array2<f64>,
        next_target: Array2<f64>,
    ) -> Result<Self, DataError> {
        let steps = replay.transitions();
        DataError::ensure_len("columns of the next probabilities", Action::ALL.len(), next_target.ncols())?;
        ensure_allowed(&next_target, |row, action| steps[row].next_allowed().contains(action), steps.len())?;
        let ended: Vec<Ended> = steps.iter().map(Transition::ended).collect();
        let mut order: Vec<usize> = (0..steps.len()).collect();
        order.sort_by_key(|row| replay.states().keys()[*row].as_of);
        Self::ordered(Decisions::from_replay(replay, target)?, &ended, &order)?
            .with_elapsed(steps.iter().map(Transition::elapsed).collect())?
            .with_next(replay.next_states().to_owned(), next_target)
    }

    fn ordered(decisions: Decisions, ended: &[Ended], order: &[usize]) -> Result<Self, DataError> {
        DataError::ensure_len("ends", decisions.n_rows(), ended.len())?;
        let mut of_user = vec![Vec::new(); decisions.n_users()];
        order.iter().for_each(|row| of_user[decisions.users()[*row]].push(*row));
        let cut = |rows: &Vec<usize>| -> Vec<Vec<usize>> {
            rows.split_inclusive(|row| ended[*row] != Ended::No).map(<[usize]>::to_vec).collect()
        };
        let rows = of_user.iter().flat_map(cut).collect();
        let elapsed = vec![1.0; ended.len()];
        Ok(Self { decisions, ended: ended.to_vec(), elapsed, next: None, next_values: None, rows })
    }

    /// The same trajectories with the time from each row to the next, in steps.
    ///
    /// # Errors
    /// [`DataError::Length`]; [`DataError::OutOfRange`] for one that is not above 0 and finite.
    pub fn with_elapsed(self, elapsed: Vec<f64>) -> Result<Self, DataError> {
        DataError::ensure_len("elapsed times", self.n_rows(), elapsed.len())?;
        if let Some(row) = elapsed.iter().position(|time| !(*time > 0.0 && time.is_finite())) {
            let (what, allowed, value) = ("elapsed", "above 0 and finite", elapsed[row]);
            return Err(DataError::OutOfRange { row, what, allowed, value });
        }
        Ok(Self { elapsed, ..self })
    }

    /// The same trajectories with the states after, `(n_rows, n_columns)`, and the judged policy's probabilities in them,
    /// `(n_rows, n_actions)`: what estimators need that fit a model. Rows after the end of a story are not used.
    ///
    /// # Errors
    /// [`DataError::Empty`] without states of the decisions, [`DataError::Length`], [`DataError::NotFinite`],
    /// [`DataError::OutOfRange`] for probabilities.
    pub fn with_next(self, states: Array2<f64>, target: Array2<f64>) -> Result<Self, DataError> {
        ensure_table(&states, self.n_rows(), "next states")?;
        let n_columns = self.decisions.states()?.ncols();
        DataError::ensure_len("columns of the next states", n_columns, states.ncols())?;
        ensure_probabilities(&target, self.n_rows())?;
        DataError::ensure_len(
            "columns of the next probabilities",
            self.decisions.n_actions(),
            target.ncols(),
        )?;
        Ok(Self { next: Some(Next { states, target }), ..self })
    }

    /// The same trajectories with what someone else's model expects: of every action in the states, `(n_rows, n_actions)`,
    /// and of the judged policy in the next states. Doubly robust estimators then fit no model of their own. The values are
    /// taken as those of an endless horizon, and must not have been fitted to these rows.
    ///
    /// # Errors
    /// As [`Decisions::with_q_hat`].
    pub fn with_q_hat(self, q_hat: Array2<f64>, next_values: Vec<f64>) -> Result<Self, DataError> {
        DataError::ensure_len("next expected values", self.n_rows(), next_values.len())?;
        if let Some(row) = next_values.iter().position(|value| !value.is_finite()) {
            let column = "next expected value".to_owned();
            return Err(DataError::NotFinite { row, column, value: next_values[row] });
        }
        Ok(Self { decisions: self.decisions.with_q_hat(q_hat)?, next_values: Some(next_values), ..self })
    }

    /// The number of decisions.
    #[must_use]
    pub const fn n_rows(&self) -> usize {
        self.decisions.n_rows()
    }

    /// The number of trajectories.
    #[must_use]
    pub const fn n_trajectories(&self) -> usize {
        self.rows.len()
    }

    /// The decisions without their order.
    #[must_use]
    pub const fn decisions(&self) -> &Decisions {
        &self.decisions
    }

    /// Rows of each trajectory in the order of time.
    pub(crate) fn rows(&self) -> &[Vec<usize>] {
        &self.rows
    }

    /// The user of a trajectory.
    pub(crate) fn user(&self, rows: &[usize]) -> usize {
        rows.first().map_or(0, |row| self.decisions.users()[*row])
    }

    pub(crate) fn next(&self) -> Result<&Next, DataError> {
        self.next.as_ref().ok_or(DataError::Empty { what: "next states with the policy's probabilities" })
    }

    pub(crate) fn next_values(&self) -> Option<&[f64]> {
        self.next_values.as_deref()
    }

    /// What the value of the next state counts in a row: `gamma^elapsed`, or 0 where the story is over.
    pub(crate) fn discount(&self, row: usize, gamma: f64) -> f64 {
        if self.ended[row] == Ended::Terminal { 0.0 } else { gamma.powf(self.elapsed[row]) }
    }

    /// Whether the story of a trajectory ended, so that nothing comes after its last row.
    pub(crate) fn is_over(&self, rows: &[usize]) -> bool {
        rows.last().is_some_and(|row| self.ended[*row] == Ended::Terminal)
    }

    /// The length of the longest trajectory, at most `limit`.
    pub(crate) fn longest(&self, limit: Option<usize>) -> usize {
        self.rows.iter().map(Vec::len).max().unwrap_or(0).min(limit.unwrap_or(usize::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(n: usize) -> Decisions {
        Decisions::new(vec![0; n], vec![0.0; n], Array2::ones((n, 1))).unwrap()
    }

    #[test]
    fn rows_of_a_user_are_cut_where_a_story_ends() {
        let log = log(6).with_users(&["a", "b", "a", "a", "b", "a"]).unwrap();
        let ended = [Ended::No, Ended::No, Ended::Truncated, Ended::No, Ended::Terminal, Ended::No];
        let found = Trajectories::new(log, &ended).unwrap();
        assert_eq!(found.rows(), [vec![0, 2], vec![3, 5], vec![1, 4]]);
        assert_eq!(found.n_trajectories(), 3);
        assert!(found.is_over(&[1, 4]) && !found.is_over(&[3, 5]) && !found.is_over(&[0, 2]));
        assert_eq!(found.longest(None), 2);
        assert_eq!((found.discount(0, 0.5), found.discount(4, 0.5)), (0.5, 0.0));
    }

    #[test]
    fn impossible_trajectories_are_refused() {
        let fine = || Trajectories::new(log(2), &[Ended::No; 2]).unwrap();
        assert!(Trajectories::new(log(2), &[Ended::No]).is_err());
        assert!(fine().with_elapsed(vec![1.0, f64::NAN]).unwrap_err().to_string().starts_with("row 1"));
        let without = fine().with_next(Array2::zeros((2, 1)), Array2::ones((2, 1))).unwrap_err();
        assert_eq!(without.to_string(), "no states of the decisions");
        assert!(fine().with_q_hat(Array2::zeros((2, 1)), vec![0.0, f64::NAN]).is_err());
    }
}
