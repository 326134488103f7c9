//! One user's bookings so far, as far as a row can still need them.

use std::collections::VecDeque;

use chrono::NaiveDateTime;
use fincoach_core::{Currency, DataError, Money, ParamError, Transaction, chrono};

use super::V2Params;
use super::balances::Balances;
use super::days::{Days, Flows};
use super::facts::Facts;
use super::history::SlidingQuantile;
use super::rows::{Marks, Row};
use super::schema::schema_v2;
use super::window::{ByCategory, Step, Window};
use crate::booking::{Booking, Kind, day_of, weekday};
use crate::recurring::{Book, note, payments};
use crate::sliding::calendar;
use crate::table_plan::moment;
use crate::texts::{Texts, number_of};
use crate::{Error, RecurringPayment};

/// A purchase is called large or not once as many came before it.
pub(crate) const FEWEST_TO_JUDGE: usize = 20;

/// Days of the longer trend.
pub(crate) const QUARTER: i32 = 91;

/// Days of the year of the season.
pub(crate) const YEAR: i32 = 365;

/// One user's schema v2, a booking at a time: what [`V2Params::compute`] gives for a whole ledger, to the bit.
///
/// A push costs `O(log window)`, below 1 µs on a state that is warm, and a row some microseconds; a booking that leaves
/// the window is paid for by a later push or row, so that the bounds are amortised. The state keeps the bookings of window
/// and baseline and a little more, not the whole past; texts are kept once each for as long as it lives.
///
/// It is of one user, since asking for a row moves the windows of that user on, and no other's: keep one for each in a
/// map of your own. It cannot be saved: unlike [`V1State`](crate::V1State) it is more than the rows of a window, as what
/// recurs and what was large was decided from bookings it no longer holds. To have it again, push the ledger's rows again.
///
/// # Examples
/// ```
/// use fincoach_core::{Money, Transaction, chrono::NaiveDate};
/// use fincoach_features::{V2Params, V2State, schema_v2};
/// let day = |day| NaiveDate::from_ymd_opt(2024, 1, day).unwrap().into();
/// let mut state = V2State::new(&V2Params::default(), None)?;
/// for (on, pence) in [(1, 200_000), (2, -90_000), (3, -2_500)] {
///     state.push(&Transaction::new("anna", day(on), Money::from_minor(pence)))?;
/// }
/// let row = state.row(day(4))?;
/// let value = |name: &str| row[schema_v2().iter().position(|spec| spec.name == name).unwrap()];
/// assert_eq!(value("spending"), Some(925.0));
/// assert_eq!(value("saving_rate"), Some((2000.0 - 925.0) / 2000.0));
/// assert_eq!(value("balance"), None); // the bookings told none
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct V2State {
    core: Core,
    user: Box<str>,
    texts: Texts,
}

impl V2State {
    /// A state without bookings; amounts are in minor units of `currency`, hundredths where it is not known.
    ///
    /// # Errors
    /// [`ParamError`].
    pub fn new(params: &V2Params, currency: Option<Currency>) -> Result<Self, ParamError> {
        params.check()?;
        let scale = currency.map_or(100.0, Currency::minor_per_major);
        Ok(Self { core: Core::new(params, scale), user: Box::default(), texts: Texts::default() })
    }

    /// Adds a booking, not earlier than the last one, of the same user. `O(log window)`. When it is refused the state is
    /// as it was.
    ///
    /// # Errors
    /// [`Error::NotInOrder`] for a booking earlier than the last one, or on a day before one a row was asked for;
    /// [`Error::Data`] for a booking of another user or of one without a name, and for more than 2³² distinct texts.
    pub fn push(&mut self, transaction: &Transaction<'_>) -> Result<(), Error> {
        if transaction.user.is_empty() {
            return Err(DataError::Empty { what: "characters in the name of the user" }.into());
        }
        if self.core.n_transactions > 0 && *self.user != *transaction.user {
            let reason = format!("it is of user `{}` and not of `{}`", self.user, transaction.user);
            return Err(DataError::Inconsistent { what: "state", reason }.into());
        }
        if !self.core.accepts(transaction.time.and_utc().timestamp()) {
            let (user, time, last) = (self.user.to_string(), transaction.time, self.core.seen_until());
            return Err(Error::NotInOrder { user, time, last });
        }
        let merchant = transaction.merchant.or(Some(transaction.description)).filter(|text| !text.is_empty());
        let booking = Booking {
            time: transaction.time.and_utc().timestamp(),
            precision: transaction.precision,
            amount: transaction.amount.minor(),
            balance: transaction.balance.map(Money::minor),
            category: transaction.category,
            role: transaction.role,
            account: number_of(transaction.account, &mut self.texts)?,
            merchant: number_of(merchant, &mut self.texts)?,
            city: number_of(transaction.city, &mut self.texts)?,
        };
        if self.core.n_transactions == 0 {
            self.user = transaction.user.into();
        }
        self.core.push(&booking);
        Ok(())
    }

