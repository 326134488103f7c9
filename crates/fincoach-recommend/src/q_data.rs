//! Transitions as plain arrays, whatever the states and actions are.

use fincoach_core::ndarray::{Array2, ArrayView2};
use fincoach_core::rng::{derived, stream};
use fincoach_core::{Action, ActionSet, DataError, StandardScaler};

use crate::{Ended, Replay, Transition};

/// What was done in one transition and what it brought.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QStep {
    /// The number of the action, counted from 0.
    pub action: usize,
    /// What it brought.
    pub reward: f32,
    /// What the value of the next state counts, in `[0, 1]`: a power of γ, or 0 where the story is over.
    pub discount: f32,
}

/// Transitions for [`QTrainer`](crate::QTrainer): any states, any number of actions.
///
/// # Examples
/// ```
/// use fincoach_core::ndarray::array;
/// use fincoach_recommend::{QData, QStep};
/// let step = QStep { action: 1, reward: 1.0, discount: 0.99 };
/// let data = QData::new(2, array![[0.0, 0.1]], array![[0.0, 0.3]], vec![step])?;
/// assert_eq!((data.n_rows(), data.n_columns(), data.n_actions()), (1, 2, 2));
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct QData {
    n_actions: usize,
    states: Array2<f32>,
    next_states: Array2<f32>,
    steps: Vec<QStep>,
    allowed: Option<[Array2<bool>; 2]>,
    weights: Option<Array2<f32>>,
}

impl QData {
    /// Transitions from `states` to `next_states`, both `(n_rows, n_columns)`, with every action allowed.
    ///
    /// # Errors
    /// [`DataError::Empty`] without rows, columns or actions, [`DataError::Length`] when shapes differ,
    /// [`DataError::NotFinite`] for a state or reward that is no number, [`DataError::OutOfRange`] for an action that there
    /// is not and for a discount outside `[0, 1]`.
    pub fn new(
        n_actions: usize,
        states: Array2<f32>,
        next_states: Array2<f32>,
        steps: Vec<QStep>,
    ) -> Result<Self, DataError> {
        let sizes = [(steps.len(), "transitions"), (states.ncols(), "state columns"), (n_actions, "actions")];
        if let Some((_, what)) = sizes.into_iter().find(|(size, _)| *size == 0) {
            return Err(DataError::Empty { what });
        }
        DataError::ensure_len("rows of the states", steps.len(), states.nrows())?;
        DataError::ensure_len("rows of the next states", steps.len(), next_states.nrows())?;
        DataError::ensure_len("columns of the next states", states.ncols(), next_states.ncols())?;
        ensure_finite(states.view(), "state")?;
        ensure_finite(next_states.view(), "next state")?;
        steps.iter().enumerate().try_for_each(|(row, step)| ensure_step(row, step, n_actions))?;
        let (states, next_states) = (standard(states), standard(next_states));
        Ok(Self { n_actions, states, next_states, steps, allowed: None, weights: None })
    }

    /// The same transitions where only some actions were allowed, both `(n_rows, n_actions)`: the values of the others do
    /// not count.
    ///
    /// # Errors
    /// [`DataError::Length`] for other shapes, [`DataError::Inconsistent`] when an action that was taken was not allowed, or
    /// none is in a next state.
    pub fn with_allowed(self, now: Array2<bool>, next: Array2<bool>) -> Result<Self, DataError> {
        for allowed in [&now, &next] {
            DataError::ensure_len("rows of the allowed actions", self.n_rows(), allowed.nrows())?;
            DataError::ensure_len("columns of the allowed actions", self.n_actions, allowed.ncols())?;
        }
        for (row, step) in self.steps.iter().enumerate() {
            let mistake = if !now[(row, step.action)] {
                format!("row {row}: action {} is not among the allowed ones", step.action)
            } else if !next.row(row).iter().any(|allowed| *allowed) {
                format!("row {row}: no action is allowed in the next state")
            } else {
                continue;
            };
            return Err(DataError::Inconsistent { what: "transition", reason: mistake });
        }
        Ok(Self { allowed: Some([standard(now), standard(next)]), ..self })
    }

    /// The same transitions, each with a weight for each head of the network, `(n_rows, n_heads)`.
    ///
    /// # Errors
    /// [`DataError::Length`] for another number of rows, [`DataError::OutOfRange`] for a weight that is negative or no
    /// number.
    pub fn with_weights(self, weights: Array2<f32>) -> Result<Self, DataError> {
        DataError::ensure_len("rows of the weights", self.n_rows(), weights.nrows())?;
        for ((row, _), weight) in weights.indexed_iter() {
            if !(*weight >= 0.0 && weight.is_finite()) {
                let (what, allowed, value) = ("weight", "at least 0 and finite", f64::from(*weight));
                return Err(DataError::OutOfRange { row, what, allowed, value });
            }
        }
        Ok(Self { weights: Some(standard(weights)), ..self })
    }

