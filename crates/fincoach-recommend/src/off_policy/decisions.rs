//! Logged decisions and what the judged policy would have done.

use std::collections::BTreeMap;

use fincoach_core::ndarray::{Array2, ArrayView1, ArrayView2};
use fincoach_core::{Action, DataError};

use super::overlap::Overlap;
use super::ratios::Ratios;
use crate::{Error, Replay};

/// Decisions of a log, each with the judged policy's probabilities of all actions in its state.
///
/// It checks itself when built. Actions are numbers below the number of columns of `target`, so any set of actions can be
/// judged; in a log of [`Replay`] they are those of [`Action`]. Without [`Decisions::with_users`] each row is a user.
///
/// # Examples
/// ```
/// use fincoach_core::ndarray::array;
/// use fincoach_recommend::{DecisionEstimator, Decisions, OffPolicyParams};
/// // A fair coin chose; the judged policy always takes the first action.
/// let target = array![[1.0, 0.0], [1.0, 0.0]];
/// let log = Decisions::new(vec![0, 1], vec![3.0, 9.0], target)?.with_propensities(vec![0.5, 0.5])?;
/// let estimate = OffPolicyParams::default().estimate(&log, DecisionEstimator::Ips)?;
/// assert_eq!(estimate.value, 3.0);
/// # Ok::<(), fincoach_recommend::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Decisions {
    actions: Vec<usize>,
    rewards: Vec<f64>,
    target: Array2<f64>,
    propensities: Vec<Option<f64>>,
    /// The user of each row, numbered in the order of their first rows.
    users: Vec<usize>,
    n_users: usize,
    states: Option<Array2<f64>>,
    q_hat: Option<Array2<f64>>,
}

impl Decisions {
    /// Decisions with their rewards and the judged policy's probabilities, `(n_rows, n_actions)`.
    ///
    /// # Errors
    /// [`DataError::Empty`] without rows, [`DataError::Length`] for other lengths, [`DataError::OutOfRange`] for an action
    /// that has no column and for probabilities that are not in `[0, 1]` or do not add up to 1 (to 1e-6),
    /// [`DataError::NotFinite`] for a reward.
    pub fn new(actions: Vec<usize>, rewards: Vec<f64>, target: Array2<f64>) -> Result<Self, DataError> {
        let n = actions.len();
        if n == 0 {
            return Err(DataError::Empty { what: "logged decisions" });
        }
        DataError::ensure_len("rewards", n, rewards.len())?;
        if let Some(row) = rewards.iter().position(|reward| !reward.is_finite()) {
            return Err(DataError::NotFinite { row, column: "reward".to_owned(), value: rewards[row] });
        }
        ensure_probabilities(&target, n)?;
        if let Some(row) = actions.iter().position(|action| *action >= target.ncols()) {
            let (what, allowed) = ("action", "below the number of actions");
            return Err(DataError::OutOfRange { row, what, allowed, value: actions[row] as f64 });
        }
        let (users, propensities) = ((0..n).collect(), vec![None; n]);
        Ok(Self { actions, rewards, target, propensities, users, n_users: n, states: None, q_hat: None })
    }

    /// The decisions of a log: users, states, propensities where they are known, and rewards are taken from it.
    ///
    /// # Errors
    /// As [`Decisions::new`]; [`DataError::Length`] unless there is a column for each [`Action`];
    /// [`DataError::Inconsistent`] where the policy takes what was not allowed.
    pub fn from_replay(replay: &Replay, target: Array2<f64>) -> Result<Self, DataError> {
        DataError::ensure_len("columns of the target probabilities", Action::ALL.len(), target.ncols())?;
        let steps = replay.transitions();
        ensure_allowed(&target, |row, action| steps[row].allowed().contains(action), steps.len())?;
        let actions = steps.iter().map(|step| step.action().index()).collect();
        let rewards = steps.iter().map(crate::Transition::reward).collect();
        let users: Vec<&str> = replay.row_users().collect();
        let mut log = Self::new(actions, rewards, target)?
            .with_users(&users)?
            .with_states(replay.states().values().to_owned())?;
        log.propensities = steps.iter().map(crate::Transition::propensity).collect();
        Ok(log)
    }

    /// The same decisions with the probability that the log's policy had of each action taken.
    ///
    /// # Errors
    /// [`DataError::Length`]; [`DataError::OutOfRange`] for one that is not in `(0, 1]`.
    pub fn with_propensities(self, propensities: Vec<f64>) -> Result<Self, DataError> {
        DataError::ensure_len("propensities", self.n_rows(), propensities.len())?;
        if let Some(row) = propensities.iter().position(|p| !(*p > 0.0 && *p <= 1.0)) {
            let (what, allowed, value) = ("propensity", "in (0, 1]", propensities[row]);
            return Err(DataError::OutOfRange { row, what, allowed, value });
        }
        Ok(Self { propensities: propensities.into_iter().map(Some).collect(), ..self })
    }

