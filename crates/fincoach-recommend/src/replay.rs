//! Logged transitions.

use fincoach_core::ndarray::{Array2, ArrayView2, Axis};
use fincoach_core::{Action, ActionSet, DataError, FeatureTable};
use serde::{Deserialize, Serialize};

/// Whether a story goes on after a transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Ended {
    /// It goes on: the value of the next state counts.
    No,
    /// It is over: nothing comes after, and the next state is worth nothing.
    Terminal,
    /// The log ends here although the story does not: the value of the next state counts, and no row follows.
    Truncated,
}

/// What was done in a state and what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    action: Action,
    reward: f64,
    ended: Ended,
    #[serde(default = "one_step")]
    elapsed: f64,
    #[serde(default)]
    propensity: Option<f64>,
    #[serde(default)]
    allowed: ActionSet,
    #[serde(default)]
    next_allowed: ActionSet,
}

const fn one_step() -> f64 {
    1.0
}

impl Transition {
    /// A transition of one step that goes on, every action allowed before and after.
    #[must_use]
    pub const fn new(action: Action, reward: f64) -> Self {
        Self {
            action,
            reward,
            ended: Ended::No,
            elapsed: one_step(),
            propensity: None,
            allowed: ActionSet::ALL,
            next_allowed: ActionSet::ALL,
        }
    }

    /// The same transition with another reward.
    #[must_use]
    pub const fn with_reward(self, reward: f64) -> Self {
        Self { reward, ..self }
    }

    /// The same transition with its end.
    #[must_use]
    pub const fn with_ended(self, ended: Ended) -> Self {
        Self { ended, ..self }
    }

    /// The same transition with the time to the next state, in steps: its value is discounted by `gamma` to this power.
    #[must_use]
    pub const fn with_elapsed(self, elapsed: f64) -> Self {
        Self { elapsed, ..self }
    }

    /// The same transition with the probability that the log's policy had of its action.
    #[must_use]
    pub const fn with_propensity(self, propensity: f64) -> Self {
        Self { propensity: Some(propensity), ..self }
    }

    /// The same transition with the actions that were allowed in the state and are allowed in the next one.
    #[must_use]
    pub const fn with_allowed(self, allowed: ActionSet, next_allowed: ActionSet) -> Self {
        Self { allowed, next_allowed, ..self }
    }

    /// What was done.
    #[must_use]
    pub const fn action(&self) -> Action {
        self.action
    }

    /// What it brought.
    #[must_use]
    pub const fn reward(&self) -> f64 {
        self.reward
    }

    /// Whether the story goes on.
    #[must_use]
    pub const fn ended(&self) -> Ended {
        self.ended
    }

    /// The time to the next state in steps, above 0.
    #[must_use]
    pub const fn elapsed(&self) -> f64 {
        self.elapsed
    }

    /// The probability that the log's policy had of this action, in `(0, 1]`, where it is known.
    #[must_use]
    pub const fn propensity(&self) -> Option<f64> {
        self.propensity
    }

    /// The actions that were allowed in the state; the one taken is among them.
    #[must_use]
    pub const fn allowed(&self) -> ActionSet {
        self.allowed
    }

    /// The actions allowed in the next state, at least one.
    #[must_use]
    pub const fn next_allowed(&self) -> ActionSet {
        self.next_allowed
    }

    fn check(&self, row: usize) -> Result<(), DataError> {
        if !self.reward.is_finite() {
            return Err(DataError::NotFinite { row, column: "reward".to_owned(), value: self.reward });
        }
        let out_of_range = |what, allowed, value| DataError::OutOfRange { row, what, allowed, value };
        if !(self.elapsed > 0.0 && self.elapsed.is_finite()) {
            return Err(out_of_range("elapsed", "above 0 and finite", self.elapsed));
        }
        if let Some(propensity) = self.propensity
            && !(propensity > 0.0 && propensity <= 1.0)
        {
            return Err(out_of_range("propensity", "in (0, 1]", propensity));
        }
        let mistake = if !self.allowed.contains(self.action) {
            format!("the action {} is not among the allowed ones ({})", self.action.name(), self.allowed)
        } else if self.next_allowed.is_empty() {
            "no action is allowed in the next state".to_owned()
        } else {
            return Ok(());
        };
        Err(DataError::Inconsistent { what: "transition", reason: format!("row {row}: {mistake}") })
    }
}

