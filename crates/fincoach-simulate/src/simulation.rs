//! From parameters to a ledger with its ground truth.

use fincoach_core::{Control, Currency, DataError, Ledger, LedgerBuilder, Progress, Step};
use rayon::prelude::*;

use crate::calendar::plus_months;
use crate::household::{start_of, week_fits};
use crate::policy::{Intervention, chances, draw, rule};
use crate::{Error, Household, HouseholdTruth, SimulationParams};

/// Households worked on at once, between two reports of progress.
pub(crate) const BATCH: usize = 256;

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

/// A household at its end, and what it was told.
pub(crate) struct Lived {
    pub(crate) household: Household,
    pub(crate) interventions: Vec<Intervention>,
}

pub(crate) fn run(params: &SimulationParams, progress: &mut dyn Progress) -> Result<Simulation, Error> {
    let n_households = params.n_households();
    let mut builder = Ledger::builder().with_currency(Currency::GBP);
    let (mut truth, mut interventions) = (Vec::with_capacity(n_households), Vec::new());
    for begin in (0..n_households).step_by(BATCH) {
        let end = (begin + BATCH).min(n_households);
        let batch: Vec<Lived> = (begin..end).into_par_iter().map(|index| live(params, index)).collect();
        for done in batch {
            record(&mut builder, &done.household)?;
            truth.push(done.household.truth().clone());
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
    let rows = household.rows();
    let last = builder.len() + rows.len();
    for (index, mut row) in rows.enumerate() {
        row.source_row = u32::try_from(last - index).unwrap_or(u32::MAX);
        builder.push(&row)?;
    }
    // Bookings of a household are never before the one above them, so the order of times is this order.
    Ok(())
}

pub(crate) fn live(params: &SimulationParams, index: usize) -> Lived {
    let mut household = Household::unchecked(params, index);
    let end = plus_months(params.start_date(), params.n_months());
    let mut interventions = Vec::new();
    while week_fits(household.date(), end) {
        if params.interventions() {
            interventions.push(advise(&mut household, params.exploration()));
        } else {
            household.live_week();
        }
    }
    if household.date() < end {
        household.live_until(end);
    }
    Lived { household, interventions }
}

fn advise(household: &mut Household, exploration: f64) -> Intervention {
    let chances = chances(rule(&household.observe()), exploration);
    let action = draw(&chances, household.coach().uniform());
    let time = start_of(household.date());
    let week = household.step(action);
    let user = household.truth().user.clone();
    Intervention { user, time, action, propensity: chances[action.index()], feedback: week.feedback }
}