    /// The row at `as_of`, in the order of [`schema_v2`]; `None` where a value is missing. It moves the window on.
    ///
    /// # Errors
    /// [`Error::AlreadyLater`] for a moment before the last booking or on a day before one a row was asked for;
    /// [`Error::Data`] before the first booking.
    pub fn row(&mut self, as_of: NaiveDateTime) -> Result<Vec<Option<f64>>, Error> {
        if self.core.n_transactions == 0 {
            return Err(DataError::Empty { what: "transactions" }.into());
        }
        if !self.core.accepts(as_of.and_utc().timestamp()) {
            return Err(Error::AlreadyLater {
                user: self.user.to_string(),
                as_of,
                last: self.core.seen_until(),
            });
        }
        self.core.advance(day_of(as_of.and_utc().timestamp()));
        Ok(self.core.values().collect())
    }

    /// The payments that recur on the day of the last booking or the last row, as
    /// [`detect_recurring`](crate::detect_recurring).
    #[must_use]
    pub fn recurring(&self) -> Vec<RecurringPayment> {
        let text = |id: u32| self.texts.get_index((id as usize).checked_sub(1)?).map(AsRef::as_ref);
        payments(&self.core.book, self.core.today, text)
    }

    /// Bookings so far.
    #[must_use]
    pub const fn n_transactions(&self) -> usize {
        self.core.n_transactions
    }
}

/// The state without texts.
#[derive(Clone, Debug)]
pub(crate) struct Core {
    pub(crate) params: V2Params,
    /// Minor units of one major unit.
    pub(crate) scale: f64,
    pub(crate) n_transactions: usize,
    /// The day of the last booking or row; windows end with it.
    pub(crate) today: i32,
    pub(crate) first_day: Option<i32>,
    pub(crate) last_day: i32,
    pub(crate) last_weekend_row: Option<i32>,
    last_time: i64,
    last_timed_purchase: Option<i64>,
    /// The rows of the baseline, then those of the window.
    rows: VecDeque<Row>,
    /// Rows of `rows` before the window.
    n_baseline: usize,
    /// Rows of `rows` whose purchases have left `history`.
    n_past_history: usize,
    pub(crate) window: Window,
    pub(crate) baseline: ByCategory,
    /// Purchases of the baseline's length up to the last row.
    history: SlidingQuantile,
    pub(crate) days: Days,
    pub(crate) balances: Balances,
    pub(crate) book: Book,
}

impl Core {
    /// The parameters must be in their ranges.
    pub(crate) fn new(params: &V2Params, scale: f64) -> Self {
        Self {
            params: params.clone(),
            scale,
            n_transactions: 0,
            today: i32::MIN / 2,
            first_day: None,
            last_day: i32::MIN / 2,
            last_weekend_row: None,
            last_time: i64::MIN,
            last_timed_purchase: None,
            rows: VecDeque::new(),
            n_baseline: 0,
            n_past_history: 0,
            window: Window::default(),
            baseline: ByCategory::default(),
            history: SlidingQuantile::new(params.large_quantile()),
            days: Days::default(),
            balances: Balances::default(),
            book: Book::default(),
        }
    }

    pub(crate) fn window_days(&self) -> i32 {
        self.params.window_days().cast_signed()
    }

    pub(crate) fn baseline_days(&self) -> i32 {
        self.params.baseline_days().cast_signed()
    }

