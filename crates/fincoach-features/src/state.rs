//! Schema v1 kept up to date, one transaction at a time.

use chrono::NaiveDateTime;
use fincoach_core::ndarray::Array2;
use fincoach_core::{Currency, DataError, FeatureTable, Money, RowKey, Transaction, chrono, natural_cmp};
use foldhash::fast::FixedState;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::sliding::calendar::DAY;
use crate::state_repr::Repr;
use crate::state_user::UserState;
use crate::table_plan::{moment, no_users, second};
use crate::texts::{Texts, number_of};
use crate::v1_rows::write_features;
use crate::window::Booking;
use crate::{Error, Features, LeftOut, V1Params, schema_v1};

/// The features of schema v1 of any number of users, updated with every transaction.
///
/// After any rows it gives, to the bit, what [`V1Params::compute`] gives for the ledger of the same rows: both add up
/// whole numbers of the same window. It holds, for each user, the rows of the look-back and their counts; older rows
/// are forgotten. Texts are kept once each for as long as the state lives; saving and loading forgets those that no
/// look-back holds any more.
///
/// Rows of one user must come in the order of their times; users may be mixed. [`V1State::push`] takes `O(log w)` for
/// `w` rows in the look-back; a row that leaves the look-back is paid for then as well, so that the bound is amortised.
/// One user on a warm state takes 0.2 to 0.3 µs a row; where many users take turns memory is waited for, and it is about
/// 2 µs with ten thousand of them.
///
/// A saved state (serde) holds the rows in the look-backs; loading counts them again and refuses what no state can be.
///
/// # Examples
/// ```
/// use fincoach_core::{Ledger, Money, Transaction, chrono::NaiveDate};
/// use fincoach_features::{V1Params, V1State};
///
/// let params = V1Params::default().with_min_transactions(2);
/// let mut state = V1State::new(params.clone())?;
/// let mut builder = Ledger::builder();
/// for (day, pence, balance) in [(1, 200_000, 250_000), (2, -90_000, 160_000), (3, -2_500, 157_500)] {
///     let time = NaiveDate::from_ymd_opt(2024, 1, day).unwrap().into();
///     let mut row = Transaction::new("anna", time, Money::from_minor(pence));
///     row.balance = Some(Money::from_minor(balance));
///     state.push(&row)?;
///     builder.push(&row)?;
/// }
/// let spending = 1; // the position of `total_spending`
/// assert_eq!(state.row("anna")?.unwrap()[spending], 925.0);
/// assert_eq!(state.row("ben")?, None);
/// assert_eq!(state.features()?, params.compute(&builder.finish())?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Repr", into = "Repr")]
pub struct V1State {
    pub(crate) params: V1Params,
    pub(crate) currency: Option<Currency>,
    pub(crate) texts: Texts,
    pub(crate) users: IndexMap<Box<str>, UserState, FixedState>,
}

impl V1State {
    /// A state without transactions.
    ///
    /// # Errors
    /// [`Error::Param`].
    pub fn new(params: V1Params) -> Result<Self, Error> {
        params.check()?;
        Ok(Self { params, currency: None, texts: Texts::default(), users: IndexMap::default() })
    }

    /// Names the currency of all amounts, those pushed before as well; without one, 100 minor units are a major one.
    #[must_use]
    pub fn with_currency(mut self, currency: Currency) -> Self {
        self.currency = Some(currency);
        let minor_per_major = self.minor_per_major();
        self.users.values_mut().for_each(|user| user.set_minor_per_major(minor_per_major));
        self
    }

    /// The parameters.
    #[must_use]
    pub const fn params(&self) -> &V1Params {
        &self.params
    }

    /// The currency of all amounts, where one was given.
    #[must_use]
    pub const fn currency(&self) -> Option<Currency> {
        self.currency
    }

    /// The number of users with a transaction.
    #[must_use]
    pub fn n_users(&self) -> usize {
        self.users.len()
    }

    /// The number of transactions pushed so far.
    #[must_use]
    pub fn n_transactions(&self) -> usize {
        self.users.values().map(UserState::n_past).fold(0, usize::saturating_add)
    }

