//! A ledger with one column anew.

use super::symbols::Symbols;
use super::{Ledger, Symbol};
use crate::{DataError, Role};

impl Ledger {
    /// The same ledger with this role for each row, in the order of [`Ledger::all`]. `O(1)` but for the lengths.
    ///
    /// # Errors
    /// [`DataError::Length`] unless there is one role per row.
    ///
    /// # Examples
    /// ```
    /// use fincoach_core::{Ledger, Money, Role, Transaction, chrono::NaiveDate};
    /// let day = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().into();
    /// let mut builder = Ledger::builder();
    /// builder.push(&Transaction::new("anna", day, Money::from_minor(-500)))?;
    /// let ledger = builder.finish().with_roles(vec![Role::Transfer])?;
    /// assert_eq!(ledger.all().roles(), [Role::Transfer]);
    /// assert!(ledger.with_roles(vec![]).is_err());
    /// # Ok::<(), fincoach_core::DataError>(())
    /// ```
    pub fn with_roles(mut self, roles: Vec<Role>) -> Result<Self, DataError> {
        DataError::ensure_len("roles, one for each row", self.len(), roles.len())?;
        self.columns.roles = roles;
        Ok(self)
    }

    /// The same ledger with other merchants: row `r` of [`Ledger::all`] gets `names[of_rows[r]]`, or none where
    /// `of_rows[r]` is `None`. Each name is looked up once, so the cost is `O(rows + names)`.
    ///
    /// # Errors
    /// [`DataError::Length`] unless there is one entry per row, [`DataError::Inconsistent`] for an entry
    /// without a name, an empty name, or more than 2³² distinct texts.
    ///
    /// # Examples
    /// ```
    /// use fincoach_core::{Ledger, Money, Transaction, chrono::NaiveDate};
    /// let day = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().into();
    /// let mut builder = Ledger::builder();
    /// builder.push(&Transaction::new("anna", day, Money::from_minor(-500)))?;
    /// builder.push(&Transaction::new("anna", day, Money::from_minor(-700)))?;
    /// let ledger = builder.finish().with_merchants(&["LIDL"], &[None, Some(0)])?;
    /// assert_eq!(ledger.all().row(0).merchant, None);
    /// assert_eq!(ledger.all().row(1).merchant, Some("LIDL"));
    /// # Ok::<(), fincoach_core::DataError>(())
    /// ```
    pub fn with_merchants(
        mut self,
        names: &[impl AsRef<str>],
        of_rows: &[Option<u32>],
    ) -> Result<Self, DataError> {
        DataError::ensure_len("merchants, one for each row", self.len(), of_rows.len())?;
        let mut texts = Symbols::of(std::mem::take(&mut self.texts));
        let symbols = names.iter().map(|name| symbol_of_name(&mut texts, name.as_ref()));
        let symbols = symbols.collect::<Result<Vec<Symbol>, DataError>>()?;
        self.texts = texts.into_texts();
        let merchants = of_rows.iter().map(|name| match name {
            None => Ok(Symbol::MISSING),
            Some(name) => symbols
                .get(*name as usize)
                .copied()
                .ok_or_else(|| inconsistent(format!("merchant {name} of {}", symbols.len()))),
        });
        self.columns.merchants = merchants.collect::<Result<Vec<Symbol>, DataError>>()?;
        Ok(self)
    }
}

fn symbol_of_name(texts: &mut Symbols, name: &str) -> Result<Symbol, DataError> {
    if name.is_empty() {
        return Err(inconsistent("a merchant has an empty name".to_owned()));
    }
    texts.intern(Some(name)).ok_or_else(|| inconsistent("more distinct texts than 2^32".to_owned()))
}

const fn inconsistent(reason: String) -> DataError {
    DataError::Inconsistent { what: "ledger", reason }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::{Money, Transaction};

    fn two_rows() -> Ledger {
        let mut builder = Ledger::builder();
        for (user, description) in [("ben", "LIDL"), ("anna", "ALDI")] {
            let day = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().into();
            let mut row = Transaction::new(user, day, Money::from_minor(-1));
            row.description = description;
            builder.push(&row).unwrap();
        }
        builder.finish()
    }

    #[test]
    fn only_the_column_changes() {
        let ledger = two_rows();
        let changed = ledger.clone().with_merchants(&["LIDL", "new"], &[Some(1), Some(0)]).unwrap();
        let merchants: Vec<_> = changed.all().iter().map(|row| row.merchant).collect();
        assert_eq!(merchants, [Some("new"), Some("LIDL")]);
        assert_eq!(changed.n_symbols(), 3, "LIDL was known as a description");
        assert_eq!(changed.all().descriptions(), ledger.all().descriptions());
        let back = changed.with_merchants(&[] as &[&str], &[None, None]).unwrap();
        let rows: Vec<_> = ledger.all().iter().collect();
        assert_eq!(back.all().iter().collect::<Vec<_>>(), rows);
    }

    #[test]
    fn wrong_lengths_and_unknown_names_are_refused() {
        assert!(two_rows().with_roles(vec![Role::Refund]).is_err());
        assert!(two_rows().with_merchants(&["a"], &[None]).is_err());
        assert!(two_rows().with_merchants(&["a"], &[None, Some(1)]).is_err());
        assert!(two_rows().with_merchants(&[""], &[None, None]).is_err());
    }

    #[test]
    fn a_changed_ledger_survives_the_disk() {
        let ledger = two_rows().with_roles(vec![Role::Refund, Role::Transfer]).unwrap();
        let ledger = ledger.with_merchants(&["x"], &[Some(0), None]).unwrap();
        let text = serde_json::to_string(&ledger).unwrap();
        assert_eq!(serde_json::from_str::<Ledger>(&text).unwrap(), ledger);
    }
}
