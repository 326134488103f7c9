//! A ledger taken apart, as it is on disk; checked on the way in.

use foldhash::fast::FixedState;
use indexmap::IndexSet;
use serde::{Deserialize, Serialize};

use super::{Ledger, LedgerColumns};
use crate::order::natural_cmp;
use crate::{Currency, DataError};

/// A [`Ledger`] taken apart: change whole columns, then put it together with `Ledger::try_from`, which checks
/// everything a ledger promises.
///
/// # Examples
/// ```
/// use fincoach_core::{Ledger, LedgerParts, Money, Role, Transaction, chrono::NaiveDate};
/// let day = NaiveDate::from_ymd_opt(2024, 3, 1).unwrap();
/// let mut builder = Ledger::builder();
/// builder.push(&Transaction::new("anna", day.into(), Money::from_minor(-500)))?;
/// let mut parts = LedgerParts::from(builder.finish());
/// parts.columns.roles[0] = Role::Transfer;
/// let ledger = Ledger::try_from(parts)?;
/// assert_eq!(ledger.user(0).row(0).role, Role::Transfer);
///
/// let mut parts = LedgerParts::from(ledger);
/// parts.offsets = vec![0, 2];
/// let error = Ledger::try_from(parts).unwrap_err();
/// assert_eq!(error.to_string(), "ledger is inconsistent: the users do not cover the rows");
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerParts {
    /// The currency of all amounts, where the source told it.
    pub currency: Option<Currency>,
    /// The users in natural order, each with a name and at least one row.
    pub users: Vec<String>,
    /// Where each user's rows begin, and where the last one's end: one entry more than users.
    pub offsets: Vec<usize>,
    /// The distinct texts; text `i` has the symbol `i + 1`.
    pub texts: Vec<Box<str>>,
    /// The rows, each user's in the order of time.
    pub columns: LedgerColumns,
}

impl From<Ledger> for LedgerParts {
    fn from(ledger: Ledger) -> Self {
        let Ledger { currency, users, offsets, texts, columns } = ledger;
        Self { currency, users, offsets, texts, columns }
    }
}

impl TryFrom<LedgerParts> for Ledger {
    type Error = DataError;

    /// `O(n)` for `n` rows.
    fn try_from(parts: LedgerParts) -> Result<Self, DataError> {
        let n_rows = parts.columns.times.len();
        for length in parts.columns.lengths() {
            DataError::ensure_len("rows of a column", n_rows, length)?;
        }
        ensure(parts.columns.largest_symbol() <= parts.texts.len(), "a symbol has no text")?;
        ensure_users(&parts, n_rows)?;
        ensure(all_differ(&parts.texts), "a text stands twice")?;
        let LedgerParts { currency, users, offsets, texts, columns } = parts;
        Ok(Self { currency, users, offsets, texts, columns })
    }
}

fn all_differ(texts: &[Box<str>]) -> bool {
    let mut seen = IndexSet::with_capacity_and_hasher(texts.len(), FixedState::default());
    texts.iter().all(|text| seen.insert(text.as_ref()))
}

fn ensure_users(parts: &LedgerParts, n_rows: usize) -> Result<(), DataError> {
    let offsets = &parts.offsets;
    DataError::ensure_len("offsets of users", parts.users.len() + 1, offsets.len())?;
    ensure(offsets[0] == 0 && offsets[parts.users.len()] == n_rows, "the users do not cover the rows")?;
    ensure(offsets.windows(2).all(|pair| pair[0] < pair[1]), "a user has no rows")?;
    ensure(parts.users.iter().all(|user| !user.is_empty()), "a user has no name")?;
    let in_order = parts.users.windows(2).all(|pair| natural_cmp(&pair[0], &pair[1]).is_lt());
    ensure(in_order, "the users are not in natural order")?;
    let sorted = |pair: &[usize]| parts.columns.times[pair[0]..pair[1]].is_sorted();
    ensure(offsets.windows(2).all(sorted), "the rows of a user are not in the order of time")
}

fn ensure(ok: bool, reason: &str) -> Result<(), DataError> {
    if ok { Ok(()) } else { Err(inconsistent(reason)) }
}

fn inconsistent(reason: &str) -> DataError {
    DataError::Inconsistent { what: "ledger", reason: reason.to_owned() }
}