/// Transitions to learn from: one row is a state, what was done in it, and the state after.
///
/// It checks itself when built, so that learners need no checks of their own. A user may have many rows;
/// everything that holds out data holds out whole users.
///
/// # Examples
/// ```
/// use fincoach_core::{Action, FeatureTable, RowKey, chrono::NaiveDate, ndarray::array};
/// use fincoach_recommend::{Ended, Replay, Transition};
/// let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
/// let keys = vec![RowKey { user: "anna".into(), as_of }];
/// let states = FeatureTable::new(keys, ["balance"], array![[50.0]])?;
/// let steps = vec![Transition::new(Action::SpendingAlert, 1.0).with_ended(Ended::Terminal)];
/// let replay = Replay::new(states, array![[70.0]], steps)?;
/// assert_eq!(replay.n_rows(), 1);
/// assert_eq!(replay.users(), ["anna"]);
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Replay {
    states: FeatureTable,
    next_states: Array2<f64>,
    transitions: Vec<Transition>,
}

impl Replay {
    /// Transitions from `states` to `next_states`, both `(n_rows, n_columns)`, one transition a row.
    ///
    /// # Errors
    /// [`DataError::Length`] when the shapes differ, [`DataError::NotFinite`] for NaN and infinity,
    /// [`DataError::Empty`] without rows or columns, [`DataError::OutOfRange`] for an elapsed time or a propensity out
    /// of range, [`DataError::Inconsistent`] for an action that was not allowed and for a next state without any.
    pub fn new(
        states: FeatureTable,
        next_states: Array2<f64>,
        transitions: Vec<Transition>,
    ) -> Result<Self, DataError> {
        if states.n_rows() == 0 {
            return Err(DataError::Empty { what: "transitions" });
        }
        if states.n_columns() == 0 {
            return Err(DataError::Empty { what: "state columns" });
        }
        DataError::ensure_len("transitions", states.n_rows(), transitions.len())?;
        DataError::ensure_len("rows of the next states", states.n_rows(), next_states.nrows())?;
        DataError::ensure_len("columns of the next states", states.n_columns(), next_states.ncols())?;
        ensure_sound(&states, &next_states, &transitions)?;
        Ok(Self { states, next_states: next_states.as_standard_layout().into_owned(), transitions })
    }

    /// The number of transitions.
    #[must_use]
    pub const fn n_rows(&self) -> usize {
        self.transitions.len()
    }

    /// The states in which something was done, with user and date of each.
    #[must_use]
    pub const fn states(&self) -> &FeatureTable {
        &self.states
    }

    /// The states after, `(n_rows, n_columns)`.
    #[must_use]
    pub fn next_states(&self) -> ArrayView2<'_, f64> {
        self.next_states.view()
    }

    /// What was done and what it brought, row by row.
    #[must_use]
    pub fn transitions(&self) -> &[Transition] {
        &self.transitions
    }

    /// What was done, row by row.
    #[must_use]
    pub fn actions(&self) -> Vec<Action> {
        self.transitions.iter().map(Transition::action).collect()
    }

    /// The names of the state's columns.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        self.states.columns()
    }

    /// The users, each once, in the order of their first rows.
    #[must_use]
    pub fn users(&self) -> Vec<&str> {
        let mut seen = std::collections::BTreeSet::new();
        self.row_users().filter(|user| seen.insert(*user)).collect()
    }

    /// The user of each row.
    pub fn row_users(&self) -> impl Iterator<Item = &str> {
        self.states.keys().iter().map(|key| key.user.as_str())
    }

    /// The transitions of these rows, in this order.
    ///
    /// # Errors
    /// [`DataError::Length`] for a row that is not there, [`DataError::Duplicate`] for one taken twice,
    /// [`DataError::Empty`] when there are none.
    pub fn take(&self, rows: &[usize]) -> Result<Self, DataError> {
        let states = self.states.take(rows)?;
        let transitions = rows.iter().map(|row| self.transitions[*row]).collect();
        Self::new(states, self.next_states.select(Axis(0), rows), transitions)
    }
}

