//! The notebook's rule, reward table and made-up transitions.

use fincoach_core::ndarray::Array2;
use fincoach_core::rng::stream;
use fincoach_core::{Action, DataError, FeatureTable, ParamError};
use serde::{Deserialize, Serialize};

use crate::{Ended, Error, Replay, Transition};

/// Below this balance, in pounds, an account is in danger.
const LOW_BALANCE: f64 = 100.0;
/// Above this share of income saved, there is something to praise.
const GOOD_SAVINGS_RATE: f64 = 0.2;
/// Above this volatility of spending, in pounds, an alert is due.
const HIGH_VOLATILITY: f64 = 0.5;
/// By how much a reward counts in each segment.
const SEGMENT_FACTORS: [f64; 5] = [1.2, 0.8, 1.1, 1.0, 0.9];

/// The three numbers of a state that the notebook's rule and rewards look at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RuleInput {
    /// Balance in pounds.
    pub current_balance: f64,
    /// Share of income that was not spent.
    pub savings_rate: f64,
    /// Standard deviation of spending, in pounds.
    pub spending_volatility: f64,
}

impl RuleInput {
    /// The columns that are read, by name.
    pub const COLUMNS: [&str; 3] = ["current_balance", "savings_rate", "spending_volatility"];

    /// The inputs of each row of a table, columns taken by name wherever they stand.
    ///
    /// # Errors
    /// [`DataError::UnknownName`] when a column is missing.
    pub fn of_table(table: &FeatureTable) -> Result<Vec<Self>, DataError> {
        let [balance, rate, volatility] = Self::COLUMNS.map(|name| table.column(name));
        let (balance, rate, volatility) = (balance?, rate?, volatility?);
        let row = |row: usize| Self {
            current_balance: balance[row],
            savings_rate: rate[row],
            spending_volatility: volatility[row],
        };
        Ok((0..table.n_rows()).map(row).collect())
    }

    /// The action that the notebook's rule takes.
    ///
    /// The first that holds: balance below 100 → alert; savings rate below 0 → budget; savings rate above
    /// 0.2 → praise; volatility above 0.5 → alert; else savings nudge.
    ///
    /// # Examples
    /// ```
    /// use fincoach_core::Action;
    /// use fincoach_recommend::RuleInput;
    /// let state = RuleInput { current_balance: 900.0, savings_rate: 0.3, spending_volatility: 40.0 };
    /// assert_eq!(state.action(), Action::PositiveReinforcement);
    /// ```
    #[must_use]
    pub fn action(&self) -> Action {
        if self.current_balance < LOW_BALANCE {
            Action::SpendingAlert
        } else if self.savings_rate < 0.0 {
            Action::BudgetSuggestion
        } else if self.savings_rate > GOOD_SAVINGS_RATE {
            Action::PositiveReinforcement
        } else if self.spending_volatility > HIGH_VOLATILITY {
            Action::SpendingAlert
        } else {
            Action::SavingsNudge
        }
    }

    /// The notebook's reward for an action here, for a user of this segment.
    ///
    /// 1 for an alert below a balance of 100, a budget below a savings rate of 0, praise above 0.2; 0.8 for
    /// a nudge between the two; 0.5 for saying nothing; else 0.2. Segments 0 to 4 multiply it by 1.2, 0.8,
    /// 1.1, 1.0 and 0.9, any other by 1.
    #[must_use]
    pub fn reward(&self, action: Action, segment: usize) -> f64 {
        let deserved = match action {
            Action::SpendingAlert => self.current_balance < LOW_BALANCE,
            Action::BudgetSuggestion => self.savings_rate < 0.0,
            Action::PositiveReinforcement => self.savings_rate > GOOD_SAVINGS_RATE,
            Action::SavingsNudge => (0.0..=GOOD_SAVINGS_RATE).contains(&self.savings_rate),
            Action::ContinueCurrentBehavior => true,
        };
        let base = match action {
            _ if !deserved => 0.2,
            Action::ContinueCurrentBehavior => 0.5,
            Action::SavingsNudge => 0.8,
            _ => 1.0,
        };
        base * SEGMENT_FACTORS.get(segment).copied().unwrap_or(1.0)
    }
}

/// The notebook's transitions: the rule's action in every state, its reward from the table, and a next
/// state that is the state plus noise.
///
/// They hold no effect of any action, so a policy learnt from them can imitate the rule and no more. They
/// serve to compare with the notebook and as a start until a log of real interventions exists.
///
/// | parameter | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `noise` | 0.01 | `[0, ∞)` | standard deviation of the noise on every column, in its own unit |
/// | `terminal_share` | 0.1 | `[0, 1]` | probability that a transition is the last |
/// | `seed` | 42 | any | row `i` draws from stream `i` |
///
/// # Examples
/// ```
/// use fincoach_core::{Action, FeatureTable, RowKey, chrono::NaiveDate, ndarray::array};
/// use fincoach_recommend::NotebookTransitions;
/// let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
/// let keys = vec![RowKey { user: "anna".into(), as_of }];
/// let columns = ["current_balance", "savings_rate", "spending_volatility"];
/// let table = FeatureTable::new(keys, columns, array![[40.0, 0.1, 12.0]])?;
/// let replay = NotebookTransitions::default().replay(&table, &[0])?;
/// assert_eq!(replay.actions(), [Action::SpendingAlert]);
/// assert_eq!(replay.transitions()[0].reward(), 1.2);
/// # Ok::<(), fincoach_recommend::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NotebookTransitions {
    noise: f64,
    terminal_share: f64,
    seed: u64,
}

