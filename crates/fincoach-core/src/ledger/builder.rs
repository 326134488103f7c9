//! From rows in any order of users to a ledger.

use std::ops::Range;

use super::symbols::Symbols;
use super::{Columns, Ledger, Symbol};
use crate::order::natural_cmp;
use crate::{Currency, DataError, Transaction};

/// Collects rows; [`LedgerBuilder::finish`] brings them into the order of a [`Ledger`].
///
/// Rows may come in any order of users and times. Rows of one user at one instant keep the order they
/// come in: give them in their true order.
#[derive(Debug, Default)]
pub struct LedgerBuilder {
    currency: Option<Currency>,
    columns: Columns,
    symbols: Symbols,
    users: Symbols,
    row_users: Vec<Symbol>,
}

impl LedgerBuilder {
    /// Names the currency of all amounts.
    #[must_use]
    pub const fn with_currency(mut self, currency: Currency) -> Self {
        self.currency = Some(currency);
        self
    }

    /// Adds one row.
    ///
    /// # Errors
    /// [`DataError::Empty`] for a user without a name, [`DataError::Inconsistent`] when there are more
    /// than 2³² distinct texts.
    pub fn push(&mut self, row: &Transaction<'_>) -> Result<(), DataError> {
        if row.user.is_empty() {
            return Err(DataError::Empty { what: "characters in the name of the user" });
        }
        let user = known(self.users.intern(Some(row.user)))?;
        let description = Some(row.description).filter(|text| !text.is_empty());
        let texts = [
            row.raw_type,
            row.raw_category,
            description,
            row.city,
            row.country,
            row.account,
            row.merchant,
            row.reference,
        ];
        let mut symbols = [Symbol::MISSING; 8];
        for (symbol, text) in symbols.iter_mut().zip(texts) {
            *symbol = known(self.symbols.intern(text))?;
        }
        self.row_users.push(user);
        self.columns.push(row, symbols);
        Ok(())
    }

    /// The number of rows so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.row_users.len()
    }

    /// Whether there is no row yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.row_users.is_empty()
    }

    /// The ledger of all rows. `O(n log n)`; `O(n)` when they come in order.
    #[must_use]
    pub fn finish(self) -> Ledger {
        let mut names = self.users.into_texts();
        let mut by_name: Vec<usize> = (0..names.len()).collect();
        by_name.sort_by(|a, b| natural_cmp(&names[*a], &names[*b]));
        let mut rank = vec![0; names.len()];
        for (place, user) in by_name.iter().enumerate() {
            rank[*user] = place;
        }
        let rank_of = |row: usize| rank[self.row_users[row].index() - 1];
        let times = &self.columns.times;
        let mut order: Vec<usize> = (0..times.len()).collect();
        order.sort_by_key(|row| (rank_of(*row), times[*row]));

        let mut offsets = vec![0; names.len() + 1];
        for row in 0..times.len() {
            offsets[rank_of(row) + 1] += 1;
        }
        for user in 0..names.len() {
            offsets[user + 1] += offsets[user];
        }
        let users = by_name.iter().map(|user| std::mem::take(&mut names[*user]).into()).collect();
        let columns = self.columns.reordered(&order);
        Ledger { currency: self.currency, users, offsets, symbols: self.symbols, columns }
    }
}

fn known(symbol: Option<Symbol>) -> Result<Symbol, DataError> {
    symbol.ok_or_else(|| DataError::Inconsistent {
        what: "ledger",
        reason: "more distinct texts than 2^32".to_owned(),
    })
}

impl Columns {
    fn push(&mut self, row: &Transaction<'_>, symbols: [Symbol; 8]) {
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

    fn reordered(self, order: &[usize]) -> Self {
        if order.windows(2).all(|pair| pair[0] < pair[1]) {
            return self;
        }
        fn pick<T: Copy>(column: &[T], order: &[usize]) -> Vec<T> {
            order.iter().map(|row| column[*row]).collect()
        }
        Self {
            times: pick(&self.times, order),
            precisions: pick(&self.precisions, order),
            amounts: pick(&self.amounts, order),
            balances: pick(&self.balances, order),
            directions: pick(&self.directions, order),
            categories: pick(&self.categories, order),
            roles: pick(&self.roles, order),
            raw_types: pick(&self.raw_types, order),
            raw_categories: pick(&self.raw_categories, order),
            descriptions: pick(&self.descriptions, order),
            cities: pick(&self.cities, order),
            countries: pick(&self.countries, order),
            accounts: pick(&self.accounts, order),
            merchants: pick(&self.merchants, order),
            references: pick(&self.references, order),
            source_rows: pick(&self.source_rows, order),
        }
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
        .flatten()
        .map(|symbol| symbol.index())
        .max()
        .unwrap_or(0)
    }

    pub(super) fn times_in(&self, rows: Range<usize>) -> &[i64] {
        &self.times[rows]
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proptest::prelude::*;

    use super::*;
    use crate::Money;

    fn ledger_of(rows: &[(u8, u32, i64)]) -> Ledger {
        let mut builder = Ledger::builder();
        for (user, day, amount) in rows {
            let time = NaiveDate::from_ymd_opt(2024, 1, *day).unwrap().into();
            let user = user.to_string();
            let mut row = Transaction::new(&user, time, Money::from_minor(*amount));
            row.description = if amount % 2 == 0 { "even" } else { "" };
            builder.push(&row).unwrap();
        }
        builder.finish()
    }

    #[test]
    fn rows_of_one_day_keep_their_order() {
        let ledger = ledger_of(&[(1, 2, 5), (1, 1, 9), (1, 2, 3), (1, 2, 4)]);
        let amounts: Vec<i64> = ledger.user(0).amounts().iter().map(|amount| amount.minor()).collect();
        assert_eq!(amounts, [9, 5, 3, 4]);
    }

    #[test]
    fn a_user_without_a_name_is_refused() {
        let time = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().into();
        assert!(Ledger::builder().push(&Transaction::new("", time, Money::ZERO)).is_err());
    }

    #[test]
    fn an_empty_ledger_is_a_ledger() {
        let ledger = Ledger::builder().finish();
        assert!(ledger.is_empty() && ledger.all().is_empty());
        assert_eq!(ledger.n_users(), 0);
    }

    proptest! {
        #[test]
        fn every_row_is_kept_and_in_order(rows in prop::collection::vec((0_u8..20, 1_u32..28, -50_i64..50), 0..60)) {
            let ledger = ledger_of(&rows);
            prop_assert_eq!(ledger.len(), rows.len());
            for view in ledger.iter_users() {
                let mut expected: Vec<_> = rows.iter().filter(|row| row.0.to_string() == view.user()).collect();
                expected.sort_by_key(|row| row.1);
                let expected: Vec<i64> = expected.iter().map(|row| row.2).collect();
                let got: Vec<i64> = view.amounts().iter().map(|amount| amount.minor()).collect();
                prop_assert_eq!(got, expected);
            }
            let numbers: Vec<u8> = ledger.users().iter().map(|user| user.parse().unwrap()).collect();
            prop_assert!(numbers.is_sorted());
            let text = serde_json::to_string(&ledger).unwrap();
            prop_assert_eq!(serde_json::from_str::<Ledger>(&text).unwrap(), ledger);
        }
    }
}
