//! What a policy says to one user, and why.

use std::fmt;

use fincoach_core::chrono::NaiveDateTime;
use fincoach_core::ndarray::Array2;
use fincoach_core::{Action, ActionSet, DataError, FeatureTable};
use serde::Serialize;

use super::attribution::contributions;
use crate::greedy::argmax_among;
use crate::log::left_allowed;
use crate::{CqlPolicy, Error, MaskReason, Masked, QEstimates};

/// How many columns the printed card names.
const N_SHOWN: usize = 5;

/// One user's action, the value of every action, what moved the choice, and what was forbidden; made by
/// [`CqlPolicy::card`].
///
/// It tells why the policy prefers one action to another, not why that action would help: values are those
/// the log taught. Printed, it names the five columns that moved the choice most; serialised, all.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PolicyCard {
    /// The user.
    pub user: String,
    /// The moment the features are of.
    pub as_of: NaiveDateTime,
    /// The action of the highest value among those allowed, of equal values the lowest; or the one given, on a card of
    /// [`CqlPolicy::card_of`].
    pub action: Action,
    /// The best of the others allowed, by the same rule; none where only one action is allowed.
    pub runner_up: Option<Action>,
    /// The five actions in order.
    pub values: Vec<ActionValue>,
    /// What each column adds to the gap, the largest first, of equal ones in the order of the columns; empty without
    /// a runner-up. Together they make `gap − gap_of_average`.
    pub moved_by: Vec<Moved>,
    /// The value of the action less that of the runner-up; none without a runner-up. Negative where another action was
    /// given than the best.
    pub gap: Option<f64>,
    /// The same difference of the same two actions for a user whose every column is average; may be negative.
    pub gap_of_average: Option<f64>,
}

/// An action on a [`PolicyCard`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ActionValue {
    /// The action.
    pub action: Action,
    /// Its Q-value, the mean of the heads, in the unit of the log's rewards.
    pub value: f64,
    /// The standard deviation of the heads; none with one head, which cannot disagree.
    pub uncertainty: Option<f64>,
    /// Why it may not be taken, by the first rule that forbids it.
    pub masked: Option<MaskReason>,
}

/// What a column adds to the gap between the action and the runner-up, beside an average user.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Moved {
    /// Name of the column.
    pub column: String,
    /// The user's value, in the column's own unit.
    pub value: f64,
    /// The mean of the column where the policy was trained.
    pub average: f64,
    /// What the difference of the two adds to the gap; negative where it speaks for the runner-up.
    pub contribution: f64,
}

impl CqlPolicy {
    /// Lays open what it says to the user of one row, when `masked` actions may not be taken.
    ///
    /// Contributions of columns are integrated gradients (Sundararajan, Taly and Yan, 2017) of the gap between the action
    /// and the runner-up, on the straight way from the average user (the scaler's means) to this one; the integral is
    /// exact but for rounding. `O(hidden² + hidden·(n_columns + 5·n_heads))`, as much as an answer.
    ///
    /// # Errors
    /// [`Error::Data`] for a row the table does not have, as [`CqlPolicy::q_values`], and [`DataError::Inconsistent`] when
    /// every action is masked.
    ///
    /// # Examples
    /// ```
    /// use fincoach_core::{Action, FeatureTable, Fit, RowKey, chrono::NaiveDate, ndarray::Array2};
    /// use fincoach_recommend::{CqlParams, MaskReason, Masked, NotebookTransitions};
    /// let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
    /// let keys = (0..40).map(|user| RowKey { user: user.to_string(), as_of }).collect();
    /// let columns = ["current_balance", "savings_rate", "spending_volatility"];
    /// let values = Array2::from_shape_fn((40, 3), |(row, column)| [row as f64 * 5.0, 0.33, 12.0][column]);
    /// let table = FeatureTable::new(keys, columns, values)?;
    /// let replay = NotebookTransitions::default().replay(&table, &[0; 40])?;
    /// let policy = CqlParams::default().with_hidden(32).with_n_heads(3).fit(&replay)?;
    ///
    /// // Little money: an alert, and only the balance differs from the average.
    /// let card = policy.card(&table, 0, &[])?;
    /// assert_eq!(card.action, Action::SpendingAlert);
    /// assert_eq!(card.moved_by[0].column, "current_balance");
    /// assert_eq!((card.moved_by[0].value, card.moved_by[0].average), (0.0, 97.5));
    /// assert_eq!(card.moved_by[1].contribution, 0.0);
    ///
    /// // Switched off, the next best is said, and the card tells why.
    /// let masked = [Masked { action: Action::SpendingAlert, reason: MaskReason::Never }];
    /// let instead = policy.card(&table, 0, &masked)?;
    /// assert_eq!(Some(instead.action), card.runner_up);
    /// assert!(instead.to_string().contains("masked: switched off"));
    /// # Ok::<(), fincoach_recommend::Error>(())
    /// ```
    pub fn card(&self, table: &FeatureTable, row: usize, masked: &[Masked]) -> Result<PolicyCard, Error> {
        self.laid_open((table, row), masked, None)
    }

    /// The same for an action that was given, whether or not it is the best: by a [`Strategy`](crate::Strategy), say.
    ///
    /// # Errors
    /// As [`CqlPolicy::card`], and [`DataError::Inconsistent`] when the action is masked.
    pub fn card_of(
        &self,
        action: Action,
        (table, row): (&FeatureTable, usize),
        masked: &[Masked],
    ) -> Result<PolicyCard, Error> {
        self.laid_open((table, row), masked, Some(action))
    }

