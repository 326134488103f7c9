//! From rows in any order of users to a ledger.

use super::symbols::Symbols;
use super::{Ledger, LedgerColumns, Symbol};
use crate::order::natural_cmp;
use crate::{Currency, DataError, Transaction};

/// Collects rows; [`LedgerBuilder::finish`] brings them into the order of a [`Ledger`].
///
/// Rows may come in any order of users and times. Rows of one user at one instant keep the order they
/// come in: give them in their true order.
#[derive(Debug, Default)]
pub struct LedgerBuilder {
    currency: Option<Currency>,
    columns: LedgerColumns,
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
    /// than 2³² rows or distinct texts.
    pub fn push(&mut self, row: &Transaction<'_>) -> Result<(), DataError> {
        if row.user.is_empty() {
            return Err(DataError::Empty { what: "characters in the name of the user" });
        }
        u32::try_from(self.len()).map_err(|_| too_many("rows"))?;
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

    /// The ledger of all rows. `O(n)` when each user's rows come in the order of time, `O(n log n)` otherwise.
    #[must_use]
    pub fn finish(self) -> Ledger {
        let Self { currency, mut columns, symbols, users, row_users } = self;
        let mut names = users.into_texts();
        let by_name = natural_order(&names);
        let mut rank = vec![0; names.len()];
        for (place, user) in by_name.iter().enumerate() {
            rank[*user] = place;
        }
        let (offsets, mut order) = by_user(&row_users, &rank);
        for user in offsets.windows(2) {
            let rows = &mut order[user[0]..user[1]];
            // Stable, and linear for rows that are in order.
            rows.sort_by_key(|row| columns.times[*row as usize]);
        }
        if !order.is_sorted() {
            columns.reorder(&order);
        }
        let users = by_name.iter().map(|user| std::mem::take(&mut names[*user]).into()).collect();
        Ledger { currency, users, offsets, texts: symbols.into_texts(), columns }
    }
}

/// The numbers of the names, in their natural order.
fn natural_order(names: &[Box<str>]) -> Vec<usize> {
    let mut by_name: Vec<usize> = (0..names.len()).collect();
    by_name.sort_by(|a, b| natural_cmp(&names[*a], &names[*b]));
    by_name
}

/// Where each user's rows begin, and the rows user by user, each one's in the order they came: a counting sort.
fn by_user(row_users: &[Symbol], rank: &[usize]) -> (Vec<usize>, Vec<u32>) {
    let mut offsets = vec![0; rank.len() + 1];
    for user in row_users {
        offsets[rank[user.index() - 1] + 1] += 1;
    }
    for user in 0..rank.len() {
        offsets[user + 1] += offsets[user];
    }
    let mut next = offsets.clone();
    let mut order = vec![0; row_users.len()];
    for (row, user) in (0..).zip(row_users) {
        let place = &mut next[rank[user.index() - 1]];
        order[*place] = row;
        *place += 1;
    }
    (offsets, order)
}

fn known(symbol: Option<Symbol>) -> Result<Symbol, DataError> {
    symbol.ok_or_else(|| too_many("distinct texts"))
}

fn too_many(what: &str) -> DataError {
    DataError::Inconsistent { what: "ledger", reason: format!("more {what} than 2^32") }
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
