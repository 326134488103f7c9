//! One household, a week at a time.

use fincoach_core::chrono::{DateTime, NaiveDate, NaiveDateTime};
use fincoach_core::{Action, Money, TimePrecision, Transaction};

use crate::account::Booking;
use crate::ahead::{Expected, Outlook, WeekAhead, covered, expect};
use crate::calendar::{midnight, plus};
use crate::life::{Life, pounds};
use crate::luck::{Lane, Luck};
use crate::policy::Observation;
use crate::response::{Response, Situation, Temper, tired};
use crate::week::Tally;
use crate::{Archetype, Error, HouseholdTruth, Objective, SimulationParams, Week};

/// A household that lives a week at a time and is told one thing at the beginning of each.
///
/// The world in which a policy can be tried: [`Household::step`] tells it something and lives seven days,
/// [`Household::observe`] gives what a bank may know before the next, [`Household::expected`] what is true
/// and no bank knows. A clone lives on with the same luck; [`Household::with_fresh_luck`] gives it other.
/// Chance is drawn per week and use: what was done in one week changes nothing of the luck of another, and
/// within a week a household that buys less leaves out some of the same purchases.
///
/// # Examples
/// ```
/// use fincoach_core::Action;
/// use fincoach_simulate::{Household, Objective, SimulationParams};
/// let params = SimulationParams::default();
/// let mut household = Household::new(&params, 3)?;
/// assert_eq!(household.truth().user, "household-4");
/// let week = household.step(Action::SpendingAlert);
/// assert_eq!(household.rows().len(), week.n_rows);
/// assert_eq!(household.fatigue(), 1.0);
/// // The same household, told nothing instead.
/// let mut other = Household::new(&params, 3)?;
/// other.step(Action::ContinueCurrentBehavior);
/// assert_eq!(other.fatigue(), 0.0);
/// let rewards = household.expected().map(|expected| expected.reward(&Objective::default()));
/// assert!(rewards.iter().all(|reward| reward.is_finite()));
/// # Ok::<(), fincoach_simulate::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Household {
    life: Life,
    temper: Temper,
    origin: Origin,
    fatigue: f64,
    nudges_in_row: u32,
    last_action: Option<Action>,
}

/// Where a household came from.
#[derive(Clone, Copy, Debug)]
struct Origin {
    luck: Luck,
    index: usize,
    mix: [f64; 5],
    start: NaiveDate,
}

impl Origin {
    fn life(&self) -> Life {
        let mut birth = self.luck.birth();
        let archetype = Archetype::ALL[birth.weighted(&self.mix)];
        let user = format!("household-{}", self.index + 1);
        let truth = HouseholdTruth::draw(user, archetype, &mut birth);
        Life::new(truth, self.start, (self.luck, birth))
    }
}

impl Household {
    /// Household `index` of a simulation, on its first day.
    ///
    /// `n_households`, `n_months`, `interventions` and `exploration` mean nothing here: a household lives as
    /// long as it is told to.
    ///
    /// # Errors
    /// [`Error::Param`] for a parameter out of range.
    pub fn new(params: &SimulationParams, index: usize) -> Result<Self, Error> {
        params.check()?;
        Ok(Self::unchecked(params, index))
    }

    pub(crate) fn unchecked(params: &SimulationParams, index: usize) -> Self {
        let luck = Luck::new(params.seed(), index as u64);
        let origin = Origin { luck, index, mix: *params.archetype_mix(), start: params.start_date() };
        let life = origin.life();
        let temper = life.truth().temper();
        Self { life, temper, origin, fatigue: 0.0, nudges_in_row: 0, last_action: None }
    }

    /// Goes back to the first day, with the luck it was made with.
    pub fn reset(&mut self) {
        self.life = self.origin.life();
        (self.fatigue, self.nudges_in_row, self.last_action) = (0.0, 0, None);
    }

    /// The same household now, with other luck from here on; equal salts give equal luck.
    ///
    /// What is already fixed stays: the date of the next wages, and what rent and bills cost.
    #[must_use]
    pub fn with_fresh_luck(mut self, salt: u64) -> Self {
        self.life.luck = self.life.luck.fresh(salt);
        self
    }

    /// Tells the household something and lives seven days.
    pub fn step(&mut self, action: Action) -> Week {
        let odds = self.temper.odds(action, &self.situation());
        let luck = self.life.luck.week(self.life.history.n_weeks, Lane::Response).uniform();
        let (feedback, response) = odds.turn_out(luck, covered(pounds(self.life.account.balance)));
        let week = self.live(action, &response, NaiveDate::MAX);
        self.fatigue = tired(self.fatigue, action);
        let nudged = action != Action::ContinueCurrentBehavior;
        self.nudges_in_row = if nudged { self.nudges_in_row + 1 } else { 0 };
        self.last_action = Some(action);
        Week { feedback: f64::from(feedback), ..week }
    }

    /// Lives seven days without a coach: as told to continue, but not remembered as an action.
    pub fn live_week(&mut self) -> Week {
        let last_action = self.last_action;
        let week = self.step(Action::ContinueCurrentBehavior);
        self.last_action = last_action;
        week
    }

    /// Lives up to a day that comes before the week is over.
    pub(crate) fn live_until(&mut self, end: NaiveDate) {
        self.live(Action::ContinueCurrentBehavior, &Response::default(), end);
    }

