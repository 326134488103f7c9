//! Who was told what, and with what chance.

use fincoach_core::chrono::{NaiveDate, NaiveDateTime};
use fincoach_core::{Action, Money};
use serde::Serialize;

/// One action of the coach, as it was logged.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Intervention {
    /// Name in the ledger.
    pub user: String,
    /// Midnight at the beginning of the seven days it acts on; only earlier bookings were known.
    pub time: NaiveDateTime,
    /// What was done.
    pub action: Action,
    /// The chance that the logging policy had of doing it, in `(0, 1]`.
    pub propensity: f64,
    /// 1 where the household accepted, 0 where it ignored the action or nothing was said, -1 where it was
    /// annoyed.
    pub feedback: f64,
}

/// What can be known of a household before the next action.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Observation {
    /// The day that begins; only earlier bookings are known.
    pub date: NaiveDate,
    /// Weeks lived.
    pub n_weeks: u64,
    /// Balance at the end of the day before.
    pub balance: Money,
    /// Income of the last four weeks.
    pub income: Money,
    /// Money out in the last four weeks, without what was put aside.
    pub spending: Money,
    /// Flexible spending of the last four weeks, as [`crate::Objective`] counts it.
    pub flexible: Money,
    /// Usual weekly income, as [`crate::Objective`] defines it.
    pub usual_income: Money,
    /// Days since wages were last booked, if they were.
    pub days_since_pay: Option<u32>,
    /// Nudges one after the other up to now: actions other than saying nothing.
    pub nudges_in_row: u32,
    /// The last action, if there was one.
    pub last_action: Option<Action>,
}

/// The rule of the logging policy; the first line that holds decides.
///
/// | what is seen | action |
/// | --- | --- |
/// | two nudges in a row | rest: continue |
/// | a balance below 100 pounds | spending alert |
/// | wages within ten days, and a fifth of four weeks' income spent flexibly | spending alert |
/// | more spent than earned in four weeks | budget suggestion |
/// | wages within ten days, and two weeks' income in the account | savings nudge |
/// | more than a fifth of four weeks' income kept | positive reinforcement |
/// | none of these | continue |
///
/// # Examples
/// ```
/// use fincoach_core::Action;
/// use fincoach_simulate::{Observation, rule};
/// // Without money there is an alert.
/// assert_eq!(rule(&Observation::default()), Action::SpendingAlert);
/// ```
#[must_use]
pub fn rule(seen: &Observation) -> Action {
    let (income, spending) = (seen.income.minor(), seen.spending.minor());
    let just_paid = seen.days_since_pay.is_some_and(|days| days <= 10);
    if seen.nudges_in_row >= 2 {
        Action::ContinueCurrentBehavior
    } else if seen.balance < Money::from_minor(10_000) || just_paid && seen.flexible.minor() * 5 > income {
        Action::SpendingAlert
    } else if spending > income {
        Action::BudgetSuggestion
    } else if just_paid && seen.balance.minor() > 2 * seen.usual_income.minor() {
        Action::SavingsNudge
    } else if (income - spending) * 5 > income {
        Action::PositiveReinforcement
    } else {
        Action::ContinueCurrentBehavior
    }
}

/// The chances of the five actions when the rule is followed but for `exploration`.
pub(crate) fn chances(ruled: Action, exploration: f64) -> [f64; 5] {
    let mut chances = [exploration / 5.0; 5];
    // One sum, so that it is the propensity to the last bit.
    chances[ruled.index()] = (1.0 - exploration) + exploration / 5.0;
    chances
}

/// An action drawn by its chances, from one number in `[0, 1)`.
pub(crate) fn draw(chances: &[f64; 5], luck: f64) -> Action {
    let mut left = luck;
    for action in Action::ALL {
        left -= chances[action.index()];
        if left < 0.0 {
            return action;
        }
    }
    // Rounding only: the last action that has a chance.
    Action::ALL.into_iter().rev().find(|action| chances[action.index()] > 0.0).unwrap_or(Action::ALL[0])
}

#[cfg(test)]
mod tests {
    use fincoach_core::rng;

    use super::*;

    fn seen(balance: i64, income: i64, spending: i64) -> Observation {
        let [balance, income, spending] = [balance, income, spending].map(Money::from_minor);
        let usual_income = Money::from_minor(20_000);
        Observation { balance, income, spending, usual_income, ..Observation::default() }
    }

    #[test]
    fn the_rule_reads_from_the_top() {
        let paid = |seen: Observation| Observation { days_since_pay: Some(10), ..seen };
        assert_eq!(rule(&seen(9999, 1000, 0)), Action::SpendingAlert);
        assert_eq!(rule(&seen(10_000, 1000, 1001)), Action::BudgetSuggestion);
        assert_eq!(rule(&seen(10_000, 1000, 799)), Action::PositiveReinforcement);
        assert_eq!(rule(&seen(10_000, 1000, 800)), Action::ContinueCurrentBehavior);
        assert_eq!(rule(&paid(seen(40_000, 1000, 0))), Action::PositiveReinforcement);
        assert_eq!(rule(&paid(seen(40_001, 1000, 0))), Action::SavingsNudge);
        let flexible = Money::from_minor(201);
        assert_eq!(rule(&Observation { flexible, ..paid(seen(40_001, 1000, 0)) }), Action::SpendingAlert);
        let tired = Observation { nudges_in_row: 2, ..seen(0, 0, 0) };
        assert_eq!(rule(&tired), Action::ContinueCurrentBehavior);
    }

    #[test]
    fn actions_come_as_often_as_their_propensity_says() {
        let mut rng = rng::stream(3, 0);
        let chances = chances(Action::SavingsNudge, 0.2);
        let mut counts = [0_u32; 5];
        for _ in 0..20_000 {
            counts[draw(&chances, rng.uniform()).index()] += 1;
        }
        for (count, chance) in counts.iter().zip(chances) {
            assert!((f64::from(*count) / 20_000.0 - chance).abs() < 0.012, "{count} {chance}");
        }
        assert!((chances.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn an_action_without_a_chance_is_never_drawn() {
        assert_eq!(draw(&[0.0, 0.5, 0.5 - 1e-12, 0.0, 0.0], 1.0 - 1e-13), Action::BudgetSuggestion);
        assert_eq!(draw(&[0.0, 1.0, 0.0, 0.0, 0.0], 0.0), Action::SpendingAlert);
    }
}
