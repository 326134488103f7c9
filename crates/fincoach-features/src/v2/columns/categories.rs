//! What money is spent on.

use super::share;
use crate::schema::Interval;
use crate::v2::facts::{Facts, float};
use crate::v2::rows::N_SLOTS;
use crate::v2::schema::{V2Group, V2Source, V2Spec, V2Unit};

const MONEY: &str = "s(c)";
const SHARE: &str = "max(s(c), 0) / Σ max(s, 0)";
const NOTHING: &str = "no category with spending above 0";

const fn spec(name: &'static str, formula: &'static str) -> V2Spec {
    V2Spec::new(V2Group::Categories, name, formula)
}

const fn money(name: &'static str, v1: &'static str, compute: fn(&Facts<'_>) -> Option<f64>) -> V2Spec {
    spec(name, MONEY).of(V2Unit::Money, Interval::ANY).from(V2Source::V1(v1)).by(compute)
}

const fn part(name: &'static str, compute: fn(&Facts<'_>) -> Option<f64>) -> V2Spec {
    spec(name, SHARE).of(V2Unit::Ratio, Interval::UNIT).missing(NOTHING).from(V2Source::Practice).by(compute)
}

pub(super) static COLUMNS: [V2Spec; 21] = [
    money("groceries_spending", "groceries_spending", |f| spent(f, 0)),
    money("dine_out_spending", "dine_out_spending", |f| spent(f, 1)),
    money("entertainment_spending", "entertainment_spending", |f| spent(f, 2)),
    money("bills_spending", "bills_spending", |f| spent(f, 3)),
    money("transport_spending", "transport_spending", |f| spent(f, 4)),
    money("shopping_spending", "shopping_spending", |f| spent(f, 5)),
    money("health_spending", "health_spending", |f| spent(f, 6)),
    money("fitness_spending", "fitness_spending", |f| spent(f, 7)),
    spec("other_spending", "s(c), money out under income included")
        .of(V2Unit::Money, Interval::ANY)
        .from(V2Source::V1("other_spending"))
        .by(|f| spent(f, 8)),
    part("groceries_share", |f| part_of(f, 0)),
    part("dine_out_share", |f| part_of(f, 1)),
    part("entertainment_share", |f| part_of(f, 2)),
    part("bills_share", |f| part_of(f, 3)),
    part("transport_share", |f| part_of(f, 4)),
    part("shopping_share", |f| part_of(f, 5)),
    part("health_share", |f| part_of(f, 6)),
    part("fitness_share", |f| part_of(f, 7)),
    part("other_share", |f| part_of(f, 8)),
    spec("category_entropy", "−Σ p log₂ p over the nine shares p")
        .of(V2Unit::Bits, Interval::between(0.0, 3.17))
        .missing(NOTHING)
        .from(V2Source::Paper("Singh, Bozkaya and Pentland 2015"))
        .by(|f| {
            let shares = shares(&f.window().spent.0)?;
            let positive = shares.iter().filter(|share| **share > 0.0);
            // `0.0 -` rather than a minus sign: one category alone has entropy 0, not -0.
            Some(0.0 - positive.map(|share| share * share.log2()).sum::<f64>())
        }),
    spec("category_gini", "Σ (2i − 10) pᵢ / 9 over the nine shares p₁ ≤ … ≤ p₉")
        .of(V2Unit::Ratio, Interval::between(0.0, 0.889))
        .missing(NOTHING)
        .from(V2Source::Paper("Gini 1912"))
        .by(|f| gini(positive(&f.window().spent.0))),
    spec("top_category_share", "largest of the nine shares")
        .of(V2Unit::Ratio, Interval::between(0.111, 1.0))
        .missing(NOTHING)
        .from(V2Source::Practice)
        .by(|f| {
            let spent = positive(&f.window().spent.0);
            share(spent.into_iter().max()?, spent.iter().sum())
        }),
];

fn spent(facts: &Facts<'_>, slot: usize) -> Option<f64> {
    facts.window().spent.0.get(slot).map(|spent| facts.major(*spent))
}

fn part_of(facts: &Facts<'_>, slot: usize) -> Option<f64> {
    let spent = positive(&facts.window().spent.0);
    share(*spent.get(slot)?, spent.iter().sum())
}

fn positive(spent: &[i128; N_SLOTS]) -> [i128; N_SLOTS] {
    spent.map(|spent| spent.max(0))
}

/// The share of each category, categories with more refunds than purchases counted as 0.
pub(super) fn shares(spent: &[i128; N_SLOTS]) -> Option<[f64; N_SLOTS]> {
    let spent = positive(spent);
    let whole: i128 = spent.iter().sum();
    (whole > 0).then(|| spent.map(|spent| float(spent) / float(whole)))
}

/// Whole numbers up to the one division.
fn gini(mut spent: [i128; N_SLOTS]) -> Option<f64> {
    spent.sort_unstable();
    let ranked: i128 = (1..).zip(spent).map(|(rank, spent): (i128, i128)| (2 * rank - 10) * spent).sum();
    share(ranked, 9 * spent.iter().sum::<i128>())
}
