//! Who was told what, and with what chance.

use fincoach_core::chrono::NaiveDateTime;
use fincoach_core::rng::Rng;
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
    /// 1 where the household accepted, 0 where it ignored the action.
    pub feedback: f64,
}

/// What the logging policy looks at: the balance, and the last four weeks in pence.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Seen {
    pub(crate) balance: i64,
    pub(crate) income: i64,
    /// Money out, without what was put aside.
    pub(crate) spending: i64,
}

/// The rule: an alert below a hundred pounds, a budget for those who spend more than they earn, praise
/// for those who keep more than a fifth, otherwise a nudge to save.
pub(crate) fn rule(seen: &Seen) -> Action {
    let kept = seen.income - seen.spending;
    if seen.balance < Money::from_minor(10_000).minor() {
        Action::SpendingAlert
    } else if kept < 0 {
        Action::BudgetSuggestion
    } else if kept * 5 > seen.income {
        Action::PositiveReinforcement
    } else {
        Action::SavingsNudge
    }
}

/// The rule's action, or with probability `exploration` any of the five; and the chance of what came out.
pub(crate) fn choose(ruled: Action, exploration: f64, rng: &mut Rng) -> (Action, f64) {
    let any = rng.below(Action::ALL.len());
    let action = if rng.bernoulli(exploration) { Action::ALL[any] } else { ruled };
    let by_rule = if action == ruled { 1.0 - exploration } else { 0.0 };
    (action, by_rule + exploration / 5.0)
}

#[cfg(test)]
mod tests {
    use fincoach_core::rng;

    use super::*;

    #[test]
    fn the_rule_reads_from_the_top() {
        let seen = |balance, income, spending| rule(&Seen { balance, income, spending });
        assert_eq!(seen(9999, 1000, 0), Action::SpendingAlert);
        assert_eq!(seen(10_000, 1000, 1001), Action::BudgetSuggestion);
        assert_eq!(seen(10_000, 1000, 799), Action::PositiveReinforcement);
        assert_eq!(seen(10_000, 1000, 800), Action::SavingsNudge);
        assert_eq!(seen(10_000, 0, 0), Action::SavingsNudge);
    }

    #[test]
    fn actions_come_as_often_as_their_propensity_says() {
        let mut rng = rng::stream(3, 0);
        let (mut counts, mut propensities) = ([0_u32; 5], [0.0; 5]);
        for _ in 0..20_000 {
            let (action, propensity) = choose(Action::SavingsNudge, 0.2, &mut rng);
            counts[action.index()] += 1;
            propensities[action.index()] = propensity;
        }
        for (count, propensity) in counts.iter().zip(propensities) {
            assert!((f64::from(*count) / 20_000.0 - propensity).abs() < 0.012, "{count} {propensity}");
        }
        assert!((propensities.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
}
