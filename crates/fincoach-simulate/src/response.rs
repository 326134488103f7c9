//! What a coach's action does to a household: the true model.

use fincoach_core::{Action, Money};
use serde::Serialize;

use crate::archetype::Archetype;

/// What an action can be expected to do in the seven days that follow it, beside saying nothing, to a
/// household that is rested, was paid on the day and has a comfortable balance.
///
/// What it does in another state is given by [`crate::Household::expected`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Effect {
    /// The chance that the action is accepted. In `[0, 1]`.
    pub acceptance: f64,
    /// The chance that it annoys. In `[0, 1 - acceptance]`; otherwise it is ignored and changes nothing.
    pub annoyance: f64,
    /// Expected relative change of the rate of discretionary purchases: -0.05 is one in twenty fewer.
    pub discretionary: f64,
    /// Expected additional saving, as far as the account covers it.
    pub saving: Money,
}

/// What a household brings into every week: how it takes actions at all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Temper {
    pub(crate) archetype: Archetype,
    /// Factor on every effect; its median is 1.
    pub(crate) sensitivity: f64,
    /// Factors on the chance that each action is accepted; their median is 1.
    pub(crate) receptiveness: [f64; 5],
    /// Factor on the chance of annoyance; its median is 1.
    pub(crate) irritability: f64,
    /// Pounds.
    pub(crate) weekly_income: f64,
}

/// What decides, in the week, how an action is taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Situation {
    /// Weight of the nudges of late; see [`tired`].
    pub(crate) fatigue: f64,
    /// Days since wages came, on the first day.
    pub(crate) days_since_pay: f64,
    /// From 0 without money to 1 with half a month's income in the account.
    pub(crate) comfort: f64,
}

/// Chances and sizes of one action in one situation.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Odds {
    pub(crate) accept: f64,
    pub(crate) annoy: f64,
    /// Once accepted: relative change of discretionary purchases where the payday pull is 1.
    pub(crate) change: f64,
    /// Once accepted: how much of the change follows payday, in `[0, 1]`.
    pub(crate) pull: f64,
    /// Once accepted: pounds put aside.
    pub(crate) saving: f64,
}

/// What the week's action changes, as it turned out.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Response {
    change: f64,
    pull: f64,
    /// Pence put aside once in the week.
    pub(crate) saving: i64,
}

impl Response {
    /// The factor on the rate of discretionary purchases on a day.
    pub(crate) fn factor(&self, days_since_pay: f64) -> f64 {
        (1.0 + self.change * day_weight(self.pull, days_since_pay)).max(0.0)
    }
}

/// How an action was taken: 1, 0 or -1.
pub(crate) type Feedback = i8;

/// What fatigue makes of an action.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Weariness {
    accept: f64,
    annoy: f64,
    strength: f64,
}

impl Weariness {
    pub(crate) fn of(fatigue: f64) -> Self {
        Self {
            accept: (-ACCEPTANCE_FATIGUE * fatigue).exp(),
            annoy: 1.0 + ANNOYANCE_FATIGUE * fatigue,
            strength: (-EFFECT_FATIGUE * fatigue).exp(),
        }
    }
}

impl Temper {
    pub(crate) fn odds(&self, action: Action, situation: &Situation) -> Odds {
        self.rested_odds(action, situation).weary(&Weariness::of(situation.fatigue))
    }

    /// The odds without fatigue and before chances are held within their bounds.
    pub(crate) fn rested_odds(&self, action: Action, situation: &Situation) -> Odds {
        let (row, column) = (self.archetype.index(), action.index());
        let Situation { days_since_pay, comfort, .. } = *situation;
        let short = 1.0 - comfort;
        let (welcome, nuisance) = match action {
            Action::ContinueCurrentBehavior | Action::SpendingAlert => (1.0, 1.0),
            Action::BudgetSuggestion => (0.8 + 0.4 * short, 1.0),
            Action::SavingsNudge => {
                ((0.25 + 0.75 * comfort) * (0.2 + 0.8 * (-days_since_pay / 7.0).exp()), 1.0 + 2.0 * short)
            }
            Action::PositiveReinforcement => (0.5 + 0.5 * comfort, 1.0 + short),
        };
        Odds {
            accept: ACCEPTANCE[row][column] * self.receptiveness[column] * welcome,
            annoy: ANNOYANCE[row][column] * self.irritability * nuisance,
            change: DISCRETIONARY[row][column] * self.sensitivity,
            pull: if action == Action::SpendingAlert { self.pull() } else { 0.0 },
            saving: SAVING[row][column] * self.sensitivity * self.weekly_income,
        }
    }

