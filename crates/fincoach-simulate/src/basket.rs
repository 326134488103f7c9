//! One household's way to shop.

use fincoach_core::chrono::{Datelike as _, NaiveDate};
use fincoach_core::rng::Rng;

use crate::Objective;
use crate::account::Booking;
use crate::calendar::{is_weekend, midnight};
use crate::kind::{GROCERIES, REFUND};
use crate::objective::is_flexible;
use crate::places;
use crate::purchases::{
    CASH, GROCERY_QUANTILES, N_PURCHASES, ONLINE, PURCHASES, Purchase, SEASON, SUPERMARKETS,
};
use crate::quantile_curve::QuantileCurve;
use crate::truth::HouseholdTruth;

/// Groceries are bought once a week and about as often in between.
const MAIN_SHOPS_PER_MONTH: f64 = 365.25 / 12.0 / 7.0;
/// Purchases made away from home.
const AWAY: f64 = 0.06;
/// Online purchases that are sent back.
const RETURNED: f64 = 0.02;

/// Prices, frequencies and favourite shops.
#[derive(Clone, Debug)]
pub(crate) struct Basket {
    curves: [QuantileCurve; N_PURCHASES],
    /// Running sums of the purchases a month.
    cumulative: [f64; N_PURCHASES],
    favourites: [usize; N_PURCHASES],
    groceries: QuantileCurve,
    supermarket: usize,
    shopping_day: u32,
    /// Purchases a day on an average day.
    per_day: f64,
    weekday_factor: f64,
    weekend_factor: f64,
    payday_effect: f64,
    city: &'static str,
    means: Means,
}

/// Expected pounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Means {
    /// Of a purchase.
    pub(crate) purchase: f64,
    /// Of a purchase, as far as it counts as flexible spending.
    pub(crate) flexible: f64,
    /// Of the groceries of a day.
    pub(crate) groceries: f64,
}

impl Basket {
    /// `left` is what fixed costs and saving leave of a month's income, in pounds.
    pub(crate) fn new(truth: &HouseholdTruth, left: f64, rng: &mut Rng) -> Self {
        let shift = truth.price_level.ln();
        let curves = std::array::from_fn(|i| match i {
            // A note is a note: cash knows no price level.
            CASH => QuantileCurve::new(&PURCHASES[i].quantiles, 0.0, 1.0),
            _ => QuantileCurve::new(&PURCHASES[i].quantiles, shift, truth.spread),
        });
        let groceries = QuantileCurve::new(&GROCERY_QUANTILES, shift * 0.6, truth.spread.powf(0.5));
        let taste: [f64; N_PURCHASES] = std::array::from_fn(|i| taste(&PURCHASES[i], truth, rng));
        let food = groceries.mean() * 2.0 * MAIN_SHOPS_PER_MONTH;
        let cost: f64 = (0..N_PURCHASES).map(|i| taste[i] * curves[i].mean()).sum();
        let budget = (left - food).max(0.0) * truth.discretionary_rate;
        let scale = (budget / cost).clamp(0.3, 2.2);
        let mut sum = 0.0;
        let cumulative = taste.map(|often| {
            sum += often * scale;
            sum
        });
        Self {
            means: means(&curves, &cumulative, &groceries),
            curves,
            cumulative,
            favourites: std::array::from_fn(|i| rng.below(PURCHASES[i].merchants.len())),
            groceries,
            supermarket: rng.below(SUPERMARKETS.len()),
            shopping_day: [5, 6, 4, 3, 0, 1, 2][rng.weighted(&[3.0, 2.0, 1.5, 1.0, 1.0, 1.0, 1.0])],
            per_day: sum * 12.0 / 365.25,
            weekday_factor: (1.0 - truth.weekend_share) * 7.0 / 5.0,
            weekend_factor: truth.weekend_share * 7.0 / 2.0,
            payday_effect: truth.payday_effect,
            city: truth.city,
        }
    }

    pub(crate) const fn means(&self) -> &Means {
        &self.means
    }

    /// How many discretionary purchases to expect on a day, before what the balance makes of it.
    pub(crate) fn expected(&self, date: NaiveDate, days_since_pay: f64) -> f64 {
        let weekday = if is_weekend(date) { self.weekend_factor } else { self.weekday_factor };
        // The mean over a month of the bracket is about 1 for every effect: spending is moved, not added.
        let excitement = (-days_since_pay / 4.0).exp();
        let payday = (1.0 + self.payday_effect * excitement) / (1.0 + self.payday_effect * 0.14);
        self.per_day * weekday * payday * SEASON[date.month0() as usize]
    }