    /// The same decisions with the user of each: rows of a user may depend on one another, and errors are over users.
    ///
    /// # Errors
    /// [`DataError::Length`].
    pub fn with_users<U: Ord>(self, users: &[U]) -> Result<Self, DataError> {
        DataError::ensure_len("users", self.n_rows(), users.len())?;
        let mut numbers = BTreeMap::new();
        let mut number = |user| {
            let next = numbers.len();
            *numbers.entry(user).or_insert(next)
        };
        let users: Vec<usize> = users.iter().map(&mut number).collect();
        Ok(Self { n_users: numbers.len(), users, ..self })
    }

    /// The same decisions with their states, `(n_rows, n_columns)`, for estimators that fit a model.
    ///
    /// # Errors
    /// [`DataError::Length`], [`DataError::NotFinite`].
    pub fn with_states(self, states: Array2<f64>) -> Result<Self, DataError> {
        ensure_table(&states, self.n_rows(), "states")?;
        Ok(Self { states: Some(states), ..self })
    }

    /// The same decisions with what someone else's model expects of every action, `(n_rows, n_actions)`; it then takes the
    /// place of ours. It must not have been fitted to these rows, or intervals are too narrow.
    ///
    /// # Errors
    /// [`DataError::Length`], [`DataError::NotFinite`].
    pub fn with_q_hat(self, q_hat: Array2<f64>) -> Result<Self, DataError> {
        ensure_table(&q_hat, self.n_rows(), "expected values")?;
        DataError::ensure_len("columns of the expected values", self.n_actions(), q_hat.ncols())?;
        Ok(Self { q_hat: Some(q_hat), ..self })
    }

    /// The number of decisions.
    #[must_use]
    pub const fn n_rows(&self) -> usize {
        self.actions.len()
    }

    /// The number of actions.
    #[must_use]
    pub fn n_actions(&self) -> usize {
        self.target.ncols()
    }

    /// The number of users.
    #[must_use]
    pub const fn n_users(&self) -> usize {
        self.n_users
    }

    /// What was done, row by row.
    #[must_use]
    pub fn actions(&self) -> &[usize] {
        &self.actions
    }

    /// What it brought, row by row.
    #[must_use]
    pub fn rewards(&self) -> &[f64] {
        &self.rewards
    }

    /// The judged policy's probabilities, `(n_rows, n_actions)`.
    #[must_use]
    pub fn target(&self) -> ArrayView2<'_, f64> {
        self.target.view()
    }

    /// The user of each row, numbered in the order of their first rows.
    #[must_use]
    pub fn users(&self) -> &[usize] {
        &self.users
    }

    pub(crate) fn states(&self) -> Result<&Array2<f64>, DataError> {
        self.states.as_ref().ok_or(DataError::Empty { what: "states of the decisions" })
    }

    pub(crate) const fn q_hat(&self) -> Option<&Array2<f64>> {
        self.q_hat.as_ref()
    }

    /// An error of users needs two of them.
    pub(crate) fn ensure_users(&self) -> Result<(), DataError> {
        let (figure, reason) = ("the standard error", "it needs at least two users");
        if self.n_users < 2 { Err(DataError::Undefined { figure, reason }) } else { Ok(()) }
    }

    /// `target/propensity` of each row, at most `clip`.
    pub(crate) fn weights(&self, clip: Option<f64>) -> Result<Vec<f64>, Error> {
        let weight = |row: usize| {
            let propensity = self.propensities[row].ok_or(Error::NoPropensity { row })?;
            let weight = self.target[(row, self.actions[row])] / propensity;
            Ok(clip.map_or(weight, |clip| weight.min(clip)))
        };
        (0..self.n_rows()).map(weight).collect()
    }

    /// `Σₐ target(a)·q(a)` of each row.
    pub(crate) fn expected(&self, q: &Array2<f64>) -> Vec<f64> {
        self.target.rows().into_iter().zip(q.rows()).map(|(p, q)| p.dot(&q)).collect()
    }

    /// What the log says about overlap.
    pub(crate) fn overlap(&self) -> Overlap {
        let mut taken = vec![false; self.n_actions()];
        self.actions.iter().for_each(|action| taken[*action] = true);
        let absent = |row: ArrayView1<'_, f64>| -> f64 {
            row.iter().zip(&taken).filter(|(_, taken)| !**taken).map(|(p, _)| p).sum()
        };
        let unsupported: f64 = self.target.rows().into_iter().map(absent).sum();
        let overlap = Overlap { unsupported: Some(unsupported / self.n_rows() as f64), ..Overlap::default() };
        let Ok(weights) = self.weights(None) else {
            return overlap;
        };
        let (mean, error) = Ratios::of_rows(&self.users, self.n_users, |row| (weights[row], 1.0)).evaluate();
        let smallest = self.propensities.iter().flatten().copied().min_by(f64::total_cmp);
        let known = error.is_finite();
        Overlap {
            smallest_propensity: smallest,
            mean_weight: Some(mean),
            mean_weight_error: known.then_some(error),
            ..overlap
        }
    }
}