    fn laid_open(
        &self,
        (table, row): (&FeatureTable, usize),
        masked: &[Masked],
        given: Option<Action>,
    ) -> Result<PolicyCard, Error> {
        table.expect_columns(self.columns())?;
        let table = table.take(&[row])?;
        let states = self.user_and_average(&table)?;
        let estimates = self.network().q_estimates(states.view())?;
        let allowed = left_allowed(masked);
        let action = taken(given, allowed, || best_of(&estimates, allowed)).map_err(|reason| {
            DataError::Inconsistent { what: "allowed actions", reason: format!("row {row}: {reason}") }
        })?;
        let runner_up = best_of(&estimates, allowed.without(action));
        let gap = |row: usize| {
            runner_up.map(|next| estimates.mean[(row, action.index())] - estimates.mean[(row, next.index())])
        };
        let added = runner_up.map_or_else(Vec::new, |next| self.contributions(&states, (action, next)));
        let key = &table.keys()[0];
        Ok(PolicyCard {
            user: key.user.clone(),
            as_of: key.as_of,
            action,
            runner_up,
            values: self.action_values(&estimates, masked),
            moved_by: self.moved(&table, &added),
            gap: gap(0),
            gap_of_average: gap(1),
        })
    }

    /// The standardised states, `(2, n_columns)`, of the table's first user and of an average one.
    fn user_and_average(&self, table: &FeatureTable) -> Result<Array2<f64>, DataError> {
        let user = self.scaler().transform(table.values())?;
        let mut states = Array2::zeros((2, user.ncols()));
        states.row_mut(0).assign(&user.row(0));
        Ok(states)
    }

    /// What each column adds to the value of the first action less that of the second.
    fn contributions(&self, states: &Array2<f64>, (action, other): (Action, Action)) -> Vec<f64> {
        let (n_actions, n_heads) = (self.network().n_outputs(), self.network().n_heads());
        let mut direction = vec![0.0; n_actions * n_heads];
        for head in direction.chunks_exact_mut(n_actions) {
            head[action.index()] = 1.0 / n_heads as f64;
            head[other.index()] = -1.0 / n_heads as f64;
        }
        contributions(self.network().layers(), &states.row(0).to_vec(), &direction)
    }

    fn action_values(&self, estimates: &QEstimates, masked: &[Masked]) -> Vec<ActionValue> {
        let several = self.network().n_heads() > 1;
        let of = |action: Action| ActionValue {
            action,
            value: estimates.mean[(0, action.index())],
            uncertainty: several.then(|| estimates.deviation[(0, action.index())]),
            masked: masked.iter().find(|masked| masked.action == action).map(|masked| masked.reason),
        };
        Action::ALL.map(of).to_vec()
    }

    /// Contributions with their columns, the largest first.
    fn moved(&self, table: &FeatureTable, added: &[f64]) -> Vec<Moved> {
        let columns = table.columns().iter().zip(table.row(0)).zip(self.scaler().means());
        let mut moved: Vec<Moved> = columns
            .zip(added)
            .map(|(((column, value), average), contribution)| Moved {
                column: column.clone(),
                value: *value,
                average: *average,
                contribution: *contribution,
            })
            .collect();
        // Stable: equals stay in the order of the columns.
        moved.sort_by(|one, other| other.contribution.abs().total_cmp(&one.contribution.abs()));
        moved
    }
}

/// The action given, where it is allowed, or else the best.
fn taken(
    given: Option<Action>,
    allowed: ActionSet,
    best: impl FnOnce() -> Option<Action>,
) -> Result<Action, String> {
    match given {
        Some(given) if allowed.contains(given) => Ok(given),
        Some(given) => Err(format!("{given} is not allowed")),
        None => best().ok_or_else(|| "no action is allowed".to_owned()),
    }
}

/// The allowed action of the user's highest value; the lowest of equals.
fn best_of(estimates: &QEstimates, allowed: ActionSet) -> Option<Action> {
    let values = estimates.mean.row(0).to_vec();
    argmax_among(&values, &allowed.mask()).and_then(Action::from_index)
}

impl fmt::Display for PolicyCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {:?}: {}", self.user, self.as_of, self.action)?;
        if let (Some(next), Some(gap), Some(average)) = (self.runner_up, self.gap, self.gap_of_average) {
            let (away, side) = (gap.abs(), if gap < 0.0 { "below" } else { "above" });
            write!(f, ", {away:.3} {side} {next} (average user: {average:+.3})")?;
        }
        for value in &self.values {
            write!(f, "\n  {value}")?;
        }
        for moved in self.moved_by.iter().take(N_SHOWN) {
            write!(f, "\n  {moved}")?;
        }
        match self.moved_by.len().saturating_sub(N_SHOWN) {
            0 => Ok(()),
            1 => f.write_str("\n  and 1 column more"),
            n => write!(f, "\n  and {n} columns more"),
        }
    }
}

impl fmt::Display for ActionValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<25} {:>8.3}", self.action, self.value)?;
        if let Some(uncertainty) = self.uncertainty {
            write!(f, " ± {uncertainty:.3}")?;
        }
        self.masked.map_or(Ok(()), |reason| write!(f, "  masked: {reason}"))
    }
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { column, value, average, contribution } = self;
        write!(f, "{column} {value:.2} (average {average:.2}): {contribution:+.3}")
    }
}
