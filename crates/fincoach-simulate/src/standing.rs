//! What comes and goes on its day.

use std::f64::consts::TAU;

use fincoach_core::chrono::{Datelike as _, NaiveDate};
use fincoach_core::rng::Rng;

use crate::calendar::{Shift, day_of_month, month_number, plus, working_day};
use crate::kind::{ACCOUNT_FEE, BILL, GYM, INSURANCE, Kind, MORTGAGE, PHONE, RENT, SALARY, SUBSCRIPTION};
use crate::truth::{HouseholdTruth, PayPattern};

/// A payment that repeats.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Standing {
    pub(crate) kind: &'static Kind,
    pub(crate) description: &'static str,
    /// Pounds each time.
    pub(crate) amount: f64,
    pub(crate) next: NaiveDate,
    rhythm: Rhythm,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Rhythm {
    /// `month` is that of `next`, which a weekend may have moved out of it.
    Monthly {
        day: u32,
        month: i32,
        shift: Shift,
        season: Season,
    },
    Weekly,
    Irregular,
}

/// How a bill changes over the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Season {
    Even,
    /// Heating: half as much again in January, half in July.
    Winter,
    /// Council tax: nothing in February and March.
    TenMonths,
}

impl Standing {
    /// A monthly payment whose first date is `from` or later.
    fn monthly(kind: &'static Kind, description: &'static str, amount: f64) -> Self {
        let shift =
            if kind.direction() == fincoach_core::Direction::Credit { Shift::Back } else { Shift::Forward };
        let rhythm = Rhythm::Monthly { day: 1, month: 0, shift, season: Season::Even };
        Self { kind, description, amount, next: NaiveDate::MIN, rhythm }
    }

    fn on(mut self, day_due: u32, from: NaiveDate) -> Self {
        if let Rhythm::Monthly { day, month, shift, .. } = &mut self.rhythm {
            // One month back: a date at its end may be moved into this one.
            (*day, *month) = (day_due, month_number(from) - 1);
            self.next = working_day(day_of_month(*month, *day), *shift);
        }
        while self.next < from {
            self.step_month();
        }
        self
    }

    fn seasonal(mut self, wanted: Season) -> Self {
        if let Rhythm::Monthly { season, .. } = &mut self.rhythm {
            *season = wanted;
        }
        self
    }

    fn step_month(&mut self) {
        if let Rhythm::Monthly { day, month, shift, .. } = &mut self.rhythm {
            *month += 1;
            self.next = working_day(day_of_month(*month, *day), *shift);
        }
    }

    /// Moves on to the next date and gives the pounds due on this one; 0 in a month without payment.
    pub(crate) fn take(&mut self, rng: &mut Rng) -> f64 {
        match self.rhythm {
            Rhythm::Monthly { month, season, .. } => {
                self.step_month();
                self.amount * season.factor(month.rem_euclid(12))
            }
            Rhythm::Weekly => {
                self.next = plus(self.next, 7);
                self.amount
            }
            Rhythm::Irregular => {
                let gap = 8 + i64::try_from(rng.below(13)).unwrap_or(0);
                self.next = working_day(plus(self.next, gap), Shift::Back);
                self.amount * rng.gamma(5.0, 0.2)
            }
        }
    }
}

impl Standing {
    /// The pounds due on the next date, as expected.
    pub(crate) fn due(&self) -> f64 {
        match self.rhythm {
            Rhythm::Monthly { month, season, .. } => self.amount * season.factor(month.rem_euclid(12)),
            Rhythm::Weekly | Rhythm::Irregular => self.amount,
        }
    }

    /// Moves on to the next date; where chance decides, two weeks on.
    pub(crate) fn pass(&mut self) {
        match self.rhythm {
            Rhythm::Monthly { .. } => self.step_month(),
            Rhythm::Weekly => self.next = plus(self.next, 7),
            Rhythm::Irregular => self.next = working_day(plus(self.next, 14), Shift::Back),
        }
    }
}

impl Season {
    fn factor(self, month0: i32) -> f64 {
        match self {
            Self::Even => 1.0,
            Self::Winter => 1.0 + 0.5 * (TAU * f64::from(month0) / 12.0).cos(),
            Self::TenMonths => f64::from(month0 != 1 && month0 != 2),
        }
    }
}

