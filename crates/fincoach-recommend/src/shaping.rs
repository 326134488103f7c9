//! Rewards less what the log's own policy could expect.

use fincoach_core::DataError;
use fincoach_core::ndarray::{Array1, Array2, Axis};

use crate::{Decisions, Ended, Error, OffPolicyParams, Replay, Trajectories, Transition};

impl Replay {
    /// The same transitions, rewarded by how much better they went than the log's own policy could expect.
    ///
    /// ```text
    /// r' = r + gamma^elapsed · V(s') − V(s),   V(s') = 0 where the story is over
    /// ```
    ///
    /// with `V` the value of the policy that left the log: fitted Q evaluation with all actions as one, linear in the
    /// functions of `params.basis()`, penalised by `params.ridge()`, discounted by `params.gamma()`, without end. This is
    /// potential-based shaping (Ng, Harada and Russell, 1999): for a learner with the same `gamma` the best policy stays the
    /// same whatever `V` is, and its Q-values are lower by `V(s)`. Two things are gained where rewards are noisy and
    /// actions matter little: what the states explain of the noise is gone, and so is what decided about the actions. So
    /// the columns that the log's policy looked at can be left out afterwards ([`Replay::select`]) without an action being
    /// blamed for the state it was chosen in.
    ///
    /// `V` is fitted to these rows; with far more rows than functions that does not matter.
    ///
    /// # Errors
    /// As [`OffPolicyParams::fitted_q`].
    ///
    /// # Examples
    /// ```
    /// use fincoach_core::{Action, FeatureTable, RowKey, chrono::NaiveDate, ndarray::Array2};
    /// use fincoach_recommend::{Ended, OffPolicyParams, Replay, Transition};
    /// // Two kinds of user, one costs 1 a week and the other 5; an alert saves half a point.
    /// let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
    /// let keys = (0..400).map(|user| RowKey { user: user.to_string(), as_of }).collect();
    /// let kind = |row: usize| (row % 2) as f64;
    /// let states = FeatureTable::new(keys, ["kind"], Array2::from_shape_fn((400, 1), |(row, _)| kind(row)))?;
    /// let alerted = |row: usize| row / 2 % 2 == 0;
    /// let step = |row: usize| {
    ///     let action = if alerted(row) { Action::SpendingAlert } else { Action::ContinueCurrentBehavior };
    ///     let saved = if alerted(row) { 0.5 } else { 0.0 };
    ///     Transition::new(action, -1.0 - 4.0 * kind(row) + saved).with_ended(Ended::Terminal)
    /// };
    /// let next = states.values().to_owned();
    /// let replay = Replay::new(states, next, (0..400).map(step).collect())?;
    /// let shaped = replay.shaped(&OffPolicyParams::default().with_gamma(0.9))?;
    /// // What is left is what the alert brings, half of it above the mean of both.
    /// for (row, step) in shaped.transitions().iter().enumerate() {
    ///     let expected = if alerted(row) { 0.25 } else { -0.25 };
    ///     assert!((step.reward() - expected).abs() < 0.02);
    /// }
    /// # Ok::<(), fincoach_recommend::Error>(())
    /// ```
    pub fn shaped(&self, params: &OffPolicyParams) -> Result<Self, Error> {
        let steps = self.transitions();
        let all = || Array2::ones((self.n_rows(), 1));
        let rewards = steps.iter().map(Transition::reward).collect();
        let log = Decisions::new(vec![0; self.n_rows()], rewards, all())?
            .with_states(self.states().values().to_owned())?;
        let ended: Vec<Ended> = steps.iter().map(Transition::ended).collect();
        let log = Trajectories::new(log, &ended)?
            .with_elapsed(steps.iter().map(Transition::elapsed).collect())?
            .with_next(self.next_states().to_owned(), all())?;
        let fitted = params.fitted_q(&log)?;
        let now: Array1<f64> = fitted.q_values(self.states().values())?.sum_axis(Axis(1));
        let next: Array1<f64> = fitted.q_values(self.next_states())?.sum_axis(Axis(1));
        let shape = |(row, step): (usize, &Transition)| {
            let gain = log.discount(row, params.gamma()) * next[row] - now[row];
            step.with_reward(step.reward() + gain)
        };
        let steps = steps.iter().enumerate().map(shape).collect();
        Ok(Self::new(self.states().clone(), self.next_states().to_owned(), steps)?)
    }

