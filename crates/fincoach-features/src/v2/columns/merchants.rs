//! Where money is spent, and purchases large for this user.

use super::{count, share};
use crate::schema::Interval;
use crate::v2::facts::float;
use crate::v2::schema::{V2Group, V2Source, V2Spec, V2Unit};

const UNKNOWN: &str = "no purchase with a merchant or description";
const NO_CITY: &str = "no purchase with a city";
const NOT_JUDGED: &str = "no purchase with 20 earlier ones";

const fn spec(name: &'static str, formula: &'static str) -> V2Spec {
    V2Spec::new(V2Group::Merchants, name, formula).of(V2Unit::Ratio, Interval::UNIT).missing(UNKNOWN)
}

pub(super) static COLUMNS: [V2Spec; 6] = [
    spec(
        "merchant_count",
        "merchants with a purchase; the description stands in for a merchant not worked out",
    )
    .of(V2Unit::Count, Interval::from(1.0))
    .from(V2Source::Practice)
    .by(|f| {
        let n = f.window().merchants.n_keys();
        (n > 0).then(|| count(i64::try_from(n).ok()?)).flatten()
    }),
    spec("top_merchant_share", "purchases at the dearest merchant / purchases at all known ones")
        .from(V2Source::V1("merchant_loyalty_score"))
        .by(|f| share(f.window().merchants.largest(), f.window().merchants.total())),
    spec("merchant_concentration", "Σ q², q the share of each merchant in the purchases at known ones")
        .from(V2Source::Paper("Herfindahl 1950"))
        .by(|f| {
            let merchants = &f.window().merchants;
            let total = float(merchants.total());
            #[expect(clippy::cast_precision_loss, reason = "a ratio")]
            (total > 0.0).then(|| (merchants.squares() as f64 / (total * total)).min(1.0))
        }),
    spec("new_merchant_share", "purchases at merchants not met within 400 days / P")
        .missing("no purchase, or a history shorter than two windows")
        .from(V2Source::Paper("Singh, Bozkaya and Pentland 2015"))
        .by(|f| f.earlier(1).and_then(|_| share(f.window().new_merchants, f.flows.purchases))),
    spec("city_count", "cities with a purchase")
        .of(V2Unit::Count, Interval::from(1.0))
        .missing(NO_CITY)
        .from(V2Source::V1("location_diversity"))
        .by(|f| {
            let n = f.window().cities.n_keys();
            (n > 0).then(|| count(i64::try_from(n).ok()?)).flatten()
        }),
    spec("top_city_share", "purchases in the city with most of them / purchases with a city")
        .missing(NO_CITY)
        .from(V2Source::Paper("Singh, Bozkaya and Pentland 2015"))
        .by(|f| share(f.window().cities.largest(), f.window().cities.total())),
];

const fn large(name: &'static str, formula: &'static str) -> V2Spec {
    V2Spec::new(V2Group::Large, name, formula)
        .of(V2Unit::Ratio, Interval::UNIT)
        .missing(NOT_JUDGED)
        .from(V2Source::V1("large_transaction_ratio"))
}

pub(super) static LARGE: [V2Spec; 2] = [
    large("large_purchase_share", "large purchases / purchases, of those with at least 20 earlier purchases within `baseline_days`; large: above the `large_quantile` of those")
        .by(|f| share(f.window().large, f.window().judged)),
    large("large_purchase_rate", "the same, counted instead of added up")
        .by(|f| share(i128::from(f.window().n_large), i128::from(f.window().n_judged))),
];