    /// One discretionary purchase of the day; now and then money comes back instead.
    pub(crate) fn purchase(&self, date: NaiveDate, rng: &mut Rng) -> Booking {
        let at = rng.uniform() * self.cumulative[N_PURCHASES - 1];
        let sort = self.cumulative.iter().filter(|sum| **sum <= at).count().min(N_PURCHASES - 1);
        let purchase = &PURCHASES[sort];
        let pounds = self.curves[sort].at(rng.uniform());
        let amount = if sort == CASH { 1000 * whole(pounds / 10.0) } else { whole(pounds * 100.0) };
        let (low, high) = purchase.hours;
        let description = purchase.merchants[near(self.favourites[sort], purchase.merchants.len(), rng)];
        let returned = sort == ONLINE && rng.bernoulli(RETURNED);
        Booking {
            time: midnight(date) + second(low, high, rng),
            amount: if returned { amount } else { -amount },
            balance: 0,
            kind: if returned { &REFUND } else { &purchase.kind },
            description,
            city: Some(if rng.bernoulli(AWAY) { places::anywhere(rng) } else { self.city }),
        }
    }

    /// The groceries of the day, if any: the big shop on its day, small ones in between.
    pub(crate) fn groceries(&self, date: NaiveDate, rng: &mut Rng) -> Option<Booking> {
        let main = date.weekday().num_days_from_monday() == self.shopping_day;
        // The weekly shop is now and then left out; one small shop a week is spread over the other days.
        let buys = rng.bernoulli(if main { 0.96 } else { 0.16 });
        buys.then(|| {
            let level = if main { rng.range(0.5, 1.0) } else { rng.range(0.0, 0.5) };
            Booking {
                time: midnight(date) + second(7.5, 21.5, rng),
                amount: -whole(self.groceries.at(level) * 100.0),
                balance: 0,
                kind: &GROCERIES,
                description: SUPERMARKETS[near(self.supermarket, SUPERMARKETS.len(), rng)],
                city: Some(self.city),
            }
        })
    }
}

fn means(
    curves: &[QuantileCurve; N_PURCHASES],
    cumulative: &[f64; N_PURCHASES],
    groceries: &QuantileCurve,
) -> Means {
    let (mut purchase, mut flexible, mut before) = (0.0, 0.0, 0.0);
    for (sort, curve) in curves.iter().enumerate() {
        let share = (cumulative[sort] - before) / cumulative[N_PURCHASES - 1];
        before = cumulative[sort];
        let kept = if sort == ONLINE { share * (1.0 - RETURNED) } else { share };
        purchase += kept * curve.mean();
        if is_flexible(PURCHASES[sort].kind.category) {
            flexible += kept * curve.capped_mean(Objective::PURCHASE_CAP.to_major());
        }
    }
    Means { purchase, flexible, groceries: groceries.mean() * 2.0 / 7.0 }
}

/// Purchases a month: those of the archetype, times the household's own liking.
fn taste(purchase: &Purchase, truth: &HouseholdTruth, rng: &mut Rng) -> f64 {
    purchase.per_month * purchase.mix[truth.archetype.index()] * (0.5 * rng.normal()).exp()
}

/// A shop: most often the favourite, the others less the farther they are in the list.
fn near(favourite: usize, n_shops: usize, rng: &mut Rng) -> usize {
    let first = rng.uniform();
    let away = whole((first * first * first) * f64::from(u32::try_from(n_shops).unwrap_or(1)) - 0.5);
    (favourite + usize::try_from(away).unwrap_or(0)) % n_shops
}

/// A time of day in seconds, most likely in the middle between two hours.
fn second(low: f64, high: f64, rng: &mut Rng) -> i64 {
    let middle = (rng.uniform() + rng.uniform()) / 2.0;
    whole((low + (high - low) * middle) * 3600.0)
}

/// The nearest whole number.
#[expect(clippy::cast_possible_truncation, reason = "amounts and seconds are far below 2^53")]
fn whole(number: f64) -> i64 {
    number.round() as i64
}