fn ensure_sound(
    states: &FeatureTable,
    next_states: &Array2<f64>,
    transitions: &[Transition],
) -> Result<(), DataError> {
    for ((row, column), value) in next_states.indexed_iter() {
        if !value.is_finite() {
            let column = format!("next {}", states.columns()[column]);
            return Err(DataError::NotFinite { row, column, value: *value });
        }
    }
    transitions.iter().enumerate().try_for_each(|(row, transition)| transition.check(row))
}

#[cfg(test)]
mod tests {
    use fincoach_core::RowKey;
    use fincoach_core::chrono::NaiveDate;
    use fincoach_core::ndarray::array;

    use super::*;

    fn states(users: &[&str]) -> FeatureTable {
        let day = |row: usize| NaiveDate::from_num_days_from_ce_opt(738_000 + row as i32).unwrap().into();
        let keys =
            users.iter().enumerate().map(|(row, user)| RowKey { user: (*user).into(), as_of: day(row) });
        let values = Array2::from_shape_fn((users.len(), 2), |(row, column)| (row * 2 + column) as f64);
        FeatureTable::new(keys.collect(), ["x", "y"], values).unwrap()
    }

    fn steps(rewards: &[f64]) -> Vec<Transition> {
        rewards.iter().map(|reward| Transition::new(Action::SavingsNudge, *reward)).collect()
    }

    #[test]
    fn a_nan_is_reported_with_its_place() {
        let told = |next, rewards: &[f64]| {
            Replay::new(states(&["a", "b"]), next, steps(rewards)).unwrap_err().to_string()
        };
        assert_eq!(
            told(array![[0.0, 0.0], [0.0, f64::NAN]], &[0.0, 0.0]),
            "row 1, column `next y`: NaN is not a finite number"
        );
        assert_eq!(
            told(Array2::zeros((2, 2)), &[0.0, f64::INFINITY]),
            "row 1, column `reward`: inf is not a finite number"
        );
    }

    #[test]
    fn impossible_transitions_are_refused() {
        let fine = Transition::new(Action::SavingsNudge, 1.0);
        let told = |wrong: Transition| {
            Replay::new(states(&["a", "b"]), Array2::zeros((2, 2)), vec![fine, wrong])
                .unwrap_err()
                .to_string()
        };
        for elapsed in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(told(fine.with_elapsed(elapsed)).starts_with("row 1: elapsed is"));
        }
        for propensity in [0.0, 1.5, f64::NAN] {
            assert!(told(fine.with_propensity(propensity)).starts_with("row 1: propensity is"));
        }
        let quiet = ActionSet::ALL.without(Action::SavingsNudge);
        assert!(told(fine.with_allowed(quiet, ActionSet::ALL)).contains("savings_nudge is not among"));
        assert!(told(fine.with_allowed(ActionSet::ALL, ActionSet::NONE)).contains("row 1: no action"));
    }

    #[test]
    fn a_transition_of_an_older_file_is_one_step_with_everything_allowed() {
        let text = r#"{"action":"savings_nudge","reward":1.5,"ended":"terminal"}"#;
        let read: Transition = serde_json::from_str(text).unwrap();
        assert_eq!(read, Transition::new(Action::SavingsNudge, 1.5).with_ended(Ended::Terminal));
    }

    #[test]
    fn shapes_must_agree() {
        assert!(Replay::new(states(&["a"]), Array2::zeros((1, 3)), steps(&[0.0])).is_err());
        assert!(Replay::new(states(&["a"]), Array2::zeros((2, 2)), steps(&[0.0])).is_err());
        assert!(Replay::new(states(&["a"]), Array2::zeros((1, 2)), steps(&[0.0, 0.0])).is_err());
        assert!(matches!(
            Replay::new(states(&[]), Array2::zeros((0, 2)), steps(&[])),
            Err(DataError::Empty { .. })
        ));
    }

    #[test]
    fn users_stand_once_and_rows_can_be_taken() {
        let replay =
            Replay::new(states(&["b", "a", "b"]), Array2::zeros((3, 2)), steps(&[1.0, 2.0, 3.0])).unwrap();
        assert_eq!(replay.users(), ["b", "a"]);
        let taken = replay.take(&[2, 0]).unwrap();
        assert_eq!(taken.transitions()[0].reward(), 3.0);
        assert_eq!(taken.states().row(0).to_vec(), [4.0, 5.0]);
        assert!(replay.take(&[3]).is_err() && replay.take(&[]).is_err());
    }
}
