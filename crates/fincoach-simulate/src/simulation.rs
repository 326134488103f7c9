//! From parameters to a ledger with its ground truth.

use fincoach_core::chrono::NaiveDate;
use fincoach_core::rng::{self, Rng};
use fincoach_core::{
    Control, Currency, DataError, Ledger, LedgerBuilder, Money, Progress, Step, TimePrecision, Transaction,
    chrono::DateTime,
};
use rayon::prelude::*;

use crate::account::Booking;
use crate::calendar::{midnight, plus, plus_months};
use crate::life::Life;
use crate::policy::{Intervention, choose, rule};
use crate::response::{Response, respond};
use crate::{Archetype, Error, HouseholdTruth, SimulationParams};

/// Households worked on at once, between two reports of progress.
const BATCH: usize = 256;

/// A ledger of households, what is true of them, and what they were told.
#[derive(Clone, Debug, PartialEq)]
pub struct Simulation {
    ledger: Ledger,
    truth: Vec<HouseholdTruth>,
    interventions: Vec<Intervention>,
}

impl Simulation {
    /// The bookings of all households; user `i` is household `i`.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The traits of all households, in the order of the ledger's users.
    #[must_use]
    pub fn truth(&self) -> &[HouseholdTruth] {
        &self.truth
    }

    /// What the households were told, household by household, each in the order of time. Empty when
    /// simulated without interventions.
    #[must_use]
    pub fn interventions(&self) -> &[Intervention] {
        &self.interventions
    }
}

struct Household {
    truth: HouseholdTruth,
    bookings: Vec<Booking>,
    interventions: Vec<Intervention>,
}

pub(crate) fn run(params: &SimulationParams, progress: &mut dyn Progress) -> Result<Simulation, Error> {
    let n_households = params.n_households();
    let mut builder = Ledger::builder().with_currency(Currency::GBP);
    let (mut truth, mut interventions) = (Vec::with_capacity(n_households), Vec::new());
    for begin in (0..n_households).step_by(BATCH) {
        let end = (begin + BATCH).min(n_households);
        let batch: Vec<Household> =
            (begin..end).into_par_iter().map(|index| household(params, index)).collect();
        for done in batch {
            record(&mut builder, &done)?;
            truth.push(done.truth);
            interventions.extend(done.interventions);
        }
        if progress.step(&Step::new("simulate", end as u64, n_households as u64)) == Control::Stop {
            break;
        }
    }
    Ok(Simulation { ledger: builder.finish(), truth, interventions })
}

/// Adds a household's rows in their order. Each carries the row it has in the file that
/// [`crate::write_csv`] writes: households one after the other, newest first within each.
fn record(builder: &mut LedgerBuilder, household: &Household) -> Result<(), DataError> {
    let last = builder.len() + household.bookings.len();
    for (index, booking) in household.bookings.iter().enumerate() {
        let time = DateTime::from_timestamp(booking.time, 0).map(|time| time.naive_utc()).unwrap_or_default();
        let mut row = Transaction::new(&household.truth.user, time, Money::from_minor(booking.amount));
        row.precision = TimePrecision::Second;
        row.balance = Some(Money::from_minor(booking.balance));
        row.direction = booking.kind.direction();
        row.category = booking.kind.category;
        row.raw_type = Some(booking.kind.code);
        row.raw_category = Some(booking.kind.raw_category);
        row.description = booking.description;
        row.city = booking.city;
        row.country = booking.city.map(|_| "UK");
        row.source_row = u32::try_from(last - index).unwrap_or(u32::MAX);
        builder.push(&row)?;
    }
    // Bookings of a household are never before the one above them, so the order of times is this order.
    Ok(())
}

fn household(params: &SimulationParams, index: usize) -> Household {
    let unit = index as u64;
    let mut luck = rng::stream(params.seed(), 2 * unit);
    // The coach has a stream of its own: what it says does not change who the household is.
    let mut coach = rng::stream(params.seed(), 2 * unit + 1);
    let archetype = Archetype::ALL[luck.weighted(params.archetype_mix())];
    let user = format!("household-{}", index + 1);
    let truth = HouseholdTruth::draw(user, archetype, &mut luck);
    let mut life = Life::new(truth, params.start_date(), luck);
    let end = plus_months(params.start_date(), params.n_months());
    let mut interventions = Vec::new();
    while life.date < end {
        let advised = params.interventions() && plus(life.date, 7) <= end;
        let response = if advised {
            let (intervention, response) = advise(&life, params.exploration(), &mut coach);
            interventions.push(intervention);
            response
        } else {
            Response::default()
        };
        life.live_week(response, end);
    }
    Household { truth: life.truth().clone(), bookings: life.account.bookings, interventions }
}

fn advise(life: &Life, exploration: f64, coach: &mut Rng) -> (Intervention, Response) {
    let (action, propensity) = choose(rule(&life.seen()), exploration, coach);
    let truth = life.truth();
    let (accepted, response) = respond(&truth.effects[action.index()], coach);
    let intervention = Intervention {
        user: truth.user.clone(),
        time: start_of(life.date),
        action,
        propensity,
        feedback: f64::from(u8::from(accepted)),
    };
    (intervention, response)
}

fn start_of(date: NaiveDate) -> fincoach_core::chrono::NaiveDateTime {
    DateTime::from_timestamp(midnight(date), 0).map(|time| time.naive_utc()).unwrap_or_default()
}
