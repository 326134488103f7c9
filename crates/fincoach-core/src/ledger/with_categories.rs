//! A ledger with its standard categories anew.

use super::Ledger;
use crate::{Category, DataError};

impl Ledger {
    /// The same ledger with this standard category for each row, in the order of [`Ledger::all`]; what the export
    /// said (`raw_category`) stays. `O(1)` but for the lengths.
    ///
    /// # Errors
    /// [`DataError::Length`] unless there is one category per row.
    ///
    /// # Examples
    /// ```
    /// use fincoach_core::{Category, Ledger, Money, Transaction, chrono::NaiveDate};
    /// let day = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().into();
    /// let mut builder = Ledger::builder();
    /// builder.push(&Transaction::new("anna", day, Money::from_minor(-500)))?;
    /// let ledger = builder.finish().with_categories(vec![Category::Groceries])?;
    /// assert_eq!(ledger.all().categories(), [Category::Groceries]);
    /// assert!(ledger.with_categories(vec![]).is_err());
    /// # Ok::<(), fincoach_core::DataError>(())
    /// ```
    pub fn with_categories(mut self, categories: Vec<Category>) -> Result<Self, DataError> {
        DataError::ensure_len("categories, one for each row", self.len(), categories.len())?;
        self.columns.categories = categories;
        Ok(self)
    }
}
