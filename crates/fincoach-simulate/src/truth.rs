//! What is true of a household and cannot be seen in its bookings.

use fincoach_core::Money;
use fincoach_core::rng::Rng;
use serde::Serialize;

use crate::archetype::{Archetype, Normal, Profile};
use crate::places;
use crate::response::{Effect, Temper, pence};

/// When wages come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PayPattern {
    /// On one day of the month, or on the working day before where that is a weekend.
    Monthly {
        /// Day of the month, 1 to 28.
        day: u32,
    },
    /// Every Friday.
    Weekly,
    /// After gaps of one to three weeks, in amounts that differ.
    Irregular,
}

impl PayPattern {
    /// The name used in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Monthly { .. } => "monthly",
            Self::Weekly => "weekly",
            Self::Irregular => "irregular",
        }
    }

    /// Payments a month on average.
    pub(crate) const fn per_month(self) -> f64 {
        match self {
            Self::Monthly { .. } => 1.0,
            Self::Weekly => 52.0 / 12.0,
            Self::Irregular => 365.25 / 12.0 / 14.0,
        }
    }
}

/// The traits of one household, as they were drawn.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct HouseholdTruth {
    /// Name in the ledger: `household-1`, `household-2`, ….
    pub user: String,
    /// The kind of household the traits were drawn for.
    pub archetype: Archetype,
    /// Where it lives.
    pub city: &'static str,
    /// When wages come.
    pub pay_pattern: PayPattern,
    /// Expected wages a month.
    pub monthly_income: Money,
    /// Share of each pay that is put aside, in `[0, 0.45]`.
    pub saving_share: f64,
    /// Share of what fixed costs, groceries and saving leave that it means to spend, in `[0.3, 1.3]`.
    pub discretionary_rate: f64,
    /// Prices it pays as a factor; 1 is the real account's level.
    pub price_level: f64,
    /// How widely its purchases differ in size: the exponent on (amount / median); 1 is the real account's.
    pub spread: f64,
    /// How much more often it buys on payday than long after it, as a share; not negative.
    pub payday_effect: f64,
    /// Share of discretionary purchases that fall on weekends, in `[0.15, 0.7]`.
    pub weekend_share: f64,
    /// Share of its saving that is invested, in `[0, 1]`.
    pub invested_share: f64,
    /// Whether card purchases are rounded up to the pound into savings, once a day.
    pub rounds_up: bool,
    /// Balance before the first booking.
    pub opening_balance: Money,
    /// What lies in the savings account at the start.
    pub opening_savings: Money,
    /// How far the account may fall below zero; no booking goes beyond.
    pub overdraft_limit: Money,
    /// Factor on every effect of an action, at most 2.5; its median is 1.
    pub sensitivity: f64,
    /// Factors on the chance that it accepts each action; their median is 1.
    pub receptiveness: [f64; 5],
    /// Factor on the chance that an action annoys it; its median is 1.
    pub irritability: f64,
    /// Expected effect of each [`fincoach_core::Action`] in the best of states, by its index.
    pub effects: [Effect; 5],
}

impl HouseholdTruth {
    pub(crate) fn draw(user: String, archetype: Archetype, rng: &mut Rng) -> Self {
        let profile = archetype.profile();
        let income = profile.income * (0.12 * rng.normal()).exp();
        let buffer = profile.buffer_months * (0.33 * rng.normal()).exp();
        let overdraft = profile.overdraft * (0.6 * rng.normal()).exp();
        let sensitivity = (0.22 * rng.normal()).exp().min(2.5);
        let open = 0.15 * rng.normal();
        let receptiveness = std::array::from_fn(|_| (open + 0.25 * rng.normal()).exp());
        let irritability = (0.35 * rng.normal()).exp();
        let weekly_income = income * 12.0 / 52.0;
        let temper = Temper { archetype, sensitivity, receptiveness, irritability, weekly_income };
        let near = |normal: Normal, low: f64, high: f64, rng: &mut Rng| {
            (normal.0 + normal.1 * rng.normal()).clamp(low, high)
        };
        Self {
            user,
            archetype,
            city: places::home(rng),
            pay_pattern: pay_pattern(profile, rng),
            monthly_income: pence(income),
            saving_share: near(profile.saving_share, 0.0, 0.45, rng),
            discretionary_rate: near(profile.discretionary_rate, 0.3, 1.3, rng),
            price_level: near(profile.price, -0.8, 0.8, rng).exp(),
            spread: near(profile.spread, 0.6, 1.5, rng),
            payday_effect: near(profile.payday_effect, 0.0, 2.5, rng),
            weekend_share: near(profile.weekend_share, 0.15, 0.7, rng),
            invested_share: if rng.bernoulli(profile.invests) { rng.range(0.1, 0.6) } else { 0.0 },
            rounds_up: rng.bernoulli(profile.round_up),
            opening_balance: pence(income * buffer.min(12.0)),
            opening_savings: pence(income * buffer.min(12.0) * rng.range(0.5, 3.0)),
            overdraft_limit: pence((overdraft.min(5000.0) / 100.0).round() * 100.0),
            sensitivity,
            receptiveness,
            irritability,
            effects: temper.effects(),
        }
    }

    pub(crate) fn temper(&self) -> Temper {
        let weekly_income = self.monthly_income.to_major() * 12.0 / 52.0;
        Temper {
            archetype: self.archetype,
            sensitivity: self.sensitivity,
            receptiveness: self.receptiveness,
            irritability: self.irritability,
            weekly_income,
        }
    }
}

/// Most people are paid late in the month.
fn pay_pattern(profile: &Profile, rng: &mut Rng) -> PayPattern {
    const DAYS: [u32; 8] = [1, 15, 20, 24, 25, 26, 27, 28];
    match rng.weighted(&profile.pay_patterns) {
        0 => PayPattern::Monthly { day: DAYS[rng.weighted(&[1.0, 1.0, 1.0, 1.0, 3.0, 1.0, 1.0, 3.0])] },
        1 => PayPattern::Weekly,
        _ => PayPattern::Irregular,
    }
}