    /// How much of an accepted alert follows payday.
    pub(crate) const fn pull(&self) -> f64 {
        PAYDAY_PULL[self.archetype.index()]
    }

    /// The effects of the five actions in the most favourable of states.
    pub(crate) fn effects(&self) -> [Effect; 5] {
        Action::ALL.map(|action| {
            let rested = Situation { fatigue: 0.0, days_since_pay: 0.0, comfort: 1.0 };
            let odds = self.odds(action, &rested);
            Effect {
                acceptance: odds.accept,
                annoyance: odds.annoy,
                discretionary: odds.expected_change(day_weight(odds.pull, 0.0)),
                saving: pence(odds.accept * odds.saving),
            }
        })
    }
}

impl Odds {
    /// The odds of the weary: accepting first, annoyance in what is left.
    pub(crate) fn weary(&self, weariness: &Weariness) -> Self {
        let accept = (self.accept * weariness.accept).min(MOST_ACCEPTANCE);
        Self {
            accept,
            annoy: (self.annoy * weariness.annoy).min(1.0 - accept),
            change: (self.change * weariness.strength).max(-MOST_ACCEPTANCE),
            pull: self.pull,
            saving: self.saving * weariness.strength,
        }
    }

    /// Expected relative change of the purchases of a day with this weight.
    pub(crate) fn expected_change(&self, day_weight: f64) -> f64 {
        self.accept * self.change * day_weight + self.annoy * SPITE
    }

    /// What comes of it at a number in `[0, 1)`: low ones accept, high ones are annoyed.
    pub(crate) fn turn_out(&self, luck: f64, covered: f64) -> (Feedback, Response) {
        if luck < self.accept {
            let saving = pence(self.saving.min(covered)).minor();
            (1, Response { change: self.change, pull: self.pull, saving })
        } else if luck >= 1.0 - self.annoy {
            (-1, Response { change: SPITE, pull: 0.0, saving: 0 })
        } else {
            (0, Response::default())
        }
    }
}

/// How much of an accepted change falls on a day: `1 - pull + 2 · pull · exp(-days / 5)`.
pub(crate) fn day_weight(pull: f64, days_since_pay: f64) -> f64 {
    1.0 - pull + 2.0 * pull * (-days_since_pay / 5.0).exp()
}

/// Fatigue a week later: six tenths of it, and the weight of the action.
pub(crate) fn tired(fatigue: f64, action: Action) -> f64 {
    FATIGUE_KEPT * fatigue + FATIGUE_WEIGHT[action.index()]
}

/// The most fatigue there can be.
pub(crate) const MOST_FATIGUE: f64 = 1.0 / (1.0 - FATIGUE_KEPT);

/// Bound of the chance to be accepted, and of the share of purchases left out.
const MOST_ACCEPTANCE: f64 = 0.9;
const FATIGUE_KEPT: f64 = 0.6;
const FATIGUE_WEIGHT: [f64; 5] = [0.0, 1.0, 1.0, 1.0, 0.5];
const ACCEPTANCE_FATIGUE: f64 = 0.2;
const EFFECT_FATIGUE: f64 = 0.05;
const ANNOYANCE_FATIGUE: f64 = 0.4;

/// Relative change of discretionary purchases in an annoyed household.
pub(crate) const SPITE: f64 = 0.05;

/// The nearest whole number of pence.
#[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and amounts of a household are small")]
pub(crate) fn pence(pounds: f64) -> Money {
    Money::from_minor((pounds * 100.0).round() as i64)
}

/// Chance that a rested household accepts: rows archetypes, columns actions.
const ACCEPTANCE: [[f64; 5]; 5] = [
    [0.0, 0.2, 0.3, 0.6, 0.6],
    [0.0, 0.55, 0.35, 0.3, 0.5],
    [0.0, 0.35, 0.5, 0.65, 0.5],
    [0.0, 0.3, 0.6, 0.35, 0.55],
    [0.0, 0.3, 0.5, 0.4, 0.5],
];

/// Chance that a rested household is annoyed.
const ANNOYANCE: [[f64; 5]; 5] = [
    [0.0, 0.15, 0.1, 0.06, 0.05],
    [0.0, 0.08, 0.12, 0.12, 0.05],
    [0.0, 0.1, 0.07, 0.05, 0.05],
    [0.0, 0.12, 0.05, 0.12, 0.05],
    [0.0, 0.12, 0.07, 0.1, 0.05],
];