    /// The same transitions with weights drawn for each head and transition from Poisson(1), as drawing rows with
    /// replacement would weigh them: the heads see different logs, so that they differ where the log says little.
    #[must_use]
    pub fn bootstrapped(self, n_heads: usize, seed: u64) -> Self {
        let mut rng = stream(derived(seed, "cql heads"), 0);
        // A draw above 255 has a probability below 1e-500.
        let draw = |_| f32::from(u8::try_from(rng.poisson(1.0)).unwrap_or(u8::MAX));
        let weights = Array2::from_shape_fn((self.n_rows(), n_heads), draw);
        Self { weights: Some(weights), ..self }
    }

    /// The number of transitions.
    #[must_use]
    pub const fn n_rows(&self) -> usize {
        self.steps.len()
    }

    /// The number of columns of a state.
    #[must_use]
    pub fn n_columns(&self) -> usize {
        self.states.ncols()
    }

    /// The number of actions.
    #[must_use]
    pub const fn n_actions(&self) -> usize {
        self.n_actions
    }

    /// What was done, row by row.
    #[must_use]
    pub fn steps(&self) -> &[QStep] {
        &self.steps
    }

    /// The states, `(n_rows, n_columns)`.
    #[must_use]
    pub const fn states(&self) -> &Array2<f32> {
        &self.states
    }

    /// The states after, `(n_rows, n_columns)`.
    #[must_use]
    pub const fn next_states(&self) -> &Array2<f32> {
        &self.next_states
    }

    pub(crate) fn n_heads(&self) -> Option<usize> {
        self.weights.as_ref().map(Array2::ncols)
    }

    pub(crate) fn state(&self, row: usize) -> &[f32] {
        row_of(&self.states, row)
    }

    pub(crate) fn next_state(&self, row: usize) -> &[f32] {
        row_of(&self.next_states, row)
    }

    pub(crate) fn allowed(&self, row: usize) -> Option<(&[bool], &[bool])> {
        self.allowed.as_ref().map(|[now, next]| (row_of(now, row), row_of(next, row)))
    }

    pub(crate) fn weight(&self, row: usize, head: usize) -> f32 {
        self.weights.as_ref().map_or(1.0, |weights| weights[(row, head)])
    }

    /// A log as arrays: states standardised, the discount `gamma` to the power of the time that passed.
    #[expect(clippy::cast_possible_truncation, reason = "the network works in f32")]
    pub(crate) fn of_replay(replay: &Replay, scaler: &StandardScaler, gamma: f64) -> Result<Self, DataError> {
        let scaled = |values: ArrayView2<'_, f64>| -> Result<Array2<f32>, DataError> {
            Ok(scaler.transform(values)?.mapv(|value| value as f32))
        };
        let transitions = replay.transitions();
        let steps = transitions.iter().map(|step| QStep {
            action: step.action().index(),
            reward: step.reward() as f32,
            discount: if step.ended() == Ended::Terminal { 0.0 } else { gamma.powf(step.elapsed()) as f32 },
        });
        let (states, next_states) = (scaled(replay.states().values())?, scaled(replay.next_states())?);
        let n_actions = Action::ALL.len();
        let data =
            Self { n_actions, states, next_states, steps: steps.collect(), allowed: None, weights: None };
        let sets: [Vec<ActionSet>; 2] = [
            transitions.iter().map(Transition::allowed).collect(),
            transitions.iter().map(Transition::next_allowed).collect(),
        ];
        if sets.iter().flatten().all(|set| *set == ActionSet::ALL) {
            return Ok(data);
        }
        let [now, next] = sets.map(|sets| {
            Array2::from_shape_fn((sets.len(), n_actions), |(row, action)| sets[row].mask()[action])
        });
        data.with_allowed(now, next)
    }
}

fn standard<T: Clone>(values: Array2<T>) -> Array2<T> {
    if values.is_standard_layout() { values } else { values.as_standard_layout().into_owned() }
}

/// Built only of standard layouts: the slice is always there.
fn row_of<T>(values: &Array2<T>, row: usize) -> &[T] {
    let width = values.ncols();
    values.as_slice().map_or(&[], |all| &all[row * width..(row + 1) * width])
}

fn ensure_finite(values: ArrayView2<'_, f32>, what: &str) -> Result<(), DataError> {
    match values.indexed_iter().find(|(_, value)| !value.is_finite()) {
        None => Ok(()),
        Some(((row, column), value)) => {
            let (column, value) = (format!("{what} {column}"), f64::from(*value));
            Err(DataError::NotFinite { row, column, value })
        }
    }
}

fn ensure_step(row: usize, step: &QStep, n_actions: usize) -> Result<(), DataError> {
    let out_of_range = |what, allowed, value| DataError::OutOfRange { row, what, allowed, value };
    if step.action >= n_actions {
        return Err(out_of_range("action", "below the number of actions", step.action as f64));
    }
    if !step.reward.is_finite() {
        let (column, value) = ("reward".to_owned(), f64::from(step.reward));
        return Err(DataError::NotFinite { row, column, value });
    }
    if !(step.discount >= 0.0 && step.discount <= 1.0) {
        return Err(out_of_range("discount", "in [0, 1]", f64::from(step.discount)));
    }
    Ok(())
}