pub(crate) fn ensure_table(table: &Array2<f64>, n_rows: usize, what: &'static str) -> Result<(), DataError> {
    DataError::ensure_len(what, n_rows, table.nrows())?;
    match table.indexed_iter().find(|(_, value)| !value.is_finite()) {
        None => Ok(()),
        Some(((row, column), value)) => {
            Err(DataError::NotFinite { row, column: format!("{what} {column}"), value: *value })
        }
    }
}

pub(crate) fn ensure_probabilities(target: &Array2<f64>, n_rows: usize) -> Result<(), DataError> {
    DataError::ensure_len("rows of the target probabilities", n_rows, target.nrows())?;
    for (row, probabilities) in target.rows().into_iter().enumerate() {
        let out_of_range = |what, allowed, value| Err(DataError::OutOfRange { row, what, allowed, value });
        if let Some(p) = probabilities.iter().find(|p| !(0.0..=1.0).contains(*p)) {
            return out_of_range("target probability", "in [0, 1]", *p);
        }
        let sum = probabilities.sum();
        let whole = (sum - 1.0).abs() <= 1e-6;
        if !whole {
            return out_of_range("sum of target probabilities", "1", sum);
        }
    }
    Ok(())
}

pub(crate) fn ensure_allowed(
    target: &Array2<f64>,
    allowed: impl Fn(usize, Action) -> bool,
    n_rows: usize,
) -> Result<(), DataError> {
    DataError::ensure_len("rows of the target probabilities", n_rows, target.nrows())?;
    for ((row, column), p) in target.indexed_iter() {
        if let Some(action) = Action::from_index(column)
            && *p > 0.0
            && !allowed(row, action)
        {
            let reason = format!("row {row}: the policy takes {}, which is not allowed", action.name());
            return Err(DataError::Inconsistent { what: "policy", reason });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use fincoach_core::ndarray::array;

    use super::*;

    fn log() -> Decisions {
        Decisions::new(vec![0, 1, 0], vec![1.0; 3], array![[0.5, 0.5], [1.0, 0.0], [0.25, 0.75]]).unwrap()
    }

    #[test]
    fn mistakes_are_reported_with_their_row() {
        let new =
            |actions, rewards, target| Decisions::new(actions, rewards, target).unwrap_err().to_string();
        let fair = || array![[0.5, 0.5], [0.5, 0.5]];
        assert_eq!(
            new(vec![0, 2], vec![0.0; 2], fair()),
            "row 1: action is 2, must be below the number of actions"
        );
        assert!(new(vec![0, 1], vec![0.0, f64::NAN], fair()).starts_with("row 1, column `reward`"));
        let short = array![[0.5, 0.5], [0.5, 0.4]];
        assert_eq!(
            new(vec![0, 1], vec![0.0; 2], short),
            "row 1: sum of target probabilities is 0.9, must be 1"
        );
        let nan = array![[0.5, 0.5], [0.5, f64::NAN]];
        assert!(new(vec![0, 1], vec![0.0; 2], nan).starts_with("row 1: target probability is NaN"));
        assert_eq!(new(vec![], vec![], fair()), "no logged decisions");
        let wrong = log().with_propensities(vec![0.5, f64::NAN, 0.5]).unwrap_err().to_string();
        assert!(wrong.starts_with("row 1: propensity is NaN"), "{wrong}");
        assert!(log().with_states(array![[1.0], [f64::NAN], [0.0]]).is_err());
        assert!(log().with_users(&[1, 2]).is_err() && log().with_q_hat(Array2::zeros((3, 3))).is_err());
    }

    #[test]
    fn weights_need_every_propensity_and_can_be_clipped() {
        assert!(matches!(log().weights(None), Err(Error::NoPropensity { row: 0 })));
        let known = log().with_propensities(vec![0.25, 0.5, 0.125]).unwrap();
        assert_eq!(known.weights(None).unwrap(), [2.0, 0.0, 2.0]);
        assert_eq!(known.weights(Some(1.5)).unwrap(), [1.5, 0.0, 1.5]);
    }

    #[test]
    fn overlap_counts_what_was_never_logged() {
        let never = Decisions::new(vec![0, 0], vec![0.0; 2], array![[0.5, 0.5], [0.7, 0.3]]).unwrap();
        assert!((never.overlap().unsupported.unwrap() - 0.4).abs() < 1e-15);
        assert_eq!(never.overlap().mean_weight, None);
        let known = log().with_propensities(vec![0.25, 0.5, 0.125]).unwrap().overlap();
        assert_eq!(known.unsupported, Some(0.0));
        assert_eq!((known.smallest_propensity, known.mean_weight), (Some(0.125), Some(4.0 / 3.0)));
    }

    #[test]
    fn users_are_numbered_as_they_come() {
        let log = log().with_users(&["b", "a", "b"]).unwrap();
        assert_eq!((log.users(), log.n_users()), (&[0, 1, 0][..], 2));
    }
}