/// Relative change of discretionary purchases once accepted.
const DISCRETIONARY: [[f64; 5]; 5] = [
    [0.0, 0.08, -0.1, -0.06, -0.16],
    [0.0, -0.36, -0.24, -0.06, 0.16],
    [0.0, -0.16, -0.24, -0.1, -0.16],
    [0.0, 0.1, -0.36, 0.06, -0.2],
    [0.0, 0.1, -0.32, -0.06, 0.12],
];

/// Additional saving once accepted, as a share of a week's income.
const SAVING: [[f64; 5]; 5] = [
    [0.0, 0.0, 0.0, 0.09, 0.03],
    [0.0, 0.02, 0.0, 0.06, 0.0],
    [0.0, 0.0, 0.02, 0.09, 0.02],
    [0.0, 0.0, 0.02, 0.04, 0.02],
    [0.0, 0.0, 0.02, 0.1, 0.0],
];

/// How much of the effect of an alert follows payday.
const PAYDAY_PULL: [f64; 5] = [0.0, 0.8, 0.3, 0.3, 0.6];

#[cfg(test)]
mod tests {
    use super::*;

    fn temper(archetype: Archetype) -> Temper {
        Temper {
            archetype,
            sensitivity: 1.0,
            receptiveness: [1.0; 5],
            irritability: 1.0,
            weekly_income: 600.0,
        }
    }

    fn rested() -> Situation {
        Situation { fatigue: 0.0, days_since_pay: 0.0, comfort: 1.0 }
    }

    #[test]
    fn saying_nothing_changes_nothing() {
        for archetype in Archetype::ALL {
            assert_eq!(temper(archetype).effects()[0], Effect::default());
        }
    }

    #[test]
    fn the_same_words_have_opposite_effects() {
        let change = |archetype, action: Action| temper(archetype).effects()[action.index()].discretionary;
        assert!(change(Archetype::ImpulseBuyer, Action::SpendingAlert) < -0.1);
        assert!(change(Archetype::BudgetConscious, Action::SpendingAlert) > 0.0);
        assert!(change(Archetype::ImpulseBuyer, Action::PositiveReinforcement) > 0.0);
        assert!(change(Archetype::ConservativeSaver, Action::PositiveReinforcement) < 0.0);
    }

    #[test]
    fn fatigue_comes_with_nudges_and_goes_with_rest() {
        let mut fatigue = 0.0;
        for _ in 0..50 {
            fatigue = tired(fatigue, Action::SpendingAlert);
        }
        assert!((fatigue - MOST_FATIGUE).abs() < 1e-9, "{fatigue}");
        assert!(tired(1.0, Action::PositiveReinforcement) < tired(1.0, Action::SavingsNudge));
        for _ in 0..10 {
            fatigue = tired(fatigue, Action::ContinueCurrentBehavior);
        }
        assert!(fatigue < 0.02, "{fatigue}");
    }

    #[test]
    fn the_tired_accept_less_and_are_annoyed_more() {
        let (fresh, weary) = (rested(), Situation { fatigue: 2.0, ..rested() });
        for archetype in Archetype::ALL {
            for action in &Action::ALL[1..] {
                let temper = temper(archetype);
                let (before, after) = (temper.odds(*action, &fresh), temper.odds(*action, &weary));
                assert!(after.accept < 0.8 * before.accept && after.annoy > 1.5 * before.annoy);
                assert!(after.change.abs() < before.change.abs() && after.saving <= before.saving);
            }
        }
    }

    #[test]
    fn a_nudge_wants_money_in_the_account() {
        let temper = temper(Archetype::GoalOriented);
        let comfortable = temper.odds(Action::SavingsNudge, &rested());
        let short = temper.odds(Action::SavingsNudge, &Situation { comfort: 0.0, ..rested() });
        assert!(short.accept < 0.3 * comfortable.accept && short.annoy > 2.0 * comfortable.annoy);
    }

    #[test]
    fn the_three_answers_come_with_their_chances() {
        let odds = temper(Archetype::ImpulseBuyer).odds(Action::SpendingAlert, &rested());
        let n = 10_000;
        let answers: Vec<Feedback> =
            (0..n).map(|i| odds.turn_out((f64::from(i) + 0.5) / f64::from(n), 100.0).0).collect();
        let share = |answer| answers.iter().filter(|a| **a == answer).count() as f64 / f64::from(n);
        assert!((share(1) - odds.accept).abs() < 1e-3 && (share(-1) - odds.annoy).abs() < 1e-3);
        assert!(share(0) > 0.0);
    }
}
