//! Bookings whose category is known.

use std::borrow::Cow;

use fincoach_core::{DataError, Ledger, Transaction};

use super::clues::{Context, Surroundings};

/// Bookings with a label each, oldest first: what a [`Categoriser`](crate::Categoriser) is fitted on and judged by.
///
/// Labels are free text: the categories of the export, the standard ones, or the user's own. Spaces at the ends and
/// runs of spaces within are tidied, so that `Groceries ` is `Groceries`; a blank label is no label. Rows of several
/// users are merged by time, those of one instant in the order of the ledger.
///
/// # Examples
/// ```
/// use fincoach_core::{Ledger, Money, Transaction, chrono::NaiveDate};
/// use fincoach_transform::LabelledRows;
/// let mut builder = Ledger::builder();
/// for (day, shop, category) in [(2, "LIDL", Some("Groceries ")), (1, "KFC", Some("Dine Out")), (3, "?", None)] {
///     let date = NaiveDate::from_ymd_opt(2024, 1, day).unwrap();
///     let mut row = Transaction::new("anna", date.into(), Money::from_minor(-500));
///     (row.description, row.raw_category) = (shop, category);
///     builder.push(&row)?;
/// }
/// let rows = LabelledRows::from_ledger(&builder.finish());
/// assert_eq!(rows.n_rows(), 2);
/// assert_eq!((rows.description(0), rows.label(0)), ("KFC", "Dine Out"));
/// assert_eq!(rows.labels(), ["Dine Out", "Groceries"]);
/// let (early, late) = rows.split_by_time(0.5)?;
/// assert_eq!((early.label(0), late.label(0)), ("Dine Out", "Groceries"));
/// # Ok::<(), fincoach_core::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LabelledRows {
    /// Every label there is, sorted.
    names: Vec<Box<str>>,
    rows: Vec<LabelledRow>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct LabelledRow {
    pub(super) description: Box<str>,
    pub(super) context: Context,
    pub(super) label: Box<str>,
}

impl LabelledRows {
    /// The rows that have a category in the export, with that category.
    #[must_use]
    pub fn from_ledger(ledger: &Ledger) -> Self {
        Self::labelled_by(ledger, |row| row.raw_category.map(Cow::Borrowed))
    }

    /// The rows that have a category in the export, with the standard category it was placed at.
    #[must_use]
    pub fn standard(ledger: &Ledger) -> Self {
        let has_category = |row: &Transaction<'_>| row.raw_category.is_some_and(|raw| !raw.trim().is_empty());
        Self::labelled_by(ledger, |row| has_category(row).then(|| Cow::Borrowed(row.category.name())))
    }

    /// The rows that `label_of` gives a label.
    #[must_use]
    pub fn labelled_by<'a>(
        ledger: &'a Ledger,
        label_of: impl Fn(&Transaction<'a>) -> Option<Cow<'a, str>>,
    ) -> Self {
        let view = ledger.all();
        let mut order: Vec<usize> = (0..view.len()).collect();
        order.sort_by_key(|row| view.times()[*row]);
        let minor_per_major = ledger.minor_per_major();
        let rows = order.into_iter().filter_map(|row| {
            let row = view.row(row);
            let label = tidy(&label_of(&row)?);
            let surroundings = Surroundings::of(&row, minor_per_major);
            let context = Context { raw_type: row.raw_type.unwrap_or("").into(), surroundings };
            (!label.is_empty()).then(|| LabelledRow { description: row.description.into(), context, label })
        });
        Self::of(rows.collect())
    }

    fn of(rows: Vec<LabelledRow>) -> Self {
        let mut names: Vec<Box<str>> = rows.iter().map(|row| row.label.clone()).collect();
        names.sort_unstable();
        names.dedup();
        Self { names, rows }
    }

    /// The number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.rows.len()
    }

    /// The labels there are, sorted.
    #[must_use]
    pub fn labels(&self) -> Vec<&str> {
        self.names.iter().map(AsRef::as_ref).collect()
    }

    /// The label of one row.
    ///
    /// # Panics
    /// When `row` is not below [`LabelledRows::n_rows`].
    #[must_use]
    pub fn label(&self, row: usize) -> &str {
        &self.rows[row].label
    }

    /// The text of one row.
    ///
    /// # Panics
    /// When `row` is not below [`LabelledRows::n_rows`].
    #[must_use]
    pub fn description(&self, row: usize) -> &str {
        &self.rows[row].description
    }

    /// The earliest `share` of the rows (rounded down) and the rest.
    ///
    /// # Errors
    /// [`DataError::OutOfRange`] for a share outside `[0, 1]`, [`DataError::Empty`] where one part has no row.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a share of a count of rows"
    )]
    pub fn split_by_time(&self, share: f64) -> Result<(Self, Self), DataError> {
        if !(0.0..=1.0).contains(&share) {
            let what = "share of the rows";
            return Err(DataError::OutOfRange { row: 0, what, allowed: "in [0, 1]", value: share });
        }
        let n_early = (self.rows.len() as f64 * share) as usize;
        let (early, late) = self.rows.split_at(n_early.min(self.rows.len()));
        if early.is_empty() || late.is_empty() {
            return Err(DataError::Empty { what: "rows in a part of the split" });
        }
        Ok((Self::of(early.to_vec()), Self::of(late.to_vec())))
    }

    /// The given rows in the given order; meant for folds and tests.
    ///
    /// # Errors
    /// [`DataError::Length`] for a row there is not.
    pub fn take(&self, rows: &[usize]) -> Result<Self, DataError> {
        let row = |row: &usize| {
            let (what, expected) = ("row to take, of this many rows", self.rows.len());
            self.rows.get(*row).cloned().ok_or(DataError::Length { what, expected, got: *row })
        };
        rows.iter().map(row).collect::<Result<_, _>>().map(Self::of)
    }

    pub(super) fn rows(&self) -> &[LabelledRow] {
        &self.rows
    }

    /// For each row the position of its label in `names`, which are sorted.
    pub(super) fn label_positions(&self, names: &[Box<str>]) -> Vec<Option<usize>> {
        self.rows.iter().map(|row| names.binary_search(&row.label).ok()).collect()
    }

    pub(super) fn names(&self) -> &[Box<str>] {
        &self.names
    }
}

/// The label without spaces at its ends and with single ones inside.
fn tidy(label: &str) -> Box<str> {
    label.split_whitespace().collect::<Vec<&str>>().join(" ").into()
}