    /// Adds a transaction. When it is refused the state is as it was.
    ///
    /// # Errors
    /// [`Error::NotInOrder`] for a row older than the one before of the same user; [`Error::Data`] for a user without
    /// a name and for more than 2³² distinct texts. A row without a balance is taken; asking for features fails as
    /// long as it lies in a look-back.
    pub fn push(&mut self, row: &Transaction<'_>) -> Result<(), Error> {
        if row.user.is_empty() {
            return Err(DataError::Empty { what: "characters in the name of the user" }.into());
        }
        let known = self.users.get_index_of(row.user);
        if let Some((_, user)) = known.and_then(|user| self.users.get_index(user)) {
            ensure_in_order(row, user.last_time())?;
        }
        let booking = self.booking(row)?;
        let user = match known {
            Some(user) => user,
            None => self.users.insert_full(row.user.into(), UserState::new(self.minor_per_major())).0,
        };
        if let Some((_, user)) = self.users.get_index_mut(user) {
            user.push(booking, i64::from(self.params.lookback_days()) * DAY);
        }
        Ok(())
    }

    /// The features of a user now, in the order of [`schema_v1`]; `None` for a user with too few transactions, or
    /// none. `O(log w)`.
    ///
    /// # Errors
    /// [`Error::MissingBalance`] when a row of the look-back has no balance.
    pub fn row(&self, user: &str) -> Result<Option<Vec<f64>>, Error> {
        let Some(state) = self.users.get(user).filter(|user| user.n_past() >= self.params.min_transactions())
        else {
            return Ok(None);
        };
        let mut values = vec![0.0; schema_v1().len()];
        write_features(&state.window(user)?, &mut values);
        Ok(Some(values))
    }

    /// The features of all users, each as of the last transaction: what [`V1Params::compute`] gives for the ledger of
    /// the same rows. `O(n log n)` for `n` users.
    ///
    /// # Errors
    /// Those of [`V1Params::compute`].
    pub fn features(&self) -> Result<Features, Error> {
        self.table(|user| Ok(moment(user.1.last_time())))
    }

    /// The features of all users at one date, which must not be before any transaction pushed: what
    /// [`V1Params::compute_snapshots`] gives for that date and the ledger of the same rows.
    ///
    /// # Errors
    /// Those of [`V1Params::compute`], and [`Error::AlreadyLater`].
    pub fn features_at(&self, as_of: NaiveDateTime) -> Result<Features, Error> {
        self.table(|(name, user)| {
            if user.last_time() <= second(as_of) {
                return Ok(as_of);
            }
            Err(Error::AlreadyLater { user: name.to_owned(), as_of, last: moment(user.last_time()) })
        })
    }

    fn table(
        &self,
        as_of: impl Fn((&str, &UserState)) -> Result<NaiveDateTime, Error>,
    ) -> Result<Features, Error> {
        if self.users.is_empty() {
            return Err(DataError::Empty { what: "transactions" }.into());
        }
        let mut users: Vec<(&str, &UserState)> =
            self.users.iter().map(|(name, user)| (&**name, user)).collect();
        users.sort_unstable_by(|a, b| natural_cmp(a.0, b.0));
        let (mut keys, mut values, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
        for (name, user) in users {
            let (as_of, n_transactions) = (as_of((name, user))?, user.n_past());
            if n_transactions < self.params.min_transactions() {
                left_out.push(LeftOut { user: name.to_owned(), as_of, n_transactions });
                continue;
            }
            let window = user.window(name)?;
            values.extend(schema_v1().iter().map(|spec| spec.value(&window)));
            keys.push(RowKey { user: name.to_owned(), as_of });
        }
        if keys.is_empty() {
            return Err(no_users(self.users.len(), self.params.min_transactions(), &left_out));
        }
        let values = Array2::from_shape_vec((keys.len(), schema_v1().len()), values)
            .map_err(|error| DataError::Inconsistent { what: "feature table", reason: error.to_string() })?;
        let names = schema_v1().iter().map(|spec| spec.name);
        Ok(Features::new(FeatureTable::new(keys, names, values)?, left_out))
    }

    fn booking(&mut self, row: &Transaction<'_>) -> Result<Booking, Error> {
        Ok(Booking {
            time: second(row.time),
            pence: row.amount.minor(),
            balance: row.balance.map(Money::minor),
            category: row.category,
            description: number_of(Some(row.description).filter(|text| !text.is_empty()), &mut self.texts)?,
            city: number_of(row.city, &mut self.texts)?,
            source_row: row.source_row,
        })
    }

    fn minor_per_major(&self) -> f64 {
        self.currency.map_or(100.0, Currency::minor_per_major)
    }
}

fn ensure_in_order(row: &Transaction<'_>, last: i64) -> Result<(), Error> {
    if second(row.time) >= last {
        return Ok(());
    }
    Err(Error::NotInOrder { user: row.user.to_owned(), time: row.time, last: moment(last) })
}
