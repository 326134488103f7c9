//! Goals that a coach might set: save so much in three, six or twelve months, or one of the other kinds.

use fincoach_core::chrono::{Days, Months, NaiveDate, NaiveTime};
use fincoach_core::rng::{Rng, derived, stream};
use fincoach_core::{Category, Ledger, LedgerView, Money, Role};
use fincoach_goals::{Goal, GoalKind};

use crate::Error;

/// Months until the date of a goal.
pub(super) const HORIZONS: [u32; 3] = [3, 6, 12];

/// Days of bookings before the first start.
const LEAD_DAYS: u64 = 182;

/// Which goals are set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum GoalKinds {
    /// To save an amount.
    #[default]
    Save,
    /// In turn: to save an amount, to hold a buffer, to owe no more than so much, to spend no more than so much on eating
    /// out, entertainment, shopping or groceries.
    All,
}

/// How goals are set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setter {
    /// Days between starts.
    pub(super) every_days: u64,
    /// Whether each start has one goal of each length that fits, or one of a length drawn evenly among them.
    pub(super) all_horizons: bool,
    pub(super) kinds: GoalKinds,
}

/// Goals of every user at starts `every_days` apart that all users share, each over within the bookings.
///
/// The amount of a goal to save is, evenly, a share of the weekly income of the last 182 days (log-uniform from 2 to 30 %) or what was put
/// aside in them times a log-normal factor (deviation 0.4), for each week until the date; at least 1 % of income, rounded
/// up to tens of the currency. Only bookings up to the start are looked at.
pub(super) fn set_goals(
    ledger: &Ledger,
    Setter { every_days, all_horizons, kinds }: Setter,
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
        for (turn, start) in (number..).zip(starts.take_while(|day| *day < last)) {
            let mut fitting: Vec<NaiveDate> = HORIZONS.map(|months| start + Months::new(months)).to_vec();
            fitting.retain(|date| *date <= last);
            if fitting.is_empty() {
                continue;
            }
            if !all_horizons {
                fitting = vec![fitting[chance.below(fitting.len())]];
            }
            for date in fitting {
                let how = (ledger.minor_per_major(), &mut chance);
                let kind = match (kinds, turn % 4) {
                    (GoalKinds::Save, _) | (_, 0) => amount(user, (start, date), how),
                    (_, 1) => buffer(user, start, how.1),
                    (_, 2) => less_debt(user, start, how),
                    _ => cap(user, (start, date), how),
                };
                goals.extend(kind.map(|kind| Goal::new(user.user(), kind, start, date)).transpose()?);
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

/// What is known of a user at the end of a day.
fn known(user: LedgerView<'_>, start: NaiveDate, days: u64) -> Option<LedgerView<'_>> {
    let end = start.and_time(NaiveTime::from_hms_opt(23, 59, 59)?);
    Some(user.until(end).since(end - Days::new(days)))
}

/// The lowest balance told in the last 28 days.
fn lowest(user: LedgerView<'_>, start: NaiveDate) -> Option<i64> {
    known(user, start, 28)?.balances().iter().flatten().map(|balance| balance.minor()).min()
}

/// A tenth of a month to two months (log-uniform) above what the lowest balance covers now.
fn buffer(user: LedgerView<'_>, start: NaiveDate, chance: &mut Rng) -> Option<GoalKind> {
    let more = chance.range(0.1_f64.ln(), 2.0_f64.ln()).exp();
    let spent = spent(known(user, start, 91)?, None);
    let covered = lowest(user, start)?.max(0) as f64 / (spent > 0.0).then_some(spent / 91.0 * 30.4375)?;
    // Tenths of a month, as people would say it.
    Some(GoalKind::Buffer(((covered + more) * 10.0).ceil() / 10.0)).filter(|_| covered + more < 100.0)
}

/// An even share, up to nine tenths, of what is owed at the deepest; `None` without an overdraft.
fn less_debt(
    user: LedgerView<'_>,
    start: NaiveDate,
    (minor_per_major, chance): (f64, &mut Rng),
) -> Option<GoalKind> {
    let share = chance.range(0.0, 0.9);
    let owed = lowest(user, start).filter(|balance| *balance < 0)?.unsigned_abs() as f64;
    let tens = (share * owed / (10.0 * minor_per_major)).floor();
    Some(GoalKind::PayDown(Money::from_minor((tens * 10.0 * minor_per_major) as i64)))
}

/// What was spent on one of four categories in the past 182 days, for the days until the date, times a log-normal factor
/// (deviation 0.3), rounded up to tens.
fn cap(
    user: LedgerView<'_>,
    (start, date): (NaiveDate, NaiveDate),
    (minor_per_major, chance): (f64, &mut Rng),
) -> Option<GoalKind> {
    let choice = [Category::DineOut, Category::Entertainment, Category::Shopping, Category::Groceries];
    let category = choice[chance.below(choice.len())];
    let factor = (0.3 * chance.normal()).exp();
    let a_day = spent(known(user, start, LEAD_DAYS)?, Some(category)) / LEAD_DAYS as f64;
    let tens = (factor * a_day * (date - start).num_days() as f64 / (10.0 * minor_per_major)).ceil();
    let minor = (tens * 10.0 * minor_per_major) as i64;
    (minor > 0).then(|| GoalKind::Cap(category, Money::from_minor(minor)))
}

/// Minor units spent, refunds taken off: in a category, or in all but savings.
fn spent(rows: LedgerView<'_>, wanted: Option<Category>) -> f64 {
    let counts = |row: &fincoach_core::Transaction<'_>| match row.role {
        Role::Transfer => false,
        Role::Refund => true,
        _ => row.amount.is_negative(),
    };
    let of = |category: Category| match wanted {
        Some(wanted) => category == wanted,
        None => category != Category::Savings,
    };
    let rows = rows.iter().filter(|row| of(row.category) && counts(row));
    rows.map(|row| -row.amount.minor() as f64).sum()
}