    /// Whether a booking or a row of this time is in order.
    pub(crate) fn accepts(&self, time: i64) -> bool {
        time >= self.last_time && day_of(time) >= self.today
    }

    /// The last booking, or midnight of the day of the last row.
    fn seen_until(&self) -> NaiveDateTime {
        moment(self.last_time.max(calendar::DAY * i64::from(self.today)))
    }

    /// Adds a booking, which must be in order.
    pub(crate) fn push(&mut self, booking: &Booking) {
        let day = booking.day();
        self.advance(day);
        self.n_transactions += 1;
        (self.last_time, self.last_day) = (booking.time, day);
        self.first_day = self.first_day.or(Some(day));
        if weekday(day) >= 5 {
            self.last_weekend_row = Some(day);
        }
        self.balances.add(booking);
        let row = Row::new(booking, self.marks(booking));
        self.add_flows(&row);
        if row.kind == Kind::Purchase {
            self.history.insert(row.size);
        }
        self.window.apply(&row, Step::Enters);
        self.rows.push_back(row);
    }

    /// What is known of a booking from those before it.
    fn marks(&mut self, booking: &Booking) -> Marks {
        let seen = note(&mut self.book, booking, self.params.recurring());
        let (recurring, new) = seen.map_or((false, false), |seen| (seen.recurring, seen.new));
        let marks = Marks::default().with(Marks::RECURRING, recurring.into());
        if booking.kind() != Kind::Purchase {
            return marks;
        }
        let judged = self.history.len() >= FEWEST_TO_JUDGE;
        let large = judged && self.history.value().is_some_and(|bound| booking.size() > bound);
        let mut rapid = false;
        if booking.quarter().is_some() {
            rapid = self.last_timed_purchase.is_some_and(|last| booking.time - last < 3600);
            self.last_timed_purchase = Some(booking.time);
        }
        marks
            .with(Marks::JUDGED, judged.into())
            .with(Marks::LARGE, large.into())
            .with(Marks::RAPID, rapid.into())
            .with(Marks::NEW_MERCHANT, new.into())
    }

    fn add_flows(&mut self, row: &Row) {
        let size = i128::from(row.size);
        let recurs = row.marks.has(Marks::RECURRING);
        let mut flows = Flows::default();
        match row.kind {
            Kind::Purchase => {
                flows.purchases = size;
                flows.free = if recurs { 0 } else { size };
            }
            Kind::Refund => flows.refunds = size,
            Kind::Income => {
                flows.income = size;
                flows.regular = if recurs { size } else { 0 };
            }
            Kind::Aside | Kind::Move => return,
        }
        flows.weighted = i128::from(row.day) * flows.spending();
        self.days.add(row.day, flows);
    }

    /// Lets the windows end with `today`, which must not be before the day they end with.
    pub(crate) fn advance(&mut self, today: i32) {
        if today == self.today {
            return;
        }
        self.today = today;
        let window_start = today - self.window_days() + 1;
        let baseline_start = window_start - self.baseline_days();
        while let Some(row) = self.rows.get(self.n_baseline)
            && row.day < window_start
        {
            self.window.apply(row, Step::Leaves);
            self.baseline.apply(row, Step::Enters);
            self.n_baseline += 1;
        }
        while let Some(row) = self.rows.get(self.n_past_history)
            && row.day <= today - self.baseline_days()
        {
            if row.kind == Kind::Purchase {
                self.history.remove(row.size);
            }
            self.n_past_history += 1;
        }
        while let Some(row) = self.rows.front()
            && row.day < baseline_start
        {
            self.baseline.apply(row, Step::Leaves);
            self.rows.pop_front();
            self.n_baseline -= 1;
            self.n_past_history -= 1;
        }
        let longest = (3 * self.window_days()).max(self.window_days() + self.baseline_days().max(YEAR));
        self.days.forget_before(today - longest);
        self.balances.forget_before(window_start - 1);
    }

    /// The values of all columns on `today`.
    pub(crate) fn values(&self) -> impl Iterator<Item = Option<f64>> {
        let facts = Facts::of(self);
        schema_v2().iter().map(move |spec| spec.value(&facts))
    }
}
