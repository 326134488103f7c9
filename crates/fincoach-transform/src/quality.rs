//! What a file holds and what it lacks.

use fincoach_core::chrono::NaiveDate;
use fincoach_core::{Category, Currency, Money};
use serde::{Deserialize, Serialize};

use crate::policy::LeftOut;
use crate::{FileOrder, NotBooked, Refused, StatementReport};

/// How many breaks of the balance chain are listed one by one.
pub(crate) const LISTED_BREAKS: usize = 10;

/// The blank fields of one column of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnBlanks {
    /// Name in the header.
    pub column: String,
    /// Rows where it is blank.
    pub rows: u64,
}

/// The rows with one text in a column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextCount {
    /// The text as the export has it, `None` for a blank.
    pub text: Option<String>,
    /// Rows that have it.
    pub rows: u64,
}

/// The rows of one standard category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryCount {
    /// The category.
    pub category: Category,
    /// Its rows.
    pub rows: u64,
}

/// The rows that move money one way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    /// Rows.
    pub rows: u64,
    /// Sum, without sign, in minor units.
    pub total: Money,
    /// Sum divided by rows, in minor units; 0 where there are none.
    pub mean: f64,
}

/// A row whose balance does not follow from the row before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BalanceBreak {
    /// Line of the file.
    pub line: u64,
    /// Balance before plus amount, in minor units.
    pub expected: Money,
    /// Balance in the file, in minor units.
    pub found: Money,
}

/// What a file holds and what it lacks; printed, it is a text for people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct QualityReport {
    /// Name of the file.
    pub source: String,
    /// Currency of the amounts, where the file or the layout tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// Rows found below the header: those in the ledger, those refused and those not booked, together.
    pub rows_read: u64,
    /// Rows of the ledger.
    pub rows_in_ledger: u64,
    /// Rows that cannot be read; 0 unless the [`RowPolicy`](crate::RowPolicy) lets them pass.
    pub rows_refused: u64,
    /// Rows the bank has not booked: by the [`StatusRule`](crate::StatusRule) of the layout, or by what a statement
    /// file says of them.
    pub rows_not_booked: u64,
    /// Users of the ledger.
    pub users: u64,
    /// Accounts of the file: values of the user and account columns together, 1 without such columns.
    pub accounts: u64,
    /// Date of the earliest row.
    pub first_date: NaiveDate,
    /// Date of the latest row.
    pub last_date: NaiveDate,
    /// The order the file lists its rows in.
    pub order: FileOrder,
    /// Money that arrived: rows with an amount above 0.
    pub money_in: Flow,
    /// Money that left: rows with an amount below 0.
    pub money_out: Flow,
    /// Blank fields of every column, in the order of the header.
    pub blanks: Vec<ColumnBlanks>,
    /// Rows by type code, most frequent first, then by text; empty where the file has no such column.
    pub types: Vec<TextCount>,
    /// Rows by category of the export, likewise.
    pub raw_categories: Vec<TextCount>,
    /// Rows by standard category, all eleven in their order.
    pub categories: Vec<CategoryCount>,
    /// Rows beyond the first with the same account, time, description and amount. They may be real: two bus
    /// tickets on one day are two rows.
    pub duplicates: u64,
    /// Rows without a balance.
    pub rows_without_balance: u64,
    /// Rows whose balance does not follow from the row before them in the ledger's order of the account.
    pub balance_breaks: u64,
    /// The first ten of them.
    pub first_breaks: Vec<BalanceBreak>,
    /// Every row that cannot be read, in the order of the file.
    pub refused: Vec<Refused>,
    /// Every row that is not booked, in the order of the file.
    pub not_booked: Vec<NotBooked>,
    /// What a statement file (OFX, QIF, MT940, camt.053) says of itself; `None` for other files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<StatementReport>,
}

impl QualityReport {
    /// Lists and counts the rows that do not reach the ledger.
    pub(crate) fn add_left_out(&mut self, left_out: LeftOut) {
        self.rows_refused = left_out.n_refused;
        self.rows_not_booked = left_out.not_booked.len() as u64;
        self.rows_read += self.rows_refused + self.rows_not_booked;
        self.refused = left_out.refused;
        self.not_booked = left_out.not_booked;
    }
}

impl Flow {
    #[expect(clippy::cast_precision_loss, reason = "sums of money and counts stay far below 2^53")]
    pub(crate) fn new(rows: u64, total: Money) -> Self {
        Self { rows, total, mean: if rows == 0 { 0.0 } else { total.minor() as f64 / rows as f64 } }
    }
}
