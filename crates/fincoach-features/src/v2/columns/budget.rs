//! Spending against budgets, given or learnt.

use crate::schema::Interval;
use crate::v2::facts::{Facts, float};
use crate::v2::schema::{V2Group, V2Source, V2Spec, V2Unit};

const NO_BUDGET: &str = "no budget above 0: none given, or none learnt yet";

const fn spec(name: &'static str, formula: &'static str) -> V2Spec {
    V2Spec::new(V2Group::Budget, name, formula).missing(NO_BUDGET)
}

pub(super) static COLUMNS: [V2Spec; 4] = [
    spec("budget_used", "Σ max(s(c), 0) / Σ β(c) over the categories with a budget β; learnt: β(c) = s(c) [the baseline] · `window_days` / b where positive")
        .of(V2Unit::Ratio, Interval::NOT_NEGATIVE)
        .from(V2Source::Practice)
        .by(|f| Sums::of(f).map(|sums| sums.spent / sums.budget)),
    spec("budget_overspend", "O = Σ max(s(c) − β(c), 0)")
        .of(V2Unit::Money, Interval::NOT_NEGATIVE)
        .from(V2Source::Practice)
        .by(|f| Sums::of(f).map(|sums| f.major_of(sums.over))),
    spec("budget_adherence", "max(0, 1 − O / Σ β(c))")
        .of(V2Unit::Ratio, Interval::UNIT)
        .from(V2Source::V1("budget_adherence_score"))
        .by(|f| Sums::of(f).map(|sums| (1.0 - sums.over / sums.budget).max(0.0))),
    spec("budgets_kept_share", "budgets with s(c) ≤ β(c) / budgets")
        .of(V2Unit::Ratio, Interval::UNIT)
        .from(V2Source::Practice)
        .by(|f| Sums::of(f).map(|sums| sums.kept / sums.n)),
];

/// In minor units, over the categories with a budget.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    spent: f64,
    budget: f64,
    over: f64,
    kept: f64,
    n: f64,
}

impl Sums {
    fn of(facts: &Facts<'_>) -> Option<Self> {
        let budgets = facts.budgets()?;
        let mut sums = Self::default();
        for (spent, budget) in facts.window().spent.0.into_iter().zip(budgets) {
            let Some(budget) = budget else { continue };
            let spent = float(spent);
            sums.spent += spent.max(0.0);
            sums.budget += budget;
            sums.over += (spent - budget).max(0.0);
            sums.kept += if spent <= budget { 1.0 } else { 0.0 };
            sums.n += 1.0;
        }
        Some(sums)
    }
}