/// The wages of a household.
pub(crate) fn wages(truth: &HouseholdTruth, start: NaiveDate, rng: &mut Rng) -> Standing {
    const EMPLOYERS: [&str; 10] = [
        "NHS TRUST PAYROLL",
        "CITY COUNCIL PAY",
        "UNIVERSITY PAY",
        "ACME LOGISTICS LTD",
        "NORTHERN RETAIL PL",
        "HARBOUR FOODS LTD",
        "BRIGHT SOFTWARE LT",
        "SOUTHERN RAIL PAY",
        "MERIDIAN BUILDERS",
        "OAK CARE HOMES LTD",
    ];
    let amount = truth.monthly_income.to_major() / truth.pay_pattern.per_month();
    let employer = EMPLOYERS[rng.below(EMPLOYERS.len())];
    let standing = Standing::monthly(&SALARY, employer, amount);
    match truth.pay_pattern {
        PayPattern::Monthly { day } => standing.on(day, start),
        PayPattern::Weekly => {
            let to_friday = i64::from((11 - start.weekday().num_days_from_monday()) % 7);
            Standing { next: plus(start, to_friday), rhythm: Rhythm::Weekly, ..standing }
        }
        PayPattern::Irregular => {
            // Forward, for the working day before a first weekend may lie before the start.
            let first = plus(start, i64::try_from(rng.below(12)).unwrap_or(0));
            Standing { next: working_day(first, Shift::Forward), rhythm: Rhythm::Irregular, ..standing }
        }
    }
}

/// Rent or mortgage, bills, insurance and subscriptions of a household.
pub(crate) fn fixed_costs(truth: &HouseholdTruth, start: NaiveDate, rng: &mut Rng) -> Vec<Standing> {
    let income = truth.monthly_income.to_major();
    let mut costs = vec![housing(income, rng).on(due_day(rng), start)];
    for &(kind, description, chance, median, season) in &REGULAR {
        // Drawn whether wanted or not, so that one household's luck does not shift another's.
        let amount = price(median * (income / 2500.0).powf(0.35) * (0.22 * rng.normal()).exp());
        let day = due_day(rng);
        if rng.bernoulli(chance) {
            costs.push(Standing::monthly(kind, description, amount).seasonal(season).on(day, start));
        }
    }
    costs
}

fn housing(income: f64, rng: &mut Rng) -> Standing {
    let amount = (income * (0.25 + 0.04 * rng.normal()).clamp(0.14, 0.4)).round();
    if rng.bernoulli(0.5) {
        Standing::monthly(
            &RENT,
            ["LETTINGS LTD RENT", "PARK ESTATES RENT", "A PATEL RENT"][rng.below(3)],
            amount,
        )
    } else {
        Standing::monthly(
            &MORTGAGE,
            ["SANTANDER MORTGAGE", "NATWEST BANK", "PRINCIPALITY BS"][rng.below(3)],
            amount,
        )
    }
}

fn due_day(rng: &mut Rng) -> u32 {
    1 + u32::try_from(rng.below(28)).unwrap_or(0)
}

/// Amounts end in .00, .49 or .99, or on any penny.
fn price(pounds: f64) -> f64 {
    let whole = pounds.floor().max(1.0);
    match (pounds * 100.0).rem_euclid(10.0) {
        end if end < 3.0 => whole,
        end if end < 4.5 => whole + 0.49,
        end if end < 6.0 => whole + 0.99,
        _ => pounds,
    }
}

/// Kind, payee, share of households that pay it, median pounds a month, season.
static REGULAR: [(&Kind, &str, f64, f64, Season); 16] = [
    (&BILL, "CITY COUNCIL C.TAX", 0.92, 140.0, Season::TenMonths),
    (&BILL, "OCTOPUS ENERGY", 0.6, 90.0, Season::Even),
    (&BILL, "BRITISH GAS", 0.4, 85.0, Season::Winter),
    (&BILL, "WATER PLC", 0.85, 30.0, Season::Even),
    (&BILL, "VIRGIN MEDIA PYMTS", 0.8, 29.5, Season::Even),
    (&BILL, "TV LICENCE MBP", 0.65, 13.25, Season::Even),
    (&BILL, "TALKTALK LIMITED", 0.3, 22.0, Season::Even),
    (&ACCOUNT_FEE, "ACCOUNT FEE", 0.6, 3.0, Season::Even),
    (&INSURANCE, "AVIVA LIFE", 0.6, 21.0, Season::Even),
    (&INSURANCE, "CAR INSURANCE", 0.7, 37.0, Season::Even),
    (&INSURANCE, "HOME INSURANCE", 0.4, 32.0, Season::Even),
    (&PHONE, "O2", 0.65, 17.0, Season::Even),
    (&GYM, "PURE GYM LTD", 0.35, 21.0, Season::Even),
    (&SUBSCRIPTION, "NETFLIX.COM", 0.6, 8.0, Season::Even),
    (&SUBSCRIPTION, "SPOTIFY UK", 0.5, 8.5, Season::Even),
    (&SUBSCRIPTION, "Audible UK", 0.3, 7.99, Season::Even),
];

impl Standing {
    /// Pounds a month on average.
    pub(crate) fn per_month(&self) -> f64 {
        match self.rhythm {
            Rhythm::Monthly { season: Season::TenMonths, .. } => self.amount * 10.0 / 12.0,
            Rhythm::Monthly { .. } => self.amount,
            Rhythm::Weekly => self.amount * PayPattern::Weekly.per_month(),
            Rhythm::Irregular => self.amount * PayPattern::Irregular.per_month(),
        }
    }
}
