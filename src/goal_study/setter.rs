//! Goals that a coach might set: save so much in three, six or twelve months.

use fincoach_core::chrono::{Days, Months, NaiveDate, NaiveTime};
use fincoach_core::rng::{Rng, derived, stream};
use fincoach_core::{Category, Ledger, LedgerView, Money, Role};
use fincoach_goals::{Goal, GoalKind};

use crate::Error;

/// Months until the date of a goal.
pub(super) const HORIZONS: [u32; 3] = [3, 6, 12];

/// Days of bookings before the first start.
const LEAD_DAYS: u64 = 182;

/// Save-by-date goals of every user at starts `every_days` apart that all users share, each over within the bookings.
///
/// With `all_horizons` each start has one goal of each length that fits, otherwise one of a length drawn evenly among
/// those that fit. The amount is, evenly, a share of the weekly income of the last 182 days (log-uniform from 2 to 30 %) or what was put
/// aside in them times a log-normal factor (deviation 0.4), for each week until the date; at least 1 % of income, rounded
/// up to tens of the currency. Only bookings up to the start are looked at.
pub(super) fn set_goals(
    ledger: &Ledger,
    every_days: u64,
    all_horizons: bool,
    seed: u64,
) -> Result<Vec<Goal>, Error> {
    let mut goals = Vec::new();
    let Some((first, _)) = span(ledger.all()) else { return Ok(goals) };
    for (number, user) in ledger.iter_users().enumerate() {
        let mut chance = stream(derived(seed, "goals"), number as u64);
        let Some((_, last)) = span(user) else { continue };
        let starts = std::iter::successors(Some(first + Days::new(LEAD_DAYS)), |day| {
            Some(*day + Days::new(every_days))
        });
        for start in starts.take_while(|day| *day < last) {
            let mut fitting: Vec<NaiveDate> = HORIZONS.map(|months| start + Months::new(months)).to_vec();
            fitting.retain(|date| *date <= last);
            if fitting.is_empty() {
                continue;
            }
            if !all_horizons {
                fitting = vec![fitting[chance.below(fitting.len())]];
            }
            for date in fitting {
                let amount = amount(user, (start, date), (ledger.minor_per_major(), &mut chance));
                goals.extend(amount.map(|kind| Goal::new(user.user(), kind, start, date)).transpose()?);
            }
        }
    }
    Ok(goals)
}

/// First and last day of rows in the order of their users.
fn span(rows: LedgerView<'_>) -> Option<(NaiveDate, NaiveDate)> {
    let day = |time: &i64| NaiveDate::default().checked_add_days(Days::new((time / 86_400).unsigned_abs()));
    Some((day(rows.times().iter().min()?)?, day(rows.times().iter().max()?)?))
}

/// The amount of a goal; `None` without income.
fn amount(
    user: LedgerView<'_>,
    (start, date): (NaiveDate, NaiveDate),
    (minor_per_major, chance): (f64, &mut Rng),
) -> Option<GoalKind> {
    let end = start.and_time(NaiveTime::from_hms_opt(23, 59, 59)?);
    let known = user.until(end).since(end - Days::new(LEAD_DAYS));
    let (mut income, mut aside) = (0.0, 0.0);
    for row in known.iter().filter(|row| row.role != Role::Transfer) {
        match row.category {
            Category::Savings => aside -= row.amount.minor() as f64,
            Category::Income if row.amount.is_positive() => income += row.amount.minor() as f64,
            _ => {}
        }
    }
    let weeks_known = LEAD_DAYS as f64 / 7.0;
    // Both are drawn, so that the draws of later goals do not depend on which was taken.
    let (by_income, share) = (chance.bernoulli(0.5), chance.range(0.02_f64.ln(), 0.3_f64.ln()).exp());
    let factor = (0.4 * chance.normal()).exp();
    let weekly = if by_income { share * income } else { factor * aside }.max(0.01 * income) / weeks_known;
    let tens = (weekly * (date - start).num_days() as f64 / 7.0 / (10.0 * minor_per_major)).ceil();
    let minor = (tens * 10.0 * minor_per_major) as i64;
    (minor > 0).then(|| GoalKind::Save(Money::from_minor(minor)))
}