impl Default for NotebookTransitions {
    fn default() -> Self {
        Self { noise: 0.01, terminal_share: 0.1, seed: 42 }
    }
}

impl NotebookTransitions {
    /// Sets the standard deviation of the noise.
    #[must_use]
    pub const fn with_noise(self, noise: f64) -> Self {
        Self { noise, ..self }
    }

    /// Sets the probability that a transition is the last.
    #[must_use]
    pub const fn with_terminal_share(self, terminal_share: f64) -> Self {
        Self { terminal_share, ..self }
    }

    /// Sets the seed.
    #[must_use]
    pub const fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The standard deviation of the noise.
    #[must_use]
    pub const fn noise(&self) -> f64 {
        self.noise
    }

    /// The probability that a transition is the last.
    #[must_use]
    pub const fn terminal_share(&self) -> f64 {
        self.terminal_share
    }

    /// The seed.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// One transition a row of `table`, given the segment of each row.
    ///
    /// # Errors
    /// [`ParamError`] for a parameter out of range; [`DataError::UnknownName`] when one of
    /// [`RuleInput::COLUMNS`] is missing; [`DataError::Length`] when there is not one segment a row;
    /// [`DataError::Empty`] without rows.
    pub fn replay(&self, table: &FeatureTable, segments: &[usize]) -> Result<Replay, Error> {
        let Self { noise, terminal_share: share, seed } = *self;
        ParamError::ensure(noise >= 0.0 && noise.is_finite(), "noise", "at least 0 and finite", noise)?;
        ParamError::ensure((0.0..=1.0).contains(&share), "terminal_share", "in [0, 1]", share)?;
        DataError::ensure_len("segments", table.n_rows(), segments.len())?;
        let mut next: Array2<f64> = table.values().to_owned();
        let mut transitions = Vec::with_capacity(table.n_rows());
        for (row, (state, segment)) in RuleInput::of_table(table)?.iter().zip(segments).enumerate() {
            let mut rng = stream(seed, row as u64);
            next.row_mut(row).mapv_inplace(|value| value + noise * rng.normal());
            let ended = if rng.bernoulli(share) { Ended::Terminal } else { Ended::No };
            let action = state.action();
            transitions.push(Transition::new(action, state.reward(action, *segment)).with_ended(ended));
        }
        Ok(Replay::new(table.clone(), next, transitions)?)
    }
}

#[cfg(test)]
mod tests {
    use fincoach_core::RowKey;
    use fincoach_core::chrono::NaiveDate;

    use super::*;

    fn state(current_balance: f64, savings_rate: f64, spending_volatility: f64) -> RuleInput {
        RuleInput { current_balance, savings_rate, spending_volatility }
    }

    fn table(n_rows: usize) -> FeatureTable {
        let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
        let keys = (0..n_rows).map(|row| RowKey { user: row.to_string(), as_of }).collect();
        // Not in the rule's order: columns are found by name.
        let columns = ["spending_volatility", "other", "savings_rate", "current_balance"];
        let values = Array2::from_shape_fn((n_rows, 4), |(row, column)| [0.4, 7.0, -0.1, row as f64][column]);
        FeatureTable::new(keys, columns, values).unwrap()
    }

    #[test]
    fn the_rule_goes_down_its_list() {
        use Action::{BudgetSuggestion, PositiveReinforcement, SavingsNudge, SpendingAlert};
        let cases = [
            (state(99.99, 0.9, 0.0), SpendingAlert),
            (state(100.0, -0.01, 9.0), BudgetSuggestion),
            (state(100.0, 0.21, 9.0), PositiveReinforcement),
            (state(100.0, 0.2, 0.51), SpendingAlert),
            (state(100.0, 0.0, 0.5), SavingsNudge),
        ];
        for (state, action) in cases {
            assert_eq!(state.action(), action, "{state:?}");
        }
    }

    #[test]
    fn rewards_follow_the_table() {
        let poor = state(10.0, 0.1, 0.0);
        let rewards = Action::ALL.map(|action| poor.reward(action, 3));
        assert_eq!(rewards, [0.5, 1.0, 0.2, 0.8, 0.2]);
        assert_eq!(poor.reward(Action::SpendingAlert, 1), 0.8);
        assert_eq!(poor.reward(Action::SpendingAlert, 5), 1.0);
    }

    #[test]
    fn columns_are_taken_by_name_and_draws_belong_to_rows() {
        let params = NotebookTransitions::default();
        let all = params.replay(&table(150), &[0; 150]).unwrap();
        assert_eq!(all.actions()[99], Action::SpendingAlert);
        assert_eq!(all.actions()[100], Action::BudgetSuggestion);
        let some = params.replay(&table(3), &[0; 3]).unwrap();
        assert_eq!(all.take(&[0, 1, 2]).unwrap(), some);
        let noise = &all.next_states() - &all.states().values();
        assert!((noise.std(0.0) - 0.01).abs() < 0.001);
        let ends = all.transitions().iter().filter(|step| step.ended() == Ended::Terminal).count();
        assert!((5..30).contains(&ends), "{ends}");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let params = NotebookTransitions::default();
        assert!(matches!(
            params.replay(&table(3), &[0; 2]),
            Err(Error::Data(DataError::Length { what: "segments", .. }))
        ));
        let narrow = table(3).select(&["savings_rate", "current_balance"]).unwrap();
        assert!(params.replay(&narrow, &[0; 3]).unwrap_err().to_string().contains("spending_volatility"));
        assert!(matches!(params.with_noise(f64::NAN).replay(&table(3), &[0; 3]), Err(Error::Param(_))));
    }
}