    fn live(&mut self, action: Action, response: &Response, end: NaiveDate) -> Week {
        let (start, usual_income) = (self.life.date, self.life.history.usual_income());
        self.life.live_week(response, end);
        let Tally { income, spending, flexible, discretionary, extra_saving, n_rows } =
            self.life.history.recent()[0];
        Week {
            start,
            end: self.life.date,
            action,
            feedback: 0.0,
            extra_saving: Money::from_minor(extra_saving),
            flexible: Money::from_minor(flexible),
            discretionary: Money::from_minor(discretionary),
            spending: Money::from_minor(spending),
            income: Money::from_minor(income),
            usual_income,
            balance: self.balance(),
            n_rows,
        }
    }

    /// The first day not yet lived.
    #[must_use]
    pub const fn date(&self) -> NaiveDate {
        self.life.date
    }

    /// The position in the simulation it is from.
    #[must_use]
    pub const fn index(&self) -> usize {
        self.origin.index
    }

    /// Its traits.
    #[must_use]
    pub const fn truth(&self) -> &HouseholdTruth {
        self.life.truth()
    }

    /// The balance now.
    #[must_use]
    pub const fn balance(&self) -> Money {
        Money::from_minor(self.life.account.balance)
    }

    /// Weeks lived.
    #[must_use]
    pub const fn n_weeks(&self) -> u64 {
        self.life.history.n_weeks
    }

    /// Usual weekly income up to now, as [`Objective`] defines it.
    #[must_use]
    pub fn usual_income(&self) -> Money {
        self.life.history.usual_income()
    }

    /// What a bank may know before the next action: nothing of the day that begins.
    #[must_use]
    pub fn observe(&self) -> Observation {
        let recent = self.life.history.recent();
        let sum = |figure: fn(&Tally) -> i64| Money::from_minor(recent.iter().map(figure).sum());
        Observation {
            date: self.life.date,
            n_weeks: self.life.history.n_weeks,
            balance: self.balance(),
            income: sum(|week| week.income),
            spending: sum(|week| week.spending),
            flexible: sum(|week| week.flexible),
            usual_income: self.usual_income(),
            days_since_pay: self
                .life
                .last_pay
                .and_then(|day| u32::try_from((self.life.date - day).num_days()).ok()),
            nudges_in_row: self.nudges_in_row,
            last_action: self.last_action,
        }
    }

    /// True state: the weight of the nudges of late. Every week keeps six tenths of it and adds 1 for a
    /// nudge, a half for praise, nothing for saying nothing; from 0 to 2.5.
    #[must_use]
    pub const fn fatigue(&self) -> f64 {
        self.fatigue
    }

    /// True state: days since wages came, on the day that begins; 0 where they come on it.
    #[must_use]
    pub fn days_since_pay(&self) -> u32 {
        let days = self.situation().days_since_pay;
        (0..).find(|day| f64::from(*day) >= days).unwrap_or(0)
    }

    /// True state: from 0 without money to 1 with half a month's income in the account.
    #[must_use]
    pub fn comfort(&self) -> f64 {
        self.life.comfort(pounds(self.life.account.balance))
    }

    /// What is true of the coming week under each action, by its index: closed forms of the response
    /// model, with the expected balance of each of the seven days.
    #[must_use]
    pub fn expected(&self) -> [Expected; 5] {
        expect(&self.temper, &self.next_week(), self.fatigue, self.usual_income())
    }

    /// The expected reward of each action in the coming week, by its index.
    #[must_use]
    pub fn expected_rewards(&self, objective: &Objective) -> [f64; 5] {
        self.expected().map(|expected| expected.reward(objective))
    }

    fn situation(&self) -> Situation {
        let paid = self.life.wages.next == self.life.date;
        Situation {
            fatigue: self.fatigue,
            days_since_pay: if paid { 0.0 } else { self.life.days_since_pay },
            comfort: self.comfort(),
        }
    }

    fn next_week(&self) -> WeekAhead {
        self.outlook().week()
    }

    pub(crate) fn outlook(&self) -> Outlook<'_> {
        Outlook::new(&self.life)
    }

    /// The stream a coach draws from for the coming week.
    pub(crate) fn coach(&self) -> fincoach_core::rng::Rng {
        self.origin.luck.week(self.life.history.n_weeks, Lane::Coach)
    }

    /// The rows since they were last forgotten, in the order of the account.
    #[must_use]
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Transaction<'_>> + DoubleEndedIterator {
        self.life.account.bookings.iter().map(|booking| row(&self.truth().user, booking))
    }

    /// Lets go of the rows up to now, so that [`Household::rows`] gives those that follow.
    pub fn forget_rows(&mut self) {
        self.life.account.bookings.clear();
    }
}

/// A booking as a row of a ledger; it has no place in a file.
fn row<'a>(user: &'a str, booking: &Booking) -> Transaction<'a> {
    let time = DateTime::from_timestamp(booking.time, 0).map(|time| time.naive_utc()).unwrap_or_default();
    let mut row = Transaction::new(user, time, Money::from_minor(booking.amount));
    row.precision = TimePrecision::Second;
    row.balance = Some(Money::from_minor(booking.balance));
    row.direction = booking.kind.direction();
    row.category = booking.kind.category;
    row.raw_type = Some(booking.kind.code);
    row.raw_category = Some(booking.kind.raw_category);
    row.description = booking.description;
    row.city = booking.city;
    row.country = booking.city.map(|_| "UK");
    row
}

pub(crate) fn start_of(date: NaiveDate) -> NaiveDateTime {
    DateTime::from_timestamp(midnight(date), 0).map(|time| time.naive_utc()).unwrap_or_default()
}

/// Whether a whole week fits before `end`.
pub(crate) fn week_fits(date: NaiveDate, end: NaiveDate) -> bool {
    plus(date, 7) <= end
}
