//! The columns of a ledger, as plain vectors.

use serde::{Deserialize, Serialize};

use super::Symbol;
use crate::{Category, Direction, Money, Role, TimePrecision, Transaction};

/// The columns of a [`crate::Ledger`], all of one length: row `i` is entry `i` of each.
///
/// For code that reads or changes whole columns; [`crate::LedgerBuilder`] is for rows one by one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerColumns {
    /// Seconds since 1970-01-01 00:00 in the local time of the source.
    pub times: Vec<i64>,
    /// Whether each time has a time of day.
    pub precisions: Vec<TimePrecision>,
    /// Amounts; negative leaves the account.
    pub amounts: Vec<Money>,
    /// Balance after each row, where there is one.
    pub balances: Vec<Option<Money>>,
    /// Directions.
    pub directions: Vec<Direction>,
    /// Standard categories.
    pub categories: Vec<Category>,
    /// Whether each row is income or spending, or money that only moves.
    pub roles: Vec<Role>,
    /// Type codes as exported.
    pub raw_types: Vec<Symbol>,
    /// Categories as exported.
    pub raw_categories: Vec<Symbol>,
    /// Texts of the bookings.
    pub descriptions: Vec<Symbol>,
    /// Cities.
    pub cities: Vec<Symbol>,
    /// Countries.
    pub countries: Vec<Symbol>,
    /// Accounts.
    pub accounts: Vec<Symbol>,
    /// Merchants.
    pub merchants: Vec<Symbol>,
    /// The bank's own numbers of the bookings.
    pub references: Vec<Symbol>,
    /// Rows of the source file.
    pub source_rows: Vec<u32>,
}

impl LedgerColumns {
    pub(super) fn push(&mut self, row: &Transaction<'_>, symbols: [Symbol; 8]) {
        let [raw_type, raw_category, description, city, country, account, merchant, reference] = symbols;
        self.times.push(row.time.and_utc().timestamp());
        self.precisions.push(row.precision);
        self.amounts.push(row.amount);
        self.balances.push(row.balance);
        self.directions.push(row.direction);
        self.categories.push(row.category);
        self.roles.push(row.role);
        self.raw_types.push(raw_type);
        self.raw_categories.push(raw_category);
        self.descriptions.push(description);
        self.cities.push(city);
        self.countries.push(country);
        self.accounts.push(account);
        self.merchants.push(merchant);
        self.references.push(reference);
        self.source_rows.push(row.source_row);
    }

    /// Brings the rows into another order, column by column: only one column is held twice at a time.
    ///
    /// # Panics
    /// When there is no row of a number in `order`.
    pub fn reorder(&mut self, order: &[u32]) {
        fn pick<T: Copy>(column: &mut Vec<T>, order: &[u32]) {
            *column = order.iter().map(|row| column[*row as usize]).collect();
        }
        pick(&mut self.times, order);
        pick(&mut self.precisions, order);
        pick(&mut self.amounts, order);
        pick(&mut self.balances, order);
        pick(&mut self.directions, order);
        pick(&mut self.categories, order);
        pick(&mut self.roles, order);
        pick(&mut self.source_rows, order);
        for column in self.symbols_mut() {
            pick(column, order);
        }
    }

    /// Moves the first rows to just before the row `place`.
    ///
    /// # Panics
    /// When `n_rows` is more than `place`, or `place` more than there are rows.
    pub fn rotate(&mut self, n_rows: usize, place: usize) {
        self.times[..place].rotate_left(n_rows);
        self.precisions[..place].rotate_left(n_rows);
        self.amounts[..place].rotate_left(n_rows);
        self.balances[..place].rotate_left(n_rows);
        self.directions[..place].rotate_left(n_rows);
        self.categories[..place].rotate_left(n_rows);
        self.roles[..place].rotate_left(n_rows);
        self.source_rows[..place].rotate_left(n_rows);
        for column in self.symbols_mut() {
            column[..place].rotate_left(n_rows);
        }
    }

    fn symbols_mut(&mut self) -> [&mut Vec<Symbol>; 8] {
        [
            &mut self.raw_types,
            &mut self.raw_categories,
            &mut self.descriptions,
            &mut self.cities,
            &mut self.countries,
            &mut self.accounts,
            &mut self.merchants,
            &mut self.references,
        ]
    }

    /// The lengths of all columns.
    pub(super) fn lengths(&self) -> [usize; 16] {
        [
            self.times.len(),
            self.precisions.len(),
            self.amounts.len(),
            self.balances.len(),
            self.directions.len(),
            self.categories.len(),
            self.roles.len(),
            self.raw_types.len(),
            self.raw_categories.len(),
            self.descriptions.len(),
            self.cities.len(),
            self.countries.len(),
            self.accounts.len(),
            self.merchants.len(),
            self.references.len(),
            self.source_rows.len(),
        ]
    }

    /// The largest symbol of any column.
    pub(super) fn largest_symbol(&self) -> usize {
        [
            &self.raw_types,
            &self.raw_categories,
            &self.descriptions,
            &self.cities,
            &self.countries,
            &self.accounts,
            &self.merchants,
            &self.references,
        ]
        .into_iter()
        // A fold over a slice, not `max` over all: it becomes vector instructions.
        .map(|column| column.iter().fold(0, |largest, symbol| symbol.index().max(largest)))
        .max()
        .unwrap_or(0)
    }
}
