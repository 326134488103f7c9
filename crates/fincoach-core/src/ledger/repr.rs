//! The form of a ledger on disk, checked on the way in.

use serde::{Deserialize, Serialize};

use super::symbols::Symbols;
use super::{Columns, Ledger};
use crate::order::natural_cmp;
use crate::{Currency, DataError};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Repr {
    currency: Option<Currency>,
    users: Vec<String>,
    offsets: Vec<usize>,
    texts: Vec<Box<str>>,
    columns: Columns,
}

impl From<Ledger> for Repr {
    fn from(ledger: Ledger) -> Self {
        Self {
            currency: ledger.currency,
            users: ledger.users,
            offsets: ledger.offsets,
            texts: ledger.symbols.into_texts(),
            columns: ledger.columns,
        }
    }
}

impl TryFrom<Repr> for Ledger {
    type Error = DataError;

    fn try_from(repr: Repr) -> Result<Self, DataError> {
        let n_rows = repr.columns.times.len();
        for length in repr.columns.lengths() {
            DataError::ensure_len("rows of a column", n_rows, length)?;
        }
        ensure(repr.columns.largest_symbol() <= repr.texts.len(), "a symbol has no text")?;
        ensure_users(&repr, n_rows)?;
        let symbols = Symbols::from_texts(repr.texts);
        let symbols = symbols.ok_or_else(|| inconsistent("a text stands twice"))?;
        let Repr { currency, users, offsets, columns, .. } = repr;
        Ok(Self { currency, users, offsets, symbols, columns })
    }
}

fn ensure_users(repr: &Repr, n_rows: usize) -> Result<(), DataError> {
    let offsets = &repr.offsets;
    DataError::ensure_len("offsets of users", repr.users.len() + 1, offsets.len())?;
    ensure(offsets[0] == 0 && offsets[repr.users.len()] == n_rows, "the users do not cover the rows")?;
    ensure(offsets.windows(2).all(|pair| pair[0] < pair[1]), "a user has no rows")?;
    ensure(repr.users.iter().all(|user| !user.is_empty()), "a user has no name")?;
    let in_order = repr.users.windows(2).all(|pair| natural_cmp(&pair[0], &pair[1]).is_lt());
    ensure(in_order, "the users are not in natural order")?;
    let sorted = |pair: &[usize]| repr.columns.times_in(pair[0]..pair[1]).is_sorted();
    ensure(offsets.windows(2).all(sorted), "the rows of a user are not in the order of time")
}

fn ensure(ok: bool, reason: &str) -> Result<(), DataError> {
    if ok { Ok(()) } else { Err(inconsistent(reason)) }
}

fn inconsistent(reason: &str) -> DataError {
    DataError::Inconsistent { what: "ledger", reason: reason.to_owned() }
}
