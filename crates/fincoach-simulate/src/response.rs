//! What a coach's action does to a household.

use fincoach_core::rng::Rng;
use fincoach_core::{Action, Money};
use serde::Serialize;

use crate::archetype::Archetype;

/// The expected effect of one action on the seven days that follow it, beside saying nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Effect {
    /// The chance that the action is accepted; an ignored action has no effect. In `[0, 1]`.
    pub acceptance: f64,
    /// Expected relative change of the rate of discretionary purchases: -0.05 is one in twenty fewer.
    pub discretionary: f64,
    /// Expected additional saving, as far as the account covers it.
    pub saving: Money,
}

/// What an accepted action changes; the effect of an [`Effect`] divided by its acceptance.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Response {
    /// Relative change of the rate of discretionary purchases.
    pub(crate) discretionary: f64,
    /// Pence put aside once in the week.
    pub(crate) saving: i64,
}

/// The effects of the five actions on a household of this archetype, sensitivity and income.
pub(crate) fn effects(archetype: Archetype, sensitivity: f64, weekly_income: f64) -> [Effect; 5] {
    Action::ALL.map(|action| {
        let (row, column) = (archetype.index(), action.index());
        let acceptance = ACCEPTANCE[row][column];
        let saving = acceptance * SAVING[row][column] * sensitivity * weekly_income;
        Effect {
            acceptance,
            discretionary: acceptance * DISCRETIONARY[row][column] * sensitivity,
            saving: pence(saving),
        }
    })
}

/// Whether the action is accepted, and what it then changes.
pub(crate) fn respond(effect: &Effect, rng: &mut Rng) -> (bool, Response) {
    let accepted = rng.bernoulli(effect.acceptance);
    if !accepted {
        return (false, Response::default());
    }
    let scale = effect.acceptance.recip();
    let saving = pence(effect.saving.to_major() * scale).minor();
    (true, Response { discretionary: effect.discretionary * scale, saving })
}

/// The nearest whole number of pence.
#[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and amounts of a household are small")]
pub(crate) fn pence(pounds: f64) -> Money {
    Money::from_minor((pounds * 100.0).round() as i64)
}

/// Chance that a household accepts: rows archetypes, columns actions.
const ACCEPTANCE: [[f64; 5]; 5] = [
    [0.5, 0.35, 0.4, 0.6, 0.7],
    [0.5, 0.45, 0.3, 0.25, 0.6],
    [0.5, 0.4, 0.55, 0.65, 0.6],
    [0.5, 0.5, 0.65, 0.4, 0.6],
    [0.5, 0.25, 0.35, 0.3, 0.55],
];

/// Relative change of discretionary purchases once accepted. Alerts help those who spend on impulse and
/// annoy those who do not need them; praise makes impulse buyers careless.
const DISCRETIONARY: [[f64; 5]; 5] = [
    [0.0, 0.06, -0.04, -0.03, -0.04],
    [0.0, -0.3, -0.12, -0.06, 0.12],
    [0.0, -0.06, -0.1, -0.12, -0.05],
    [0.0, 0.08, -0.2, 0.04, -0.06],
    [0.0, 0.12, -0.18, -0.05, 0.06],
];

/// Additional saving once accepted, as a share of a week's income.
const SAVING: [[f64; 5]; 5] = [
    [0.0, 0.0, 0.01, 0.06, 0.04],
    [0.0, 0.02, 0.01, 0.02, 0.0],
    [0.0, 0.01, 0.04, 0.1, 0.03],
    [0.0, 0.0, 0.04, 0.01, 0.02],
    [0.0, 0.0, 0.05, 0.06, 0.0],
];

#[cfg(test)]
mod tests {
    use fincoach_core::rng;

    use super::*;

    #[test]
    fn saying_nothing_changes_nothing() {
        for archetype in Archetype::ALL {
            let nothing = effects(archetype, 1.3, 500.0)[0];
            assert_eq!((nothing.discretionary, nothing.saving), (0.0, Money::ZERO));
        }
    }

    #[test]
    fn no_action_is_best_for_all() {
        let best = Archetype::ALL.map(|archetype| {
            let effects = effects(archetype, 1.0, 500.0);
            (0..5).min_by(|a, b| effects[*a].discretionary.total_cmp(&effects[*b].discretionary)).unwrap()
        });
        assert!(best.iter().any(|action| *action != best[0]), "{best:?}");
    }

    #[test]
    fn responses_average_to_the_expected_effect() {
        let effect = effects(Archetype::ImpulseBuyer, 1.0, 600.0)[1];
        let mut rng = rng::stream(1, 0);
        let n = 20_000;
        let drawn: f64 =
            (0..n).map(|_| respond(&effect, &mut rng).1.discretionary).sum::<f64>() / f64::from(n);
        // Four standard errors of a Bernoulli mean: 4 * 0.3 * 0.5 / sqrt(20000).
        assert!((drawn - effect.discretionary).abs() < 0.0043, "{drawn} {}", effect.discretionary);
    }
}
