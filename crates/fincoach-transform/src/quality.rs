//! What a file holds and what it lacks.

use fincoach_core::chrono::NaiveDate;
use fincoach_core::{Category, Money};
use serde::{Deserialize, Serialize};

use crate::order::Chain;
use crate::policy::LeftOut;
use crate::rows::{Row, Rows};
use crate::texts::TextId;
use crate::{CategoryMap, FileOrder, NotBooked, Refused, StatementReport};

/// How many breaks of the balance chain are listed one by one.
const LISTED_BREAKS: usize = 10;

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
    /// Sum, without sign, in pence.
    pub total: Money,
    /// Sum divided by rows, in pence; 0 where there are none.
    pub mean: f64,
}

/// A row whose balance does not follow from the row before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BalanceBreak {
    /// Line of the file.
    pub line: u64,
    /// Balance before plus amount, in pence.
    pub expected: Money,
    /// Balance in the file, in pence.
    pub found: Money,
}

/// What a file holds and what it lacks; printed, it is a text for people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct QualityReport {
    /// Name of the file.
    pub source: String,
    /// Rows found below the header: those in the ledger, those refused and those not booked, together.
    pub rows_read: u64,
    /// Rows of the ledger.
    pub rows_in_ledger: u64,
    /// Rows that cannot be read; 0 unless the [`RowPolicy`](crate::RowPolicy) lets them pass.
    pub rows_refused: u64,
    /// Rows the bank has not booked, by the [`StatusRule`](crate::StatusRule) of the layout.
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

/// The two optional columns whose texts are counted, whether the file has them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    pub(crate) types: bool,
    pub(crate) categories: bool,
}

impl QualityReport {
    /// The figures that do not depend on order or users.
    pub(crate) fn of_rows(source: &str, rows: &Rows, counted: Counted, map: &CategoryMap) -> Self {
        let (first_date, last_date) = date_range(&rows.rows);
        let of_type = |row: &Row| row.type_code;
        let of_category = |row: &Row| row.category;
        Self {
            source: source.to_owned(),
            rows_read: rows.rows.len() as u64,
            rows_in_ledger: 0,
            rows_refused: 0,
            rows_not_booked: 0,
            users: 0,
            accounts: 0,
            first_date,
            last_date,
            order: FileOrder::Unknown,
            money_in: flow(rows.rows.iter().map(|row| row.amount).filter(|amount| amount.is_positive())),
            money_out: flow(rows.rows.iter().map(|row| row.amount).filter(|amount| amount.is_negative())),
            blanks: Vec::new(),
            types: if counted.types { text_counts(rows, of_type) } else { Vec::new() },
            raw_categories: if counted.categories { text_counts(rows, of_category) } else { Vec::new() },
            categories: category_counts(rows, map),
            duplicates: 0,
            rows_without_balance: rows.rows.iter().filter(|row| row.balance.is_none()).count() as u64,
            balance_breaks: 0,
            first_breaks: Vec::new(),
            refused: Vec::new(),
            not_booked: Vec::new(),
            statement: None,
        }
    }

    /// Lists and counts the rows that do not reach the ledger.
    pub(crate) fn add_left_out(&mut self, left_out: LeftOut) {
        self.rows_refused = left_out.n_refused;
        self.rows_not_booked = left_out.not_booked.len() as u64;
        self.rows_read += self.rows_refused + self.rows_not_booked;
        self.refused = left_out.refused;
        self.not_booked = left_out.not_booked;
    }

    /// Adds an account whose rows are in their true order.
    pub(crate) fn add_account(&mut self, rows: &[Row], ordered: &[usize], order: FileOrder) {
        self.order = if self.accounts == 0 { order } else { self.order.with(order) };
        self.accounts += 1;
        self.duplicates += duplicates(rows, ordered);
        let mut chain = Chain::default();
        for row in ordered.iter().map(|row| &rows[*row]) {
            let Some(expected) = chain.step(row) else { continue };
            self.balance_breaks += 1;
            if self.first_breaks.len() < LISTED_BREAKS {
                let found = row.balance.unwrap_or_default();
                self.first_breaks.push(BalanceBreak { line: row.line, expected, found });
            }
        }
    }
}

/// The earliest and the latest date.
pub(crate) fn date_range(rows: &[Row]) -> (NaiveDate, NaiveDate) {
    let dates = || rows.iter().map(|row| row.time.date());
    (dates().min().unwrap_or_default(), dates().max().unwrap_or_default())
}

#[expect(clippy::cast_precision_loss, reason = "sums of money and counts stay far below 2^53")]
fn flow(amounts: impl Iterator<Item = Money>) -> Flow {
    let (mut rows, mut total) = (0, Money::ZERO);
    for amount in amounts {
        rows += 1;
        total += amount.abs();
    }
    Flow { rows, total, mean: if rows == 0 { 0.0 } else { total.minor() as f64 / rows as f64 } }
}

fn text_counts(rows: &Rows, column: fn(&Row) -> TextId) -> Vec<TextCount> {
    let counts = rows.texts.count(rows.rows.iter().map(column));
    let mut counts: Vec<TextCount> = (0..)
        .zip(counts)
        .filter(|(_, rows)| *rows > 0)
        .map(|(id, n)| TextCount { text: rows.texts.get(id).map(str::to_owned), rows: n })
        .collect();
    counts.sort_by(|a, b| b.rows.cmp(&a.rows).then_with(|| a.text.cmp(&b.text)));
    counts
}

fn category_counts(rows: &Rows, map: &CategoryMap) -> Vec<CategoryCount> {
    let mut totals = [0; Category::ALL.len()];
    let counts = rows.texts.count(rows.rows.iter().map(|row| row.category));
    for (id, n) in (0..).zip(counts).filter(|(_, n)| *n > 0) {
        totals[map.category(rows.texts.get(id).unwrap_or("")).index()] += n;
    }
    Category::ALL.into_iter().zip(totals).map(|(category, rows)| CategoryCount { category, rows }).collect()
}

/// Rows that repeat one of the same time; `ordered` is sorted by time.
fn duplicates(rows: &[Row], ordered: &[usize]) -> u64 {
    let mut keys = Vec::new();
    let mut found = 0;
    for instant in ordered.chunk_by(|a, b| rows[*a].time == rows[*b].time) {
        keys.clear();
        keys.extend(instant.iter().map(|row| (rows[*row].description, rows[*row].amount)));
        keys.sort_unstable();
        found += keys.windows(2).filter(|pair| pair[0] == pair[1]).count() as u64;
    }
    found
}