    /// The same transitions between states of these columns alone.
    ///
    /// # Errors
    /// [`DataError::UnknownName`] or [`DataError::Duplicate`]; [`DataError::Empty`] for no column.
    pub fn select<S: AsRef<str>>(&self, names: &[S]) -> Result<Self, DataError> {
        let at: Vec<usize> =
            names.iter().map(|name| self.states().column_index(name.as_ref())).collect::<Result<_, _>>()?;
        let next = self.next_states().select(Axis(1), &at);
        Self::new(self.states().select(names)?, next, self.transitions().to_vec())
    }
}

#[cfg(test)]
mod tests {
    use fincoach_core::chrono::{NaiveDate, TimeDelta};
    use fincoach_core::{Action, FeatureTable, RowKey};

    use super::*;

    /// A chain 0 → 1 → 2 → over, walked by many users, rewards 1, 2 and 4.
    fn chain(n_users: usize) -> Replay {
        let day = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
        let key = |row: usize| RowKey {
            user: (row / 3).to_string(),
            as_of: (day + TimeDelta::days(7 * (row % 3) as i64)).into(),
        };
        let place = |row: usize, column: usize| f64::from(u8::from(row % 3 == column));
        let states = Array2::from_shape_fn((3 * n_users, 3), |(row, column)| place(row, column));
        let next = Array2::from_shape_fn((3 * n_users, 3), |(row, column)| place(row + 1, column));
        let table = FeatureTable::new((0..3 * n_users).map(key).collect(), ["a", "b", "c"], states).unwrap();
        let step = |row: usize| {
            let ended = if row % 3 == 2 { Ended::Terminal } else { Ended::No };
            Transition::new(Action::ALL[row % 5], [1.0, 2.0, 4.0][row % 3]).with_ended(ended)
        };
        Replay::new(table, next, (0..3 * n_users).map(step).collect()).unwrap()
    }

    #[test]
    fn nothing_is_left_where_states_say_all() {
        let replay = chain(500);
        let shaped = replay.shaped(&OffPolicyParams::default().with_gamma(0.5).with_ridge(1e-6)).unwrap();
        assert!(shaped.transitions().iter().all(|step| step.reward().abs() < 1e-6));
        // All else is as it was.
        let pairs = replay.transitions().iter().zip(shaped.transitions());
        assert!(
            pairs
                .clone()
                .all(|(a, b)| (a.action(), a.ended(), a.elapsed()) == (b.action(), b.ended(), b.elapsed()))
        );
        assert_eq!(replay.states(), shaped.states());
    }

    #[test]
    fn sums_of_a_story_fall_by_the_value_of_its_beginning() {
        let replay = chain(50);
        let gamma: f64 = 0.9;
        let shaped = replay.shaped(&OffPolicyParams::default().with_gamma(gamma)).unwrap();
        let sum = |replay: &Replay, user: usize| -> f64 {
            let steps = replay.transitions()[3 * user..3 * user + 3].iter();
            steps.zip(0..).map(|(step, week)| gamma.powi(week) * step.reward()).sum()
        };
        let start: Vec<f64> = (0..50).map(|user| sum(&replay, user) - sum(&shaped, user)).collect();
        assert!(start.iter().all(|value| (value - start[0]).abs() < 1e-9), "{start:?}");
        assert!((start[0] - (1.0 + 0.9 * 2.0 + 0.81 * 4.0)).abs() < 0.2, "{}", start[0]);
    }

    #[test]
    fn columns_are_left_out_of_both_states() {
        let replay = chain(2).select(&["c", "a"]).unwrap();
        assert_eq!(replay.columns(), ["c", "a"]);
        assert_eq!(replay.next_states().row(1).to_vec(), [1.0, 0.0]);
        assert!(chain(2).select(&["d"]).is_err());
        assert!(chain(2).select::<&str>(&[]).is_err());
    }
}
