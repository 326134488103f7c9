//! The reference: plans with the true model.

use fincoach_core::Action;
use rayon::prelude::*;

use crate::ahead::WeekAhead;
use crate::policies::{Policy, best, certain};
use crate::response::{MOST_FATIGUE, Odds, Weariness, tired};
use crate::{Household, Households, Moment, Objective};

/// Points of the grid of fatigue.
const N_POINTS: usize = 21;

/// A strong policy that knows the true model and the true state: the reference that others fall short of.
///
/// For each household and each week it solves, backwards over the weeks ahead and a grid of fatigue,
///
/// ```text
/// V_h(f) = max over a of  r_h(a, f) + gamma · V_{h+1}(0.6 f + weight(a)),   V_H = 0
/// ```
///
/// with the expected rewards `r_h` of [`Household::expected`] in week `h` as expected from now (paydays,
/// bills and balance without a coach), and linear interpolation between the grid's points. Only the first
/// action is taken; the next week is planned anew from the true state. It is not quite the optimum: what a
/// nudge does to later balances, and how balances spread, is left out. `O(horizon · (days + grid · actions))`
/// for each household and week.
///
/// | field | default | meaning |
/// | --- | --- | --- |
/// | `objective` | [`Objective::default`] | what a week is worth |
/// | `horizon` | 10 | weeks looked ahead, at most those left |
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Planner {
    /// What a week is worth.
    pub objective: Objective,
    /// Weeks looked ahead.
    pub horizon: usize,
}

impl Default for Planner {
    fn default() -> Self {
        Self { objective: Objective::default(), horizon: 10 }
    }
}

impl Planner {
    /// What each action is worth now, by its index, if the best follows.
    #[must_use]
    pub fn values(&self, household: &Household, moment: &Moment) -> [f64; 5] {
        let horizon = self.horizon.min(moment.weeks_left).max(1);
        let mut outlook = household.outlook();
        let weeks: Vec<WeekAhead> = (0..horizon).map(|_| outlook.week()).collect();
        let grid: [State; N_POINTS] = std::array::from_fn(|point| State::of(fatigue_at(point)));
        let (temper, usual_income) = (household.truth().temper(), household.usual_income().to_major());
        let worth = |week: &WeekAhead, state: &State, odds: &[Odds; 5], later: &[f64; N_POINTS]| {
            Action::ALL.map(|action| {
                let odds = odds[action.index()].weary(&state.weariness);
                let reward = week.expect(&odds, usual_income).reward(&self.objective);
                reward + moment.gamma * interpolate(later, tired(state.fatigue, action))
            })
        };
        let mut later = [0.0; N_POINTS];
        for week in weeks[1..].iter().rev() {
            let odds = week.rested_odds(&temper);
            later = std::array::from_fn(|point| {
                let values = worth(week, &grid[point], &odds, &later);
                values[best(&values).index()]
            });
        }
        worth(&weeks[0], &State::of(household.fatigue()), &weeks[0].rested_odds(&temper), &later)
    }
}

/// A fatigue and what it does.
struct State {
    fatigue: f64,
    weariness: Weariness,
}

impl State {
    fn of(fatigue: f64) -> Self {
        Self { fatigue, weariness: Weariness::of(fatigue) }
    }
}

impl Policy for Planner {
    fn chances(&mut self, households: &Households, moment: &Moment) -> Vec<[f64; 5]> {
        let plan = |household: &Household| certain(best(&self.values(household, moment)));
        households.as_slice().par_iter().map(plan).collect()
    }
}

#[expect(clippy::cast_precision_loss, reason = "a handful of points")]
fn fatigue_at(point: usize) -> f64 {
    MOST_FATIGUE * point as f64 / (N_POINTS - 1) as f64
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a position on the grid, kept within it"
)]
fn interpolate(values: &[f64; N_POINTS], fatigue: f64) -> f64 {
    let at = (fatigue / MOST_FATIGUE * (N_POINTS - 1) as f64).clamp(0.0, (N_POINTS - 1) as f64);
    let low = (at as usize).min(N_POINTS - 2);
    let share = at - low as f64;
    values[low] + share * (values[low + 1] - values[low])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interpolation_meets_the_points_and_the_middle() {
        let values: [f64; N_POINTS] = std::array::from_fn(|point| fatigue_at(point).powi(2));
        assert_eq!(interpolate(&values, 0.0), 0.0);
        assert!((interpolate(&values, MOST_FATIGUE) - MOST_FATIGUE * MOST_FATIGUE).abs() < 1e-12);
        let middle = (fatigue_at(3) + fatigue_at(4)) / 2.0;
        assert!((interpolate(&values, middle) - (values[3] + values[4]) / 2.0).abs() < 1e-12);
    }
}
